"""Standardization: each column of a table by its own mean and standard deviation, words as one input per word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from deltarule.core.constraints import Constraints, Validated, instance, list_of, number, one_of, optional
from deltarule.data.moments import compute_moments
from deltarule.data.schema import UNKNOWN, Column, Schema
from deltarule.errors import DataError

_TEXT = instance(str, "text")


@dataclass(frozen=True)
class NumberColumn(Validated):
    """A column of numbers, as (x − mean) / deviation.

    Args:
        name: The name of the column.
        mean: Its mean in the training set.
        deviation: Its standard deviation in the training set; 1 for a column that never changes.
        fill: The median, which replaces a missing value; None if missing values are refused.

    >>> NumberColumn("width", 2.0, 0.5)
    NumberColumn(name='width', mean=2.0, deviation=0.5, fill=None)
    """

    name: str
    mean: float = 0.0
    deviation: float = 1.0
    fill: float | None = None
    constraints: ClassVar[Constraints] = {
        "name": _TEXT,
        "mean": number(),
        "deviation": number(above=0),
        "fill": optional(number()),
    }

    @property
    def inputs(self) -> int:
        """The number of inputs of the network, 1."""
        return 1


@dataclass(frozen=True)
class WordColumn(Validated):
    """A column of words, one-hot: an input for each word of the training set, 1 for the word of the example.

    Args:
        name: The name of the column.
        words: The words of the training set, sorted.
        fill: The most frequent word, which replaces a missing value; None if missing values are refused.

    >>> WordColumn("soil", ("clay", "sand")).inputs
    2
    """

    name: str
    words: tuple[str, ...]
    fill: str | None = None
    constraints: ClassVar[Constraints] = {
        "name": _TEXT,
        "words": list_of(_TEXT, "a tuple of words"),
        "fill": optional(_TEXT),
    }

    @property
    def inputs(self) -> int:
        """The number of inputs of the network, one per word."""
        return len(self.words)


_BLOCK = 32
"""The number of columns that are fitted at a time."""

FittedColumn: TypeAlias = NumberColumn | WordColumn
"""A column with what was fitted on it."""


@dataclass(frozen=True)
class Standardization(Validated):
    """The standardization of the columns of a table.

    Args:
        columns: The columns, in the order of the table.
        unknown: The way to treat a word that the training set lacks: "refuse" it, or set its inputs to "zeros".

    >>> schema = Schema((Column("width"), Column("soil", ("clay", "sand"))))
    >>> table = np.array([[1.0, 0.0], [3.0, 1.0]])
    >>> fitted = Standardization.fit(table, schema)
    >>> fitted.transform(table, schema.columns).tolist()
    [[-1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """

    columns: tuple[FittedColumn, ...]
    unknown: str = "refuse"
    constraints: ClassVar[Constraints] = {
        "columns": list_of(instance((NumberColumn, WordColumn), "a column"), "NumberColumns and WordColumns"),
        "unknown": one_of(*UNKNOWN),
    }

    @property
    def width(self) -> int:
        """The number of inputs of the network."""
        return sum(column.inputs for column in self.columns)

    @classmethod
    def fit(cls, x: np.ndarray, schema: Schema) -> Standardization:
        """Fit to the table x, (n, columns), in which NaN is a missing value.

        Missing values are left out of means and deviations. Where the schema fills them, columns that have some get
        the median, or the most frequent word.
        """
        fills = schema.missing == "median"
        columns: list[FittedColumn] = []
        for start in range(0, len(schema.columns), _BLOCK):
            block = np.ascontiguousarray(x[:, start : start + _BLOCK].T)  # a column of a wide table is slow to read
            columns += map(_fit_column, block, schema.columns[start : start + _BLOCK], [fills] * len(block))
        return cls(tuple(columns), schema.unknown)

    def transform(self, x: np.ndarray, given: Sequence[Column]) -> np.ndarray:
        """Transform the table x, (n, columns), to inputs (n, :attr:`width`), float64.

        ``given`` describes the columns of x, which are in this order; their words may be others, or in another order.
        Raises :class:`DataError` for a missing value in a column without fill, and for an unknown word.
        """
        starts = np.cumsum([0, *(column.inputs for column in self.columns)])
        numbers = [i for i, column in enumerate(self.columns) if isinstance(column, NumberColumn)]
        standardized = _transform_numbers(x if len(numbers) == x.shape[1] else x[:, numbers], self._numbers)
        if len(numbers) == self.width:
            return standardized
        inputs = np.zeros((len(x), self.width))
        inputs[:, starts[numbers]] = standardized
        for i, (fitted, column) in enumerate(zip(self.columns, given, strict=True)):
            if isinstance(fitted, WordColumn):
                positions = _match_words(x[:, i], fitted, column, self.unknown)
                rows = np.flatnonzero(positions >= 0)
                inputs[rows, starts[i] + positions[rows]] = 1.0
        return inputs

    @property
    def _numbers(self) -> list[NumberColumn]:
        return [column for column in self.columns if isinstance(column, NumberColumn)]


def _fit_column(values: np.ndarray, column: Column, fills: bool) -> FittedColumn:
    found = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    has_holes = len(found) < len(values)
    if column.words:
        _check_codes(found, column)
        codes, counts = np.unique(found.astype(np.int64), return_counts=True)
        words = tuple(sorted(column.words[code] for code in codes))
        commonest = column.words[codes[np.argmax(counts)]] if len(codes) else None
        return WordColumn(column.name, words, commonest if fills and has_holes else None)
    if not len(found):
        problem, remedy = "expected numbers, got only missing values", f'leave the column out: ignore="{column.name}"'
        raise DataError(problem, position=f"column {column.name!r}", remedy=remedy)
    mean, deviation = compute_moments(found)
    fill = float(np.median(found)) if fills and has_holes else None
    return NumberColumn(column.name, mean, deviation or 1.0, fill)


def _transform_numbers(values: np.ndarray, fitted: Sequence[NumberColumn]) -> np.ndarray:
    """Standardize columns of numbers, (n, columns); fill missing values."""
    numbers = np.array(values, np.float64, order="C")
    if values.dtype.kind == "f" and np.isnan(numbers).any():
        holes = np.isnan(numbers)
        for i in np.flatnonzero(holes.any(axis=0)).tolist():
            if fitted[i].fill is None:
                raise _build_hole_error(fitted[i].name, holes[:, i])
            numbers[holes[:, i], i] = fitted[i].fill
    numbers -= np.array([column.mean for column in fitted])
    numbers /= np.array([column.deviation for column in fitted])
    return numbers


def _match_words(values: np.ndarray, fitted: WordColumn, column: Column, unknown: str) -> np.ndarray:
    """Return the position of each value among the fitted words, −1 for an unknown word."""
    holes = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    if holes.any() and fitted.fill is None:
        raise _build_hole_error(fitted.name, holes)
    _check_codes(values[~holes], column)
    known = {word: i for i, word in enumerate(fitted.words)}
    places = np.array([known.get(word, -1) for word in column.words] + [known.get(fitted.fill or "", -1)], np.int64)
    positions = places[np.where(holes, len(column.words), values).astype(np.int64)]
    wrong = (positions < 0) & ~holes
    if wrong.any() and unknown == "refuse":
        at = int(np.argmax(wrong))
        raise DataError(
            f"expected one of the words {_elide(fitted.words)} of the training set, "
            f"got {column.words[int(values[at])]!r}",
            position=f"example {at}, column {fitted.name!r}",
            value=column.words[int(values[at])],
            remedy='correct the word, or train with unknown="zeros"',
        )
    return positions


def _check_codes(values: np.ndarray, column: Column) -> None:
    """Raise :class:`DataError` unless all values are positions in the words of their column."""
    wrong = ~((values >= 0) & (values < len(column.words)) & (values == np.floor(values)))
    if wrong.any():
        words = ", ".join(f"{i} for {word!r}" for i, word in enumerate(column.words[:4]))
        raise DataError(
            position=f"column {column.name!r}",
            expected=f"positions of words, {words}{', …' if len(column.words) > 4 else ''}",
            value=values[np.argmax(wrong)].item(),
            remedy="give a data frame, whose words are matched by their text",
        )


def _build_hole_error(name: str, holes: np.ndarray) -> DataError:
    n = int(holes.sum())
    more = f" ({n:,} values are missing in this column)" if n > 1 else ""
    return DataError(
        f"expected a number or a word, as the training set has in all rows, got a missing value{more}",
        position=f"example {int(np.argmax(holes))}, column {name!r}",
        remedy='fill it in, leave the example out, or train with missing="median" on data that have missing values',
    )


def _elide(words: Sequence[str], most: int = 8) -> str:
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")
