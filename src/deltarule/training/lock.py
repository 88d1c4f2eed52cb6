"""Locking a run's folder, so that one training at a time saves there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.files import MODEL_FILE

LOCK_FILE = f".{MODEL_FILE}.lock"
"""The name of the file in a run's folder that is locked, and there, while a run trains."""


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a run's folder, which is made where it is missing, until the block ends.

    The operating system holds the lock and drops it with the process, however that ends. Files may be
    read meanwhile. Raises :class:`InvalidArgument` at once if another training holds the lock, in this process or
    another, and :class:`FileError` if the folder cannot be made or locked.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} could not be made: {error.strerror or error}") from None
    path = folder / LOCK_FILE
    lock = FileLock(path, thread_local=False)  # whichever thread ends the training releases it
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InvalidArgument(
            f"{folder}: expected a folder that no other run uses, but one is training there now, which saves there "
            "itself; wait until it has ended, or give another folder"
        ) from None
    except OSError as error:
        raise FileError(f"{folder} could not be locked: {error.strerror or error}") from None
    try:
        yield
    finally:
        # while it is held: whoever has opened the file sees that it is gone, and makes a new one
        with contextlib.suppress(OSError):
            path.unlink()
        lock.release()


@contextlib.contextmanager
def lock_new_folder(folder: Path) -> Iterator[None]:
    """Lock the folder of a new run. Raises :class:`InvalidArgument` if it holds a run already."""
    with lock_folder(folder):
        if (folder / MODEL_FILE).exists():
            raise InvalidArgument(
                f"{folder} holds a run already, which a new one would replace: {_way_on(folder / MODEL_FILE)}"
            )
        yield


def _way_on(path: Path) -> str:
    """What can be done with a model file that a new run would replace."""
    try:
        _, description = files.read(path)
    except FileError as error:
        return f"give another folder ({error})"
    if all("position" in part for part in description.get("members", [description])):
        return "go on with it by resume(folder, ...), which saves it there itself; or give another folder"
    return (
        "it is a model without the state of its training, so train it further with fit(load(folder), ...), "
        "and give another folder"
    )
