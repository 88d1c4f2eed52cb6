"""Intervals and tests for a handful of runs: where the next run will lie, and what the runs show about a claim.

All of them treat the runs of different seeds as independent draws; those on numbers treat them as normally distributed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb, sqrt
from statistics import mean, stdev

from deltarule.experiments.student import find_quantile

COVERAGE = 0.95
"""The probability that an interval contains the next run, and the confidence of the one-sided bounds."""

DRAWS = 200_000
"""The number of simulated repetitions for the best of several runs."""

SEED = 20_250_101
"""The seed of the simulation: every computer gets the same interval."""


def predict_interval(values: Sequence[float], best_of: int = 1) -> tuple[float, float]:
    """Return the interval that contains one more run, or the best of several more, with a probability of 95 %.

    For one run it is mean ± t s √(1 + 1/n), with Student's t for n − 1 degrees of freedom.

    Args:
        values: One value for each run, at least two.
        best_of: The number of further runs of which the best is predicted.

    >>> low, high = predict_interval([97.7, 97.9, 97.8])
    >>> f"{low:.2f} to {high:.2f}"
    '97.30 to 98.30'
    """
    centre, spread = mean(values), stdev(values)
    below, above = find_factors(len(values), best_of)
    return centre + below * spread, centre + above * spread


def find_factors(n: int, best_of: int = 1) -> tuple[float, float]:
    """Find the limits of the interval in standard deviations of the ``n`` runs from their mean.

    >>> [round(limit, 3) for limit in find_factors(3)]
    [-4.968, 4.968]
    """
    if best_of > 1:
        return _simulate_best(n, best_of)
    factor = find_quantile((1 + COVERAGE) / 2, n - 1) * sqrt(1 + 1 / n)
    return -factor, factor


@lru_cache
def _simulate_best(n: int, best_of: int) -> tuple[float, float]:
    """Simulate the best of several further runs, in standard deviations of the first ``n`` from their mean.

    The further runs share the mean and the deviation that the first ``n`` leave uncertain. Each repetition draws both:
    the true deviation is s √((n − 1) / χ²), the true mean lies around ours with that deviation / √n.
    """
    import numpy as np

    rng = np.random.default_rng(SEED)
    best = rng.standard_normal((DRAWS, best_of)).max(axis=1)
    off_centre = rng.standard_normal(DRAWS)
    deviation = np.sqrt((n - 1) / rng.chisquare(n - 1, DRAWS))
    draws = deviation * (best + off_centre / sqrt(n))
    low, high = np.quantile(draws, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return float(low), float(high)


def find_bounds(values: Sequence[float]) -> tuple[float, float]:
    """Find the one-sided lower and upper bounds of the mean, each with a confidence of 95 %.

    >>> [round(bound, 3) for bound in find_bounds([0.2, 0.3, 0.4])]
    [0.131, 0.469]
    """
    centre = mean(values)
    margin = find_quantile(COVERAGE, len(values) - 1) * stdev(values) / sqrt(len(values))
    return centre - margin, centre + margin


def find_chance(held: int, runs: int) -> float:
    """Find the probability that a claim holds at least ``held`` times in ``runs`` if it holds in half of all runs.

    It is the p-value of the one-sided binomial test.

    >>> find_chance(5, 5), find_chance(4, 4)
    (0.03125, 0.0625)
    """
    return sum(comb(runs, k) for k in range(held, runs + 1)) * 0.5**runs
