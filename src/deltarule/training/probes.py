"""Probes: quick predictions without a network, which show if the inputs tell the labels at all."""

from __future__ import annotations

import numpy as np

from deltarule.data.split import shuffle
from deltarule.models.assessment import is_no_better
from deltarule.models.metrics import compute_balanced_accuracy

NEIGHBOURS = 5
"""The number of nearest neighbours that vote."""

FEWEST = 40
"""The fewest examples from which a probe can tell anything."""

LEAST_R2 = 0.05
"""The least R² of a probe that counts."""

SURE = 3.0
"""The standard deviations by which a probe of classes must be better, as several are tried."""

_RIDGE = 0.1


def probe_classes(x: np.ndarray, labels: np.ndarray) -> float | None:
    """Measure how well inputs tell classes without a network: 0 for no better than a constant answer, 1 for perfectly.

    Each example is predicted from the others by its nearest neighbours, and by a linear fit of the other half. The
    better of the two counts, by its balanced accuracy B: (B − 1/k)/(1 − 1/k) for k classes, or 0 if that may be luck.
    Examples with the same inputs do not count as neighbours.

    Args:
        x: The prepared inputs, (n, d).
        labels: The classes, (n,).

    Returns:
        The measure; None if there are too few examples to tell.

    >>> x = np.random.default_rng(1).normal(size=(100, 3))
    >>> probe_classes(x, (x[:, 0] > 0).astype(int)) > 0.5, probe_classes(x, np.arange(100) % 2)
    (True, 0.0)
    """
    classes, y = np.unique(labels, return_inverse=True)
    k = len(classes)
    if len(y) < FEWEST or k < 2:
        return None
    targets = np.eye(k)[y]
    shares = targets.mean(axis=0)  # so that a rare class is answered where it is likelier than elsewhere
    counts = [_count(y, (predicted / shares).argmax(axis=1), k) for predicted in _predict(x, targets)]
    balanced = [compute_balanced_accuracy(found) for found in counts if not is_no_better(found, SURE)]
    return max(0.0, (max(balanced) - 1 / k) / (1 - 1 / k)) if balanced else 0.0


def probe_numbers(x: np.ndarray, targets: np.ndarray) -> float | None:
    """Measure how well inputs tell real targets, (n, k), without a network: R², or 0 if it is below 0.05.

    Returns None if there are too few examples to tell.

    >>> x = np.random.default_rng(0).normal(size=(100, 3))
    >>> probe_numbers(x, x[:, :1] + 1) > 0.5
    True
    """
    if len(targets) < FEWEST:
        return None
    scale = targets.std(axis=0)
    centred = (targets - targets.mean(axis=0)) / np.where(scale > 0, scale, 1)
    r2 = max(1 - float(((predicted - centred) ** 2).mean()) for predicted in _predict(x, centred))
    return r2 if r2 > LEAST_R2 else 0.0


def _count(labels: np.ndarray, predicted: np.ndarray, n: int) -> np.ndarray:
    counts = np.zeros((n, n), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def _predict(x: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predict the targets of each example from the others, by neighbours and by a linear fit, (n, k) each."""
    centred = np.asarray(x - x.mean(axis=0), np.float64)
    products = centred @ centred.T
    squares = products.diagonal()
    distances = squares[:, None] + squares - 2 * products
    distances[distances <= 1e-9 * max(float(squares.mean()), 1e-300)] = np.inf  # the same inputs, and itself
    k = min(NEIGHBOURS, len(x) - 1)
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    by_neighbours = targets[nearest].mean(axis=1)
    linear = np.zeros_like(by_neighbours)
    half = shuffle(len(x), "probe") % 2 == 0
    for own in (half, ~half):
        kernel, mean = products[np.ix_(own, own)], targets[own].mean(axis=0)
        ridge = _RIDGE * max(float(kernel.diagonal().mean()), 1e-300) * np.eye(len(kernel))
        linear[~own] = mean + products[np.ix_(~own, own)] @ np.linalg.solve(kernel + ridge, targets[own] - mean)
    return by_neighbours, linear
