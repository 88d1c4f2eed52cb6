"""Downloads of files from public mirrors: limited in time, checked by SHA-256, never half written."""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from deltarule.core.constraints import Constraint, check
from deltarule.data import idx
from deltarule.errors import DataError

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
"""The mirrors of MNIST's four files, as ``.gz``. The environment variable DELTARULE_MIRRORS replaces them."""


@dataclass(frozen=True)
class Limits:
    """The limits for one file from one mirror; beyond them the next mirror is tried.

    Args:
        answer: Seconds until the first bytes.
        stall: Seconds in which at least a kilobyte must arrive.
        total: Seconds for the whole file.
        size: The most bytes.
        retries: The number of new attempts after a transfer that broke off.
    """

    answer: float = 4.0
    stall: float = 8.0
    total: float = 120.0
    size: int = 2**26
    retries: int = 1


def fetch(
    files: Mapping[str, str], folder: Path, mirrors: Sequence[str] | None = None, limits: Limits | None = None
) -> None:
    """Download IDX files into ``folder``, decompressed.

    A file is written only if its content has the SHA-256 in ``files``. Correct files in the folder are kept, others
    are replaced. A file is written beside its final place and then renamed, so that two processes can download at
    once and no reader finds half a file.

    Args:
        files: The names of the files, and their SHA-256.
        folder: The folder to write to.
        mirrors: The URLs of folders that hold each name with ``.gz``. A mirror is left when a file fails after its
            retries. By default :func:`mirrors_from_environment`.
        limits: The limits for each file.

    Raises:
        DataError: If no mirror has the files, with the reason of each mirror.
    """
    limits = limits or Limits()
    remaining = [name for name, sha256 in files.items() if not _is_right(folder / name, sha256)]
    reasons = []
    for mirror in mirrors_from_environment() if mirrors is None else mirrors:
        while remaining:
            name = remaining[0]
            try:
                array = _download_array(f"{mirror.rstrip('/')}/{name}.gz", files[name], limits)
            except DataError as error:
                reasons.append(str(error.with_fields(remedy="")))
                break
            _write(folder / name, array)
            remaining.pop(0)
    if remaining:
        raise DataError(
            f"expected to download it, got {'; '.join(reasons) or 'no mirror'}",
            path=remaining[0],
            remedy=f"put the {len(files)} files into a folder and give its path, or set DELTARULE_DATA to it",
        )


_MIRRORS = Constraint(
    "URLs that begin with http:// or https://, separated by commas",
    lambda text: all(url.startswith(("http://", "https://")) for url in _split_urls(text)),
)


def mirrors_from_environment() -> tuple[str, ...]:
    """List the mirrors in DELTARULE_MIRRORS, else :data:`MIRRORS`. Raises :class:`InvalidArgument` for invalid URLs."""
    text = os.environ.get("DELTARULE_MIRRORS", "")
    check("DELTARULE_MIRRORS", text, _MIRRORS)
    return _split_urls(text) or MIRRORS


def _split_urls(text: str) -> tuple[str, ...]:
    return tuple(url.strip() for url in text.split(",") if url.strip())


def _is_right(path: Path, sha256: str) -> bool:
    try:
        return idx.digest(idx.read_idx(path)) == sha256
    except DataError:
        return False


def _write(path: Path, array: np.ndarray) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        try:
            with open(handle, "wb") as file:
                file.write(idx.write_idx(array))
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"expected to write the file, got {str(error.strerror or error)!r}",
            path=path,
            remedy="free disk space, or make the folder writable",
        ) from None


def _download_array(url: str, sha256: str, limits: Limits) -> np.ndarray:
    array = idx.parse_idx(_download(url, limits), url)
    if idx.digest(array) != sha256:
        raise DataError("expected the published file, got another", path=url)
    return array


def _download(url: str, limits: Limits) -> bytes:
    import requests  # noqa: F401  else pooch imports it, and the import counts as time of the mirror
    from pooch import HTTPDownloader

    for attempts_left in reversed(range(limits.retries + 1)):
        sink = _Sink(limits)
        try:
            _transfer(HTTPDownloader, url, sink)
            break
        except _BrokeOff:
            if not attempts_left:
                raise
    return bytes(sink.content)


