"""Paths given as data that lead to something else: a run, a model, or no file at all."""

from __future__ import annotations

import shlex
from pathlib import Path

from deltarule.data.sources import NAMES
from deltarule.errors import DataError
from deltarule.models.files import MODEL_FILE
from deltarule.training.runs import RUN_FILE


def check_data_path(data: str) -> None:
    """Raise :class:`DataError` for the path of a run, a model, a device or a pipe.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "a.csv").touch()
    ...     check_data_path(f"{folder}/a.csv")
    """
    path = Path(data).expanduser()
    if data in NAMES or not path.exists():
        return
    kind, run = "", path
    if path.is_dir():
        kind = "the folder of a run" if (path / MODEL_FILE).is_file() and (path / RUN_FILE).is_file() else ""
    elif not path.is_file():
        remedy = "save the data as a file"
        raise DataError("expected a file or a folder of data, got a device or a pipe", path=path, remedy=remedy)
    elif path.suffix.lower() == ".safetensors":
        kind = "a model file"
    elif path.name == RUN_FILE and (path.parent / MODEL_FILE).is_file():
        kind, run = "the record of a run", path.parent
    if kind:
        remedy = f"to look at it: deltarule show {shlex.quote(str(run))}"
        raise DataError(f"expected data, got {kind}", path=path, remedy=remedy)
