"""The path of a file that a command writes: never one of the files that it reads, or the data of the model."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from deltarule.cli.option_errors import option_error
from deltarule.errors import FileError


def check_output(option: str, given: Path, example: str, sources: Iterable[Path], run: Path | None = None) -> None:
    """Raise :class:`InvalidArgument` for a path whose file must not be replaced.

    Args:
        option: The option that names the path.
        given: The path.
        example: The name of a file that the remedy proposes.
        sources: The files that the command reads.
        run: The run whose model answers; the data that it was trained on are kept too.
    """
    kept = [("an input of this command", source) for source in sources] + _find_training_data(run)
    for name, source in kept:
        if _is_same_file(given.expanduser(), source.expanduser()):
            raise option_error(
                option, str(given), f"another file than {name}, which it would replace", f"give {example}"
            )


def _is_same_file(first: Path, second: Path) -> bool:
    """Return True if two paths lead to one file that exists, also by links."""
    try:
        return os.path.samefile(first, second)
    except (OSError, ValueError):  # such as no such file, or a NUL in the name
        return False


def _find_training_data(run: Path | None) -> list[tuple[str, Path]]:
    """Find the data of a run, if its notes have them; damaged notes are no matter here."""
    from deltarule.training.runs import read_notes

    if run is not None and run.is_dir():
        with suppress(FileError):
            if data := read_notes(run).get("data"):
                return [("the data that the model was trained on", Path(data))]
    return []
