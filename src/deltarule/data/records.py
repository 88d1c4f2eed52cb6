"""Records of delimited text: the rows of a table as lines in one plain form, and their cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from deltarule.errors import DataError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "spaces"}
"""The characters between columns, and their names. With " ", any number of spaces and tabs is one."""

Record: TypeAlias = tuple[int, str]
"""The line of a row, counted from 1, and its text: one row, with delimiters and quotation marks as csv writes them."""

_SPACES = re.compile("[ \t]+")
_MOST_NAMED = 10


@dataclass(frozen=True)
class Dialect:
    """The way in which a table is written.

    >>> Dialect(";", ",").describe()
    ('columns are separated by semicolons', 'the decimal mark is a comma')
    """

    delimiter: str = ","
    decimal: str = "."
    comment: str = ""

    def describe(self) -> tuple[str, ...]:
        """Describe what differs from CSV."""
        columns = f"columns are separated by {DELIMITERS[self.delimiter]}"
        return (columns,) * (self.delimiter != ",") + ("the decimal mark is a comma",) * (self.decimal == ",")


@dataclass
class BlankLines:
    """The blank lines between the rows of a table: how many, and the first ten.

    >>> blank = BlankLines()
    >>> list(read_records(["1,2", "", "3,4", ""], Dialect(), blank)), blank.describe()
    ([(1, '1,2'), (3, '3,4')], ('1 blank line is skipped: line 2',))
    """

    count: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, other: BlankLines) -> None:
        """Add lines that follow."""
        self.count += other.count
        self.first = (self.first + other.first)[:_MOST_NAMED]

    def describe(self) -> tuple[str, ...]:
        """Describe the lines; blank lines at the end of a file are not counted."""
        if not self.count:
            return ()
        more = ", …" * (self.count > _MOST_NAMED)
        several = self.count > 1
        return (
            f"{self.count:,} blank line{'s are' if several else ' is'} skipped: line{'s' * several} "
            f"{', '.join(map(str, self.first))}{more}",
        )


def read_records(lines: Iterable[str], dialect: Dialect, blank: BlankLines) -> Iterator[Record]:
    """Read the records of a table, without blank lines and comments.

    A record of several lines, with line ends within quotation marks, has the number of the first.

    Raises:
        DataError: For a quotation mark that is not closed, or text after one that closes.
    """
    numbered = enumerate(lines, 1)
    comment, spaces = dialect.comment, dialect.delimiter == " "
    blanks = " " if dialect.delimiter == "\t" else None  # a row of tabs is a row
    pending = BlankLines()
    for number, line in numbered:
        record = line
        if comment and comment in record:
            record = _cut_comment(record, comment)
            if not record.strip(blanks):
                continue
        if spaces:
            record = _merge_spaces(record)
        if '"' in record:
            record = _join(_read_quoted(number, record, numbered, dialect.delimiter), dialect.delimiter)
        elif not record or (record.isspace() and not record.strip(blanks)):
            pending.add(BlankLines(1, [number]))
            continue
        if pending.count:
            blank.add(pending)
            pending = BlankLines()
        yield number, record


def split_record(record: Record, delimiter: str) -> list[str]:
    """Split a record into cells, as they are written but for spaces around them.

    >>> split_record((1, 'oak, 1.5,"a, b"'), ",")
    ['oak', '1.5', 'a, b']
    """
    number, text = record
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    return [cell.strip() for cell in _read_quoted(number, text, iter(()), delimiter)]


def _read_quoted(number: int, line: str, rest: Iterator[Record], delimiter: str) -> list[str]:
    """Read the cells of a record with quotation marks, which may continue on further lines."""
    lines = chain((f"{line}\n",), (f"{more}\n" for _, more in rest))
    try:
        return next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        unclosed = "end of data" in str(error) or "limit" in str(error)
        got = "none, or a value that is too long" if unclosed else "text after it"
        raise DataError(
            f"expected a closing quotation mark before the next column, got {got}",
            position=f"line {number}",
            remedy="close the quotation mark, or write one within quoted text twice",
        ) from None


def _join(cells: list[str], delimiter: str) -> str:
    """Write cells as one record."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    return out.getvalue()


def _merge_spaces(line: str) -> str:
    """Replace spaces and tabs outside quotation marks by one space each, and remove those around a line."""
    if '"' not in line:
        return _SPACES.sub(" ", line.strip(" \t"))
    parts = line.strip(" \t").split('"')
    parts[::2] = [_SPACES.sub(" ", part) for part in parts[::2]]
    return '"'.join(parts)


def _cut_comment(line: str, comment: str) -> str:
    """Cut a comment that begins outside quotation marks."""
    kept = ""
    for i, part in enumerate(line.split('"')):
        mark = '"' * (i > 0)
        if i % 2 == 0 and comment in part:
            return kept + mark + part.partition(comment)[0]
        kept += mark + part
    return kept
