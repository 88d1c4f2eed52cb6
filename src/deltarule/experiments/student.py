"""Student's t distribution in plain Python, because the base install has no SciPy.

The distribution function follows from the regularized incomplete beta function, which is a continued fraction; the
quantile is found by bisection.

>>> round(find_quantile(0.975, 2), 3), round(find_quantile(0.95, 4), 3)
(4.303, 2.132)
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p

TINY = 1e-300
"""The smallest denominator in the continued fraction."""


def find_cumulative(t: float, df: float) -> float:
    """Find the probability that a t variable with ``df`` degrees of freedom is at most ``t``.

    >>> find_cumulative(0.0, 3), round(find_cumulative(4.302653, 2), 6)
    (0.5, 0.975)
    """
    square = t * t
    if square <= df:  # from the middle: with small t, 1 − x would lose digits
        middle = find_incomplete_beta(0.5, df / 2, square / (df + square)) / 2
        return 0.5 + middle if t >= 0 else 0.5 - middle
    tail = find_incomplete_beta(df / 2, 0.5, df / (df + square)) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=1024)
def find_quantile(p: float, df: float) -> float:
    """Find the t with ``find_cumulative(t, df) == p``, by bisection."""
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -find_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while find_cumulative(high, df) < p:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if find_cumulative(middle, df) < p else (low, middle)
    return high


def find_incomplete_beta(a: float, b: float, x: float) -> float:
    """Find the regularized incomplete beta function I_x(a, b).

    >>> round(find_incomplete_beta(1, 1, 0.3), 12), round(find_incomplete_beta(2, 3, 0.5), 12)
    (0.3, 0.6875)
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # there the fraction converges slowly
        return 1 - find_incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front * _sum_fraction(a, b, x) / a


def _sum_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function from its front, by Lentz's method."""
    c, d = 1.0, 1 / _avoid_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _avoid_zero(1 + term * d)
            c = _avoid_zero(1 + term / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return fraction


def _avoid_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
