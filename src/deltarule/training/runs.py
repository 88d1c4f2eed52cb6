"""A run's folder: ``model.safetensors`` with the model and the training's state, and ``run.json`` with notes."""

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
from deltarule.training.lock import lock_folder
from deltarule.training.plan import Moment

RUN_FILE = "run.json"

NOTE_TYPES: Mapping[str, type] = {
    "data": str,
    "early_stopping": int,
    "monitor": bool,
    "table": dict,
    "class_weights": str,
    "shifts": int,
    "with_validation": bool,
    "result": dict,
    "diverged": str,
    "from": dict,
}
"""The types of the notes that this package reads."""

NAMED_DATA = ("mnist", "digits")
"""Data sets that can be loaded by their own names."""


@dataclass(frozen=True, eq=False)
class Run:
    """A saved run.

    Attributes:
        folder: The folder.
        model: The model as last saved.
        notes: The notes: ``data``, ``command``, ``result`` and others.
        positions: The position of the training, or of each member of an ensemble; empty for a model without a run.
    """

    folder: Path
    model: Predictor
    notes: Mapping[str, Any]
    positions: Sequence[Mapping[str, Any]]

    @property
    def state(self) -> str:
        """The state: ``finished``, ``diverged`` or ``unfinished``."""
        if all(position.get("finished") for position in self.positions):
            return "finished"
        return "diverged" if self.notes.get("diverged") else "unfinished"

    @property
    def more_epochs(self) -> int:
        """A number of epochs that extends the run, also one that stopped early."""
        return max(len(self.model.history), int(self.model.settings.get("epochs", 0))) + 10

    @property
    def has_validation_data(self) -> bool:
        """Check whether the training has a validation set."""
        return any(position.get("validation") is not None for position in self.positions)

    @property
    def data_name(self) -> str | None:
        """The own name of the data set that it was trained on."""
        name = self.model.settings.get("training_data")
        return None if name is None else str(name).replace(" training", "", 1)

    @property
    def data(self) -> str | None:
        """The name or path from which the data can be loaded again, if it is known."""
        data = self.notes.get("data")
        return data or (self.data_name if self.data_name in NAMED_DATA else None)


class NewRunNotes(Callback):
    """A callback that creates the folder of a new run with its notes, after all other checks."""

    first_process_only = True

    def __init__(self, folder: Path, notes: Mapping[str, Any]) -> None:
        self.folder, self.notes = folder, notes

    def on_start(self, moment: Moment) -> None:
        check_new_folder(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"the folder could not be created: {error.strerror}", path=self.folder) from None
        write_notes(self.folder, {"started": datetime.now().astimezone().isoformat(timespec="seconds"), **self.notes})


class ResumedRunNotes(Callback):
    """A callback that notes the data of a resumed run and removes the notes of its previous end."""

    first_process_only = True

    def __init__(self, folder: Path, data: str) -> None:
        self.folder, self.data = folder, data

    def on_start(self, moment: Moment) -> None:
        notes = {name: note for name, note in read_notes(self.folder).items() if name not in ("result", "diverged")}
        write_notes(self.folder, {**notes, "data": self.data})


@contextmanager
def note_divergence(folder: Path) -> Iterator[None]:
    """Within the block, add the reason to the run's notes if its training diverges."""
    try:
        yield
    except DivergedError as error:
        write_notes(folder, {**read_notes(folder), "diverged": str(error)})
        raise


def check_new_folder(folder: Path) -> None:
    """Raise :class:`InvalidArgument` if a new run's folder exists, :class:`FileError` if it cannot be created.

    A folder with only the notes of a run that has ended, or with nothing, is as good as none.
    """
    if folder.is_dir() and (has_only_notes(folder) or not any(folder.iterdir())):
        with lock_folder(folder):  # no run is training there now
            return
    if folder.exists() or folder.is_symlink():
        raise InvalidArgument(
            argument="folder", value=folder, expected=f"a new folder, not one with {describe_content(folder)}",
            remedy="choose another folder",
        )  # fmt: skip
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir():
        raise FileError(f"the folder could not be created: {above} is not a folder", path=folder)


