"""Metrics: accuracy, cost and the confusion matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, Standardized
from deltarule.data.moments import compute_moments
from deltarule.data.step_labels import StepLabels
from deltarule.errors import InvalidArgument
from deltarule.preprocessing import Preprocessing

if TYPE_CHECKING:
    from deltarule.models.predictor import Predictor


def evaluate_outputs(
    network: Network, z: np.ndarray, y: Any, dataset: Dataset, preprocessing: Preprocessing
) -> dict[str, float]:
    """Compute the metrics and the ``cost``, its mean without regularization, from the last weighted inputs z.

    ``y`` holds the desired outputs of the data set, as the engine has them. The metrics are those of
    :func:`measure_labels`.
    """
    with np.errstate(all="ignore"):  # the caller deals with numbers that are not finite
        cost = {"cost": float(network.cost.value(z, np.asarray(y)))}
        predicted = preprocessing.encoding.decode(network.cost.activation(z))
        labels, missing = preprocessing.find_labels(dataset), np.isnan(np.asarray(y))
        if missing.shape == labels.shape and missing.any():  # numbers or labels at steps of which some are padding
            labels = np.where(missing, np.nan if labels.dtype.kind == "f" else predicted, labels)
        return {**measure_labels(predicted, labels, preprocessing), **cost}


def measure_labels(predicted: np.ndarray, labels: np.ndarray, preprocessing: Preprocessing) -> dict[str, float]:
    """Compute the metrics of predicted labels.

    For classes: ``accuracy``, the share of right labels, 0 to 1; for several labels, of examples with all labels right;
    for a label at each step, of the steps that count.
    For standardized real targets: ``rmse``, the root of the mean squared error; ``mae``, the mean absolute error; and
    ``r2``, the coefficient of determination 1 − Σ(y − ŷ)²/Σ(y − ȳ)², a mean over several targets; NaN does not count.
    For other real numbers nothing, as no output equals them exactly.

    >>> from deltarule.data import Standardized
    >>> measure_labels(np.array([1.0, 2.0]), np.array([1.0, 3.0]), Preprocessing(Standardized(1)))
    {'rmse': 0.7071067811865476, 'mae': 0.5, 'r2': 0.5}
    """
    if labels.dtype.kind != "f":
        right = predicted == labels
        if isinstance(preprocessing.encoding, StepLabels):
            return {"accuracy": float(np.mean(right[labels >= 0]))}
        return {"accuracy": float(np.mean(right if right.ndim == 1 else right.all(axis=1)))}
    if not isinstance(preprocessing.encoding, Standardized):
        return {}
    counts = ~np.isnan(labels)
    if labels.ndim == 2:
        kept = counts.any(axis=0)
        predicted, labels, counts = predicted[:, kept], labels[:, kept], counts[:, kept]
    errors, explained = measure_targets(predicted, labels)
    top = 2.0 ** np.floor(np.log2(max(float(errors.max()), np.finfo(float).tiny)))
    return {
        "rmse": float(top * np.sqrt(np.mean((errors / top) ** 2))),
        "mae": float(np.mean(np.abs(predicted - labels)[counts])),
        "r2": float(np.mean(explained)),
    }


def measure_targets(predicted: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the root of the mean squared error and R² of each of several real targets, (n_out,) each.

    >>> measure_targets(np.array([[1.0, 5.0], [2.0, 6.0]]), np.array([[1.0, 5.0], [3.0, 6.0]]))[1].tolist()
    [0.5, 1.0]
    """
    found, true = (array.reshape(len(array), -1) for array in (predicted, labels))
    # squares of 1e200 are finite in this unit, a power of two, which rounds nothing
    unit = np.exp2(np.floor(np.log2(np.maximum(np.nanmax(np.abs(true), axis=0), np.finfo(float).tiny))))
    squares, counts = ((found - true) / unit) ** 2, ~np.isnan(true)
    squares = squares.mean(axis=0) if counts.all() else squares.mean(axis=0, where=counts)
    variance = np.array([compute_moments(column[~np.isnan(column)])[1] ** 2 for column in (true / unit).T])
    return unit * np.sqrt(squares), 1 - squares / np.where(variance > 0, variance, np.nan)


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
    rows and columns. Raises :class:`InvalidArgument` if the labels are real numbers, or several for each example.
    """
    predicted, labels = predict_classes(predictor, dataset)
    highest = max(int(some.max(initial=0)) for some in (labels, predicted))
    n = max(len(predictor.classes), predictor.encoding.n_out, highest + 1)
    counts = np.zeros((n, n), dtype=np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def predict_classes(predictor: Predictor, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Predict the class of each example, and return it with its label, (n,) each.

    Raises :class:`InvalidArgument` if the labels are real numbers, or several for each example.
    """
    check_dataset(dataset)
    predicted, labels = predictor.predict(dataset), predictor.preprocessing.find_labels(dataset)
    if predicted.ndim != 1 or predicted.dtype.kind not in "iu" or labels.dtype.kind not in "iu":
        raise _build_error(dataset, "use evaluate(dataset)")
    return predicted, labels


def normalize(outputs: np.ndarray) -> np.ndarray:
    """Scale the outputs of each example to sum to 1; outputs that are all 0 become equal.

    >>> normalize(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    """
    positive = np.clip(outputs, 0, None)
    total = positive.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, positive / np.where(total > 0, total, 1), 1 / positive.shape[1]))


def find_commonest(labels: np.ndarray) -> tuple[int, float]:
    """Find the commonest class, and its share: the accuracy of always answering it.

    >>> find_commonest(np.array([1, 1, 0, 1]))
    (1, 0.75)
    """
    counts = np.bincount(labels)
    return int(counts.argmax()), float(counts.max() / max(1, len(labels)))


def compute_balanced_accuracy(confusions: np.ndarray) -> float:
    """Compute the mean recall of the classes that have examples: each class counts alike, however rare it is.

    >>> compute_balanced_accuracy(np.array([[95, 0], [5, 0]]))
    0.5
    """
    return float(np.nanmean(compute_recalls(confusions)))


def compute_recalls(confusions: np.ndarray) -> np.ndarray:
    """Compute the recall of each class, the share of its examples that are right, (classes,); NaN without examples.

    >>> compute_recalls(np.array([[95, 0, 0], [4, 1, 0], [0, 0, 0]])).tolist()
    [1.0, 0.2, nan]
    """
    counts = confusions.sum(axis=1)
    return np.asarray(np.where(counts > 0, confusions.diagonal() / np.maximum(counts, 1), np.nan))


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
    several = isinstance(dataset.encoding, MultiLabel | StepLabels)
    kind = "several labels for each example" if several else "the real numbers"
    problem = f"expected {expected}, got {kind} of the data set {dataset.name!r}"
    return InvalidArgument(problem, argument="dataset", value=dataset, expected=expected, remedy=remedy)
