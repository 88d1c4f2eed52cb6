"""Figures that say what an accuracy or an R² is worth: intervals, single classes, and constant answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, Standardized
from deltarule.models.intervals import Z, bound_mean, wilson_interval
from deltarule.models.metrics import compute_balanced_accuracy, compute_recalls, measure_targets
from deltarule.models.predictor import Predictor


def assess(model: Predictor, dataset: Dataset) -> dict[str, Any]:
    """Measure what a single figure hides.

    Returns:
        For classes: ``interval``, the 95 % confidence interval of the accuracy (Wilson); ``commonest`` and
        ``commonest_share``, the commonest class and the accuracy of always answering it; ``balanced_accuracy``;
        ``recall_of_each`` class; and the matrix ``confusion``.

        For several labels: ``interval`` of the share with all labels right, ``accuracy_of_each`` label, and
        ``commonest_of_each``, the accuracy of always answering its commonest value.

        For standardized real targets: ``r2_interval``, the 95 % confidence interval of R²; ``mean_rmse``, ``mean_mae``
        and ``median_mae``, the errors of always answering the mean or the median; for several targets also
        ``rmse_of_each`` and ``r2_of_each``.

    >>> from deltarule import Model, Network
    >>> from deltarule.data import OneHot
    >>> from deltarule.preprocessing import Preprocessing
    >>> params = [{"w": np.array([[1.0], [-1.0]]), "b": np.zeros(2)}]
    >>> model = Model(Network.dense([1, 2]), params, Preprocessing(OneHot(2), classes=("yes", "no")))
    >>> found = assess(model, Dataset(np.array([[1.0], [2.0], [-1.0], [3.0]]), np.array([0, 0, 1, 1])))
    >>> found["recall_of_each"], found["balanced_accuracy"], found["commonest"], found["commonest_share"]
    ({'yes': 1.0, 'no': 0.5}, 0.75, 'yes', 0.5)
    """
    labels = model.preprocessing.find_labels(dataset)
    if isinstance(model.encoding, MultiLabel):
        right = model.predict(dataset) == labels
        shares, always = right.mean(axis=0), np.maximum(labels.mean(axis=0), 1 - labels.mean(axis=0))
        return {
            "interval": wilson_interval(int(right.all(axis=1).sum()), len(labels)),
            "accuracy_of_each": dict(zip(model.classes, shares.tolist(), strict=True)),
            "commonest_of_each": dict(zip(model.classes, always.tolist(), strict=True)),
        }
    if labels.dtype.kind == "f":
        return _assess_numbers(model, dataset, labels) if isinstance(model.encoding, Standardized) else {}
    return summarize_confusions(model.confusion(dataset), model.classes)


def summarize_confusions(counts: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Compute the figures of classes that :func:`assess` returns from their confusion matrix.

    >>> summarize_confusions(np.array([[3, 0], [1, 1]]), ("yes", "no"))["recall_of_each"]
    {'yes': 1.0, 'no': 0.5}
    """
    names = [classes[i] if i < len(classes) else str(i) for i in range(len(counts))]
    of_class, n = counts.sum(axis=1), int(counts.sum())
    recalls = compute_recalls(counts).tolist()
    return {
        "interval": wilson_interval(int(counts.trace()), n),
        "commonest": names[int(of_class.argmax())],
        "commonest_share": float(of_class.max() / max(1, n)),
        "balanced_accuracy": compute_balanced_accuracy(counts),
        "recall_of_each": {name: None if r != r else r for name, r in zip(names, recalls, strict=True)},
        "confusion": counts,
    }


def _assess_numbers(model: Predictor, dataset: Dataset, labels: np.ndarray) -> dict[str, Any]:
    columns = labels.reshape(len(labels), -1)
    errors = columns - columns.mean(axis=0), columns - np.median(columns, axis=0)
    unit = max(float(np.abs(errors[0]).max()), np.finfo(float).tiny)  # so that squares of 1e200 are finite
    found: dict[str, Any] = {
        "mean_rmse": float(unit * np.sqrt(np.mean((errors[0] / unit) ** 2))),
        "mean_mae": float(np.abs(errors[0]).mean()),
        "median_mae": float(np.abs(errors[1]).mean()),
    }
    predicted = model.predict(dataset)
    found["r2_interval"] = _bound_r2(predicted.reshape(columns.shape), columns)
    if labels.ndim == 2:
        schema = model.preprocessing.schema
        names = schema.targets if schema is not None and schema.targets else range(1, columns.shape[1] + 1)
        rmse, r2 = measure_targets(predicted, labels)
        found |= {"rmse_of_each": dict(zip(map(str, names), rmse.tolist(), strict=True))}
        found |= {"r2_of_each": dict(zip(map(str, names), r2.tolist(), strict=True))}
    return found


def _bound_r2(predicted: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Return the 95 % confidence interval of the mean R² of several targets, (n, k) each, by the delta method."""
    spread = np.abs(true - true.mean(axis=0))
    unit = np.where(spread.max(axis=0) > 0, spread.max(axis=0), np.nan)  # so that squares of 1e200 are finite
    squares, total = ((true - predicted) / unit) ** 2, (spread / unit) ** 2
    r2 = 1 - squares.mean(axis=0) / total.mean(axis=0)
    influence = ((squares - (1 - r2) * total) / total.mean(axis=0)).mean(axis=1)
    half = Z * float(influence.std(ddof=1)) / len(true) ** 0.5 if len(true) > 1 else float("nan")
    return float(r2.mean()) - half, float(r2.mean()) + half


def is_no_better(confusions: np.ndarray, z: float = Z) -> bool:
    """Check whether a model is no better than always answering the commonest class, as far as the examples can tell.

    It is better if the 95 % interval of its accuracy is above the share of that class, or the interval of its balanced
    accuracy above that of any constant answer. With weights for rare classes it may be right less often and better.
    ``z`` standard deviations in place of 1.96 give other intervals.

    >>> is_no_better(np.array([[95, 0], [5, 0]])), is_no_better(np.array([[80, 15], [1, 4]]))
    (True, False)
    >>> is_no_better(np.array([[4, 1], [2, 3]])), is_no_better(np.array([[400, 100], [200, 300]]))
    (True, False)
    """
    counts = confusions.sum(axis=1)
    present = counts > 0
    if present.sum() < 2:
        return False
    low = wilson_interval(int(confusions.trace()), int(counts.sum()), z)[0]
    balanced = bound_mean(confusions.diagonal()[present], counts[present], z)
    return bool(low <= counts.max() / counts.sum() and balanced <= 1 / present.sum())
