"""Headings: the decision about the first row of a table, and the names of its columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from math import isclose, isfinite
from typing import TypeAlias

from deltarule.data.cells import parse_number
from deltarule.errors import DataError

_Values: TypeAlias = Mapping[str, float | None]  # the numbers of cells, as parse_number gives them


def is_heading(first: Sequence[str], rows: Sequence[Sequence[str]], decimal: str = ".") -> bool:
    """Decide by the values if the first row of a table is a heading above the other rows.

    It is one if there is a name above numbers, unless other cells are numbers that are hardly names. Names of columns
    may be numbers, such as 0, 1, 2 or 2019, 2020: they rise, and a name that is no value of its column stands beside
    them. If all columns have words, the first row is a heading if its words are not repeated below.

    >>> is_heading(["species", "0", "1"], [["oak", "0.3", "0.2"], ["oak", "0.1", "0.5"], ["elm", "0.7", "0.9"]])
    True
    >>> is_heading(["7", "0.64", "-1.09"], [["7", "0.75", "0.99"], ["A", "0.12", "1.5"]])
    False
    """
    values = {cell: parse_number(cell, decimal) for cell in {*first}.union(*rows)}
    names = [_is_name(cell, values) for cell in first]
    if not rows:
        return bool(names) and all(names)
    others = [row for row in rows if list(row) != list(first)] if all(names) else rows  # a repeated heading
    columns: list[set[str]] = [set(column) for column in zip(*others, strict=True)] or [set() for _ in first]
    numeric = [_is_numeric(column, values) for column in columns]
    numbers = _get_numbers(first, values)
    above = sum(name and number for name, number in zip(names, numeric, strict=True))
    words = [i for i, name in enumerate(names) if name and not numeric[i]]
    repeated = any(first[i] in columns[i] for i in words)
    if above and not repeated:
        return above >= len(numbers) or _are_names(numbers)
    if repeated or (len(set(first)) < len(first) and not numbers):
        return False
    if not numbers:
        return bool(words)
    if not words:
        alone = not any(_are_positions(row, values) for row in rows)
        return alone and _are_positions(first, values) and _have_fractions(columns, values)
    recurring = any(len(columns[i]) < len(others) for i in words)
    return _are_steps(numbers) or (recurring and _are_names(numbers))


def name_columns(heading: Sequence[str] | None, width: int, line: int = 1) -> tuple[str, ...]:
    """Name the columns by a heading, or by their positions where it is None or a cell is empty.

    Raises:
        DataError: If two columns have the same name.

    >>> name_columns(["", "height"], 2), name_columns(None, 2)
    (('column 1', 'height'), ('column 1', 'column 2'))
    """
    cells = list(heading or [""] * width)
    if heading:
        cells[0] = cells[0].removeprefix("#").strip() or cells[0]  # as numpy.savetxt writes it
    names = [normalize_name(cell) or f"column {i}" for i, cell in enumerate(cells, 1)]
    places: dict[str, int] = {}
    for i, name in enumerate(names, 1):
        if name in places:
            raise DataError(
                f'expected different names of columns, got "{name}" for columns {places[name]} and {i}',
                position=f"line {line}",
                remedy="rename one of them in the heading",
            )
        places[name] = i
    return tuple(names)


def normalize_name(name: str) -> str:
    """Write a name of a column as all readers do: with single spaces, and none around it.

    >>> normalize_name(" body   mass")
    'body mass'
    """
    return " ".join(name.split())


def _is_name(cell: str, values: _Values) -> bool:
    """Return True for a word that begins as a name does, so that a number with a slip of the pen is none."""
    return values[cell] is None and not (cell[0].isdigit() or cell[0] in "+-.,")


def _get_numbers(cells: Iterable[str], values: _Values) -> list[float]:
    """Return the numbers among cells."""
    return [value for cell in cells if (value := values[cell]) is not None and value == value]


def _is_numeric(column: Collection[str], values: _Values) -> bool:
    """Return True for a column of numbers, of which some may be missing."""
    return all(values[cell] is not None for cell in column) and bool(_get_numbers(column, values))


def _are_names(numbers: Sequence[float]) -> bool:
    """Return True for numbers that may be names: 0 alone, in steps of 1, or at least three that rise."""
    if len(numbers) < 3:
        return list(numbers) == [0.0] or _are_steps(numbers)
    whole = all(value >= 0 and value % 1 == 0 for value in numbers)
    return (whole and all(a < b for a, b in pairwise(numbers))) or _are_steps(numbers, 0.0)


def _are_steps(numbers: Sequence[float], step: float = 1.0) -> bool:
    """Return True for at least two numbers in steps of ``step``; for 0.0 any equal steps."""
    steps = [b - a for a, b in pairwise(numbers)]
    step = step or next(iter(steps), 0.0)
    return bool(steps) and step != 0 and isfinite(step) and all(isclose(each, step, rel_tol=1e-6) for each in steps)


def _are_positions(row: Sequence[str], values: _Values) -> bool:
    """Return True for whole numbers in steps of 1, at least three; the first cell may be empty, above row names."""
    numbers = _get_numbers(row, values)
    full = len(numbers) == len(row) or (len(numbers) == len(row) - 1 and row[0] == "")
    return full and len(numbers) > 2 and all(number % 1 == 0 for number in numbers) and _are_steps(numbers)


def _have_fractions(columns: Sequence[Collection[str]], values: _Values) -> bool:
    """Return True if at least half of the columns have a number that is not whole, or the first row is long."""
    fractions = (any(number % 1 > 0 for number in _get_numbers(column, values)) for column in columns)
    return len(columns) > 4 or 2 * sum(fractions) >= len(columns)
