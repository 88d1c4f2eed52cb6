"""deltarule experiments: the book's experiments, run, shown, drawn and reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.commands import Commands
from deltarule.cli.console import Json, as_is, emit, err, out, progress_console, say_error, typed
from deltarule.cli.options import usual
from deltarule.experiments.overrides import FULL

if TYPE_CHECKING:
    from deltarule.experiments.experiment import Experiment
    from deltarule.experiments.run import Task

experiments = Commands(invoke_without_command=True)

Name = Annotated[str, typer.Argument(metavar="ID", help="An experiment; 'deltarule experiments' lists them.")]
Results = Annotated[Path, typer.Option("--results", metavar="FOLDER", help="Where results are kept.")]
OwnResults = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help=f"Where results are kept. {usual('results; of miniatures and changed settings in runs/experiments')}",
    ),
]


@experiments.callback()
def listed(
    context: typer.Context,
    chapter: Annotated[int | None, typer.Option(metavar="N", help="Those of one chapter.", min=1, max=6)] = None,
    results: Results = FULL,
    json: Json = False,
) -> None:
    """The book's experiments: what was published, and what comes out here.

    Without a command: the list of all, with the first published figure of each, ours (mean ± standard
    deviation over seeds), how many of its figures were found again, and how long it takes.

    [bold]Examples[/]:

      deltarule experiments --chapter 3

      deltarule experiments run ch1/first-network --quick

      deltarule experiments show ch1/first-network
    """
    if context.invoked_subcommand is not None:
        return
    from deltarule.cli.experiment_tables import list_table, opened, row
    from deltarule.experiments.registry import EXPERIMENTS

    wanted = [one for one in EXPERIMENTS.values() if chapter in (None, one.chapter)]
    found, problems = opened(wanted, results)
    if json:
        emit({"experiments": [row(one, result, results) for one, result in zip(wanted, found, strict=True)]})
    else:
        out.print(list_table(wanted, found))
        out.print("\nRun one:  deltarule experiments run ch1/first-network    more about it:  … show ch1/first-network")
    for problem in problems:
        say_error(problem)


@experiments.command()
def run(
    name: Annotated[str, typer.Argument(metavar="ID|chapter3|all", help="One experiment, a chapter's, or all.")],
    seeds: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=f"Runs of each, with seeds 1 to N. {usual('as many as it says')}"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A faithful miniature, in seconds.")] = False,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help="Runs at a time, in processes of their own.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Only what is missing or was run otherwise.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a setting; may be repeated.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on dask://host:port, ray://host:port or ray.")
    ] = None,
    results: OwnResults = None,
    json: Json = False,
) -> None:
    """Run experiments; each run is kept as soon as it is done.

    [bold]Examples[/]: in full, a chapter on two cores, and with another η:

      deltarule experiments run ch1/first-network

      deltarule experiments run chapter3 --jobs 2 --resume

      deltarule experiments run ch1/first-network --set eta=0.5 --set epochs=5
    """
    from deltarule.cli.experiment_progress import Watch
    from deltarule.cli.experiment_tables import opened, row, say_results
    from deltarule.cli.option_errors import refuse
    from deltarule.experiments import run as running
    from deltarule.experiments.overrides import choose_folder, parse_settings
    from deltarule.experiments.registry import select_experiments
    from deltarule.experiments.result import format_run_command

    if cluster is not None and jobs > 1:
        raise refuse("--jobs", jobs, "none beside --cluster", "a cluster runs as many at a time as it has room for")
    wanted = select_experiments(name)
    changed = parse_settings(changes or [], wanted)
    folder = results or choose_folder(quick, changed)
    given = [*(["--seeds", str(seeds)] if seeds else []), *(["--quick"] if quick else [])]
    given += [word for text in changes or [] for word in ("--set", text)]
    todo = [
        task
        for one in wanted
        for task in running.list_tasks(
            one, folder, seeds=seeds, quick=quick, resume=resume, changed=changed,
            command=" ".join([format_run_command(one.id), *given]),
        )
    ]  # fmt: skip
    console = progress_console(json)
    if not todo:
        console.print(f"Nothing is missing in {as_is(folder)}")
    failed: list[Task] = []
    watch = Watch(console, todo, {one.id: one for one in wanted}, jobs, quick)
    try:
        with watch:
            for task, finished in running.run_tasks(todo, folder, jobs=jobs, quick=quick, cluster=cluster):
                watch.done(task, finished)
                failed += [task] if finished.error else []
    except KeyboardInterrupt:
        again = [*given, *(["--jobs", jobs] if jobs > 1 else []), *(["--cluster", cluster] if cluster else [])]
        again += ["--results", results] if results else []
        _interrupted(len(todo) - len(watch.left), len(todo), folder, name, again)
    found, problems = opened(wanted, folder, quick)
    for problem in problems:
        say_error(problem)
    if json:
        rows = [row(one, result, folder) for one, result in zip(wanted, found, strict=True)]
        emit({"results": str(folder), "ran": len(todo), "failed": len(failed), "experiments": rows})
    else:
        say_results(wanted, found, folder, changed)
    if failed:
        _say_failed(failed, len(todo))
        raise typer.Exit(1)


@experiments.command()
def show(
    name: Name,
    quick: Annotated[bool, typer.Option("--quick", help="The miniature: what it must find, and found.")] = False,
    results: OwnResults = None,
    json: Json = False,
) -> None:
    """What an experiment is, its settings, and the published figures beside ours.

    [bold]Example[/]:  deltarule experiments show ch1/first-network
    """
    from deltarule.cli.experiment_tables import opened, row, verdict_table
    from deltarule.experiments.comparison import compare_result
    from deltarule.experiments.formatting import format_duration, format_settings
    from deltarule.experiments.overrides import choose_folder
    from deltarule.experiments.result import format_run_command
    from deltarule.experiments.run import estimate_seconds
    from deltarule.experiments.state import describe_state

    one = _one(name)
    folder = results or choose_folder(quick, {})
    found, problems = opened([one], folder, quick)
    if problems:
        say_error(problems[0])
    result = found[0]
    command = format_run_command(one.id, quick)
    if json:
        settings = {variant: one.settings_of(variant, quick) for variant in one.variants_of(quick)}
        emit({**row(one, result, folder), "settings": settings, "seeds": one.seeds, "command": command})
        return
    out.print(f"[bold]{as_is(one.title)}[/]  {as_is(one.id)}, chapter {one.chapter}, “{as_is(one.section)}”\n")
    _wrapped(one.shows)
    _wrapped(one.remark)
    if one.settings:
        _wrapped(f"Settings: {format_settings(one.settings)}")
    for variant, varied in one.variants.items():
        if variant:
            _wrapped(f"  {variant}: {format_settings(varied) or 'as above'}")
    if quick:
        _wrapped(f"Of the miniature: {format_settings(one.quick.settings)}")
    out.print()
    if compare_result(result, one):
        out.print(verdict_table(one, result))
        out.print()
    for figure in compare_result(result, one):
        if figure.is_missed and figure.published.explanation:
            _wrapped(f"{figure.published.what}: {figure.published.explanation}")
    for line in describe_state(one, result):
        _wrapped(line)
    seconds = estimate_seconds(one, quick) if quick else 60 * one.minutes
    out.print(f"Run:   {typed(*command.split())}    takes about {format_duration(seconds)}")
    out.print(f"Draw:  {typed('deltarule', 'experiments', 'plot', one.id, *(['--quick'] if quick else []))}")


@experiments.command()
def plot(
    name: Name,
    picture: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=f"Where it goes: .png, .svg or .pdf. {usual('ID.png')}")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The miniature's, run now if it was not.")] = False,
    results: OwnResults = None,
    json: Json = False,
) -> None:
    """Draw an experiment's figure from its saved result.

    [bold]Example[/]:  deltarule experiments plot ch1/first-network --out first.svg
    """
    from deltarule.experiments.overrides import choose_folder
    from deltarule.experiments.report.entries import draw_figure
    from deltarule.experiments.result import read_or_create_result
    from deltarule.experiments.run import run_once
    from deltarule.plotting import find_format, save_figure

    one = _one(name)
    path = picture or Path(f"{one.id.replace('/', '-')}.png")
    find_format(path)
    result = read_or_create_result(results or choose_folder(quick, {}), one.id, quick)
    if quick and not result.runs:
        result = run_once(one)
    save_figure(draw_figure(one, result), path)
    if json:
        emit({"id": one.id, "picture": str(path)})
    else:
        out.print(f"Picture: {as_is(path)}")


@experiments.command()
def report(
    page: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=f"The page. {usual('report.html in the results')}")
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option("--markdown", metavar="FILE", help="The same as Markdown, its pictures in a folder beside it."),
    ] = None,
    results: Results = FULL,
    json: Json = False,
) -> None:
    """Write a page with every experiment: its figure, what was published, what came out here, and the verdict.

    [bold]Examples[/]: for the browser, and for a repository's own pages:

      deltarule experiments report

      deltarule experiments report --markdown docs/book.md
    """
    from deltarule.errors import extra
    from deltarule.experiments.report.entries import build_entries

    with extra("experiments", "the report"):
        from deltarule.experiments.report.html import write_page
        from deltarule.experiments.report.markdown import choose_figure_folder, write_markdown

    if book is not None:
        choose_figure_folder(book)
    all_of_them = build_entries(results)
    written = [write_page(all_of_them, page or results / "report.html")]
    written += [write_markdown(all_of_them, book)] if book else []
    troubles = [entry for entry in all_of_them if entry.trouble]
    if json:
        emit(
            {
                "files": [str(path) for path in written],
                "troubles": {entry.experiment.id: entry.trouble for entry in troubles},
            }
        )
        return
    for entry in troubles:
        err.print(f"{as_is(entry.experiment.id)}: {as_is(entry.trouble)}")
    for path in written:
        out.print(f"Report: {as_is(path)}")


def _one(name: str) -> Experiment:
    from deltarule.cli.option_errors import refuse
    from deltarule.experiments.registry import EXPERIMENTS, select_experiments

    found = select_experiments(name)
    if name not in EXPERIMENTS:
        raise refuse("NAME", name, "one experiment", f"it names {len(found)}: choose one, such as {found[0].id}")
    return found[0]


def _wrapped(text: str) -> None:
    """Prose, folded at the words, in lines that one can read."""
    if text:
        out.print(as_is(text), soft_wrap=False, width=min(out.width, 100))


def _say_failed(failed: list[Task], of: int) -> None:
    names = ", ".join(" ".join(filter(None, (task.id, task.variant, f"seed {task.seed}"))) for task in failed[:5])
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    others = "; the others are kept, --resume does these alone" if len(failed) < of else ""
    say_error(f"{len(failed)} of {of} runs failed ({names}{more}){others}")


def _interrupted(done: int, of: int, folder: Path, name: str, given: list[Any]) -> None:
    go_on = typed("deltarule", "experiments", "run", name, *given, "--resume")
    err.print(f"\nInterrupted; {done} of {of} runs are done and kept in {as_is(folder)}. Go on with:  {go_on}")
    raise typer.Exit(130) from None
