"""The runs of the page Train on the disk: ordinary runs, each in a folder, with a name in its notes."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deltarule.errors import FileError, InvalidArgument
from deltarule.files import remove_left_overs
from deltarule.lab.run_records import Rates
from deltarule.models.files import MODEL_FILE
from deltarule.models.history import Record
from deltarule.training.lock import LOCK_FILE, lock_folder
from deltarule.training.runs import (
    RUN_FILE,
    check_new_folder,
    find_free_folder,
    note_divergence,
    open_run,
    read_notes,
    write_notes,
)

RUNS = "DELTARULE_LAB_RUNS"
"""The environment variable with the folder of the runs (``deltarule lab --runs``)."""

DEFAULT = Path("runs") / "lab"
"""The folder of the runs without it, below that of ``deltarule train``."""

NOTE = "lab"
"""The note of a run with its name and settings on the page."""

LONGEST = 80
"""The most characters of a name."""


@dataclass(frozen=True)
class KeptRun:
    """A run on the disk.

    Attributes:
        key: The name of its folder.
        name: Its name on the page.
        state: "finished", "unfinished", "diverged", "training" or "damaged".
        records: The records of its epochs.
        settings: Its settings on the page.
        rates: Its last η and λ.
        can_draw: Whether it takes grey images and answers with classes, as drawings need.
        problem: The reason why it could not be read, or "".
        started: The time when it was started, in the ISO format.
    """

    key: str
    name: str
    state: str
    records: tuple[Record, ...] = ()
    settings: Mapping[str, Any] | None = None
    rates: Rates = Rates()
    can_draw: bool = False
    problem: str = ""
    started: str = ""


def find_folder() -> Path:
    """Find the folder of the runs, which may not exist yet."""
    return Path(os.environ.get(RUNS) or DEFAULT)


def can_keep() -> bool:
    """Return whether runs can be kept: their folder exists, or can be created, and can be written."""
    folder = find_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def choose_folder(name: str) -> Path:
    """Choose a new folder for a run of this name.

    >>> choose_folder("MNIST, 784-30-10").name
    'mnist-784-30-10-1'
    """
    return find_free_folder(find_folder(), re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "run")


@contextmanager
def open_run_folder(folder: Path, notes: Mapping[str, Any]) -> Iterator[None]:
    """Lock the folder of a run until the block ends, and create it with its notes if it is new.

    Raises:
        InvalidArgument: Another run is training there, also in another tab or program.
        FileError: The folder cannot be created.
    """
    is_new = not (folder / MODEL_FILE).exists()
    if is_new:
        check_new_folder(folder)
    with lock_folder(folder):
        if is_new:
            write_notes(folder, {"started": datetime.now().astimezone().isoformat(timespec="seconds"), **notes})
        else:
            kept = {name: note for name, note in read_notes(folder).items() if name not in ("result", "diverged")}
            write_notes(folder, kept)
        with note_divergence(folder):
            yield


def find_run(key: str, file: str = MODEL_FILE) -> Path:
    """Find the folder of a run with this file by its key. Raises :class:`InvalidArgument` if no kept run has it."""
    folder = find_folder()
    known = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    path = known.get(key)
    if path is None or not (path / file).is_file():
        raise InvalidArgument(
            argument="run", expected=f"a run in {folder}", value=key[:LONGEST],
            remedy="choose one in the list of the page Train",
        )  # fmt: skip
    return path


def rename_run(key: str, name: str) -> None:
    """Give a run another name on the page."""
    folder = find_run(key)
    notes = read_notes(folder)
    write_notes(folder, {**notes, NOTE: {**notes.get(NOTE, {}), "name": " ".join(name.split())[:LONGEST] or key}})


def delete_run(key: str) -> list[str]:
    """Delete a run, also a damaged one: the files that it wrote, and its folder if nothing else is in it.

    Returns:
        The names of the other files in the folder, which stay.

    Raises:
        InvalidArgument: The key is no kept run's, a run is training there, or the folder is a link to another place.
        FileError: The files cannot be deleted.
    """
    folder = find_run(key, RUN_FILE)
    if folder.resolve() != find_folder().resolve() / folder.name:
        raise InvalidArgument(
            argument="run", expected=f"a run in {find_folder()}, not a link to another folder", value=key,
            remedy="delete it there by hand",
        )  # fmt: skip
    try:
        with lock_folder(folder):
            for path in (folder / MODEL_FILE, folder / RUN_FILE):  # the list shows it as long as it has notes
                remove_left_overs(path)
                path.unlink(missing_ok=True)
    except InvalidArgument:
        raise InvalidArgument(
            argument="run", expected="a run that is not training now", value=key, remedy="stop it first"
        ) from None
    except OSError as error:
        raise FileError(f"the run could not be deleted: {error.strerror or error}", path=folder) from None
    others = sorted(path.name for path in folder.iterdir())
    if not others:
        folder.rmdir()
    return others


class RunList:
    """The kept runs; a run is read again only after its files have changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], KeptRun | None]] = {}
        self._lock = threading.Lock()

    def read(self, current: str = "") -> list[KeptRun]:
        """Read the kept runs, the newest last; ``current`` is the key of one that trains here and is not read again."""
        folder = find_folder()
        paths = [path for path in folder.iterdir() if (path / RUN_FILE).is_file()] if folder.is_dir() else []
        with self._lock:
            return sorted((self._read_one(path, current) for path in paths), key=lambda run: (run.started, run.key))

    def _read_one(self, path: Path, current: str) -> KeptRun:
        stamp = tuple(_read_time(path / name) for name in (MODEL_FILE, RUN_FILE, LOCK_FILE))
        before, known = self._known.get(path, ((), None))
        renamed = before[1:2] != stamp[1:2]
        if known is None or (before != stamp and (path.name != current or known.problem or renamed)):
            known = read_run(path)
            self._known[path] = stamp, known
        return known


def read_run(path: Path) -> KeptRun:
    """Read a run for the list."""
    started = ""
    try:
        notes = read_notes(path)
        started = str(notes.get("started", ""))
        own = notes.get(NOTE) if isinstance(notes.get(NOTE), dict) else {}
        name = str((own or {}).get("name", path.name))[:LONGEST]
        run = open_run(path)
    except FileError as error:
        return KeptRun(path.name, path.name, "damaged", problem=str(error), started=started)
    state = "training" if _is_training(path) else run.state
    shape, settings = run.model.example_shape, run.model.settings
    can_draw = len(shape) == 2 and min(shape) >= 4 and bool(run.model.classes or run.model.encoding.n_out > 1)
    rates = _read_rates(settings)
    return KeptRun(path.name, name, state, run.model.history.records, own, rates, can_draw, started=started)


def _is_training(path: Path) -> bool:
    """Return whether a run is training in a folder now; the lock of a program that was killed does not count."""
    if not (path / LOCK_FILE).exists():
        return False
    try:
        with lock_folder(path):
            return False
    except InvalidArgument:
        return True


def _read_rates(settings: Mapping[str, Any]) -> Rates:
    """Read η and λ from the settings of a model."""
    eta, regularizer = (settings.get(name) or {} for name in ("eta", "regularizer"))
    return Rates(float(eta.get("value", Rates.eta)), float(regularizer.get("lmbda", Rates.lmbda)))


def _read_time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
