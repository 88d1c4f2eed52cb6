"""The verdict: a published figure against the distribution of ours. Fixed before the runs.

A published figure is **reproduced** when it lies between the lowest and the highest of our runs, or
no further from their mean than half a percentage point (for figures that are not percentages: 5 % of
the published value). A figure that was the best of three runs is compared with the bests of all
choices of three of our runs. "About" means within a factor of two of our mean; a bound must be kept
by our mean; a claim must hold in every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from statistics import mean, stdev

from deltarule.experiments.records import Published

POINTS = 0.5
"""Percentage points by which means may differ."""

SHARE = 0.05
"""Share of the published value by which other figures may differ."""


NOT_MEASURED = "not measured"
OTHER_SETTINGS = "other settings"
"""Where there is nothing to judge: no run, or runs of other settings than those of the experiment."""


@dataclass(frozen=True)
class Comparison:
    """A published figure beside ours: ``values`` one a run, ``verdict`` in a word."""

    published: Published
    values: tuple[float, ...]
    verdict: str

    @property
    def reproduced(self) -> bool:
        """Whether the figure was found again."""
        return self.verdict == "reproduced"

    @property
    def missed(self) -> bool:
        """Whether it was measured and is not found again."""
        return self.verdict not in ("reproduced", NOT_MEASURED, OTHER_SETTINGS)

    @property
    def mean(self) -> float:
        """The mean of our runs (not of their bests)."""
        return mean(self.values)

    @property
    def sd(self) -> float | None:
        """The standard deviation over our runs; of a single one there is none."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def best(self) -> float:
        """The highest of our runs."""
        return max(self.values)


def compare(published: Published, values: Sequence[float]) -> Comparison:
    """The verdict on one figure: "reproduced", "higher" or "lower" than published,
    "fails", "no number" or "not measured".

    >>> best = Published("best test accuracy", "best", 95.42, unit="%", best_of=3)
    >>> compare(best, [95.1, 94.8, 95.3, 95.0]).verdict
    'reproduced'
    >>> compare(Published("the circuit adds", "adds", True), [True, False]).verdict
    'fails'
    """
    return Comparison(published, tuple(map(float, values)), _verdict(published, values))


def bests(values: Sequence[float], of: int) -> list[float]:
    """The best of every choice of so many runs; of fewer runs the best of all.

    >>> bests([1.0, 2.0, 3.0], 2)
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
    ours = bests(values, published.best_of)
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
