"""Verdicts: comparison of a published figure with our runs, by rules that were fixed before the runs.

A published figure is **reproduced** if it lies between the lowest and the highest of our runs, or at most half a
percentage point from their mean (for figures that are not percentages: 5 % of the published value). A figure that was
the best of three runs is compared with the best runs of all choices of three of ours. "About" means within a factor of
two of our mean. Our mean must satisfy a bound. A claim must hold in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from statistics import mean, stdev

from deltarule.experiments.records import Published

POINTS = 0.5
"""The margin of percentages, in percentage points."""

SHARE = 0.05
"""The margin of other figures, as a fraction of the published value."""

NOT_MEASURED = "not measured"
OTHER_SETTINGS = "other settings"
"""The verdict words where nothing can be judged: no run, or only runs with other settings than the experiment's."""


@dataclass(frozen=True)
class Comparison:
    """A published figure, our values of it (one for each run) and the verdict."""

    published: Published
    values: tuple[float, ...]
    verdict: str

    @property
    def is_reproduced(self) -> bool:
        """True if our runs reproduce the figure."""
        return self.verdict == "reproduced"

    @property
    def is_missed(self) -> bool:
        """True if it was measured and is not reproduced."""
        return self.verdict not in ("reproduced", NOT_MEASURED, OTHER_SETTINGS)

    @property
    def mean(self) -> float:
        """The mean of all our runs."""
        return mean(self.values)

    @property
    def sd(self) -> float | None:
        """The standard deviation over our runs; None for a single run."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def best(self) -> float:
        """The highest value of our runs."""
        return max(self.values)


def compare(published: Published, values: Sequence[float]) -> Comparison:
    """Compare one figure with our values.

    The verdict is "reproduced", "higher" or "lower" (ours than the published one), "fails" (a claim), "no number"
    (NaN or infinity) or "not measured".

    >>> best = Published("best test accuracy", "best", 95.42, unit="%", best_of=3)
    >>> compare(best, [95.1, 94.8, 95.3, 95.0]).verdict
    'reproduced'
    >>> compare(Published("the circuit adds", "adds", True), [True, False]).verdict
    'fails'
    """
    return Comparison(published, tuple(map(float, values)), _verdict(published, values))


def find_bests(values: Sequence[float], of: int) -> list[float]:
    """Find the best value of every choice of ``of`` runs; with fewer runs, the best of all.

    >>> find_bests([1.0, 2.0, 3.0], 2)
    [2.0, 3.0, 3.0]
    """
    return [max(chosen) for chosen in combinations(values, min(of, len(values)))]


def _verdict(published: Published, values: Sequence[float]) -> str:
    if not values:
        return NOT_MEASURED
    if not all(map(isfinite, values)):
        return "no number"
    if isinstance(published.value, bool):
        return "reproduced" if all(bool(value) == published.value for value in values) else "fails"
    ours = find_bests(values, published.best_of)
    centre, value = mean(ours), published.value
    side = "higher" if centre > value else "lower"
    if published.relation == "at least":
        return "reproduced" if centre >= value else "lower"
    if published.relation == "at most":
        return "reproduced" if centre <= value else "higher"
    if published.relation == "about":
        return "reproduced" if value / 2 <= centre <= 2 * value else side
    margin = POINTS if published.unit == "%" else SHARE * abs(value)
    inside = min(ours) <= value <= max(ours) or abs(centre - value) <= margin
    return "reproduced" if inside else side
