"""The columns of targets, with their names and the places of their rows for errors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from deltarule.data.label_values import LabelValues, factorize
from deltarule.data.number_text import is_number
from deltarule.data.phrases import count
from deltarule.errors import DataError

YES = frozenset({"1", "true", "yes", "t", "y"})
"""The texts, in lower case, that mean 1 in one of several labels."""

NO = frozenset({"0", "false", "no", "f", "n"})
"""The texts, in lower case, that mean 0 in one of several labels."""


class TargetColumn:
    """A column of labels, none of them missing.

    Args:
        labels: The labels, (n,).
        name: The name of the column.
        argument: The name of the argument, for errors.
        rows: The line of each row in its file; None if rows are counted from 1.

    Raises:
        DataError: For missing labels.

    >>> TargetColumn(np.array(["yes", "no"]), "ill", "label", [2, 3]).values.names
    ('no', 'yes')
    """

    def __init__(self, labels: np.ndarray, name: str, argument: str, rows: Sequence[int] | np.ndarray | None) -> None:
        self.values: LabelValues = factorize(labels)
        self.name, self.argument, self.rows = name, argument, rows
        if "" in self.values.names:
            missing = self.values.positions == self.values.names.index("")
            raise DataError(
                f"expected a label in every row, got {count(int(missing.sum()), 'missing label')} in {name}",
                argument=argument,
                position=self.find_place(missing),
                remedy="fill them in, or leave those rows out",
            )

    def __len__(self) -> int:
        return len(self.values.positions)

    def find_place(self, mask: np.ndarray) -> str:
        """Return the first rows of a mask, at most five, as an error names them."""
        positions = np.flatnonzero(mask)
        shown = [str(i + 1 if self.rows is None else self.rows[i]) for i in positions[:5]]
        word = "row" if self.rows is None else "line"
        return f"{word}{'s' * (len(positions) > 1)} {', '.join(shown)}{', …' * (len(positions) > len(shown))}"

    @cached_property
    def numbers(self) -> np.ndarray:
        """The labels as numbers, (n,) float64. Raises :class:`DataError` for text."""
        values = self.values
        if values.numbers is None:
            points = [i for i, name in enumerate(values.names) if not is_number(name)]
            commas = [i for i in points if not is_number(values.names[i].replace(",", "."))]
            wrong = np.isin(values.positions, commas or points)
            raise DataError(
                argument=self.argument,
                position=f"{self.find_place(wrong)}, {self.name}",
                expected="a number, as in other rows",
                value=values.names[values.positions[int(np.argmax(wrong))]],
                remedy='correct it, leave the row out, or take all as classes: target="classes"',
            )
        return np.asarray(values.numbers[values.positions])


def split_columns(
    values: Any, name: str | Sequence[str], argument: str, rows: Sequence[int] | np.ndarray | None = None
) -> list[TargetColumn]:
    """Split labels of shape (n,) or (n, k) into columns, and find the different labels of each.

    Raises :class:`DataError` for other shapes, no labels, missing labels, and values that are neither text nor numbers
    nor truth values.

    >>> [column.name for column in split_columns(np.eye(2), "label", "y")]
    ['label 1', 'label 2']
    """
    array = values if isinstance(values, np.ndarray) else _to_array(values)
    if array.ndim not in (1, 2) or array.dtype.kind not in "biufOSUT" or not array.size:
        expected = "labels of text, numbers or truth values, (n,) or (n, k)"
        got = f"an array of {array.dtype}, shape {array.shape}"
        raise DataError(f"expected {expected}, got {got}", argument=argument)
    array = array[:, None] if array.ndim == 1 else array
    k = array.shape[1]
    names = [name] if isinstance(name, str) else list(name)
    names = names if len(names) == k else [f"{names[0]} {i + 1}" for i in range(k)]
    return [TargetColumn(array[:, i], names[i], argument, rows) for i in range(k)]


def _to_array(values: Any) -> np.ndarray:
    """Convert a list without making text of the numbers in it; rows of different lengths have three axes."""
    values = values if hasattr(values, "__array__") else list(values)
    try:
        array = np.asarray(values)
    except ValueError:
        return np.empty((0, 0, 0))
    return array if array.dtype.kind not in "US" else np.array(values, object)
