"""Tables in delimited text: CSV and its relatives, plain or compressed by gzip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from deltarule import limits
from deltarule.data import cell_blocks as uses
from deltarule.data.cell_blocks import BlockParser, FoundWords, check_width
from deltarule.data.cells import Vocabulary, parse_number
from deltarule.data.dialect import find_dialect
from deltarule.data.error_context import reading
from deltarule.data.headings import is_heading, name_columns
from deltarule.data.options import DataOptions
from deltarule.data.records import BlankLines, Dialect, Records, read_records
from deltarule.data.table import Table
from deltarule.data.text_lines import read_groups
from deltarule.errors import DataError

_Result = TypeVar("_Result")
_SAMPLE_ROWS = 1000
_SAMPLE_SIZE = 2**18
_GUESS_ROWS = 100
_BLOCK_SIZE = 2**21


def open_delimited(path: Path, options: DataOptions) -> DelimitedReader:
    r"""Open a table in delimited text: find its dialect and its heading, and read a sample of its rows.

    Raises:
        DataError: If the file is no table, with its path and the line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "trees.csv")
    ...     _ = path.write_text("species;height\noak;1,5\nelm;2,25\n")
    ...     reader = open_delimited(path, DataOptions())
    ...     table = reader.read(text=["species"])
    >>> reader.notes[:2], table.x.tolist(), table.text["species"].tolist(), table.lines.tolist()
    (('columns are separated by semicolons', 'the decimal mark is a comma'), [[1.5], [2.25]], ['oak', 'elm'], [2, 3])
    """
    with reading(path):
        with closing(read_groups(path)) as groups:
            dialect = find_dialect(groups, options)
        with closing(read_groups(path)) as groups:
            sample = _take_sample(read_records(groups, dialect, BlankLines()))
        return DelimitedReader(path, dialect, sample, options.heading)


class DelimitedReader:
    """An open table in delimited text: a :class:`~deltarule.data.table.TableReader`.

    Columns with a cell that is no number are columns of words, unless they are asked for as text. In a column of
    numbers, the cells in :data:`~deltarule.data.cells.MISSING` are missing values; in other columns, only empty cells
    are. A word in a column with many numbers is an error, as it is hardly meant.
    """

    def __init__(self, path: Path, dialect: Dialect, sample: Records, heading: bool | None = None) -> None:
        self._path, self._dialect = path, dialect
        if not sample:
            raise DataError("expected a table, got a file without rows", remedy="check that it was saved completely")
        lines, rows = sample.lines, sample.split(dialect.delimiter)
        width, self._surplus = _find_width(rows)
        first, body = rows[0], rows[1:]
        if first[0] == "#" and len(first) == width + 1:  # as numpy.savetxt writes a heading
            first = first[1:]
        if first[width:] != [""]:  # a delimiter may end the heading alone, or all lines but the heading
            check_width(lines[0], first, width - (self._surplus and len(first) < width), dialect)
        for line, row in zip(lines[1:], body, strict=True):
            check_width(line, row, width, dialect)
        if self._surplus:
            width, body = width - 1, [row[:-1] for row in body]
        self.has_names = is_heading(first[:width], body, dialect.decimal) if heading is None else heading
        if not self.has_names and not self._surplus:
            check_width(lines[0], first, width, dialect)
        first = first[:width]
        self.names = name_columns(first if self.has_names else None, width, lines[0])
        self.sample: Sequence[Sequence[str]] = body if self.has_names else [first, *body]
        if not self.sample:
            raise DataError("expected rows below the heading, got none", position=f"line {lines[0]}")
        decided = _describe_heading(self.names, lines[0], self.has_names) if heading is None else ()
        dropped = ("the delimiter at the end of each line is left out",) * self._surplus
        self.notes = (*dialect.describe(), *decided, *dropped)

    @property
    def source(self) -> str:
        """The path of the file."""
        return str(self._path)

    def read(
        self, text: Collection[str] = (), skip: Collection[str] = (), words: Mapping[str, Sequence[str]] | None = None
    ) -> Table:
        """Read all rows, as :meth:`deltarule.data.table.TableReader.read` says.

        Raises:
            DataError: For an invalid cell or row, with its line and column, or if the numbers take more than
                :data:`deltarule.limits.TABLE_BYTES`.
        """
        with reading(self._path):
            if words is None:
                table = self._learn_words(self._collect, text, skip)
            else:
                table = self._collect(self._make_parser(text, skip, words))
            return replace(table, skipped=tuple(name for name in self.names if name in skip))

    def blocks(
        self,
        rows: int,
        text: Collection[str] = (),
        skip: Collection[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> Iterator[Table]:
        """Read the rows in blocks, as :meth:`deltarule.data.table.TableReader.blocks` says.

        A block is uint8 while all numbers so far are whole and from 0 to 255. Without ``words``, the file is read
        before for its words.
        """
        with reading(self._path):
            if words is None:
                words = self._learn_words(self._list_words, text, skip)
            yield from self._parse(self._make_parser(text, skip, words), rows)

    def _make_parser(
        self,
        text: Collection[str],
        skip: Collection[str],
        words: Mapping[str, Sequence[str]] | None = None,
        fixed: bool = True,
    ) -> BlockParser:
        """Make a parser; without ``words``, the columns of words are guessed by the first rows."""
        roles = [uses.TEXT if name in text else uses.SKIP if name in skip else uses.NUMBER for name in self.names]
        vocabularies: dict[int, Vocabulary] = {}
        guessed = self._guess_words() if words is None else set()
        for i, name in enumerate(self.names):
            if roles[i] == uses.NUMBER and (i in guessed if words is None else name in words):
                roles[i] = uses.WORD
                vocabularies[i] = Vocabulary(name, words[name] if words else ())
        surplus = (uses.EMPTY,) * self._surplus
        return BlockParser(self.names, (*roles, *surplus), self._dialect, vocabularies, fixed and words is not None)

    def _learn_words(
        self, use: Callable[[BlockParser], _Result], text: Collection[str], skip: Collection[str]
    ) -> _Result:
        """Use a parser for all rows; guess the columns of words, and if that was wrong, find them first."""
        parser = self._make_parser(text, skip)
        try:
            result = use(parser)
        except FoundWords as found:
            parser = self._make_parser(text, skip, self._find_words(text, skip, found.columns), fixed=False)
            result = use(parser)
        for vocabulary in parser.vocabularies.values():
            vocabulary.check(self._dialect.decimal, self._dialect.delimiter)
        return result

    def _list_words(self, parser: BlockParser) -> Mapping[str, Sequence[str]]:
        """Parse all rows, and return the words of each column of words."""
        for records in self._batch(_SAMPLE_ROWS, BlankLines()):
            parser.parse(records)
        return {vocabulary.name: vocabulary.words for vocabulary in parser.vocabularies.values()}

    def _guess_words(self) -> set[int]:
        """Return the columns that have a word in the first rows."""
        rows = self.sample[:_GUESS_ROWS]
        words = {cell for cell in set().union(*rows) if parse_number(cell, self._dialect.decimal) is None}
        return {i for i, column in enumerate(zip(*rows, strict=True)) if not words.isdisjoint(column)}

    def _find_words(
        self, text: Collection[str], skip: Collection[str], found: Sequence[int]
    ) -> Mapping[str, Sequence[str]]:
        """Find all columns of words by all rows; their words are left to find."""
        columns = self._guess_words() | set(found)
        for records in self._batch(_SAMPLE_ROWS, BlankLines()):
            while True:
                try:
                    self._make_parser(text, {*skip, *(self.names[i] for i in columns)}, {}, fixed=False).parse(records)
                    break
                except FoundWords as more:
                    columns |= set(more.columns)
        return {self.names[i]: () for i in columns}

    def _batch(self, rows: int, blank: BlankLines) -> Iterator[Records]:
        """Yield the records below the heading in batches of at most ``rows``; less if they have much text."""
        with closing(read_groups(self._path)) as groups:
            batch = Records([], [])
            heading = size = int(self.has_names)
            for records in read_records(groups, self._dialect, blank):
                batch.extend(records[heading:])
                heading = 0 if records else heading
                size += sum(map(len, records.texts))
                while batch and (len(batch) >= rows or size > _BLOCK_SIZE):
                    yield batch[:rows]
                    batch, size = batch[rows:], 0
            if batch:
                yield batch

    def _parse(self, parser: BlockParser, rows: int) -> Iterator[Table]:
        """Yield the table in blocks, each with notes about the blank lines before its end."""
        blank = BlankLines()
        for records in self._batch(rows, blank):
            table = parser.parse(records)
            yield Table(table.columns, np.ascontiguousarray(table.x), table.text, table.lines, blank.describe())
            blank.forget()

    def _collect(self, parser: BlockParser) -> Table:
        """Read all rows by a parser into one table."""
        blank, x, n = BlankLines(), np.empty((0, 0), np.uint8), 0
        size, expected = self._path.stat().st_size, 0
        lines: list[np.ndarray] = []
        text: dict[str, list[np.ndarray]] = {}
        for records in self._batch(2**31, blank):
            table = parser.parse(records)
            expected = expected or int(1.01 * size * len(records) / sum(map(len, records.texts))) + 1
            x = _append(x, n, table.x, expected)
            n += len(table.x)
            lines.append(table.lines)
            for name, cells in table.text.items():
                text.setdefault(name, []).append(cells)
        x.resize((n, x.shape[1]), refcheck=False)
        joined = {name: np.concatenate(cells) for name, cells in text.items()}
        return Table(parser.columns, x, joined, np.concatenate(lines), blank.describe())


def _take_sample(groups: Iterator[Records]) -> Records:
    """Take the first rows: at least two, at most a heading and 1,000 rows, and not much text."""
    sample, size = Records([], []), 0
    for records in groups:
        sample.extend(records)
        size += sum(map(len, records.texts))
        if len(sample) > _SAMPLE_ROWS or (size > _SAMPLE_SIZE and len(sample) > 1):
            break
    return sample[: _SAMPLE_ROWS + 1]


def _find_width(rows: Sequence[Sequence[str]]) -> tuple[int, bool]:
    """Find the number of cells that most rows have, and whether each ends with a delimiter, without name or value."""
    first, *body = rows
    longer = len(first) + 1
    if body and all(len(row) == longer and row[-1] == "" for row in body):
        return longer, True
    lengths = Counter(map(len, rows))
    width = max(lengths, key=lambda length: lengths[length])  # the first of equals
    same = [row for row in rows if len(row) == width]
    return width, width > 1 and len(first) == width and all(row[-1] == "" for row in same)


def _describe_heading(names: Sequence[str], line: int, has_names: bool) -> tuple[str, ...]:
    if not has_names:
        return ("there is no heading, and columns are named by their positions",)
    more = ", …" * (len(names) > 5)
    return (f"line {line} is the heading: {', '.join(names[:5])}{more}",)


def _append(x: np.ndarray, n: int, block: np.ndarray, expected: int) -> np.ndarray:
    """Append a block to the first ``n`` rows of an array, which is replaced if it is too small or of another type.

    ``expected`` is the probable number of all rows. Memory that is not yet written to costs nothing.
    """
    width, dtype = block.shape[1], np.result_type(x, block)
    most = limits.TABLE_BYTES // max(width * dtype.itemsize, 1)
    if n + len(block) > most:
        raise DataError(
            f"expected at most {limits.TABLE_BYTES:,} bytes of numbers, got more",
            remedy=limits.describe_remedy("TABLE_BYTES", "read fewer columns, or save whole numbers from 0 to 255"),
        )
    if n + len(block) > len(x) or dtype != x.dtype:
        rows = max(n + len(block), min(expected if n == 0 else len(x) * 5 // 4, most))
        if n and dtype == x.dtype:
            x.resize((rows, width), refcheck=False)
        else:
            x, old = np.empty((rows, width), dtype), x
            x[:n] = old[:n].reshape(n, width)
    x[n : n + len(block)] = block
    return x
