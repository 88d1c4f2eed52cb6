"""Fetching files from public mirrors: bounded in time, checked by content, never half written."""

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

from deltarule.core.constraints import Constraint, check, list_of
from deltarule.data import idx
from deltarule.errors import DataError

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
"""Where the four files of MNIST are, as ``.gz``; the environment's DELTARULE_MIRRORS (commas between) goes before."""


@dataclass(frozen=True)
class Limits:
    """What a mirror is granted for one file, before the next mirror is asked.

    ``answer``: seconds until the first bytes; ``stall``: seconds in which at least a kilobyte must
    come; ``total``: seconds for the whole file; ``size``: bytes at most; ``retries``: how often a
    transfer that broke off after it had begun is tried again.
    """

    answer: float = 4.0
    stall: float = 8.0
    total: float = 120.0
    size: int = 2**26
    retries: int = 1


def fetch(
    files: Mapping[str, str], folder: Path, mirrors: Sequence[str] | None = None, limits: Limits | None = None
) -> None:
    """Puts IDX files into ``folder``, decompressed, each only once its content has the SHA-256 in ``files``.

    What lies there already and is right is kept, what is wrong is replaced. A mirror is a folder's
    URL; it is asked for each name with ``.gz``, and given up when a file fails after its retries. A file is written
    beside its place and then renamed, so that two processes may fetch at once and no reader ever
    meets half a file. Raises :class:`DataError` if no mirror served, with each one's reason.
    """
    limits = limits or Limits()
    remaining = [name for name, sha256 in files.items() if not _is_right(folder / name, sha256)]
    reasons = []
    for mirror in mirrors_from_environment() if mirrors is None else mirrors:
        while remaining:
            name = remaining[0]
            try:
                array = _content(f"{mirror.rstrip('/')}/{name}.gz", files[name], limits)
            except DataError as error:
                reasons.append(str(error.with_fields(remedy="")))
                break
            _put(folder / name, array)
            remaining.pop(0)
    if remaining:
        raise DataError(
            f"expected to download it, got {'; '.join(reasons) or 'no mirror to ask'}",
            path=remaining[0],
            remedy=f"put the {len(files)} files into a folder, and name it, or set DELTARULE_DATA to it",
        )


_MIRRORS = list_of(
    Constraint("", lambda url: url.startswith(("http://", "https://"))),
    "addresses that begin with http:// or https://, commas between",
)


def mirrors_from_environment() -> tuple[str, ...]:
    """The mirrors in DELTARULE_MIRRORS, or :data:`MIRRORS`; raises :class:`InvalidArgument` for what is no URL."""
    named = tuple(m.strip() for m in os.environ.get("DELTARULE_MIRRORS", "").split(",") if m.strip())
    check("DELTARULE_MIRRORS", named, _MIRRORS)
    return named or MIRRORS


def _is_right(path: Path, sha256: str) -> bool:
    try:
        return idx.digest(idx.read_idx(path)) == sha256
    except DataError:
        return False


def _put(path: Path, array: np.ndarray) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        try:
            with open(handle, "wb") as file:
                file.write(idx.write_idx(array))
            os.replace(beside, path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"expected to write the file, got {str(error.strerror or error)!r}",
            path=path,
            remedy="make room or make it writable",
        ) from None


def _content(url: str, sha256: str, limits: Limits) -> np.ndarray:
    array = idx.parse_idx(_body(url, limits), url)
    if idx.digest(array) != sha256:
        raise DataError("expected the file that was published, got another", path=url)
    return array


def _body(url: str, limits: Limits) -> bytes:
    import requests  # noqa: F401  pooch would import it while the mirror's time runs
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
    """A transfer that had begun: worth another try, where a mirror that did not answer would cost twice the wait."""


class _Sink:
    """A file of limited size in memory that knows how long it may still be waited for."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.content = bytearray()
        self.began = self.latest = time.monotonic()
        self.abandoned = False

    def write(self, piece: bytes) -> None:
        if self.abandoned or len(self.content) + len(piece) > self.limits.size:
            raise DataError(f"expected {self.limits.size:,} bytes at most, and in time, got more")
        self.content += piece
        self.latest = time.monotonic()

    def flush(self) -> None:
        pass

    def patience(self) -> float:
        """The seconds that are left, at this moment."""
        patience = self.limits.stall if self.content else self.limits.answer
        return min(self.latest + patience, self.began + self.limits.total) - time.monotonic()


def _transfer(downloader: Any, url: str, sink: _Sink) -> None:
    """Lets a thread download, and leaves it behind when time is up.

    Timeouts of a connection bound a single system call, not the look-up of a name, nor several
    addresses in turn, nor a body that trickles; waiting from outside bounds all of these.
    """
    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
    threading.Thread(target=_work, args=(downloader, url, sink, outcome), daemon=True).start()
    while (patience := sink.patience()) > 0:
        try:
            error = outcome.get(timeout=patience)
        except queue.Empty:
            continue
        if error is not None:
            raise _failure(url, error, bool(sink.content)) from error
        return
    sink.abandoned = True
    seconds = f"{time.monotonic() - sink.began:.0f} seconds"
    kind, pace = (_BrokeOff, "too little") if sink.content else (DataError, "no answer")
    raise kind(f"expected the file, got {pace} in {seconds}", path=url)


class _Bar:
    """Show how much of a file has come, in one line of a terminal; pooch sets ``total`` and calls the rest."""

    def __init__(self, name: str, terminal: TextIO) -> None:
        self.name, self.terminal = name, terminal
        self.total = self.done = 0
        self.shown = ""

    def update(self, size: int) -> None:
        self.done += size
        if (words := f"{self.name}: {min(self.done / (self.total or self.done), 1):4.0%}") != self.shown:
            self.terminal.write(f"\r{words}")
            self.terminal.flush()
            self.shown = words

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Clear the line, if there is one; pooch closes a bar too, where nothing fails."""
        self.terminal.write(f"\r{' ' * len(self.shown)}\r")
        self.terminal.flush()
        self.shown = ""


def _work(downloader: Any, url: str, sink: _Sink, outcome: queue.SimpleQueue[Exception | None]) -> None:
    bar = _Bar(url.rsplit("/", 1)[-1], sys.stderr) if sys.stderr is not None and sys.stderr.isatty() else None
    # longer than the wait outside, which is to tell why; they end the thread that was left behind
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


def _failure(url: str, error: Exception, begun: bool) -> DataError:
    """What went wrong, in a few words: the errors of requests name their own insides at length."""
    from requests import exceptions

    kind, got = DataError, f"{type(error).__name__}: {error}"
    match error:
        case DataError():
            return error.with_fields(path=url)
        case exceptions.HTTPError() if error.response is not None:
            got = f"the answer {error.response.status_code} {error.response.reason}"
        case exceptions.SSLError():
            got = "no secure connection (is the clock right, is there a proxy in between?)"
        case exceptions.Timeout():
            got = "no answer"
        case exceptions.ConnectionError() if not begun:
            got = "no connection"
        case exceptions.ConnectionError() | exceptions.ChunkedEncodingError():
            kind, got = _BrokeOff, "a connection that broke off"
    return kind(f"expected the file, got {got}", path=url)
