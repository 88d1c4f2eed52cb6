"""Labels of a test set, or of any further rows, matched by name to the classes of earlier labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deltarule.data.encodings import Encoding, MultiLabel, OneHot
from deltarule.data.number_text import has_codes, is_number
from deltarule.data.phrases import count, elide
from deltarule.data.target_columns import NO, YES, TargetColumn, split_columns
from deltarule.errors import DataError


def match_labels(
    values: Any,
    classes: Sequence[str],
    encoding: Encoding,
    name: str | Sequence[str] = "y",
    argument: str = "y",
    rows: Sequence[int] | np.ndarray | None = None,
) -> np.ndarray:
    """Return the y of further labels by the classes and the encoding of earlier ones.

    A number that is no class by its text is the one class of this value, such as "0" for "0.0"; codes such as "007" are
    not matched by value.

    Args:
        values: The labels, (n,) or (n, k), as for :func:`~deltarule.data.targets.interpret_labels`.
        classes: The names of the classes that are known.
        encoding: ``OneHot`` for classes, ``MultiLabel`` for several labels; with others the labels are numbers.
        name: The name of the target column; for several, their names.
        argument: The name of the argument, for errors.
        rows: The line of each row in its file, for errors.

    Raises:
        DataError: For missing labels, unknown classes, text where numbers are expected, and another number of columns.

    >>> match_labels(["oak", "oak"], ("ash", "oak"), OneHot(2)).tolist()
    [1, 1]
    """
    columns = split_columns(values, name, argument, rows)
    k = 1 if isinstance(encoding, OneHot) else encoding.n_out
    if len(columns) != k:
        raise DataError(argument=argument, expected=count(k, "target column"), value=len(columns))
    if isinstance(encoding, OneHot):
        expected = f"one of the classes of the training set, {elide(classes, 8)}"
        return _find_codes(columns[0], match_names(columns[0].values.names, classes), expected)
    if isinstance(encoding, MultiLabel):
        parts = []
        for column in columns:
            names = [name.lower() for name in column.values.names]
            parts.append(_find_codes(column, [1 if n in YES else 0 if n in NO else -1 for n in names], "0 or 1"))
        return np.stack(parts, axis=1).astype(np.uint8)
    return np.stack([column.numbers for column in columns], axis=1) if k > 1 else columns[0].numbers


def match_names(names: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Return the position of the class of each name, by text or else by value; −1 for none, or several of a value.

    >>> match_names(["0", "1.0", "2"], ["0.0", "1.0"]), match_names(["7"], ["007"])
    ([0, 1, -1], [-1])
    """
    known = {name: i for i, name in enumerate(classes)}
    by_value: dict[float, list[int]] = {}
    for name, i in known.items():
        if is_number(name) and not has_codes([name]):
            by_value.setdefault(float(name), []).append(i)
    codes = []
    for name in names:
        same = by_value.get(float(name), []) if is_number(name) and not has_codes([name]) else []
        codes.append(known.get(name, same[0] if len(same) == 1 else -1))
    return codes


def _find_codes(column: TargetColumn, codes: Sequence[int], expected: str) -> np.ndarray:
    """Return the code of each row's label, (n,) int64. Raises :class:`DataError` for the code −1."""
    found = np.take(np.array(codes, np.int64), column.values.positions)
    if (wrong := found < 0).any():
        raise DataError(
            argument=column.argument,
            position=f"{column.find_place(wrong)}, {column.name}",
            expected=expected,
            value=column.values.names[column.values.positions[int(np.argmax(wrong))]],
            remedy="correct the label, or leave these rows out",
        )
    return found
