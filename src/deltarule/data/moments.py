"""The mean and the standard deviation of a column, also of very large and very small numbers."""

from __future__ import annotations

import numpy as np


def compute_moments(values: np.ndarray) -> tuple[float, float]:
    """Compute the mean and the population's standard deviation of numbers, (n,); equal numbers have the deviation 0.

    Squares that float64 cannot hold, as of 1e200, are computed in units of the largest value.

    >>> compute_moments(np.array([1.0, 3.0])), compute_moments(np.array([0.1, 0.1, 0.1]))
    ((2.0, 1.0), (0.1, 0.0))
    >>> compute_moments(np.array([-1e200, 1e200]))
    (0.0, 1e+200)
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low, 0.0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        mean, deviation = float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))
    if np.isfinite(deviation) and deviation > np.finfo(float).tiny ** 0.5:
        return mean, deviation
    top = max(abs(low), abs(high))
    scaled = values.astype(np.float64) / top
    return top * float(scaled.mean()), top * float(scaled.std())
