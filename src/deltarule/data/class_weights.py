"""Weights of examples that make all classes count alike in the cost."""

from __future__ import annotations

import numpy as np


def balance(y: np.ndarray, n_classes: int) -> np.ndarray:
    """Compute the weight n / (k · n_c) of each example, for its class c with n_c of n examples, (n,) float64.

    k is the number of classes that have examples, so that each of them has the same sum of weights, and the mean
    weight is 1. Classes without examples change nothing.

    Args:
        y: The classes, (n,), whole numbers from 0 to ``n_classes`` − 1.
        n_classes: The number of classes.

    >>> balance(np.array([0, 0, 0, 1]), 2).tolist()
    [0.6666666666666666, 0.6666666666666666, 0.6666666666666666, 2.0]
    """
    counts = np.bincount(y, minlength=n_classes)
    of_class = len(y) / (max(np.count_nonzero(counts), 1) * np.maximum(counts, 1))
    return np.asarray(of_class[y])
