"""The settings that follow from the data where no option and no recipe states them."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from deltarule.cli.option_errors import option_error
from deltarule.cli.options import OF_RECIPE
from deltarule.cli.selection import Given, Selection
from deltarule.core.activations import Linear
from deltarule.core.costs import CrossEntropy, Quadratic
from deltarule.core.distortions import Shift
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Constant
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot, OneVsRest, Standardized
from deltarule.data.split import Splits
from deltarule.errors import NOTHING

LEAST_STEPS = 2000
"""The least number of mini-batches: a small data set is trained on for more epochs."""

ETA_OF_NUMBERS = 0.05
"""The learning rate for real targets: with linear outputs, larger ones are unstable."""

DECAY, MOST_DECAY, MOST_OF_PICTURES = 0.003, 1.0, 0.5
"""The weight decay λ of a table or of own pictures: this much for each example, and at most so much.

With λ = 1, tables are as good as scikit-learn's (``python -m benchmarks.comparison``), but digits lose half a point.
"""

MOST_SHIFTED, SIDES_SHIFTED = 1000, (20, 64)
"""The most pictures that are shifted by up to one pixel in each mini-batch, and the least and largest side of one.

Few outlines of circles and squares gain 4 to 19 points of accuracy, light on dark and dark on light, and few digits 2
to 3 (``deltarule train --folds 7``, against ``--expand none``). The shift costs few digits of 8×8 pixels 18 points, and
outlines in pictures of 96×96 pixels 10 points.
"""

REASON_OF_SHIFT = "by 1 pixel, for few pictures; --expand none leaves them as they are"
"""The reason that is printed beside the shift."""


def encode_for_sizes(net: str | None, splits: Splits) -> Splits:
    """Encode two classes by one output, if the sizes of ``--net`` end with 1.

    >>> from deltarule.data import load
    >>> encode_for_sizes("64-30-10", load("digits"))[0].encoding
    OneHot(n_out=10)
    """
    return encode_as(OneVsRest(1), splits) if net is not None and net.endswith("-1") else splits


def encode_as(encoding: Encoding, splits: Splits) -> Splits:
    """Encode two classes by one output, if a model does so."""
    two = splits[0].encoding == OneHot(2)
    if not two or not isinstance(encoding, OneVsRest):
        return splits
    same = {id(part): replace(part, encoding=encoding) for part in splits}
    return same[id(splits[0])], same[id(splits[1])], same[id(splits[2])]


def adapt_selection(selection: Selection, given: Given, training: Dataset) -> Selection:
    """Adapt the settings of layers given by sizes to the target and the number of examples.

    Real targets get the quadratic cost with linear outputs and a smaller η; a table or own pictures get a little weight
    decay; few pictures are shifted at random by up to one pixel; few examples get more epochs, so that there are at
    least :data:`LEAST_STEPS` steps. Options and recipes take precedence.
    """
    recipe, changes, reasons = selection.recipe, selection.recipe.training, dict(selection.reasons)
    if isinstance(training.encoding, Standardized):
        if isinstance(recipe.cost, CrossEntropy | Quadratic) and given.get("cost") in (None, "quadratic"):
            recipe = replace(recipe, cost=Quadratic(Linear()))
        elif given.get("cost") is not None:
            raise option_error("--cost", given["cost"], "quadratic for a target of numbers", "leave it out")
        if not selection.name and given.get("eta") is None and given.get("optimizer") in (None, "sgd"):
            is_constant = isinstance(changes.schedule, Constant)
            changes = replace(changes, eta=ETA_OF_NUMBERS if is_constant else changes.eta)
    if not selection.name and given.get("l1") is None and given.get("l2") is None:
        decay = min(DECAY * len(training), _find_most_decay(training))
        changes = replace(changes, regularizer=L2(float(f"{decay:.2g}"))) if decay else changes
    if not selection.name and given.get("expand") is None and _gains_by_shifts(training):
        changes, reasons["augmentation"] = replace(changes, augmentation=Shift(1)), REASON_OF_SHIFT
    if not selection.name and given.get("epochs") is None:
        steps = ceil(len(training) / changes.batch_size)
        default = int(OF_RECIPE["epochs"].default)
        changes = replace(changes, epochs=max(default, ceil(LEAST_STEPS / steps)))
    return replace(selection, recipe=replace(recipe, training=changes), reasons=reasons)


def _gains_by_shifts(training: Dataset) -> bool:
    """Return whether the data are few pictures of your own, in which one pixel is little but not nothing.

    Numbers in several axes that are no bytes may be no pictures.
    """
    is_own = training.scale is None and training.schema is None
    if not is_own or training.x.ndim < 3 or training.x.dtype != np.uint8 or len(training) > MOST_SHIFTED:
        return False
    least, largest = SIDES_SHIFTED
    return all(least <= side <= largest for side in training.x.shape[1:3])


def _find_most_decay(training: Dataset) -> float:
    """Return the most weight decay of these data; 0 for MNIST, the small digits and tables of pixels."""
    if training.scale is not None:
        return 0.0
    if training.schema is None:
        return MOST_OF_PICTURES
    return MOST_DECAY if training.x.ndim == 2 else 0.0


def check_classes(given: Given, training: Dataset) -> None:
    """Raise :class:`InvalidArgument` for options that need classes, where the target has none."""
    if isinstance(training.encoding, (OneHot, OneVsRest)):
        return
    for name in ("ensemble", "smoothing"):
        if given.get(name) not in (None, 0, 1):
            raise option_error(f"--{name}", NOTHING, "a target of classes", "leave it out")
