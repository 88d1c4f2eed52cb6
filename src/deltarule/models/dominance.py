"""A class that most predictions fall into, far more than its share of the labels."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.models.predictor import Predictor
from deltarule.preprocessing import Scaling
from deltarule.preprocessing.image_arrays import has_light_paper

FEWEST = 10
"""The fewest examples that tell anything."""

MOST = 0.5
"""The least share of the predictions."""

EXCESS = 0.3
"""The least difference to the share of the labels."""


class Dominance(NamedTuple):
    """A class with its share of the predictions and of the labels."""

    label: int
    predicted: float
    true: float


def find_dominance(confusions: np.ndarray) -> Dominance | None:
    """Find the class that at least half of the predictions fall into, and far fewer labels; None if there is none.

    >>> find_dominance(np.array([[9, 1], [9, 1]])), find_dominance(np.array([[9, 1], [1, 9]]))
    (Dominance(label=0, predicted=0.9, true=0.5), None)
    """
    n = confusions.sum()
    if n < FEWEST:
        return None
    predicted, true = confusions.sum(axis=0) / n, confusions.sum(axis=1) / n
    label = int(predicted.argmax())
    found = Dominance(label, float(predicted[label]), float(true[label]))
    return found if found.predicted >= MOST and found.predicted - found.true >= EXCESS else None


def guess_cause(predictor: Predictor, dataset: Dataset) -> str:
    """Guess in a sentence why most predictions are alike: constant inputs, other light, too little training.

    >>> from deltarule import Model, Network
    >>> from deltarule.preprocessing import Preprocessing
    >>> data = Dataset(np.ones((4, 2, 2), np.uint8) * 255, np.array([0, 1, 0, 1]))
    >>> network = Network.dense([4, 2])
    >>> guess_cause(Model(network, network.init(0), Preprocessing.fit(data)), data)
    'all examples have the same inputs'
    """
    fitted = predictor.preprocessing
    x = dataset.x.reshape(len(dataset), -1)
    if (x == x[:1]).all():
        return "all examples have the same inputs"
    is_light = None if fitted.style is None or dataset.x.ndim != 3 else has_light_paper(dataset.x, fitted.scale)
    if is_light not in (None, fitted.is_dark_on_light):
        kinds = ("dark on light", "light on dark")
        return "the images are {}, those of the training set {}".format(*(kinds if is_light else reversed(kinds)))
    if isinstance(fitted.inputs, Scaling) and fitted.mean and fitted.schema is None:
        mean = float(dataset.x.mean(dtype=np.float64)) / fitted.scale
        if abs(mean - fitted.mean) > 0.25:
            kind = "lighter" if mean > fitted.mean else "darker"
            return (
                f"the mean of the inputs is {mean:.2f}, in the training set {fitted.mean:.2f}: images may be {kind} "
                "than those, or in other units"
            )
    known, n = predictor.history.last.get("validation_accuracy"), max(2, fitted.encoding.n_out)
    if known is not None and (known < 2 / n or _is_as_good(predictor.accuracy(dataset), known, len(dataset))):
        return f"the network has learned little: its validation accuracy is {100 * known:.0f} %"
    return "the examples probably differ from those of the training set, such as in their size, light or place"


def _is_as_good(accuracy: float, known: float, n: int) -> bool:
    """Tell whether the accuracy of n examples is not significantly below the one ``known`` from validation."""
    return accuracy > known - 2 * sqrt(known * (1 - known) / n)
