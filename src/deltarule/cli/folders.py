"""The folder of a new run; if it exists already, the error says how to continue the run in it."""

from __future__ import annotations

import shlex
from pathlib import Path

from deltarule.errors import FileError, InvalidArgument


def check_new(folder: Path) -> None:
    """Raise :class:`InvalidArgument` with a remedy if a folder exists already."""
    from deltarule.training.runs import check_new_folder

    try:
        check_new_folder(folder)
    except InvalidArgument as error:
        raise error.with_fields(remedy=", or ".join(["choose another --out", *_find_remedies(folder)])) from None


def check_single(path: Path) -> None:
    """Raise :class:`FileError` for a folder that has runs in it and is none itself, as of ``--folds``."""
    from deltarule.models.files import MODEL_FILE
    from deltarule.training.runs import RUN_FILE

    if not path.is_dir() or any((path / name).exists() for name in (MODEL_FILE, RUN_FILE)):
        return
    below = [each for each in path.iterdir() if (each / MODEL_FILE).exists()]
    if below:
        first = min(below, key=lambda each: (len(each.name), each.name))
        remedy = f"give one of them, such as {first}"
        raise FileError(f"expected a run, got a folder of {len(below)} runs", path=path, remedy=remedy)


def _find_remedies(folder: Path) -> list[str]:
    """Return how to continue the run in a folder, if that is possible."""
    from deltarule.training.runs import open_run_to_resume

    try:
        run = open_run_to_resume(folder)
    except FileError:
        return []
    words = shlex.join(["--resume", str(folder), *([] if run.data else ["--data", "PATH"])])
    remedies = {"diverged": "a smaller --eta", "finished": f"extend it: {words} --epochs {run.more_epochs}"}
    return [remedies.get(run.state, f"resume it: {words}")]
