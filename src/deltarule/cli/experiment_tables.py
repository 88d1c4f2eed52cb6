"""What ``deltarule experiments`` prints: the list, the lines of runs, and published figures beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import WIDE, as_is, new_table, out
from deltarule.errors import DeltaruleError
from deltarule.experiments.experiment import Experiment, Published
from deltarule.experiments.registry import TITLES
from deltarule.experiments.result import Result, Run, path_of, read_or_new
from deltarule.experiments.run import seeds_of
from deltarule.experiments.state import good
from deltarule.experiments.verdict import Comparison
from deltarule.experiments.words import (
    VERDICTS,
    amount,
    best_words,
    duration,
    ours_words,
    published_words,
)

if TYPE_CHECKING:
    from rich.table import Table

KEY = 3
"""Figures of a run that stand on its line."""


def opened(experiments: Iterable[Experiment], folder: Path, quick: bool = False) -> tuple[list[Result], list[str]]:
    """The results of experiments, empty where there are none; and what is wrong with files that cannot be read."""
    results, problems = [], []
    for experiment in experiments:
        try:
            results.append(read_or_new(folder, experiment.id, quick))
        except DeltaruleError as error:
            problems.append(str(error))
            results.append(Result(experiment.id, quick=quick))
    return results, problems


def row(experiment: Experiment, result: Result, folder: Path) -> dict[str, Any]:
    """An experiment and what it came to, as JSON; the first of its published figures stands for it."""
    compared = result.compared(experiment)
    done = good(result)
    full = len(experiment.variants_of(result.quick)) * len(seeds_of(experiment, None, result.quick))
    return {
        "id": experiment.id,
        "chapter": experiment.chapter,
        "section": experiment.section,
        "title": experiment.title,
        "shows": experiment.shows,
        "remark": experiment.remark,
        "figures": [figure_row(one) for one in compared],
        "reproduced": sum(one.reproduced for one in compared),
        "runs": len(done),
        "runs_of_a_full_result": full,
        "failed": [{"variant": run.variant, "seed": run.seed, "error": run.error} for run in result.runs if run.error],
        "shortened": {name: list(pair) for name, pair in result.shortened(experiment).items()},
        "minutes_expected": experiment.minutes,
        "seconds": sum(run.seconds for run in done) if done else None,
        "file": str(path_of(folder, experiment.id)) if result.runs else None,
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
    """A row an experiment, by chapter; in a narrow window without what it is."""
    wide = out.width >= WIDE
    table = new_table()
    table.add_column("id", no_wrap=True)
    if wide:
        table.add_column("what", overflow="ellipsis", no_wrap=True, ratio=1)
    for heading in ("published", "ours", "found", "time"):
        table.add_column(heading, justify="right", no_wrap=True)
    chapter = 0
    for experiment, result in zip(experiments, results, strict=True):
        if experiment.chapter != chapter:
            chapter = experiment.chapter
            if table.row_count:
                table.add_section()
            title = f"[bold]{chapter}[/] [dim]{TITLES[chapter]}[/]" if wide else f"[bold]Chapter {chapter}[/]"
            table.add_row(*([f"[bold]Chapter {chapter}[/]", f"[dim]{TITLES[chapter]}[/]"] if wide else [title]))
        table.add_row(as_is(experiment.id), *([as_is(experiment.title)] if wide else []), *_cells(experiment, result))
    return table


def _cells(experiment: Experiment, result: Result) -> tuple[str, str, str, str]:
    compared = result.compared(experiment)
    first = compared[0] if compared else None
    seconds = [run.seconds for run in good(result)]
    time = duration(sum(seconds)) if seconds else f"[dim]about {duration(60 * experiment.minutes)}[/]"
    if first is None:
        return "–", "–", "–", time
    measured = [one for one in compared if one.values]
    found = sum(one.reproduced for one in measured)
    colour = "green" if found == len(compared) else "yellow"
    share = f"[{colour}]{found} of {len(compared)}[/]" if measured else "–"
    return as_is(published_words(first.published)), as_is(ours_words(first)), share, time


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
    for one in result.compared(experiment):
        colour = "green" if one.reproduced else "dim" if not one.values else "yellow"
        more = (best_words(one), str(len(one.values))) if wide else ()
        words = (named(one.published), published_words(one.published), ours_words(one), *more)
        table.add_row(*map(as_is, words), f"[{colour}]{VERDICTS[one.verdict]}[/]")
    return table


def named(figure: Published) -> str:
    """What a figure is, and of which variant."""
    return f"{figure.what} ({figure.variant})" if figure.variant and figure.variant not in figure.what else figure.what


def key_figures(experiment: Experiment, run: Run, quick: bool) -> str:
    """A run's figures that were published, and where there are none the first it has."""
    wanted = experiment.quick.expected if quick else experiment.published
    units = {figure.figure: figure.unit for figure in (*experiment.published, *experiment.quick.expected)}
    of_this = dict.fromkeys(figure.figure for figure in wanted if figure.variant == run.variant)
    names = [name for name in of_this if name in run.figures] or list(run.figures)
    return ", ".join(f"{name} {_told(run.figures[name], units.get(name, ''))}" for name in names[:KEY])


def _told(value: float | bool, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return amount(value, unit)
