"""The lock of a run's folder, so that only one training at a time saves there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.files import MODEL_FILE

LOCK_FILE = f".{MODEL_FILE}.lock"
"""The name of the lock file in a run's folder, which exists while a run trains there."""


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a run's folder until the block ends, and create the folder if it is missing.

    The operating system holds the lock and releases it when the process ends in any way. Reading files stays possible.
    Raises :class:`InvalidArgument` at once if another training, in this process or another, holds the lock, and
    :class:`FileError` if the folder cannot be created or locked.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"the folder could not be created: {error.strerror or error}", path=folder) from None
    path = folder / LOCK_FILE
    lock = FileLock(path, thread_local=False)  # any thread may end the training and release the lock
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InvalidArgument(
            "expected a folder that no other run uses, got one in which a run is training now",
            path=folder,
            remedy="wait until it has ended, or choose another folder; resume() itself saves to its folder, so it "
            "needs no Checkpoint there",
        ) from None
    except OSError as error:
        raise FileError(f"the folder could not be locked: {error.strerror or error}", path=folder) from None
    try:
        yield
    finally:
        # remove the file before releasing it: a process that has opened it sees that it is gone and creates a new one
        with contextlib.suppress(OSError):
            path.unlink()
        lock.release()


@contextlib.contextmanager
def lock_new_folder(folder: Path) -> Iterator[None]:
    """Lock the folder of a new run. Raises :class:`InvalidArgument` if it already contains a run."""
    with lock_folder(folder):
        path = folder / MODEL_FILE
        if path.exists():
            raise InvalidArgument("expected a folder without a run", path=folder, remedy=_suggest_remedy(path))
        yield


def _suggest_remedy(path: Path) -> str:
    """Suggest what to do with a model file that a new run would replace."""
    try:
        _, description = files.read(path)
    except FileError as error:
        return f"choose another folder ({error})"
    if all("position" in part for part in description.get("members", [description])):
        return "resume it with resume(folder, ...), which saves there itself, or choose another folder"
    return (
        "it has a model without the state of its training: train that further with fit(load(folder), ...) and "
        "choose another folder"
    )
