"""Metrics: accuracy, cost and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.errors import InvalidArgument
from deltarule.models.predictor import Predictor


def evaluate_outputs(network: Network, z: np.ndarray, y: Any, dataset: Dataset) -> dict[str, float]:
    """Compute ``accuracy``, 0 to 1, and ``cost``, the mean without regularization, from the last weighted inputs z.

    ``y`` holds the desired outputs of the data set, as the engine has them. There is no accuracy for labels that are
    real numbers, as no output equals them exactly.
    """
    assert dataset.encoding is not None
    with np.errstate(all="ignore"):  # the caller deals with numbers that are not finite
        cost = {"cost": float(network.cost.value(z, np.asarray(y)))}
        predicted, labels = dataset.encoding.decode(network.cost.activation(z)), dataset.labels
    return cost if labels.dtype.kind == "f" else {"accuracy": float(np.mean(predicted == labels)), **cost}


def compute_accuracy(predictor: Predictor, dataset: Dataset) -> float:
    """Compute the accuracy: the fraction of examples that are classified correctly, 0 to 1.

    Raises :class:`InvalidArgument` if the labels are real numbers, or if there are no examples.
    """
    found = predictor.evaluate(dataset)
    if "accuracy" not in found:
        raise _build_error(dataset, "use cost(dataset)")
    return found["accuracy"]


def count_confusions(predictor: Predictor, dataset: Dataset) -> np.ndarray:
    """Compute the confusion matrix: how many examples of class i (row) were classified as class j (column).

    The shape is (classes, classes). If the network predicts a label that is not among the classes, the matrix has more
    rows and columns. Raises :class:`InvalidArgument` if the labels are real numbers.
    """
    check_dataset(dataset)
    predicted, labels = predictor.predict(dataset), dataset.labels
    if predicted.dtype.kind not in "iu" or labels.dtype.kind not in "iu":
        raise _build_error(dataset, "use evaluate(dataset)")
    highest = max(int(some.max(initial=0)) for some in (labels, predicted))
    n = max(len(predictor.classes), predictor.encoding.n_out, highest + 1)
    counts = np.zeros((n, n), dtype=np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def check_dataset(dataset: Any) -> None:
    """Raise :class:`InvalidArgument` unless the argument is a data set."""
    if not isinstance(dataset, Dataset):
        expected = "a Dataset such as Dataset(x, y)"
        raise InvalidArgument(
            f"expected {expected}, got an object of type {type(dataset).__name__}",
            argument="dataset",
            value=dataset,
            expected=expected,
            remedy="for an array of inputs without labels use predict(x)",
        )


def _build_error(dataset: Dataset, remedy: str) -> InvalidArgument:
    expected = "labels that are classes"
    problem = f"expected {expected}, got the real numbers of the data set {dataset.name!r}"
    return InvalidArgument(problem, argument="dataset", value=dataset, expected=expected, remedy=remedy)
