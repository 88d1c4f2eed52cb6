"""The results that ``deltarule experiments`` reads: where they are, and the errors of those that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deltarule.cli.option import format_default

if TYPE_CHECKING:
    from deltarule.errors import FileError
    from deltarule.experiments.experiment import Experiment
    from deltarule.experiments.result import Result

FullResults = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="FOLDER",
        help="Read the results in this folder. "
        + format_default("results; for experiments without one, those that come with deltarule"),
    ),
]

SavedResults = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="FOLDER",
        help="Read the result in this folder. "
        + format_default("results, then those that come with deltarule; for miniatures, runs/experiments"),
    ),
]

FULL_RESULTS = "choose another folder; 'deltarule experiments show ID --quick' shows a miniature"
"""What to do if the list or the report is to show a folder of miniatures."""


def read_result(experiment: Experiment, results: Path | None, quick: bool = False) -> tuple[Result, Path]:
    """Read the full result of an experiment or its miniature, empty if there is none, and return its folder, too."""
    from deltarule.experiments.folders import find_folder
    from deltarule.experiments.result import read_or_create_result

    check_folder(results)
    folder = find_folder(experiment.id, results, quick)
    with suggest(f"{'leave out' if quick else 'add'} --quick, or choose another folder"):
        return read_or_create_result(folder, experiment.id, quick), folder


def read_results(
    experiments: Iterable[Experiment], folders: Iterable[Path], quick: bool = False
) -> tuple[list[Result], list[FileError]]:
    """Read the results of experiments, empty if there is none, and return the errors of invalid files with them.

    Args:
        experiments: The experiments.
        folders: The folder of each.
        quick: True for miniatures.

    Raises:
        InvalidArgument: For a miniature in place of full runs, or full runs in place of a miniature.
    """
    from deltarule.errors import FileError
    from deltarule.experiments.result import Result, read_or_create_result

    results, problems = [], []
    for experiment, folder in zip(experiments, folders, strict=True):
        try:
            with suggest(FULL_RESULTS):
                results.append(read_or_create_result(folder, experiment.id, quick))
        except FileError as error:
            problems.append(error)
            results.append(Result(experiment.id, quick=quick))
    return results, problems


def check_folder(results: Path | None) -> None:
    """Refuse a folder of results that is a file or does not exist; None stands for the usual folders."""
    from deltarule.cli.option_errors import option_error

    if results is not None and not results.is_dir():
        remedy = "that is a file" if results.exists() else "there is none of this name"
        raise option_error("--results", results, "a folder with results", remedy)


@contextmanager
def suggest(remedy: str) -> Iterator[None]:
    """Add what to do to the error about a miniature in place of full runs, or the reverse."""
    from deltarule.errors import InvalidArgument

    try:
        yield
    except InvalidArgument as error:
        raise error.with_fields(remedy=remedy) from None
