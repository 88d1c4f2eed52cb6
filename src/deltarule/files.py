"""Atomic writing of files: completely or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from deltarule.errors import DeltaruleError, FileError

IDLE = 60.0
"""The number of seconds for which nobody changed a partial file that may be deleted."""


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically: an old file is replaced only when the new one is complete.

    Raises :class:`FileError` if ``path`` is a folder or cannot be written; an old file is then unchanged.
    """
    with open_replacement(path) as file:
        file.write(content)


@contextlib.contextmanager
def open_replacement(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside ``path`` for writing; rename it to ``path`` when the block ends without an error.

    Raises :class:`FileError` if ``path`` is a folder or cannot be written; an old file is then unchanged.
    """
    with _replacing(path) as beside:
        with _writing(beside) as file:
            yield file
        _rename(beside, path)


def replace_together(path: Path, content: bytes, part: Path, part_content: bytes) -> None:
    """Write a file and a part that belongs to it. Both are on the disk before an old one is replaced.

    If a rename fails then, there is no file at ``path``, rather than one beside the part of another. Raises
    :class:`FileError` as :func:`replace_file` does.
    """
    with _replacing(path) as beside, _replacing(part) as part_beside:
        with _writing(beside) as file:
            file.write(content)
        with _writing(part_beside) as file:
            file.write(part_content)
        path.unlink(missing_ok=True)
        _rename(part_beside, part)
        _rename(beside, path)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, and flush it to the disk at the end."""
    with open(path, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _rename(beside: Path, path: Path) -> None:
    os.replace(beside, path)
    _sync_folder(path.parent)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Choose the name of a partial file beside ``path``, delete it at the end, and turn errors into FileError."""
    if os.path.isdir(path):
        problem = "expected the path of a file, got a folder"
        raise FileError(problem, path=path, remedy="add a name such as model.safetensors")
    # threads of a process may write the same file
    beside = path.with_name(f".{path.name}.{threading.get_ident()}.{os.getpid()}.part")
    with contextlib.suppress(OSError, ValueError):
        _remove_abandoned(path)
    try:
        yield beside
    except DeltaruleError:
        raise
    except (OSError, ValueError) as error:  # a ValueError for a name that no file can have
        reason = getattr(error, "strerror", None) or error
        unchanged = "; the old file of this name is unchanged" if os.path.exists(path) else ""
        raise FileError(f"the file could not be written: {reason}{unchanged}", path=path) from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            beside.unlink()


def write_file(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` as :func:`replace_file` does, create missing folders, and return the path."""
    create_folder(path)
    replace_file(path, content)
    return path


def create_folder(path: Path) -> None:
    """Create the folder of a file, and those above it. Raises :class:`FileError` if that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"the file could not be written: {path.parent} is not a folder", path=path) from None
    except (OSError, ValueError) as error:  # a ValueError for a name that no folder can have
        raise FileError(
            f"the file could not be written: {getattr(error, 'strerror', None) or error}", path=path
        ) from None


def remove_left_overs(path: Path) -> None:
    """Delete the partial files that killed writers of ``path`` left beside it. Nobody else may be writing it now."""
    for beside in _list_partial_files(path):
        with contextlib.suppress(OSError):
            beside.unlink()


def _remove_abandoned(path: Path) -> None:
    """Delete the partial files of processes that no longer run here, if nobody changed them for a minute.

    The minute is for writers on other machines, whose processes are not known here.
    """
    for beside in _list_partial_files(path):
        number = beside.name.split(".")[-2]
        with contextlib.suppress(OSError):
            is_idle = time.time() - beside.stat().st_mtime > IDLE
            if number.isdecimal() and is_idle and not _is_running(int(number)):
                beside.unlink()


def _list_partial_files(path: Path) -> list[Path]:
    return list(path.parent.glob(f".{glob.escape(path.name)}.*.part"))


def _is_running(process: int) -> bool:
    """Check whether a process runs; True where asking could end it (on Windows)."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _sync_folder(folder: Path) -> None:
    """Flush the renaming itself to the disk, where the system can (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
