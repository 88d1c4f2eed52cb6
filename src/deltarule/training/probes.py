"""Probes: quick predictions without a network, which show if the inputs tell the labels at all."""

from __future__ import annotations

import numpy as np

from deltarule.data.split import shuffle
from deltarule.models.assessment import is_no_better

NEIGHBOURS = 5
"""The number of nearest neighbours that vote."""

FEWEST = 40
"""The fewest examples from which a probe can tell anything."""

LEAST_R2 = 0.05
"""The least R² of a probe that counts."""

SURE = 3.0
"""The standard deviations by which a probe of classes must be better, as several are tried."""

_RIDGE = 0.1


def tell_classes(x: np.ndarray, labels: np.ndarray) -> bool | None:
    """Check whether inputs tell classes better than always the commonest one; None if there are too few examples.

    Each example is predicted from the others by its nearest neighbours, and by a linear fit of the other half. One of
    the two suffices. Examples with the same inputs do not count as neighbours.

    Args:
        x: The prepared inputs, (n, d).
        labels: The classes, (n,).

    >>> x = np.random.default_rng(1).normal(size=(100, 3))
    >>> tell_classes(x, (x[:, 0] > 0).astype(int)), tell_classes(x, np.arange(100) % 2)
    (True, False)
    """
    classes, y = np.unique(labels, return_inverse=True)
    if len(y) < FEWEST or len(classes) < 2:
        return None
    targets = np.eye(len(classes))[y]
    shares = targets.mean(axis=0)  # so that a rare class is answered where it is likelier than elsewhere
    answers = [(predicted / shares).argmax(axis=1) for predicted in _predict(x, targets)]
    return any(not is_no_better(_count(y, found, len(classes)), SURE) for found in answers)


def tell_numbers(x: np.ndarray, targets: np.ndarray) -> bool | None:
    """Check whether inputs tell real targets (n, k) better than their mean; None if there are too few examples.

    >>> x = np.random.default_rng(1).normal(size=(100, 3))
    >>> tell_numbers(x, x[:, :1] + 1)
    True
    """
    if len(targets) < FEWEST:
        return None
    scale = targets.std(axis=0)
    centred = (targets - targets.mean(axis=0)) / np.where(scale > 0, scale, 1)
    return any(1 - float(((predicted - centred) ** 2).mean()) > LEAST_R2 for predicted in _predict(x, centred))


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
