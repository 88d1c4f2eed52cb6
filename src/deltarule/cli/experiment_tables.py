"""What ``deltarule experiments`` prints: the list, the lines of runs, and published figures beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from deltarule.cli.console import WIDE, as_is, new_table, out
from deltarule.errors import DeltaruleError
from deltarule.experiments.comparison import compare_result, find_all_differences
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.formatting import (
    VERDICTS,
    format_amount,
    format_best,
    format_duration,
    format_measured,
    format_name,
    format_published,
)
from deltarule.experiments.registry import TITLES
from deltarule.experiments.result import Result, Run, locate_result, read_or_create_result
from deltarule.experiments.run import choose_seeds
from deltarule.experiments.verdict import Comparison

if TYPE_CHECKING:
    from rich.table import Table

ROOM = 80
"""Columns from which on the list may say how long each takes."""

KEY = 3
"""Figures of a run that stand on its line."""


def opened(experiments: Iterable[Experiment], folder: Path, quick: bool = False) -> tuple[list[Result], list[str]]:
    """The results of experiments, empty where there are none; and what is wrong with files that cannot be read."""
    results, problems = [], []
    for experiment in experiments:
        try:
            results.append(read_or_create_result(folder, experiment.id, quick))
        except DeltaruleError as error:
            problems.append(str(error))
            results.append(Result(experiment.id, quick=quick))
    return results, problems


def row(experiment: Experiment, result: Result, folder: Path) -> dict[str, Any]:
    """An experiment and what it came to, as JSON; the first of its published figures stands for it."""
    compared = compare_result(result, experiment)
    done = result.successful_runs
    full = len(experiment.variants_of(result.quick)) * len(choose_seeds(experiment, None, result.quick))
    return {
        "id": experiment.id,
        "chapter": experiment.chapter,
        "section": experiment.section,
        "title": experiment.title,
        "shows": experiment.shows,
        "remark": experiment.remark,
        "figures": [figure_row(one) for one in compared],
        "reproduced": sum(one.is_reproduced for one in compared),
        "runs": len(done),
        "runs_of_a_full_result": full,
        "failed": [{"variant": run.variant, "seed": run.seed, "error": run.error} for run in result.runs if run.error],
        "shortened": {name: list(pair) for name, pair in find_all_differences(result, experiment).items()},
        "minutes_expected": experiment.minutes,
        "seconds": sum(run.seconds for run in done) if done else None,
        "file": str(locate_result(folder, experiment.id)) if result.runs else None,
    }


def figure_row(found: Comparison) -> dict[str, Any]:
    """A published figure beside ours, as JSON."""
    figure, some = found.published, bool(found.values)
    return {
        "what": figure.what,
        "variant": figure.variant,
        "published": figure.value,
        "unit": figure.unit,
        "relation": figure.relation,
        "best_of": figure.best_of,
        "source": figure.source,
        "values": list(found.values),
        "mean": found.mean if some else None,
        "sd": found.sd,
        "best": found.best if some else None,
        "verdict": found.verdict,
        "explanation": figure.explanation,
    }


def list_table(experiments: Sequence[Experiment], results: Sequence[Result]) -> Table:
    """A row an experiment, by chapter; in a narrow window without what it is, in a very narrow one without times."""
    wide = out.width >= WIDE
    headings = [
        "id",
        *(["what"] if wide else []),
        "published",
        "ours",
        "found",
        *(["time"] if out.width >= ROOM else []),
    ]
    rows = [_cells(one, result) for one, result in zip(experiments, results, strict=True)]
    table = new_table()
    for heading in headings:
        if heading == "what":
            table.add_column(heading, no_wrap=True, overflow="ellipsis")
        else:
            needed = max((len(cells[heading].plain) for cells in rows), default=0)
            side: Any = "left" if heading == "id" else "right"
            table.add_column(heading, no_wrap=True, justify=side, min_width=max(needed, len(heading)))
    chapter = 0
    for experiment, cells in zip(experiments, rows, strict=True):
        if experiment.chapter != chapter:
            if chapter:
                table.add_section()
            chapter = experiment.chapter
            table.add_row(f"[bold]Chapter {chapter}[/]", *([f"[dim]{TITLES[chapter]}[/]"] if wide else []))
        table.add_row(*(cells[heading] for heading in headings))
    return table


def _cells(experiment: Experiment, result: Result) -> dict[str, Text]:
    """What the list says of an experiment, by heading."""
    compared = compare_result(result, experiment)
    seconds = [run.seconds for run in result.successful_runs]
    measured = [one for one in compared if one.is_reproduced or one.is_missed]
    found = sum(one.is_reproduced for one in measured)
    first = compared[0] if compared else None
    share = f"{found} of {len(compared)}" if measured else "–"
    return {
        "id": Text(experiment.id),
        "what": Text(experiment.title),
        "published": Text(format_published(replace(first.published, best_of=1)) if first else "–"),
        "ours": Text(format_measured(first) if first else "–"),
        "found": Text(share, "green" if found == len(compared) else "yellow" if measured else ""),
        "time": Text(format_duration(sum(seconds)))
        if seconds
        else Text(f"≈ {format_duration(60 * experiment.minutes)}", "dim"),
    }


def verdict_table(experiment: Experiment, result: Result, several: bool = False) -> Table:
    """Each published figure (of a miniature: each expected one) beside ours, with its verdict."""
    wide = out.width >= WIDE
    table = new_table(title=experiment.id if several else None, title_justify="left")
    table.add_column("figure", overflow="fold")
    table.add_column("expected" if result.quick else "published", justify="right")
    table.add_column("ours", justify="right")
    if wide:
        table.add_column("best", justify="right", no_wrap=True)
        table.add_column("runs", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for one in compare_result(result, experiment):
        colour = "green" if one.is_reproduced else "yellow" if one.is_missed else "dim"
        more = (format_best(one), str(len(one.values))) if wide else ()
        words = (format_name(one.published), format_published(one.published), format_measured(one), *more)
        table.add_row(*map(as_is, words), f"[{colour}]{VERDICTS[one.verdict]}[/]")
    return table


def key_figures(experiment: Experiment, run: Run, quick: bool) -> str:
    """A run's figures that were published, and where there are none the first it has."""
    wanted = experiment.quick.expected if quick else experiment.published
    units = {figure.figure: figure.unit for figure in (*experiment.quick.expected, *experiment.published)}
    of_this = dict.fromkeys(figure.figure for figure in wanted if figure.variant == run.variant)
    names = [name for name in of_this if name in run.figures] or list(run.figures)
    return ", ".join(f"{name} {_told(run.figures[name], units.get(name, ''))}" for name in names[:KEY])


def _told(value: float | bool, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format_amount(value, unit)


def say_results(
    wanted: Sequence[Experiment], found: Sequence[Result], folder: Path, changed: Mapping[str, Any]
) -> None:
    """Published figures beside ours, and where to look on."""
    for one, result in zip(wanted, found, strict=True):
        if compare_result(result, one):
            out.print()
            out.print(verdict_table(one, result, several=len(wanted) > 1))
        if changed and result.runs:
            out.print(f"[yellow]With other settings than the book's[/]: {as_is(', '.join(changed))}")
    out.print(f"\nResults: {as_is(locate_result(folder, wanted[0].id) if len(wanted) == 1 else folder)}")
