"""A run's folder: ``model.safetensors``, the state of the training, beside ``run.json``, what it was for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.files import replace_file
from deltarule.models.files import MODEL_FILE
from deltarule.models.history import ALWAYS, VALIDATED
from deltarule.models.loading import read_content, unpack
from deltarule.models.predictor import Predictor
from deltarule.training.callbacks import Callback
from deltarule.training.plan import Moment

RUN_FILE = "run.json"

NOTE_TYPES: Mapping[str, type] = {
    "data": str,
    "early_stopping": int,
    "monitor": bool,
    "shifts": int,
    "with_validation": bool,
    "result": dict,
    "diverged": str,
}
"""Of what kind the notes are that this package reads again."""

NAMED_DATA = ("mnist", "digits")
"""Data that are found again by the name they give themselves."""


@dataclass(frozen=True, eq=False)
class Run:
    """A run: its folder, its model as last saved, and its notes (``data``, ``command``, ``result`` …).

    ``positions`` say where its training stands: one, or that of each member of an ensemble, and none
    for a model alone.
    """

    folder: Path
    model: Predictor
    notes: Mapping[str, Any]
    positions: Sequence[Mapping[str, Any]]

    @property
    def state(self) -> str:
        """``finished``, ``diverged`` or ``unfinished``."""
        if all(position.get("finished") for position in self.positions):
            return "finished"
        return "diverged" if self.notes.get("diverged") else "unfinished"

    @property
    def more_epochs(self) -> int:
        """A number of epochs that prolongs the run, whether it came to its end or was stopped early."""
        return max(len(self.model.history), int(self.model.settings.get("epochs", 0))) + 10

    @property
    def has_validation_data(self) -> bool:
        """Whether validation data belong to its training."""
        return any(position.get("validation") is not None for position in self.positions)

    @property
    def data_name(self) -> str | None:
        """The data that it was trained on, by the name the data gave themselves."""
        name = self.model.settings.get("training_data")
        return None if name is None else str(name).replace(" training", "", 1)

    @property
    def data(self) -> str | None:
        """The name or path by which these data are found again, if it is known."""
        noted = self.notes.get("data")
        return noted or (self.data_name if self.data_name in NAMED_DATA else None)


class NewRunNotes(Callback):
    """Makes the folder of a new run with its notes, when everything else has proved right."""

    first_process_only = True

    def __init__(self, folder: Path, notes: Mapping[str, Any]) -> None:
        self.folder, self.notes = folder, notes

    def on_start(self, moment: Moment) -> None:
        check_new_folder(self.folder)
        try:
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise FileError(f"{self.folder} could not be made: {error.strerror}") from None
        write_notes(self.folder, {"started": datetime.now().astimezone().isoformat(timespec="seconds"), **self.notes})


class ResumedRunNotes(Callback):
    """NewRunNotes the data of a run that goes on, and no longer what it ended with before."""

    first_process_only = True

    def __init__(self, folder: Path, data: str) -> None:
        self.folder, self.data = folder, data

    def on_start(self, moment: Moment) -> None:
        ended = ("result", "diverged")
        kept = {name: value for name, value in read_notes(self.folder).items() if name not in ended}
        write_notes(self.folder, {**kept, "data": self.data})


@contextmanager
def note_divergence(folder: Path) -> Iterator[None]:
    """Within the block, a training that diverges leaves the reason in the notes of its run."""
    try:
        yield
    except DivergedError as error:
        write_notes(folder, {**read_notes(folder), "diverged": str(error)})
        raise


def check_new_folder(folder: Path) -> None:
    """Raise :class:`InvalidArgument` if a new run's folder is there already, :class:`FileError` if it cannot be."""
    if folder.exists() or folder.is_symlink():
        raise InvalidArgument(
            argument="folder", value=folder, expected=f"a new folder, not one with {describe_content(folder)}",
            remedy="choose another",
        )  # fmt: skip
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir():
        raise FileError(f"{folder} could not be made: {above} is not a folder")


