"""The file in which the second program keeps a network: JSON with "sizes", "weights", "biases" and "cost"."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.errors import FileError
from deltarule.files import replace_file
from deltarule.models.files import parse_json

_LIMIT = 2**30
"""The most bytes that a file may have: some hundred times the book's largest dense network."""


@dataclass(frozen=True)
class Read:
    """What a file says, checked: ``sizes``, the two lists of arrays in the book's shapes, and the class of the cost."""

    sizes: list[int]
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    cost: Any


def write(
    filename: str | os.PathLike[str],
    sizes: Sequence[int],
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    cost: Any,
) -> None:
    """Writes the file beside its place and renames it, so that none is ever half written.

    Raises :class:`FileError` if it cannot be written, or a weight or bias is not finite.
    """
    path = Path(filename)
    content = {
        "sizes": [int(n) for n in sizes],
        "weights": [np.asarray(w).tolist() for w in weights],
        "biases": [np.asarray(b).tolist() for b in biases],
        "cost": getattr(cost, "__name__", type(cost).__name__),
    }
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:
        raise FileError(
            f"{path} was not written: a weight or bias is NaN or infinite, so the network has diverged; lower eta"
        ) from None
    replace_file(path, text.encode())


def read(filename: str | os.PathLike[str], costs: Mapping[str, Any]) -> Read:
    """What :func:`write` wrote; the cost is the class with ``fn`` and ``delta`` of that name in ``costs``.

    Raises :class:`FileError` that names the file, the field and what is wrong with it.
    """
    path = Path(filename)
    content = _content(path)
    lacking = [field for field in ("sizes", "weights", "biases", "cost") if field not in content]
    if lacking:
        raise FileError(
            f"{path}: {', '.join(lacking)} missing; a file of network2's save has sizes, weights, biases, cost"
        )
    sizes = content["sizes"]
    if not isinstance(sizes, list) or len(sizes) < 2 or not all(type(n) is int and n > 0 for n in sizes):
        raise FileError(f"{path}: sizes are not two or more whole numbers from 1, such as [784, 30, 10]")
    shapes = {
        "weights": list(zip(sizes[1:], sizes[:-1], strict=True)),
        "biases": [(n, 1) for n in sizes[1:]],
    }
    weights, biases = (_arrays(path, field, content[field], shapes[field]) for field in ("weights", "biases"))
    return Read(sizes, weights, biases, _cost(path, content["cost"], costs))


def _content(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise FileError(f"{path} is not there, or is not a file")
        if path.stat().st_size > _LIMIT:
            raise FileError(f"{path}: {path.stat().st_size:,} bytes, above the limit of {_LIMIT:,} for such a file")
        content = parse_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no JSON file, or was cut short ({error}); save the network again") from None
    if not isinstance(content, dict):
        raise FileError(f"{path} is JSON, but not a network that network2's save wrote")
    return content


def _arrays(path: Path, field: str, given: Any, shapes: list[tuple[int, int]]) -> list[np.ndarray]:
    if not isinstance(given, list) or len(given) != len(shapes):
        found = f"{len(given)} arrays" if isinstance(given, list) else "no list"
        raise FileError(f"{path}: {field} holds {found}, but sizes call for {len(shapes)}")
    arrays = []
    for i, (numbers, shape) in enumerate(zip(given, shapes, strict=True)):
        try:
            array = np.array(numbers, dtype=float)
        except (ValueError, TypeError, OverflowError):
            raise FileError(f"{path}: {field}[{i}] is not an array of numbers") from None
        if array.shape != shape:
            raise FileError(f"{path}: {field}[{i}] has shape {array.shape}, but sizes call for {shape}")
        if not np.isfinite(array).all():
            raise FileError(
                f"{path}: {field}[{i}] holds NaN or infinity; it was saved from a network that had diverged"
            )
        arrays.append(array)
    return arrays


def _cost(path: Path, name: Any, costs: Mapping[str, Any]) -> Any:
    cost = costs.get(name) if isinstance(name, str) else None
    if not (hasattr(cost, "fn") and hasattr(cost, "delta")):
        known = ", ".join(key for key, value in costs.items() if hasattr(value, "fn") and hasattr(value, "delta"))
        raise FileError(
            f"{path}: cost {name!r} is not known; network2 has {known}. For a cost of your own, "
            "network2.MyCost = MyCost before network2.load"
        )
    return cost
