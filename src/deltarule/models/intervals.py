"""Confidence intervals of rates."""

from __future__ import annotations

from math import sqrt

import numpy as np

Z = 1.959964
"""The number of standard deviations to the ends of a 95 % interval."""


def wilson_interval(right: int, n: int, z: float = Z) -> tuple[float, float]:
    """Return the 95 % confidence interval of a success rate, if ``right`` of ``n`` trials succeeded (Wilson, 1927).

    ``z`` standard deviations in place of 1.96 give another confidence.

    >>> [round(rate, 3) for rate in wilson_interval(95, 100)]
    [0.888, 0.978]
    """
    if not n:
        return 0.0, 1.0
    rate = right / n
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bound_mean(right: np.ndarray, n: np.ndarray, z: float = Z) -> float:
    """Return the lower end of the 95 % confidence interval of the mean of several rates.

    The variance of each rate is that of (right + 2)/(n + 4), so that rates of 0 and 1 have one as well (Agresti and
    Coull, 1998).

    Args:
        right: The successes of each rate, (k,).
        n: The trials of each rate, (k,), none 0.
        z: The number of standard deviations, as for :func:`wilson_interval`.

    >>> round(bound_mean(np.array([90, 8]), np.array([100, 10])), 3)
    0.707
    """
    smooth = (right + 2) / (n + 4)
    variance = float((smooth * (1 - smooth) / n).sum()) / len(n) ** 2
    return float((right / n).mean()) - z * sqrt(variance)
