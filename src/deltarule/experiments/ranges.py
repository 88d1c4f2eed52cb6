"""The rule of ranges: a value lies between our lowest and highest run, or close to their mean.

Miniatures are judged by it, because they have a single run. The verdicts on published figures used it before; more runs
widen the range, so they can buy an agreement. See docs/verdicts.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import isfinite
from statistics import mean

from deltarule.experiments.records import Published

POINTS = 0.5
"""The margin of percentages, in percentage points."""

SHARE = 0.05
"""The margin of other figures, as a fraction of the expected value."""


def judge_by_range(figure: Published, values: Sequence[float]) -> str:
    """Return "reproduced", "higher", "lower", "fails", "no number" or "not measured" by the rule of ranges.

    >>> judge_by_range(Published("test accuracy", "last", 95.42, unit="%", best_of=3), [95.1, 94.8, 95.3, 95.0])
    'reproduced'
    """
    if not values:
        return "not measured"
    if not all(map(isfinite, values)):
        return "no number"
    if isinstance(figure.value, bool):
        return "reproduced" if all(bool(value) == figure.value for value in values) else "fails"
    ours = find_bests(values, figure.best_of)
    centre, value = mean(ours), figure.value
    side = "higher" if centre > value else "lower"
    if figure.relation == "at least":
        return "reproduced" if centre >= value else "lower"
    if figure.relation == "at most":
        return "reproduced" if centre <= value else "higher"
    if figure.relation == "about":
        return "reproduced" if value / 2 <= centre <= 2 * value else side
    margin = POINTS if figure.unit == "%" else SHARE * abs(value)
    inside = min(ours) <= value <= max(ours) or abs(centre - value) <= margin
    return "reproduced" if inside else side


def find_bests(values: Sequence[float], of: int) -> list[float]:
    """Find the best value of every choice of ``of`` runs; with fewer runs, the best of all.

    >>> find_bests([1.0, 2.0, 3.0], 2)
    [2.0, 3.0, 3.0]
    """
    return [max(choice) for choice in combinations(values, min(of, len(values)))]