def describe_content(folder: Path) -> str:
    """Say what is in the way of a new run."""
    if not any((folder / name).exists() for name in (MODEL_FILE, RUN_FILE)):
        return "no run in it"
    if has_only_notes(folder):
        return "the notes of a run that saved nothing, unless it is under way"
    try:
        run = open_run(folder)
    except FileError as error:
        return f"a damaged run ({error})"
    if not run.positions:
        return "a model without the state of its training"
    states = {"diverged": "a run that diverged", "finished": "a run that is finished"}
    return states.get(run.state, "a run that is not finished")


def has_only_notes(folder: Path) -> bool:
    """Whether a folder is that of a run that ended before it saved anything, as on a full disk."""
    return (folder / RUN_FILE).exists() and not (folder / MODEL_FILE).exists()


def open_run_to_resume(folder: Path) -> Run:
    """Open the run in a folder, to go on with it.

    Raises :class:`FileError` for what no training can go on with: a model alone, or notes alone.
    """
    if folder.is_file() and folder.name == MODEL_FILE:
        raise FileError(f"{folder}: expected the folder of a run, got a file in it; give {folder.parent}")
    run = open_run(folder)
    if folder.is_file() or not run.positions:
        raise FileError(
            f"{folder}: expected the folder of a run, got a model without the state of its training; "
            f"train it further in Python: deltarule.fit(deltarule.load({str(folder)!r}), train, epochs=10)"
        )
    return run


def write_notes(folder: Path, notes: Mapping[str, Any]) -> None:
    """Writes the notes of a run anew."""
    text = json.dumps(dict(notes), indent=2, ensure_ascii=False) + "\n"
    # names that are no text become JSON's own escapes
    replace_file(folder / RUN_FILE, text.encode("utf-8", "backslashreplace"))


def read_notes(folder: Path) -> dict[str, Any]:
    """The notes of a run, none of one that Python began. Raises :class:`FileError` if they are damaged."""
    if not (folder / RUN_FILE).exists():
        return {}
    try:
        notes = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{folder / RUN_FILE} cannot be read: {error}") from None
    if not isinstance(notes, dict):
        raise FileError(f"{folder / RUN_FILE} is damaged: it holds no object")
    for name, kind in NOTE_TYPES.items():
        if not isinstance(notes.get(name), kind | None):
            raise FileError(f"{folder / RUN_FILE} is damaged: {name} is {str(notes[name])[:60]!r}")
    return notes


def require_data(run: Run) -> str:
    """The name or path of the data that a run was trained on. Raises :class:`InvalidArgument` if it does not say."""
    if run.data is None:
        raise InvalidArgument(
            path=run.folder,
            argument="data",
            expected="their name or path, as this run does not say it",
            remedy="give it",
        )
    return run.data


def open_run(path: Path) -> Run:
    """The run in a folder, or a lone model file as a run without notes. Raises :class:`FileError`."""
    if has_only_notes(path):
        command = read_notes(path).get("command")
        again = f": deltarule {command}" if command else ""
        raise FileError(
            f"{path} has the notes of a run that saved nothing; if that has ended, remove it and start again{again}"
        )
    tensors, description = read_content(path)
    model = unpack(path, tensors, description)
    for record in model.history.records:
        # what monitors measured may be anything
        own = [*ALWAYS, *(name for name in ("compile_seconds", *VALIDATED) if name in record)]
        if not all(type(record.get(name)) in (int, float) for name in own):
            raise FileError(f"{path} is damaged: its history has {str(record)[:80]!r}")
    parts = description.get("members", [description])
    positions = [part["position"] for part in parts if isinstance(part.get("position"), dict)]
    if not path.is_dir():
        return Run(path.parent, model, {}, positions)
    return Run(path, model, read_notes(path), positions)


def find_runs(folder: Path) -> list[tuple[Path, Run | FileError]]:
    """The runs below a folder, oldest first, each opened or with the reason why it cannot be."""
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder")
    found: list[tuple[Path, Run | FileError]] = []
    files = [path for name in (MODEL_FILE, RUN_FILE) for path in folder.rglob(name)]
    # a run that was killed before it saved anything has notes alone
    for path in dict.fromkeys(path.parent for path in sorted(files, key=lambda path: (path.stat().st_mtime, path))):
        try:
            found.append((path, open_run(path)))
        except FileError as error:
            found.append((path, error))
    return found


def find_free_folder(folder: Path, name: str) -> Path:
    """The first of ``name-1``, ``name-2``, … that does not exist in the folder."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"
