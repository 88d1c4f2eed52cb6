"""Data sets as arrays and plain JSON in one file, which the process that reads an upload hands to the lab."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.photo import Style
from deltarule.data.sources import Source
from deltarule.errors import DataError
from deltarule.models.description import build, describe

ARRAYS = ("x", "y", "weights")
TEXT = "text"
"""The name of the array with the JSON."""


def write_result(path: Path, found: Source | str) -> None:
    """Write a source of data, or the problem for which there is none."""
    arrays: dict[str, np.ndarray] = {}
    if isinstance(found, str):
        text: dict[str, Any] = {"problem": found}
    else:
        kinds = ("name", "where", "why", "summary", "notes", "doubts")
        sets = list({id(one): one for one in found.data}.values())  # undivided data are the same set three times
        which = [next(i for i, one in enumerate(sets) if one is part) for part in found.data]
        text = {name: getattr(found, name) for name in kinds} | {"which": which, "sets": []}
        for i, one in enumerate(sets):
            arrays |= {f"{i} {name}": array for name in ARRAYS if (array := getattr(one, name)) is not None}
            plain = {
                field.name: describe(getattr(one, field.name)) for field in fields(one) if field.name not in ARRAYS
            }
            text["sets"].append(plain)
    encoded = np.frombuffer(json.dumps(text, default=_plain).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{TEXT: encoded}, **arrays)


def read_result(path: Path) -> Source:
    """Read what :func:`write_result` wrote. Raises :class:`DataError` with the problem, if there is one."""
    with np.load(path, allow_pickle=False) as file:
        text = json.loads(file[TEXT].tobytes())
        if "problem" in text:
            raise DataError(text["problem"])
        sets = []
        for i, plain in enumerate(text["sets"]):
            arrays = {name: file[f"{i} {name}"] for name in ARRAYS if f"{i} {name}" in file}
            sets.append(Dataset(**arrays, **{name: build(value, (Style,)) for name, value in plain.items()}))
    train, validation, test = (sets[i] for i in text["which"])
    texts = {name: tuple(text[name]) for name in ("summary", "notes", "doubts")}
    return Source(text["name"], text["where"], text["why"], (train, validation, test), **texts)


def _plain(value: Any) -> Any:
    """Convert a number of NumPy for JSON."""
    return value.item() if isinstance(value, np.generic) else str(value)
