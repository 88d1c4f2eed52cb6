"""The folder of a new run: where one is there already, the options that go on with it."""

from __future__ import annotations

import shlex
from pathlib import Path

from deltarule.errors import FileError, InvalidArgument


def check_new(folder: Path) -> None:
    """Raise :class:`InvalidArgument` that says what to do if a folder is there already."""
    from deltarule.training.runs import check_new_folder

    try:
        check_new_folder(folder)
    except InvalidArgument as error:
        raise error.with_fields(remedy=" or ".join(["choose another --out", *_ways_on(folder)])) from None


def _ways_on(folder: Path) -> list[str]:
    """The options that resume the run in a folder, if it can be resumed."""
    from deltarule.training.runs import open_run_to_resume

    try:
        run = open_run_to_resume(folder)
    except FileError:
        return []
    words = shlex.join(["--resume", str(folder), *([] if run.data else ["--data", "PATH"])])
    ways = {"diverged": "a smaller --eta", "finished": f"prolong it: {words} --epochs {run.more_epochs}"}
    return [ways.get(run.state, f"go on with it: {words}")]
