"""Verdicts: comparison of published figures and claims with our runs, by a rule that more runs cannot buy.

A published figure is **reproduced** if it lies in the 95 % prediction interval of our runs and that interval is narrow
enough; a wide interval leaves it **undecided**, wherever the figure lies. The page docs/verdicts.md gives the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose, isfinite
from statistics import mean, stdev

from deltarule.experiments.prediction import COVERAGE, find_bounds, find_chance, find_factors, predict_interval
from deltarule.experiments.records import Published

FEWEST, MOST = 3, 20
"""The fewest runs that give an interval, and the most that are made to narrow it."""

FEWEST_OF_CLAIM = 5
"""The fewest runs of a yes-or-no claim: if it holds in all five, chance alone has a probability of 1/32."""

POINTS_HIGH, POINTS, POINTS_FEW_IMAGES = 0.3, 0.8, 2.5
"""The tolerances of percentages in points: from :data:`HIGH` on, below, and with few training images."""

HIGH, FEW_IMAGES = 98.0, 1000
"""The accuracy in per cent from which the tolerance is small, and the number of images up to which it is large."""

SHARE = 0.05
"""The tolerance of other figures, as a fraction of the published value."""

FACTOR = 2.0
"""The tolerance of figures with "about"."""

ROUNDING = 1e-6
"""The relative error that exact figures may have from floating-point arithmetic."""

REPRODUCED, UNDECIDED, ONE_RUN, AS_EXPECTED = "reproduced", "undecided", "one run", "as expected"
HIGHER, LOWER, FAILS, NO_NUMBER = "higher", "lower", "fails", "no number"
NOT_MEASURED, OTHER_SETTINGS = "not measured", "other settings"
"""The verdicts. "Higher" and "lower" are ours, compared with the published one; "as expected" is for miniatures."""


@dataclass(frozen=True)
class Comparison:
    """A published figure, our values of it (one for each run) and the verdict.

    For a claim that A beats B, the values are the differences A − B, paired by seed.
    """

    published: Published
    values: tuple[float, ...]
    verdict: str

    @property
    def is_reproduced(self) -> bool:
        """True if our runs reproduce the figure."""
        return self.verdict in (REPRODUCED, AS_EXPECTED)

    @property
    def is_missed(self) -> bool:
        """True if our runs contradict the figure."""
        return self.verdict in (HIGHER, LOWER, FAILS, NO_NUMBER)

    @property
    def is_open(self) -> bool:
        """True if there are runs that decide nothing: too few or too different."""
        return self.verdict in (UNDECIDED, ONE_RUN)

    @property
    def is_by_interval(self) -> bool:
        """True if a prediction interval decided, so that chance alone makes one figure in twenty a miss."""
        decided = self.verdict in (REPRODUCED, HIGHER, LOWER)
        return decided and has_interval(self.published) and self.published.relation == "is"

    @property
    def interval(self) -> tuple[float, float] | None:
        """The prediction interval; None for claims, bounds, exact figures and fewer than three runs."""
        if len(self.values) < FEWEST or not has_interval(self.published) or not all(map(isfinite, self.values)):
            return None
        return predict_interval(self.values, self.published.best_of)

    @property
    def mean(self) -> float:
        """The mean of all our runs."""
        return mean(self.values)

    @property
    def sd(self) -> float | None:
        """The standard deviation over our runs; None for a single run, and where a value is NaN or infinite."""
        return stdev(self.values) if len(self.values) > 1 and all(map(isfinite, self.values)) else None

    @property
    def best(self) -> float:
        """The highest value of our runs."""
        return max(self.values)


def compare(published: Published, values: Sequence[float]) -> Comparison:
    """Compare one figure with our values, one for each run.

    >>> accuracy = Published("test accuracy", "last", 98.78, unit="%")
    >>> [compare(accuracy, ours).verdict for ours in ([98.8], [98.75, 98.8, 98.7], [98.5, 98.8, 98.7])]
    ['one run', 'reproduced', 'undecided']
    >>> compare(Published("dropout helps", "gains", True), [True, True, True, True, True]).verdict
    'reproduced'
    """
    return Comparison(published, tuple(map(float, values)), _judge(published, list(map(float, values))))


def has_interval(published: Published) -> bool:
    """Return True if the figure is judged by a prediction interval: a number that is neither a bound nor exact."""
    return not (isinstance(published.value, bool) or published.exact or published.relation in ("at least", "at most"))


def find_tolerance(published: Published, centre: float) -> float:
    """Find the largest half-width of the interval that still decides, for runs with this mean.

    >>> find_tolerance(Published("test accuracy", "last", 99.06, unit="%"), 99.0)
    0.3
    """
    if published.relation == "about":
        return abs(centre) * (1 - 1 / FACTOR)  # then the interval begins at half of the mean or above
    if published.unit != "%":
        return SHARE * abs(published.value)
    if published.images is not None and published.images <= FEW_IMAGES:
        return POINTS_FEW_IMAGES
    return POINTS_HIGH if centre >= HIGH else POINTS


def count_more_seeds(published: Published, values: Sequence[float]) -> int:
    """Count the runs that are missing for a verdict, if further runs spread as these do.

    The published value is compared with nothing here, so the number of runs cannot be chosen for the sake of a verdict.
    If not even 20 runs make the interval narrow enough, they are still made: the spread may turn out smaller.

    >>> accuracy = Published("test accuracy", "last", 98.78, unit="%")
    >>> count_more_seeds(accuracy, [98.5]), count_more_seeds(accuracy, [98.6, 98.8, 98.7])
    (2, 3)
    """
    n = len(values)
    fewest = 1 if published.exact else FEWEST_OF_CLAIM if _is_binomial(published) else FEWEST
    if n < fewest or not has_interval(published) or not all(map(isfinite, values)):
        return max(0, fewest - n)
    spread, tolerance = stdev(values), find_tolerance(published, mean(values))
    for number in range(n, MOST):
        below, above = find_factors(number, published.best_of)
        if spread * (above - below) / 2 <= tolerance:
            return number - n
    return max(0, MOST - n)


def _is_binomial(published: Published) -> bool:
    return isinstance(published.value, bool) and not published.beats


def _judge(published: Published, values: Sequence[float]) -> str:
    if not values:
        return NOT_MEASURED
    if not all(map(isfinite, values)):
        return NO_NUMBER
    if published.exact:
        return _judge_exact(published, values)
    if len(values) < FEWEST:
        return ONE_RUN
    if _is_binomial(published):
        return _judge_claim(sum(bool(value) == published.value for value in values), len(values))
    if published.beats:
        low, high = find_bounds(values)
        return REPRODUCED if low > 0 else FAILS if high < 0 else UNDECIDED
    if published.relation in ("at least", "at most"):
        return _judge_bound(published, find_bounds(values))
    low, high = predict_interval(values, published.best_of)
    if (high - low) / 2 > find_tolerance(published, mean(values)):
        return UNDECIDED
    if published.relation == "about":
        return _judge_about(published.value, low, high)
    return _judge_interval(published.value, low, high)


def _judge_interval(value: float, low: float, high: float) -> str:
    if low <= value <= high or isclose(value, low, rel_tol=1e-9) or isclose(value, high, rel_tol=1e-9):
        return REPRODUCED
    return HIGHER if low > value else LOWER


def _judge_about(value: float, low: float, high: float) -> str:
    """Judge whether the whole interval lies within a factor of two of the published value."""
    least, most = sorted((value / FACTOR, value * FACTOR))
    if least <= low and high <= most:
        return REPRODUCED
    return HIGHER if low > most else LOWER if high < least else UNDECIDED


def _judge_bound(published: Published, bounds: tuple[float, float]) -> str:
    low, high = bounds
    if published.relation == "at least":
        return REPRODUCED if low >= published.value else LOWER if high < published.value else UNDECIDED
    return REPRODUCED if high <= published.value else HIGHER if low > published.value else UNDECIDED


def _judge_claim(held: int, runs: int) -> str:
    """Judge a yes-or-no claim by the one-sided binomial test, against "it holds in half of all runs"."""
    if find_chance(held, runs) <= 1 - COVERAGE:
        return REPRODUCED
    return FAILS if find_chance(runs - held, runs) <= 1 - COVERAGE else UNDECIDED


def _judge_exact(published: Published, values: Sequence[float]) -> str:
    """Judge what follows by calculation: it must hold in every run, a number in all printed digits."""
    if isinstance(published.value, bool):
        return REPRODUCED if all(bool(value) == published.value for value in values) else FAILS
    if published.relation in ("at least", "at most"):
        return _judge_bound(published, (min(values), max(values)))
    if published.relation == "about":
        return _judge_about(published.value, min(values), max(values))
    margin = max(find_last_place(published.value) / 2, ROUNDING * abs(published.value)) * (1 + ROUNDING)
    if all(abs(value - published.value) <= margin for value in values):
        return REPRODUCED
    return HIGHER if mean(values) > published.value else LOWER


def find_last_place(value: float) -> float:
    """Find the place value of the last digit of a printed number.

    >>> find_last_place(0.82), find_last_place(26), find_last_place(94.35)
    (0.01, 1.0, 0.01)
    """
    _, _, decimals = str(value).partition(".")
    return 1.0 if decimals in ("", "0") else 10.0 ** -len(decimals)
