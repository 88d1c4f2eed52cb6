"""deltarule experiments run: run experiments, save each run when it is done, and resume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli.console import choose_console, emit, err, escape, format_command, print_error
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json

if TYPE_CHECKING:
    from deltarule.experiments.run import Seeds, Task

OwnResults = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Use the results in this folder. "
        + format_default("results; for miniatures and changed settings, runs/experiments"),
    ),
]


def run(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID|chapter3|memory|all",
            help="Run this experiment, those of a chapter such as chapter3 or of a topic such as memory, or all.",
        ),
    ],
    seeds: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="Run each with the seeds 1 to N; auto adds the runs that the verdicts still need, up to 20. "
            + format_default("as many seeds as the experiment specifies"),
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Run a miniature that takes seconds.")] = False,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help="Do N runs at once, each in its own process.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Do only the runs that are missing or had other settings.")
    ] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change a setting; may be given several times."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Run on a cluster: dask://host:port, ray://host:port or ray."),
    ] = None,
    results: OwnResults = None,
    json: Json = False,
) -> None:
    """Run experiments; each run is saved as soon as it is done.

    [bold]Examples[/]: one in full, a chapter on two cores, and one with another η:

      deltarule experiments run ch1/first-network

      deltarule experiments run chapter3 --jobs 2 --resume

      deltarule experiments run ch1/first-network --set eta=0.5 --set epochs=5

      deltarule experiments run ch5/depth --seeds auto
    """
    from deltarule.cli.experiment_progress import RunProgress
    from deltarule.cli.experiment_results import check_folder, read_results
    from deltarule.cli.experiment_tables import describe_result, print_results
    from deltarule.cli.option_errors import option_error, phrase_error, report_as_option
    from deltarule.experiments import run as running
    from deltarule.experiments.folders import choose_folder
    from deltarule.experiments.overrides import parse_settings
    from deltarule.experiments.registry import select_experiments
    from deltarule.experiments.result import format_run_command

    if cluster is not None and jobs > 1:
        remedy = "leave out --jobs: the cluster decides how many runs it does at once"
        raise option_error("--jobs", jobs, "no --jobs together with --cluster", remedy)
    with report_as_option("ID", name):
        selected = select_experiments(name)
    changed = parse_settings(changes or [], selected)
    if results is not None and results.exists():
        check_folder(results)
    folder = results or choose_folder(quick, changed)
    number = parse_seeds(seeds)
    if number == running.AUTO and (quick or changed):
        raise option_error("--seeds", number, "a number with --quick and --set, whose runs get no verdict")
    given = [*(["--seeds", seeds] if seeds else []), *(["--quick"] if quick else [])]
    given += [word for text in changes or [] for word in ("--set", text)]

    def list_tasks() -> list[Task]:
        return [
            task
            for one in selected
            for task in running.list_tasks(
                one, folder, seeds=number, quick=quick, resume=resume, changed=changed,
                command=" ".join([format_run_command(one.id), *given]),
            )
        ]  # fmt: skip

    tasks = list_tasks()
    console = choose_console(json)
    if not tasks:
        console.print(f"No run is missing in {escape(folder)}")
    done: list[Task] = []
    failed: list[Task] = []
    try:
        while tasks:
            progress = RunProgress(console, tasks, {one.id: one for one in selected}, jobs, quick)
            with progress:
                for task, finished in running.run_tasks(tasks, folder, jobs=jobs, quick=quick, cluster=cluster):
                    progress.report(task, finished)
                    done.append(task)
                    failed += [task] if finished.error else []
            ended = {(task.id, task.variant, task.seed) for task in done}
            listed = list_tasks() if number == running.AUTO else []  # the spread of the new runs may ask for more
            tasks = [task for task in listed if (task.id, task.variant, task.seed) not in ended]
    except KeyboardInterrupt:
        again = [*given, *(["--jobs", jobs] if jobs > 1 else []), *(["--cluster", cluster] if cluster else [])]
        again += ["--results", results] if results else []
        of = f"{len(done)} of {len(done) + len(progress.remaining)}"
        command = format_command("deltarule", "experiments", "run", name, *again, "--resume")
        err.print(f"\nInterrupted; {of} runs are done and saved in {escape(folder)}. Resume:  {command}")
        raise typer.Exit(130) from None
    found, problems = read_results(selected, [folder] * len(selected), quick)
    for problem in problems:
        print_error(phrase_error(problem))
    if json:
        rows = [describe_result(one, result, folder) for one, result in zip(selected, found, strict=True)]
        emit({"results": str(folder), "ran": len(done), "failed": len(failed), "experiments": rows})
    else:
        print_results(selected, found, folder, changed)
    if failed:
        _print_failures(failed, len(done))
    if failed or problems:
        raise typer.Exit(1)


def parse_seeds(text: str | None) -> Seeds:
    """Parse a number of seeds, or "auto"."""
    from deltarule.cli.option_errors import option_error

    if text is None:
        return None
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text)):
        remedy = "auto makes as many runs as the verdicts need" if text[:1].isalpha() else ""
        raise option_error("--seeds", text, "a whole number from 1 to 9999, or auto", remedy)
    return int(text)


def _print_failures(failed: list[Task], of: int) -> None:
    from deltarule.cli.experiment_progress import format_task

    names = ", ".join(map(format_task, failed[:5]))
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    others = "; the others are saved, --resume repeats only these" if len(failed) < of else ""
    print_error(f"{len(failed)} of {of} runs failed ({names}{more}){others}")
