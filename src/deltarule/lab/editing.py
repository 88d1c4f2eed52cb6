"""A copy of a lesson in marimo's own editor, a process of its own with its own token."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

from deltarule.core.constraints import one_of
from deltarule.errors import FileError, InvalidArgument
from deltarule.lab.pages import HERE, PAGES


def copied(lesson: str, to: Path | None = None) -> Path:
    """A copy of the lesson in the working folder, or at ``to``; what is there is never overwritten.

    Raises :class:`InvalidArgument` for a lesson that is not there, :class:`FileError` for a file that is.
    """
    names = [page.name for page in PAGES]
    if lesson not in names:
        near = difflib.get_close_matches(lesson, names, 1)
        meant = f"did you mean {near[0]}?" if near else ""
        raise InvalidArgument(argument="lesson", expected=one_of(*names).expected, value=lesson, remedy=meant)
    page = next(page for page in PAGES if page.name == lesson)
    path = Path(f"{lesson}.py") if to is None else to
    text = page.notebook.read_text(encoding="utf-8")
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text.replace('"../lesson.css"', repr((HERE / "lesson.css").as_posix())))
    except OSError as error:
        there = isinstance(error, FileExistsError)
        got = "one that is there already" if there else repr(str(error.strerror or error))
        remedy = f"edit it with 'marimo edit {path}', or choose another place" if there else "choose another place"
        raise FileError(f"expected to write a new file, got {got}", path=path, remedy=remedy) from None
    return path


def edited(path: Path, browser: bool = True) -> int:
    """Runs the editor until it is ended, and returns its exit code."""
    words = [sys.executable, "-m", "marimo", "edit", str(path), "--host", "127.0.0.1"]
    editor = subprocess.Popen([*words, *([] if browser else ["--headless"])])
    try:
        return editor.wait()
    except KeyboardInterrupt:  # which the editor has been sent as well
        try:
            return editor.wait(5)
        except subprocess.TimeoutExpired:
            editor.terminate()
            return editor.wait()
