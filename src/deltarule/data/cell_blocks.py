"""Blocks of records turned into numbers, codes of words and text: by NumPy where it can, else cell by cell."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from deltarule.data.cells import Vocabulary, name_place, parse_number, refuse_word, swap_marks
from deltarule.data.records import DELIMITERS, Dialect, Record, split_record
from deltarule.data.schema import Column
from deltarule.data.table import Table
from deltarule.errors import DataError

NUMBER, WORD, TEXT, SKIP, EMPTY = "number", "word", "text", "skip", "empty"
"""The uses of a column: numbers, words as codes, text as written, left out, or checked to be empty."""

_LADDER = (np.uint8, np.int64, np.float64)  # NumPy parses whole numbers ten times faster than others


class FoundWords(Exception):
    """A sign that columns of numbers have words in a block."""

    def __init__(self, columns: Sequence[int]) -> None:
        super().__init__(columns)
        self.columns = columns


@dataclass
class BlockParser:
    """A parser of blocks of records; it remembers the words and the kind of numbers seen so far.

    Args:
        names: The names of the columns.
        uses: The use of each column; there may be one more than names, which is empty.
        dialect: The dialect of the table.
        vocabularies: The words so far of the columns whose use is :data:`WORD`.
        fixed: True if a word in a column of numbers is an error, False to raise :class:`FoundWords`.

    >>> parser = BlockParser(("soil", "width"), ("word", "number"), Dialect(), {0: Vocabulary("soil")})
    >>> parser.parse([(2, "clay,1.5"), (3, "sand,NA")]).x
    array([[0. , 1.5],
           [1. , nan]])
    """

    names: tuple[str, ...]
    uses: tuple[str, ...]
    dialect: Dialect
    vocabularies: dict[int, Vocabulary] = field(default_factory=dict)
    fixed: bool = False
    _rung: int = 0

    def parse(self, records: Sequence[Record]) -> Table:
        """Parse a block of records. Raises :class:`DataError`, with the line and the column, for an invalid cell."""
        lines = np.array([number for number, _ in records], np.int64)
        numbers, cells = self._parse_fast([text for _, text in records]) or self._parse_cells(records)
        self._check_finite(numbers, records)
        if self.vocabularies:
            x = np.empty((len(records), self._count(NUMBER, WORD)))
            x[:, [use == NUMBER for use in self.uses if use in (NUMBER, WORD)]] = numbers
            for i, vocabulary in self.vocabularies.items():
                x[:, sum(use in (NUMBER, WORD) for use in self.uses[:i])] = vocabulary.encode(cells[i], lines)
            numbers = x
        text = {self.names[i]: _to_objects(cells[i]) for i, use in enumerate(self.uses) if use == TEXT}
        return Table(self.columns, numbers, text, lines)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of numbers and words, with the words so far."""
        return tuple(
            Column(name, self.vocabularies[i].words if i in self.vocabularies else ())
            for i, (name, use) in enumerate(zip(self.names, self.uses, strict=False))
            if use in (NUMBER, WORD)
        )

    def _count(self, *uses: str) -> int:
        return sum(use in uses for use in self.uses)

    def _parse_fast(self, lines: list[str]) -> tuple[np.ndarray, dict[int, list[str]]] | None:
        """Parse lines by NumPy into numbers, (n, columns), and cells; return None if it cannot read them."""
        swap = self.dialect.decimal == ","
        if swap and self.dialect.delimiter == ",":
            return None
        numbers = [swap_marks(line) for line in lines] if swap else lines
        for rung in range(self._rung, len(_LADDER)):
            try:
                rows = self._load(numbers, _LADDER[rung])
                others = self._load(lines, None) if swap and self._count(WORD, TEXT) else rows
            except (ValueError, DeprecationWarning):
                continue
            self._rung = rung
            cells = {i: _strip(others[f"c{i}"]) for i, use in enumerate(self.uses) if use in (WORD, TEXT)}
            empty = [i for i, use in enumerate(self.uses) if use == EMPTY]
            if any(any(_strip(rows[f"c{i}"])) for i in empty):
                return None
            return self._gather(rows, _LADDER[rung]), cells
        return None

    def _load(self, lines: list[str], numbers: type | None) -> np.ndarray:
        """Load lines as a structured array; numbers are not loaded if their type is None."""
        fields: list[tuple[str, str] | tuple[str, type, tuple[int]]] = []
        for i, use, length in self._runs():
            if use == NUMBER and numbers is not None:
                fields.append((f"c{i}", numbers, (length,)))
            elif use in (WORD, TEXT, EMPTY):
                fields += [(f"c{j}", "O") for j in range(i, i + length)]
            else:
                fields += [(f"c{j}", "U1") for j in range(i, i + length)]
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # NumPy 2.1 reads 1.5 as the whole number 1
            return np.loadtxt(
                lines, np.dtype(fields), comments=None, delimiter=self.dialect.delimiter, quotechar='"', ndmin=1
            )

    def _runs(self) -> Iterator[tuple[int, str, int]]:
        """Yield runs of columns with the same use: the first, the use, the number."""
        start = 0
        for use, run in groupby(self.uses):
            length = len(list(run))
            yield start, use, length
            start += length

    def _gather(self, rows: np.ndarray, kind: type) -> np.ndarray:
        """Gather the numbers of a structured array: uint8 if they are, otherwise float64."""
        dtype = np.uint8 if kind is np.uint8 else np.float64
        x = np.empty((len(rows), self._count(NUMBER)), dtype)
        at = 0
        for i, use, length in self._runs():
            if use == NUMBER:
                x[:, at : at + length] = rows[f"c{i}"]
                at += length
        return x

    def _parse_cells(self, records: Sequence[Record]) -> tuple[np.ndarray, dict[int, list[str]]]:
        """Parse records cell by cell: slower, but with missing values, and errors that name the cell."""
        rows = [split_record(record, self.dialect.delimiter) for record in records]
        for (line, _), row in zip(records, rows, strict=True):
            check_width(line, row, len(self.uses), self.dialect)
        columns = [i for i, use in enumerate(self.uses) if use == NUMBER]
        x, found = np.empty((len(rows), len(columns))), []
        for at, i in enumerate(columns):
            values = [parse_number(row[i], self.dialect.decimal) for row in rows]
            if None in values:
                first = values.index(None)
                if self.fixed:
                    raise refuse_word(records[first][0], self.names[i], rows[first][i], self.dialect.decimal)
                found.append(i)
            else:
                x[:, at] = values
        if found:
            raise FoundWords(found)
        for i in (i for i, use in enumerate(self.uses) if use == EMPTY):
            for (line, _), row in zip(records, rows, strict=True):
                if row[i]:
                    raise DataError(
                        expected="no value after the last delimiter, as in the first rows",
                        value=row[i],
                        position=f"line {line}",
                        remedy="check the delimiters of the line",
                    )
        return x, {i: [row[i] for row in rows] for i, use in enumerate(self.uses) if use in (WORD, TEXT)}

    def _check_finite(self, x: np.ndarray, records: Sequence[Record]) -> None:
        """Raise DataError if a number is infinite, or too large for float64."""
        if x.dtype == np.uint8 or not np.isinf(x).any():
            return
        row, at = np.argwhere(np.isinf(x))[0].tolist()
        i = [i for i, use in enumerate(self.uses) if use == NUMBER][at]
        raise DataError(
            expected="a finite number up to 1.8e308",
            value=split_record(records[row], self.dialect.delimiter)[i],
            position=name_place(records[row][0], self.names[i]),
            remedy="correct the value, or leave the cell empty if it is missing",
        )


def check_width(line: int, row: Sequence[str], width: int, dialect: Dialect) -> None:
    """Raise DataError if a row has another number of cells.

    >>> check_width(12, ["oak"], 2, Dialect())
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: line 12: expected 2 columns, got 1; check the commas of the line
    """
    if len(row) != width:
        raise DataError(
            f"expected {width:,} column{'s' * (width > 1)}, got {len(row):,}",
            position=f"line {line}",
            remedy=f"check the {DELIMITERS[dialect.delimiter]} of the line",
        )


def _strip(cells: np.ndarray) -> list[str]:
    return [cell.strip() for cell in cells.tolist()]


def _to_objects(cells: Sequence[str]) -> np.ndarray:
    """Return cells as an array of objects; equal cells are one object."""
    same = {cell: cell for cell in cells}
    out = np.empty(len(cells), object)
    out[:] = [same[cell] for cell in cells]
    return out
