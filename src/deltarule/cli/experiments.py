"""deltarule experiments: run, show, draw and report the experiments of the book and after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli.commands import Commands
from deltarule.cli.console import emit, escape, format_command, out, print_error
from deltarule.cli.experiment_report import report
from deltarule.cli.experiment_results import FullResults, SavedResults
from deltarule.cli.experiment_run import run
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json

if TYPE_CHECKING:
    from deltarule.experiments.experiment import Experiment
    from deltarule.experiments.parts import Part
    from deltarule.experiments.result import Result

experiments = Commands(invoke_without_command=True)

Name = Annotated[str, typer.Argument(metavar="ID", help="Choose an experiment that 'deltarule experiments' lists.")]


@experiments.callback()
def list_experiments(
    context: typer.Context,
    chapter: Annotated[
        str | None,
        typer.Option(
            metavar="N|TOPIC",
            help="List only the experiments of a chapter, or of a topic after the book: memory or generation.",
        ),
    ] = None,
    results: FullResults = None,
    json: Json = False,
) -> None:
    """List the experiments of the book and after it; with a command such as 'run', run, show or plot them.

    Each row has the first published result, our result for it (mean ± standard deviation),
    how many are reproduced, and the time of all runs.

    [bold]Examples[/]:

      deltarule experiments --chapter 3

      deltarule experiments --chapter memory

      deltarule experiments run ch1/first-network --quick

      deltarule experiments show ch1/first-network
    """
    if context.invoked_subcommand is not None:
        return
    from deltarule.cli.experiment_results import check_folder, read_results
    from deltarule.cli.experiment_tables import build_list, describe_result
    from deltarule.cli.option_errors import phrase_error
    from deltarule.experiments.folders import describe_origin, find_folder
    from deltarule.experiments.registry import EXPERIMENTS

    check_folder(results)
    part = None if chapter is None else _find_part(chapter)
    selected = [one for one in EXPERIMENTS.values() if part in (None, one.part)]
    folders = [find_folder(one.id, results) for one in selected]
    found, problems = read_results(selected, folders)
    if json:
        rows = zip(selected, found, folders, strict=True)
        emit({"experiments": [describe_result(*row) for row in rows]})
    else:
        out.print(build_list(selected, found))
        _print_prose(describe_origin([folder for result, folder in zip(found, folders, strict=True) if result.runs]))
        out.print("\nRun one:         deltarule experiments run ch1/first-network")
        out.print("Read about one:  deltarule experiments show ch1/first-network")
    for problem in problems:
        print_error(phrase_error(problem))
    if problems:
        raise typer.Exit(1)


experiments.command()(run)


@experiments.command()
def show(
    name: Name,
    quick: Annotated[
        bool, typer.Option("--quick", help="Show the miniature: its expected results and our results.")
    ] = False,
    results: SavedResults = None,
    json: Json = False,
) -> None:
    """Describe an experiment: its settings, its published results and our results.

    [bold]Example[/]:  deltarule experiments show ch1/first-network
    """
    from deltarule.cli.experiment_results import read_result
    from deltarule.cli.experiment_tables import describe_result
    from deltarule.experiments.result import format_run_command

    experiment = _find_experiment(name)
    result, folder = read_result(experiment, results, quick)
    if json:
        settings = {variant: experiment.settings_of(variant, quick) for variant in experiment.variants_of(quick)}
        command = format_run_command(experiment.id, quick)
        row = describe_result(experiment, result, folder)
        emit({**row, "settings": settings, "seeds": experiment.seeds, "command": command})
    else:
        _print_experiment(experiment, result, folder, quick)


def _print_experiment(experiment: Experiment, result: Result, folder: Path, quick: bool) -> None:
    from deltarule.cli.experiment_tables import build_verdicts
    from deltarule.experiments.comparison import compare_result
    from deltarule.experiments.folders import describe_origin
    from deltarule.experiments.formatting import format_duration, format_settings
    from deltarule.experiments.result import format_run_command
    from deltarule.experiments.run import estimate_seconds
    from deltarule.experiments.state import describe_state

    place = experiment.part.place
    place = f"{place[0].lower()}{place[1:]}, “{escape(experiment.section)}”"
    out.print(f"[bold]{escape(experiment.title)}[/]  {escape(experiment.id)}, {place}\n")
    _print_prose(experiment.shows)
    _print_prose(experiment.remark)
    if experiment.settings:
        _print_prose(f"Settings: {format_settings(experiment.settings)}")
    for variant, varied in experiment.variants.items():
        if variant:
            _print_prose(f"  {variant}: {format_settings(varied) or 'as above'}")
    if quick:
        _print_prose(f"Settings of the miniature: {format_settings(experiment.quick.settings)}")
    out.print()
    comparisons = compare_result(result, experiment)
    if comparisons:
        out.print(build_verdicts(experiment, result))
        out.print()
    reasons: dict[str, list[str]] = {}
    for one in comparisons:
        if (one.is_missed or one.is_open) and one.published.explanation:
            reasons.setdefault(one.published.explanation, []).append(one.published.what)
    for explanation, missed in reasons.items():
        _print_prose(f"{'; '.join(missed)}: {explanation}")
    for line in describe_state(experiment, result):
        _print_prose(line)
    _print_prose(describe_origin([folder]))
    seconds = estimate_seconds(experiment, quick) if quick else 60 * experiment.minutes
    command = format_command(*format_run_command(experiment.id, quick).split())
    draw = format_command("deltarule", "experiments", "plot", experiment.id, *(["--quick"] if quick else []))
    out.print(f"Run:   {command}    takes about {format_duration(seconds)}")
    out.print(f"Draw:  {draw}")


@experiments.command()
def plot(
    name: Name,
    picture: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=f"Save it as .png, .svg or .pdf. {format_default('ID.png')}"),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Draw the plot of the miniature; run it first if it has no result.")
    ] = False,
    results: SavedResults = None,
    json: Json = False,
) -> None:
    """Draw the plot of an experiment from its saved result.

    [bold]Example[/]:  deltarule experiments plot ch1/first-network --out first.svg
    """
    from deltarule.cli.experiment_results import read_result
    from deltarule.experiments.folders import describe_origin
    from deltarule.experiments.report.entries import draw_figure
    from deltarule.experiments.run import run_once
    from deltarule.plotting import find_format, save_figure

    experiment = _find_experiment(name)
    path = picture or Path(f"{experiment.id.replace('/', '-')}.png")
    find_format(path)
    result, folder = read_result(experiment, results, quick)
    if quick and not result.runs:
        result = run_once(experiment)
    save_figure(draw_figure(experiment, result), path)
    if json:
        emit({"id": experiment.id, "picture": str(path)})
    else:
        out.print(f"Plot: {escape(path)}")
        _print_prose(describe_origin([folder]))


experiments.command()(report)


def _find_part(chapter: str) -> Part:
    from deltarule.cli.option_errors import option_error
    from deltarule.experiments.parts import PARTS

    names = {str(part.chapter or part.name): part for part in PARTS.values()}
    if chapter not in names:
        topics = " or ".join(part.name for part in PARTS.values() if not part.is_in_book)
        raise option_error("--chapter", chapter, f"a chapter from 1 to 6, or {topics}")
    return names[chapter]


def _find_experiment(name: str) -> Experiment:
    from deltarule.cli.option_errors import option_error, report_as_option
    from deltarule.experiments.registry import EXPERIMENTS, select_experiments

    with report_as_option("ID", name):
        selected = select_experiments(name)
    if name not in EXPERIMENTS:
        raise option_error("ID", name, "the name of one experiment", f"choose one, such as {selected[0].id}")
    return selected[0]


def _print_prose(text: str) -> None:
    """Print prose in lines of at most 100 columns, folded at the spaces."""
    if text:
        out.print(escape(text), soft_wrap=False, width=min(out.width, 100))
