"""The file format of the second program: JSON with "sizes", "weights", "biases" and "cost"."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.book.columns import SIZES, Arrays
from deltarule.core.constraints import Constraint, one_of, whole
from deltarule.errors import FileError
from deltarule.files import replace_file
from deltarule.models.files import parse_json, reading

"""The most bytes of a file: about a hundred times the book's largest dense network."""


def write(
    filename: str | os.PathLike[str],
    sizes: Sequence[int],
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray],
    cost: Any,
) -> None:
    """Write the file under another name and rename it, so that no incomplete file is left.

    Raise :class:`FileError` if it cannot be written, or a weight or bias is not finite.
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
        problem = "expected finite weights and biases, got NaN or infinity; nothing was written"
        raise FileError(problem, path=path, remedy="train again with a lower eta") from None
    replace_file(path, text.encode())


def read(filename: str | os.PathLike[str], costs: Mapping[str, Any]) -> tuple[list[int], Arrays, Arrays, Any]:
    """Read ``(sizes, weights, biases, cost)`` as :func:`write` wrote them.

    The cost is the class with ``fn`` and ``delta`` of that name in ``costs``.

    Raise :class:`FileError` with the file and the field if the file is missing or damaged.
    """
    path, known = Path(filename), {name: cost for name, cost in costs.items() if {"fn", "delta"} <= set(dir(cost))}
    with reading(path):
        content = _read_content(path)
        sizes, cost = content["sizes"], content["cost"]
        _check("sizes", sizes, SIZES)
        _check("cost", cost, one_of(*known), "for your own cost, set network2.MyCost = MyCost before network2.load")
        pairs = list(pairwise(sizes))
        weights = _to_arrays("weights", content["weights"], [(n, n_in) for n_in, n in pairs])
        biases = _to_arrays("biases", content["biases"], [(n, 1) for _, n in pairs])
        return sizes, weights, biases, known[cost]


def _read_content(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size if path.is_file() else None
        _check(
            "bytes of the file",
            size,
            whole(0, limits.NETWORK2_BYTES),
            limits.describe_remedy("NETWORK2_BYTES", "check that it exists and is a file"),
        )
        content = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"expected a JSON file, got {str(reason)!r}", remedy="save the network again") from None
    missing = [field for field in FIELDS if not isinstance(content, dict) or field not in content]
    if missing:
        problem = f"expected a file of network2's save, with {', '.join(FIELDS)}, got one without {', '.join(missing)}"
        raise FileError(problem, remedy="save the network again")
    return dict(content)


def _to_arrays(field: str, given: Any, shapes: list[tuple[int, int]]) -> Arrays:
    """Convert the lists of numbers into arrays of these shapes."""
    _check(f"number of {field}", len(given) if isinstance(given, list) else None, one_of(len(shapes)))
    return [_to_array(f"{field}[{i}]", *both) for i, both in enumerate(zip(given, shapes, strict=True))]


def _to_array(argument: str, numbers: Any, shape: tuple[int, int]) -> np.ndarray:
    try:
        written = np.array(numbers, dtype=object)
        kinds = {type(number) for number in written.flat} - {int, float}  # neither text nor true and false
        array = written.astype(float) if not kinds else np.empty(0)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise FileError(f"expected numbers in the shape {shape}: {error}", argument=argument) from None
    if kinds:
        found = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise FileError(f"expected numbers in the shape {shape}, got {found}", argument=argument)
    _check(argument, array.shape, Constraint(f"the shape {shape}, as sizes say", lambda given: given == shape))
    _check(argument, array[~np.isfinite(array)].tolist(), FINITE, "train again with a lower eta, and save that network")
    return array


FIELDS = ("sizes", "weights", "biases", "cost")
FINITE = Constraint("finite numbers", lambda not_finite: not not_finite)


def _check(argument: str, value: Any, constraint: Constraint, remedy: str = "") -> None:
    if not constraint.accepts(value):
        raise FileError(argument=argument, expected=constraint.expected, value=value, remedy=remedy)
