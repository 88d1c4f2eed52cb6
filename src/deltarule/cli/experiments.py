"""deltarule experiments: the book's experiments, run, drawn and reported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.console import out

experiments = typer.Typer(no_args_is_help=True, help="The book's experiments: published figures beside measured ones.")

Name = Annotated[str, typer.Argument(metavar="ID", help="An id, a chapter (chapter3), or all.")]
Results = Annotated[Path, typer.Option("--results", metavar="FOLDER", help="Where results are kept.")]


@experiments.command()
def run(
    name: Name,
    seeds: Annotated[int | None, typer.Option(metavar="N", help="Runs of each, with seeds 1 to N.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A faithful miniature.")] = False,
    jobs: Annotated[int, typer.Option(metavar="N", min=1, help="Runs at a time.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Only what is missing.")] = False,
    results: Results = Path("results"),
) -> None:
    """Run experiments."""
    from deltarule.experiments import run as running
    from deltarule.experiments.registry import chosen

    command = f"deltarule experiments run {name}" + (f" --seeds {seeds}" if seeds else "")
    todo = [
        task
        for experiment in chosen(name)
        for task in running.tasks(experiment, results, seeds=seeds, quick=quick, resume=resume, command=command)
    ]
    for task, finished in running.run(todo, results, jobs=jobs, quick=quick):
        out.print(f"{task.id} {task.variant} seed {task.seed}: {finished.error or dict(finished.figures)}")
