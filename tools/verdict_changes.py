"""Write docs/verdict-changes.md, the verdicts by the old and the new rule: ``python -m tools.verdict_changes``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from deltarule.experiments.comparison import compare_result, keep_own_runs
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import (
    VERDICTS,
    format_amount,
    format_interval,
    format_measured,
    format_name,
    format_published,
)
from deltarule.experiments.parts import PARTS
from deltarule.experiments.ranges import judge_by_range
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.report.pages import escape_markdown
from deltarule.experiments.result import Result, read_or_create_result
from deltarule.experiments.verdict import (
    FEWEST,
    FEWEST_OF_CLAIM,
    NOT_MEASURED,
    OTHER_SETTINGS,
    Comparison,
    find_tolerance,
)

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "verdict-changes.md"

HEAD = """# The verdicts by the old and the new rule

`python -m tools.verdict_changes` wrote this page from the results in `results`. It judges the same runs twice: by the
old rule (a published number was reproduced between our lowest and our highest run, or within half a point of their
mean) and by [the new rule](verdicts.md). It lists every result whose verdict differs.
It was written once, when the rule changed, on 30 November 2026.

"""


@dataclass(frozen=True)
class Change:
    """A published figure with its verdicts by both rules."""

    experiment: Experiment
    comparison: Comparison
    old: str

    @property
    def is_changed(self) -> bool:
        """True if the rules disagree."""
        return self.old != self.comparison.verdict


def compare_rules(experiment: Experiment, result: Result) -> list[Change]:
    """Judge every published figure of an experiment by both rules."""
    own = keep_own_runs(result, experiment)
    return [
        Change(experiment, one, judge_by_range(one.published, own.figures(one.published.figure, one.published.variant)))
        for one in compare_result(result, experiment)
    ]


def explain_verdict(one: Comparison) -> str:
    """Name the part of the new rule that decides.

    >>> from deltarule.experiments.records import Published
    >>> from deltarule.experiments.verdict import compare
    >>> explain_verdict(compare(Published("accuracy", "last", 95.0, unit="%"), [94.0, 95.0, 96.0]))
    'half-width 4.97, tolerance 0.8'
    """
    figure, n = one.published, len(one.values)
    if not n or not all(map(isfinite, one.values)):
        return "no numbers"
    if figure.exact:
        return "follows by calculation"
    if n < FEWEST:
        return "one or two runs"
    if figure.beats:
        return "bound of the mean difference"
    if isinstance(figure.value, bool):
        held = sum(bool(value) == figure.value for value in one.values)
        return f"{held} of {n} runs" + (f", {FEWEST_OF_CLAIM} needed" if n < FEWEST_OF_CLAIM else "")
    if one.interval is None:
        return "bound of the mean"
    half, tolerance = (one.interval[1] - one.interval[0]) / 2, find_tolerance(figure, one.mean)
    if half > tolerance:
        return f"half-width {half:.3g}, tolerance {tolerance:.3g}"
    inside = one.interval[0] <= figure.value <= one.interval[1]
    return "inside the interval" if inside else "outside the interval"


def count_pairs(changes: Iterable[Change]) -> list[tuple[str, str, int]]:
    """Count the figures by old and new verdict, the most frequent first."""
    return [
        (*pair, number) for pair, number in Counter((one.old, one.comparison.verdict) for one in changes).most_common()
    ]


def render_page(changes: list[Change]) -> str:
    """Render the page: the numbers of each pair of verdicts, and a table of changes for each chapter."""
    measured = [one for one in changes if one.comparison.verdict not in (NOT_MEASURED, OTHER_SETTINGS)]
    differing = [one for one in measured if one.is_changed]
    lines = [
        f"Of {len(changes)} results, {len(measured)} are measured; {len(differing)} of these have another verdict now.",
        "",
        "| old rule | new rule | results |",
        "|---|---|--:|",
        *(f"| {old} | {new} | {number} |" for old, new, number in count_pairs(changes)),
    ]
    for part in [part for part in PARTS.values() if any(one.experiment.part is part for one in differing)]:
        lines += ["", f"## {part.heading}", ""]
        lines += ["| result | published | ours | runs | 95 % interval | old rule | new rule | because |"]
        lines += ["|---|--:|--:|--:|--:|---|---|---|"]
        lines += [render_row(one) for one in differing if one.experiment.part is part]
    return HEAD + "\n".join(lines) + "\n"


def render_row(change: Change) -> str:
    """Render the row of a figure."""
    one = change.comparison
    cells = (
        f"`{change.experiment.id}`: {escape_markdown(format_name(one.published))}",
        escape_markdown(format_published(one.published)),
        escape_markdown(format_measured(one) if len(one.values) > 1 else _format_single(one)),
        str(len(one.values)),
        format_interval(one),
        VERDICTS[change.old],
        VERDICTS[one.verdict],
        explain_verdict(one),
    )
    return f"| {' | '.join(cells)} |"


def _format_single(one: Comparison) -> str:
    if isinstance(one.published.value, bool):
        return format_measured(one)
    return format_amount(one.mean, one.published.unit)


def main() -> None:
    """Write the page from the results of the repository."""
    changes = [
        change
        for experiment in EXPERIMENTS.values()
        if experiment.part.is_in_book
        for change in compare_rules(experiment, read_or_create_result(ROOT / "results", experiment.id))
    ]
    DOCUMENT.write_text(render_page(changes), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(changes)} results")


if __name__ == "__main__":
    main()
