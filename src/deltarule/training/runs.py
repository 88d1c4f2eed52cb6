"""A run's folder: ``model.safetensors``, the state of the training, beside ``run.json``, what it was for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deltarule.errors import FileError, UsageError
from deltarule.models.files import replace_file
from deltarule.models.model import MODEL_FILE, Model, load
from deltarule.training.callbacks import Callback
from deltarule.training.moment import Moment

RUN_FILE = "run.json"


@dataclass(frozen=True, eq=False)
class Run:
    """A run: its folder, its model as last saved, and its notes (``data``, ``command``, ``result`` …)."""

    folder: Path
    model: Model
    notes: Mapping[str, Any]

    @property
    def finished(self) -> bool:
        return self.notes.get("result") is not None


class Notes(Callback):
    """Makes the folder of a new run with its notes, when everything else has proved right."""

    def __init__(self, folder: Path, notes: Mapping[str, Any]) -> None:
        self.folder, self.notes = folder, notes

    def on_start(self, moment: Moment) -> None:
        refuse_existing(self.folder)
        try:
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise FileError(f"{self.folder} could not be made: {error.strerror}") from None
        note(self.folder, {"started": datetime.now().astimezone().isoformat(timespec="seconds"), **self.notes})


def refuse_existing(folder: Path) -> None:
    """Raises :class:`UsageError` if the folder of a new run is there already."""
    if folder.exists():
        raise UsageError(f"{folder} exists already: choose another --out, or go on with it: --resume {folder}")


def note(folder: Path, notes: Mapping[str, Any]) -> None:
    """Writes the notes of a run anew."""
    replace_file(folder / RUN_FILE, (json.dumps(dict(notes), indent=2, ensure_ascii=False) + "\n").encode())


def notes_of(folder: Path) -> dict[str, Any]:
    """The notes of a run. Raises :class:`FileError` if there are none, or they are damaged."""
    try:
        notes = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileError(f"{folder} is not a run: it has no {RUN_FILE}") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{folder / RUN_FILE} cannot be read: {error}") from None
    if not isinstance(notes, dict):
        raise FileError(f"{folder / RUN_FILE} is damaged: it holds no object")
    return notes


def open_run(path: Path) -> Run:
    """The run in a folder, or a lone model file as a run without notes. Raises :class:`FileError`."""
    if path.is_dir():
        return Run(path, load(path), notes_of(path) if (path / RUN_FILE).exists() else {})
    return Run(path.parent, load(path), {})


def runs_in(folder: Path) -> list[tuple[Path, Run | FileError]]:
    """The runs below a folder, oldest first, each opened or with the reason why it cannot be."""
    if not folder.is_dir():
        raise FileError(f"{folder} is not a folder")
    found: list[tuple[Path, Run | FileError]] = []
    for path in sorted(folder.rglob(MODEL_FILE), key=lambda path: (path.stat().st_mtime, path)):
        try:
            found.append((path.parent, open_run(path.parent)))
        except FileError as error:
            found.append((path.parent, error))
    return found


def free_name(folder: Path, name: str) -> Path:
    """The first of ``name-1``, ``name-2``, … that does not exist in the folder."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"