def describe_content(folder: Path) -> str:
    """Describe the content of a folder that a new run cannot use."""
    if not any((folder / name).exists() for name in (MODEL_FILE, RUN_FILE)):
        return "no run in it"
    try:
        run = open_run(folder)
    except FileError as error:
        return f"a damaged run ({error})"
    if not run.positions:
        return "a model without the state of its training"
    states = {"diverged": "a run that diverged", "finished": "a run that is finished"}
    return states.get(run.state, "a run that is not finished")


def has_only_notes(folder: Path) -> bool:
    """Check whether a folder has only the notes of a run that ended before it saved anything, as on a full disk."""
    return (folder / RUN_FILE).exists() and not (folder / MODEL_FILE).exists()


def write_notes(folder: Path, notes: Mapping[str, Any]) -> None:
    """Write the notes of a run, in place of those there."""
    text = json.dumps(dict(notes), indent=2, ensure_ascii=False) + "\n"
    # characters of file names that UTF-8 cannot encode are escaped
    replace_file(folder / RUN_FILE, text.encode("utf-8", "backslashreplace"))


def read_notes(folder: Path) -> dict[str, Any]:
    """Read the notes of a run; a run started in Python has none. Raises :class:`FileError` if they are damaged."""
    path = folder / RUN_FILE
    if not path.exists():
        return {}
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FileError(f"the file could not be read: {error}", path=path) from None
    if not isinstance(notes, dict):
        raise FileError("the file is damaged: expected an object of notes", path=path)
    for name, kind in NOTE_TYPES.items():
        if not isinstance(notes.get(name), kind | None):
            raise FileError(argument=name, path=path, expected=f"a note of type {kind.__name__}", value=notes[name])
    return notes


def require_data(run: Run) -> str:
    """Return the name or path of a run's data. Raises :class:`InvalidArgument` if it is not known."""
    if run.data is None:
        raise InvalidArgument(
            path=run.folder,
            argument="data",
            expected="the name or path of the data, because the run has not recorded it",
            remedy="give the data that the run was trained on",
        )
    return run.data


def open_run(path: Path) -> Run:
    """Open the run in a folder, or a model file as a run without notes. Raises :class:`FileError`."""
    if has_only_notes(path):
        raise FileError(
            "expected a run, got only the notes of a run that saved no model",
            path=path,
            remedy="start it again; a new run may use this folder",
        )
    tensors, description = read_content(path)
    model = unpack(path, tensors, description)
    for record in model.history.records:
        # other names belong to callbacks and may have any value
        own = [*ALWAYS, *(name for name in ("compile_seconds", *VALIDATED) if name in record)]
        if not all(type(record.get(name)) in (int, float) for name in own):
            raise FileError(
                f"the file is damaged: expected numbers for {', '.join(own)} in the history, got {str(record)[:80]!r}",
                path=path,
            )
    parts = description.get("members", [description])
    positions = [part["position"] for part in parts if isinstance(part.get("position"), dict)]
    if not path.is_dir():
        return Run(path.parent, model, {}, positions)
    return Run(path, model, read_notes(path), positions)


def find_runs(folder: Path) -> list[tuple[Path, Run | FileError]]:
    """Find the runs below a folder, oldest first, each opened or with the error that opening it raised."""
    if not folder.is_dir():
        raise FileError("expected a folder", path=folder)
    found: list[tuple[Path, Run | FileError]] = []
    files = [path for name in (MODEL_FILE, RUN_FILE) for path in folder.rglob(name)]
    # a run that was killed before it saved anything has only notes
    for path in dict.fromkeys(path.parent for path in sorted(files, key=lambda path: (path.stat().st_mtime, path))):
        try:
            found.append((path, open_run(path)))
        except FileError as error:
            found.append((path, error))
    return found


def find_free_folder(folder: Path, name: str) -> Path:
    """Return the first of ``name-1``, ``name-2``, … that does not exist in the folder."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"
