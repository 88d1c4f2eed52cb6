"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
from pathlib import Path

from deltarule.errors import FileError


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` so that at every moment either the old or the new file is whole."""
    if not path.name:
        raise FileError(f"{str(path)!r} could not be written: it names no file; give one such as model.safetensors")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        _sync_folder(path.parent)
    except (OSError, ValueError) as error:  # a ValueError for a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{path} could not be written: {reason}; no file of this name was damaged") from None
    finally:
        with contextlib.suppress(OSError, ValueError):
            beside.unlink()


def write_file(path: Path, content: bytes) -> Path:
    """Put ``content`` at ``path`` as :func:`replace_file` does, and return the path; missing folders are made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{path} could not be written: {path.parent} is not a folder") from None
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}") from None
    replace_file(path, content)
    return path


def remove_left_overs(path: Path) -> None:
    """Delete what writers of ``path`` left beside it when they were killed; no other may be writing it now."""
    for beside in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            beside.unlink()


def _sync_folder(folder: Path) -> None:
    """Makes the renaming itself last, where the system can (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
