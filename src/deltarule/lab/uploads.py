"""Uploaded data: files received piece by piece into a folder, and read by a process with limits."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from functools import cache
from pathlib import Path

from deltarule.data.sources import Source
from deltarule.errors import DataError
from deltarule.lab.request_limits import UPLOAD
from deltarule.lab.run_store import find_folder
from deltarule.lab.upload_result import read_result

DATA = "data"
"""The folder of the uploads, in that of the runs."""

GROUP = re.compile(r"[0-9a-f]{12}")
"""The name of the folder of files that belong together, such as the images and labels of IDX files."""

MOST_FILES = 8

SECONDS = 120
"""The most seconds that reading an upload may take."""

MEMORY = 4 << 30
"""The most bytes of memory that reading an upload may take, where the system can limit it."""

ENDINGS = (
    ".csv", ".tsv", ".txt", ".data", ".npz", ".npy", ".zip", ".idx", ".idx1-ubyte", ".idx3-ubyte", "-ubyte", ".arff",
    ".xlsx", ".parquet", ".mat", ".libsvm", ".svm",
)  # fmt: skip
"""The endings of names of data, each also with ``.gz``."""

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


def make_group() -> str:
    """Make the name of a new folder for files that belong together."""
    return secrets.token_hex(6)


def choose_path(group: str, name: str) -> Path:
    """Choose the path of an uploaded file; only the last part of its name counts.

    Raises:
        DataError: The group is none of :func:`make_group`, or the name is not that of a data file.

    >>> choose_path("0123456789ab", "../../My digits (1).csv").name
    'My digits (1).csv'
    """
    plain = re.sub(r"[^\w .()+-]", "_", re.split(r"[/\\]", name)[-1]).strip(" .")[-100:]
    ending = plain.lower().removesuffix(".gz")
    if not GROUP.fullmatch(group) or not ending.endswith(ENDINGS) or ending in ENDINGS:
        raise DataError(
            f"expected a table, arrays, IDX files or a .zip of pictures, got {name[-100:]!r}",
            remedy="choose a file whose name ends with .csv, .npz, .zip or -ubyte.gz",
        )
    return find_folder() / DATA / group / plain


async def receive_file(path: Path, pieces: AsyncIterator[bytes]) -> int:
    """Write an uploaded file piece by piece, and return its size. Raises :class:`DataError` if it is too long.

    What was received of a file that broke off is deleted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() and len(list(path.parent.iterdir())) >= MOST_FILES:
        raise DataError(f"expected at most {MOST_FILES} files at once, got more", remedy="put pictures into a .zip")
    part, size = path.with_name(f".{path.name}.part"), 0
    try:
        with part.open("wb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > UPLOAD:
                    raise DataError(f"expected at most {UPLOAD >> 20} MB, got more", path=path.name)
                file.write(piece)
        os.replace(part, path)
    except OSError as error:
        raise DataError(f"the file could not be kept: {error.strerror}", path=path.name) from None
    finally:
        part.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return size


def list_uploads() -> list[Path]:
    """List the data of earlier uploads, the newest last: a file, or a folder of several files."""
    folder = find_folder() / DATA
    groups = [one for one in folder.iterdir() if GROUP.fullmatch(one.name)] if folder.is_dir() else []
    return [find_data(one) for one in sorted(groups, key=lambda one: one.stat().st_mtime) if any(one.iterdir())]


def find_data(group: Path) -> Path:
    """Find the data in a group: its only file, or the folder itself."""
    files = [one for one in group.iterdir() if not one.name.startswith(".")]
    return files[0] if len(files) == 1 else group


def is_upload(source: str) -> bool:
    """Return whether a source of data is an upload."""
    folder = (find_folder() / DATA).resolve()
    return folder in Path(source).resolve().parents


def remove_upload(source: Path) -> None:
    """Delete an upload that cannot be read."""
    if is_upload(str(source)):
        shutil.rmtree(source if GROUP.fullmatch(source.name) else source.parent, ignore_errors=True)


@cache
def read_upload(path: str, label: str = "") -> Source:
    """Read an upload in a process with limits of time and memory; later calls return the same.

    Args:
        path: The file, or the folder of several files.
        label: The name of the target column of a table; "" to find it.

    Raises:
        DataError: The data cannot be read, or only beyond the limits. Other errors are as of :func:`find`.
    """
    with tempfile.TemporaryDirectory(prefix="deltarule-") as folder:
        result, errors = Path(folder) / "result", Path(folder) / "errors"
        limits = str(MEMORY), str(SECONDS)
        words: Sequence[str] = [sys.executable, "-m", "deltarule.lab.upload_worker", path, str(result), label, *limits]
        with errors.open("wb") as file:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file)
        with _lock:
            _running.add(process)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise DataError(
                f"expected data that can be read in {SECONDS} seconds, got more",
                path=Path(path).name,
                remedy="upload fewer examples or smaller pictures",
            ) from None
        finally:
            process.kill()
            process.wait()
            with _lock:
                _running.discard(process)
        if not result.exists():
            raise DataError(
                f"the process that read it ended: {_find_last_line(errors.read_bytes())}",
                path=Path(path).name,
                remedy=f"check that the file is whole; it may take at most {MEMORY >> 30} GB of memory",
            ) from None
        return read_result(result)


def end_processes() -> None:
    """End the processes that still read."""
    with _lock:
        for process in _running:
            process.kill()


def _find_last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "it was killed, probably as it took too much memory or time"