class _BrokeOff(DataError):
    """A transfer that broke off after its first bytes; it is tried again, unlike a mirror that does not answer."""


class _Sink:
    """A file in memory with a limited size and a time limit."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.content = bytearray()
        self.began = self.latest = time.monotonic()
        self.abandoned = False

    def write(self, piece: bytes) -> None:
        if self.abandoned or len(self.content) + len(piece) > self.limits.size:
            raise DataError(f"expected {self.limits.size:,} bytes at most within the time limit, got more")
        self.content += piece
        self.latest = time.monotonic()

    def flush(self) -> None:
        pass

    def remaining_seconds(self) -> float:
        """Compute the seconds until the time limit."""
        pause = self.limits.stall if self.content else self.limits.answer
        return min(self.latest + pause, self.began + self.limits.total) - time.monotonic()


def _transfer(downloader: Any, url: str, sink: _Sink) -> None:
    """Download in a thread, and abandon the thread at the time limit.

    The timeout of a connection limits a single system call. It does not limit the look-up of a name, several
    addresses one after another, or a slow body; waiting from outside limits all of these.
    """
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
    threading.Thread(target=_run_download, args=(downloader, url, sink, outcome), daemon=True).start()
    while (seconds := sink.remaining_seconds()) > 0:
        try:
            error = outcome.get(timeout=seconds)
        except queue.Empty:
            continue
        if error is not None:
            raise _explain_failure(url, error, bool(sink.content)) from error
        return
    sink.abandoned = True
    elapsed = f"{time.monotonic() - sink.began:.0f} seconds"
    kind, got = (_BrokeOff, "too little") if sink.content else (DataError, "no answer")
    raise kind(f"expected the file, got {got} in {elapsed}", path=url)


class _Bar:
    """A progress bar in one line of a terminal; pooch sets ``total`` and calls the methods."""

    def __init__(self, name: str, terminal: TextIO) -> None:
        self.name, self.terminal = name, terminal
        self.total = self.done = 0
        self.line = ""

    def update(self, size: int) -> None:
        self.done += size
        if (line := f"{self.name}: {min(self.done / (self.total or self.done), 1):4.0%}") != self.line:
            self.terminal.write(f"\r{line}")
            self.terminal.flush()
            self.line = line

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Clear the line; pooch calls this too if nothing fails."""
        self.terminal.write(f"\r{' ' * len(self.line)}\r")
        self.terminal.flush()
        self.line = ""


def _run_download(downloader: Any, url: str, sink: _Sink, outcome: queue.SimpleQueue[Exception | None]) -> None:
    bar = _Bar(url.rsplit("/", 1)[-1], sys.stderr) if sys.stderr is not None and sys.stderr.isatty() else None
    # longer than the wait outside, which reports the reason; they end an abandoned thread
    timeout = 1.5 * sink.limits.answer, 1.5 * sink.limits.stall
    opened: list[Any] = []  # pooch leaves a response open if the transfer fails
    hooks = {"response": lambda response, **_: opened.append(response)}
    failure = None
    try:
        downloader(progressbar=bar or False, timeout=timeout, hooks=hooks)(url, sink, None)
    except Exception as error:
        failure = error
    for thing in [*opened, *([bar] if bar else [])]:
        thing.close()
    outcome.put(failure)


def _explain_failure(url: str, error: Exception, begun: bool) -> DataError:
    """Turn an error of requests, which names its own internals at length, into one with a short reason."""
    from requests import exceptions

    kind, got = DataError, f"{type(error).__name__}: {error}"
    match error:
        case DataError():
            return error.with_fields(path=url)
        case exceptions.HTTPError() if error.response is not None:
            got = f"the answer {error.response.status_code} {error.response.reason}"
        case exceptions.SSLError():
            got = "no secure connection (check the clock, and for a proxy)"
        case exceptions.Timeout():
            got = "no answer"
        case exceptions.ConnectionError() if not begun:
            got = "no connection"
        case exceptions.ConnectionError() | exceptions.ChunkedEncodingError():
            kind, got = _BrokeOff, "a connection that broke off"
    return kind(f"expected the file, got {got}", path=url)
