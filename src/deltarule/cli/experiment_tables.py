"""Tables and lines of ``deltarule experiments``: the list, the runs, the published results and our results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from deltarule.cli.console import escape, out
from deltarule.cli.tables import Column, build_table
from deltarule.experiments.comparison import compare_result, find_all_differences
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.folders import is_shipped
from deltarule.experiments.formatting import (
    VERDICTS,
    format_amount,
    format_best,
    format_duration,
    format_interval,
    format_measured,
    format_name,
    format_published,
)
from deltarule.experiments.result import Result, Run, locate_result
from deltarule.experiments.run import choose_seeds
from deltarule.experiments.verdict import AS_EXPECTED, Comparison, count_more_seeds

if TYPE_CHECKING:
    from rich.table import Table

KEY = 3
"""The most results on the line of a run."""


def describe_result(experiment: Experiment, result: Result, folder: Path) -> dict[str, Any]:
    """Describe an experiment and its result as JSON; the first published result is the main one."""
    compared = compare_result(result, experiment)
    done = result.successful_runs
    full = len(experiment.variants_of(result.quick)) * len(choose_seeds(experiment, None, result.quick))
    return {
        "id": experiment.id,
        "chapter": experiment.part.chapter,
        "part": experiment.part.name,
        "section": experiment.section,
        "title": experiment.title,
        "shows": experiment.shows,
        "remark": experiment.remark,
        "figures": [describe_figure(one) for one in compared],
        "reproduced": sum(one.is_reproduced for one in compared),
        "runs": len(done),
        "runs_of_a_full_result": full,
        "failed": [{"variant": run.variant, "seed": run.seed, "error": run.error} for run in result.runs if run.error],
        "shortened": {name: list(pair) for name, pair in find_all_differences(result, experiment).items()},
        "minutes_expected": experiment.minutes,
        "seconds": sum(run.seconds for run in done) if done else None,
        "file": str(locate_result(folder, experiment.id)) if result.runs else None,
        "shipped": is_shipped(folder),
    }


def describe_figure(found: Comparison) -> dict[str, Any]:
    """Describe a published result and our result as JSON."""
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
        "interval": list(found.interval) if found.interval else None,
        "more_seeds": 0 if found.verdict == AS_EXPECTED else count_more_seeds(figure, found.values),
        "verdict": found.verdict,
        "explanation": figure.explanation,
    }


def build_list(experiments: Sequence[Experiment], results: Sequence[Result]) -> Table:
    """Build the list of experiments, a row each, by chapter or topic."""
    columns = [
        Column("id"),
        Column("title", 5, fold=30),
        Column("published", 1, "right"),
        Column("ours", 2, "right"),
        Column("reproduced", 3, "right"),
        Column("time", 4, "right"),
    ]
    rows: list[Sequence[str | Text]] = []
    part = None
    for experiment, result in zip(experiments, results, strict=True):
        if experiment.part != part:
            rows += [[]] if part else []
            part = experiment.part
            rows.append([f"[bold]{part.place}[/]", f"[dim]{part.title}[/]"])
        rows.append(_build_list_row(experiment, result))
    return build_table(columns, rows)


def _build_list_row(experiment: Experiment, result: Result) -> list[str | Text]:
    compared = compare_result(result, experiment)
    seconds = [run.seconds for run in result.successful_runs]
    measured = [one for one in compared if one.is_reproduced or one.is_missed or one.is_open]
    n = sum(one.is_reproduced for one in measured)
    first = compared[0] if compared else None
    time = Text(f"≈ {format_duration(60 * experiment.minutes)}", "dim")
    return [
        Text(experiment.id),
        Text(experiment.title),
        Text(format_published(replace(first.published, best_of=1)) if first else "–"),
        Text(format_measured(first) if first else "–"),
        Text(f"{n} of {len(compared)}", "green" if n == len(compared) else "yellow") if measured else Text("–"),
        Text(format_duration(sum(seconds))) if seconds else time,
    ]


def build_verdicts(experiment: Experiment, result: Result, has_title: bool = False) -> Table:
    """Build the table of published results (of a miniature: expected ones), our results and verdicts."""
    columns = [
        Column("result", fold=24),
        Column("expected" if result.quick else "published", 2, "right"),
        Column("ours", 1, "right"),
        Column("best", 5, "right"),
        Column("95 % interval", 4, "right"),
        Column("runs", 3, "right"),
        Column("verdict"),
    ]
    rows = []
    for one in compare_result(result, experiment):
        colour = "green" if one.is_reproduced else "yellow" if one.is_missed or one.is_open else "dim"
        measured = (format_measured(one), format_best(one), format_interval(one), str(len(one.values)))
        cells = map(escape, (format_name(one.published), format_published(one.published), *measured))
        rows.append([*cells, f"[{colour}]{VERDICTS[one.verdict]}[/]"])
    return build_table(columns, rows, title=experiment.id if has_title else None, title_justify="left")


def format_key_figures(experiment: Experiment, run: Run, quick: bool) -> str:
    """Format the results of a run that were published, or its first ones if none was published."""
    wanted = experiment.quick.expected if quick else experiment.published
    units = {figure.figure: figure.unit for figure in (*experiment.quick.expected, *experiment.published)}
    of_this = dict.fromkeys(figure.figure for figure in wanted if figure.variant == run.variant)
    names = [name for name in of_this if name in run.figures] or list(run.figures)
    return ", ".join(f"{name} {_format_figure(run.figures[name], units.get(name, ''))}" for name in names[:KEY])


def _format_figure(value: float | bool, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format_amount(value, unit)


def print_results(
    selected: Sequence[Experiment], found: Sequence[Result], folder: Path, changed: Mapping[str, Any]
) -> None:
    """Print the published results with our results, and the place of the files."""
    for one, result in zip(selected, found, strict=True):
        if compare_result(result, one):
            out.print()
            out.print(build_verdicts(one, result, has_title=len(selected) > 1))
        if changed and result.runs:
            out.print(f"[yellow]With other settings than its own[/]: {escape(', '.join(changed))}")
    out.print(f"\nResults: {escape(locate_result(folder, selected[0].id) if len(selected) == 1 else folder)}")
