"""Editing a copy of a lesson in marimo's editor, which runs in its own process with its own token."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

from deltarule.core.constraints import one_of
from deltarule.errors import FileError, InvalidArgument
from deltarule.lab.pages import HERE, PAGES


def copy_lesson(lesson: str, to: Path | None = None) -> Path:
    """Copy a lesson to ``to``, by default into the working folder, and return the path.

    Raises:
        InvalidArgument: There is no such lesson.
        FileError: The file exists already (it is never overwritten), or cannot be written.
    """
    names = [page.name for page in PAGES]
    if lesson not in names:
        near = difflib.get_close_matches(lesson, names, 1)
        remedy = f"did you mean {near[0]}?" if near else ""
        raise InvalidArgument(argument="lesson", expected=one_of(*names).expected, value=lesson, remedy=remedy)
    page = next(page for page in PAGES if page.name == lesson)
    path = Path(f"{lesson}.py") if to is None else to
    text = page.notebook.read_text(encoding="utf-8")
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text.replace('"../lesson.css"', repr((HERE / "lesson.css").as_posix())))
    except OSError as error:
        exists = isinstance(error, FileExistsError)
        got = "one that exists already" if exists else repr(str(error.strerror or error))
        remedy = f"edit it with 'marimo edit {path}', or choose another path" if exists else "choose another path"
        raise FileError(f"expected to write a new file, got {got}", path=path, remedy=remedy) from None
    return path


def run_editor(path: Path, browser: bool = True) -> int:
    """Run the editor until the user ends it, and return its exit code."""
    words = [sys.executable, "-m", "marimo", "edit", str(path), "--host", "127.0.0.1"]
    editor = subprocess.Popen([*words, *([] if browser else ["--headless"])])
    try:
        return editor.wait()
    except KeyboardInterrupt:  # the editor receives the same signal
        try:
            return editor.wait(5)
        except subprocess.TimeoutExpired:
            editor.terminate()
            return editor.wait()
