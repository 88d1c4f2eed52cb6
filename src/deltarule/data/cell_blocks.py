"""Blocks of records turned into numbers, codes of words and text: by NumPy where it can, else cell by cell."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from deltarule.data.cells import (
    MISSING,
    MOST_EXACT,
    Vocabulary,
    is_inexact,
    name_place,
    parse_number,
    refuse_inexact,
    refuse_word,
    swap_marks,
)
from deltarule.data.records import DELIMITERS, Dialect, Records
from deltarule.data.schema import Column
from deltarule.data.table import Table
from deltarule.errors import DataError

NUMBER, WORD, TEXT, SKIP, EMPTY = "number", "word", "text", "skip", "empty"
"""The uses of a column: numbers, words as codes, text as written, left out, or checked to be empty."""

_FEW = 64
_HOLES = MISSING.union(map(str.upper, MISSING), map(str.capitalize, MISSING), ["NaN"])
_LADDER = (np.uint8, np.int64, np.float64)  # NumPy parses whole numbers ten times faster than others


class FoundWords(Exception):
    """A sign that columns of numbers have words in a block."""

    def __init__(self, columns: Sequence[int]) -> None:
        super().__init__(columns)
        self.columns = columns


class BlockParser:
    """A parser of blocks of records; it remembers the words and the kind of numbers seen so far.

    Args:
        names: The names of the columns.
        uses: The use of each column; there may be one more than names, which is empty.
        dialect: The dialect of the table.
        vocabularies: The words so far of the columns whose use is :data:`WORD`, by position.
        fixed: True if a word in a column of numbers is an error, False to raise :class:`FoundWords`.

    >>> parser = BlockParser(("soil", "width"), ("word", "number"), Dialect(), {0: Vocabulary("soil")})
    >>> parser.parse(Records([2, 3], ["clay,1.5", "sand,NA"])).x
    array([[0. , 1.5],
           [1. , nan]])
    """

    def __init__(
        self,
        names: Sequence[str],
        uses: Sequence[str],
        dialect: Dialect,
        vocabularies: Mapping[int, Vocabulary],
        fixed: bool = False,
    ) -> None:
        self.names, self.dialect, self.vocabularies, self.fixed = names, dialect, vocabularies, fixed
        self._width = len(uses)
        self._runs = [(run[0], len(run), use) for use, run in _group_runs(uses)]
        self._numbers, self._words, self._text, self._empty = (
            [i for i, use in enumerate(uses) if use == each] for each in (NUMBER, WORD, TEXT, EMPTY)
        )
        self._inputs = sorted(self._numbers + self._words)
        self._plain = tuple(Column(names[i]) for i in self._inputs)
        self._dtypes = [self._make_dtype(numbers) for numbers in _LADDER]
        self._dtype_of_text = self._make_dtype(None)
        self._rung = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of numbers and words, with the words so far."""
        if not self.vocabularies:
            return self._plain
        words = {vocabulary.name: vocabulary.words for vocabulary in self.vocabularies.values()}
        return tuple(Column(column.name, words.get(column.name, ())) for column in self._plain)

    def parse(self, records: Records) -> Table:
        """Parse a block of records. Raises :class:`DataError`, with the line and the column, for an invalid cell."""
        lines = np.array(records.lines, np.int64)
        x, cells = self._parse_values(records)
        self._check_range(x, records)
        if self._words:
            numbers, x = x, np.empty((len(records), len(self._inputs)))
            x[:, np.searchsorted(self._inputs, self._numbers)] = numbers
            for at, i in zip(np.searchsorted(self._inputs, self._words), self._words, strict=True):
                x[:, at] = self.vocabularies[i].encode(cells[i], records.lines)
        return Table(self.columns, x, {self.names[i]: _to_objects(cells[i]) for i in self._text}, lines)

    def _parse_values(self, records: Records) -> tuple[np.ndarray, dict[int, list[str]]]:
        """Parse records into numbers, (n, columns), and other cells; only a few are parsed cell by cell."""
        values = self._parse_fast(records.texts) or self._parse_fast(self._fill_holes(records.texts))
        if values is None and len(records) <= _FEW:
            return self._parse_cells(records)
        if values is None:
            half = len(records) // 2
            parts = [self._parse_values(records[:half]), self._parse_values(records[half:])]
            x = np.concatenate([x for x, _ in parts])
            return x, {i: parts[0][1][i] + parts[1][1][i] for i in parts[0][1]}
        return values

    def _fill_holes(self, lines: list[str]) -> list[str]:
        """Write missing numbers in lines without quotation marks as NumPy reads them."""
        delimiter, filled = self.dialect.delimiter, []
        for line in lines:
            cells = line.split(delimiter)
            if _HOLES.isdisjoint(cells) or len(cells) != self._width or '"' in line:
                filled.append(line)
                continue
            for i in self._numbers:
                if cells[i] in _HOLES:
                    cells[i] = "nan"
            filled.append(delimiter.join(cells))
        return filled

    def _parse_fast(self, lines: list[str]) -> tuple[np.ndarray, dict[int, list[str]]] | None:
        """Parse lines by NumPy into numbers, (n, columns), and other cells; return None if it cannot read them."""
        swap = self.dialect.decimal == ","
        if swap and self.dialect.delimiter == ",":
            return None
        numbers = [swap_marks(line) for line in lines] if swap else lines
        for rung in range(self._rung, len(_LADDER)):
            try:
                rows = self._load(numbers, self._dtypes[rung])
                others = self._load(lines, self._dtype_of_text) if swap and self._words + self._text else rows
            except (ValueError, DeprecationWarning):
                continue
            self._rung = rung
            if any(any(_strip(rows[f"c{i}"])) for i in self._empty):
                return None
            cells = {i: _strip(others[f"c{i}"]) for i in self._words + self._text}
            return self._gather(rows, np.uint8 if rung == 0 else np.float64), cells
        return None

    def _make_dtype(self, numbers: type | None) -> np.dtype:
        """Make the type of a structured array for rows; numbers are not loaded if their type is None."""
        fields: list[tuple[str, str] | tuple[str, type, tuple[int]]] = []
        for first, length, use in self._runs:
            if use == NUMBER and numbers is not None:
                fields.append((f"c{first}", numbers, (length,)))
            else:
                kind = "O" if use in (WORD, TEXT, EMPTY) else "U1"  # U1 keeps one character of a cell
                fields += [(f"c{i}", kind) for i in range(first, first + length)]
        return np.dtype(fields)

    def _load(self, lines: list[str], dtype: np.dtype) -> np.ndarray:
        """Load lines as a structured array."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # NumPy 2.1 reads 1.5 as the whole number 1
            return np.loadtxt(lines, dtype, comments=None, delimiter=self.dialect.delimiter, quotechar='"', ndmin=1)

    def _gather(self, rows: np.ndarray, dtype: type) -> np.ndarray:
        """Gather the numbers of a structured array, (n, columns); a view if they stand together in it."""
        found = [f"c{first}" for first, _, use in self._runs if use == NUMBER]
        if len(found) == 1 and rows.dtype[found[0]].base == dtype:
            return rows[found[0]]
        x: np.ndarray = np.empty((len(rows), len(self._numbers)), dtype)
        at = 0
        for first, length, use in self._runs:
            if use == NUMBER:
                x[:, at : at + length] = rows[f"c{first}"]
                at += length
        return x

    def _parse_cells(self, records: Records) -> tuple[np.ndarray, dict[int, list[str]]]:
        """Parse records cell by cell: slower, but with missing values, and errors that name the cell."""
        rows = records.split(self.dialect.delimiter)
        for line, row in zip(records.lines, rows, strict=True):
            check_width(line, row, self._width, self.dialect)
            if any(row[i] for i in self._empty):
                raise DataError(
                    expected="no value after the last delimiter, as in the first rows",
                    value=row[-1],
                    position=f"line {line}",
                    remedy="check the delimiters of the line",
                )
        x: np.ndarray = np.empty((len(rows), len(self._numbers)))
        found = []
        for at, i in enumerate(self._numbers):
            column = [row[i] for row in rows]
            known = {cell: parse_number(cell, self.dialect.decimal) for cell in set(column)}
            if None not in known.values():
                x[:, at] = [known[cell] for cell in column]
            elif self.fixed:
                first = next(j for j, cell in enumerate(column) if known[cell] is None)
                word, dialect = rows[first][i], self.dialect
                raise refuse_word(records.lines[first], self.names[i], word, dialect.decimal, dialect.delimiter)
            else:
                found.append(i)
        if found:
            raise FoundWords(found)
        return x, {i: [row[i] for row in rows] for i in self._words + self._text}

    def _check_range(self, x: np.ndarray, records: Records) -> None:
        """Raise DataError if a number is infinite, too large for float64, or a whole number that is not exact."""
        if x.dtype == np.uint8 or not (large := (x >= MOST_EXACT) | (x <= -MOST_EXACT)).any():
            return
        rows = records.split(self.dialect.delimiter)
        for row, at in np.argwhere(large).tolist():
            i = self._numbers[at]
            cell, place = rows[row][i], name_place(records.lines[row], self.names[i])
            if is_inexact(cell):
                raise refuse_inexact(place, cell)
            if np.isinf(x[row, at]):
                raise DataError(
                    expected="a finite number up to 1.8e308",
                    value=cell,
                    position=place,
                    remedy="correct the value, leave the cell empty if it is missing, or remove the line",
                )


def check_width(line: int, row: Sequence[str], width: int, dialect: Dialect) -> None:
    """Raise DataError if a row has another number of cells.

    >>> check_width(12, ["oak"], 2, Dialect())
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: line 12: expected 2 columns, got 1; check the commas of the line
    """
    if len(row) != width:
        remedy = f"check the {DELIMITERS[dialect.delimiter]} of the line"
        if row[0].startswith(("#", "%", "//")) and not dialect.comment:
            remedy = f'if this is a comment, state the character that starts it: comment="{row[0][0]}"'
        raise DataError(
            f"expected {width:,} column{'s' * (width > 1)}, got {len(row):,}",
            position=f"line {line}",
            remedy=remedy,
        )


def _group_runs(uses: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the runs of columns with the same use, and their positions."""
    for use, run in groupby(range(len(uses)), key=lambda i: uses[i]):
        yield use, list(run)


def _strip(cells: np.ndarray) -> list[str]:
    return [cell.strip() for cell in cells.tolist()]


def _to_objects(cells: Sequence[str]) -> np.ndarray:
    """Return cells as an array of objects; equal cells are one object."""
    same = {cell: cell for cell in cells}
    out = np.empty(len(cells), object)
    out[:] = [same[cell] for cell in cells]
    return out
