"""The settings that follow from the data where no option and no recipe states them."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from deltarule.cli.option_errors import option_error
from deltarule.cli.options import OF_RECIPE
from deltarule.cli.selection import Given, Selection
from deltarule.core.activations import Linear
from deltarule.core.costs import CrossEntropy, Quadratic
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
    decay; few examples get more epochs, so that there are at least :data:`LEAST_STEPS` steps. Options and recipes take
    precedence.
    """
    recipe, changes = selection.recipe, selection.recipe.training
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
    if not selection.name and given.get("epochs") is None:
        steps = ceil(len(training) / changes.batch_size)
        default = int(OF_RECIPE["epochs"].default)
        changes = replace(changes, epochs=max(default, ceil(LEAST_STEPS / steps)))
    return replace(selection, recipe=replace(recipe, training=changes))


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
