"""The different labels of a column: their names as written, and their numbers where all are numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deltarule.data.number_text import has_codes, parse_numbers


@dataclass(frozen=True, eq=False)
class LabelValues:
    """The labels of a column: the name of each different one, sorted, and the position of each row's label.

    Attributes:
        names: The names of the different labels, as written, in the order of classes; "" for a missing label.
        positions: The position of each row's label in ``names``, (n,) int64.
        numbers: The number of each name, (k,) float64; None if one of them is not a number.
        has_codes: True if names such as 007 are codes.

    >>> values = factorize(np.array(["10", "9", "10"], object))
    >>> values.names, values.positions.tolist(), values.numbers.tolist()
    (('9', '10'), [1, 0, 1], [9.0, 10.0])
    """

    names: tuple[str, ...]
    positions: np.ndarray
    numbers: np.ndarray | None
    has_codes: bool = False

    @property
    def counts(self) -> np.ndarray:
        """The number of rows of each name, (k,)."""
        return np.bincount(self.positions, minlength=len(self.names))


def factorize(column: np.ndarray) -> LabelValues:
    """Find the different labels of a column of text, numbers, truth values or Python objects.

    Numbers are named as whole numbers where they are whole: "1" for 1 and 1.0. None, NaN, masked values and text of
    nothing but spaces are missing labels, with the name "".

    Names that are all numbers are sorted as numbers, others alphabetically, numbers in them by their size.

    >>> factorize(np.array([2.0, -1.0, np.nan])).names, factorize(np.array(["b10", "b9"])).names
    (('', '-1', '2'), ('b9', 'b10'))
    """
    if isinstance(column, np.ma.MaskedArray):
        column = np.asarray(column.astype(object).tolist(), object)  # None for masked values
    if column.dtype.kind in "OSUT":
        by_object = {value: _name(value) for value in dict.fromkeys(column.tolist())}
        names, numbers = _sort(set(by_object.values()))
        order = {name: i for i, name in enumerate(names)}
        codes = {value: order[name] for value, name in by_object.items()}
        positions = np.fromiter((codes[value] for value in column.tolist()), np.int64, len(column))
    else:
        values, inverse = np.unique(column, return_inverse=True)
        by_value = [_name(value) for value in values]
        names, numbers = _sort(set(by_value))
        order = {name: i for i, name in enumerate(names)}
        positions = np.array([order[name] for name in by_value], np.int64)[inverse.reshape(-1)]
    return LabelValues(names, positions, None if "" in names else numbers, has_codes(names))


def find_names(column: np.ndarray) -> set[str]:
    """Find the names of the different labels of a column of text or Python objects.

    >>> sorted(find_names(np.array(["b", " b", None], object)))
    ['', 'b']
    """
    return {_name(value) for value in dict.fromkeys(column.tolist())}


def sort_names(names: set[str]) -> tuple[str, ...]:
    """Sort names of classes: as numbers if all are, else alphabetically, with the numbers in them by their size.

    >>> sort_names({"10", "9", "-1"}), sort_names({"7", "b", "A"}), sort_names({"class 10", "class 9"})
    (('-1', '9', '10'), ('7', 'A', 'b'), ('class 9', 'class 10'))
    """
    return _sort(names)[0]


def _sort(names: set[str]) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Sort names as :func:`sort_names` does; return also the numbers of those that are not "", if all are numbers."""
    present = sorted(names - {""})
    if (numbers := parse_numbers(present)) is not None:
        order = np.argsort(numbers, kind="stable")
        present, numbers = [present[i] for i in order], numbers[order]
    else:
        present.sort(key=_natural)
    return (*[""] * (len(names) - len(present)), *present), numbers


def _natural(name: str) -> tuple[list[tuple[str, int]], str]:
    """Return a key that sorts digits in a name as numbers: b9 before b10."""
    parts = re.split(r"([0-9]+)", name)
    # a number sorts as the character "0" does among letters
    return [("0", int(part)) if i % 2 else (part, -1) for i, part in enumerate(parts) if part], name


def _name(value: Any) -> str:
    """Name a label; "" for a missing one."""
    if isinstance(value, (str, np.str_)):
        return str(value).strip()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    if value is None or value != value or str(value) in ("NaT", "<NA>"):  # only NaN differs from itself
        return ""
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return str(value)
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 1e15:
        return str(int(value))
    return str(value)


def find_confusable(names: Sequence[str], numbers: np.ndarray | None) -> list[tuple[str, ...]]:
    """Find groups of names that differ only in case or spaces, or are the same number.

    >>> find_confusable(["Oak", "ash", "oak "], None), find_confusable(["1", "1.0"], np.array([1.0, 1.0]))
    ([('Oak', 'oak ')], [('1', '1.0')])
    """
    groups: dict[Any, list[str]] = {}
    for i, name in enumerate(names):
        key = " ".join(name.split()).casefold() if numbers is None else float(numbers[i])
        groups.setdefault(key, []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]
