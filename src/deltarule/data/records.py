"""Records of delimited text: the rows of a table as lines in one plain form, and their cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from deltarule import limits
from deltarule.errors import DataError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "spaces"}
"""The characters between columns, and their names. With " ", any number of spaces and tabs is one."""

_HINT = re.compile("sep=([,;\t ])", re.IGNORECASE)
_SPACE = re.compile(r"\s")
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


class BlankLines:
    """The blank lines between the rows of a table: how many, and the first ten.

    >>> blank = BlankLines()
    >>> list(read_records([["1,2", ""], ["3,4"]], Dialect(), blank)), blank.describe()
    ([Records(lines=[1], texts=['1,2']), Records(lines=[3], texts=['3,4'])], ('1 blank line is skipped: line 2',))
    """

    def __init__(self) -> None:
        self.count, self.first = 0, list[int]()
        self._pending = 0  # those after the last row, which do not count at the end of a file

    def add(self, line: int) -> None:
        """Add a blank line after the rows so far."""
        self._pending += 1
        if self.count + self._pending <= _MOST_NAMED:
            self.first.append(line)

    def end(self) -> None:
        """Count the blank lines so far, as a row follows."""
        self.count += self._pending
        self._pending = 0

    def forget(self) -> None:
        """Start anew, after the lines have been described."""
        del self.first[: self.count]
        self.count = 0

    def describe(self) -> tuple[str, ...]:
        """Describe the lines between rows."""
        if not self.count:
            return ()
        named = ", ".join(map(str, self.first[: self.count]))
        if self.count == 1:
            return (f"1 blank line is skipped: line {named}",)
        return (f"{self.count:,} blank lines are skipped: lines {named}{', …' * (self.count > _MOST_NAMED)}",)


@dataclass
class Records:
    """Rows of a table: their lines, counted from 1, and their texts.

    A text is one row, with delimiters and quotation marks as the csv module writes them.
    """

    lines: list[int]
    texts: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, part: slice) -> Records:
        return Records(self.lines[part], self.texts[part])

    def extend(self, other: Records) -> None:
        """Append the rows of another."""
        self.lines += other.lines
        self.texts += other.texts

    def split(self, delimiter: str) -> list[list[str]]:
        """Split the rows into cells, as they are written but for spaces around them.

        >>> Records([1], ['oak, 1.5,"a, b"']).split(",")
        [['oak', '1.5', 'a, b']]
        """
        return [_split_row(line, text, delimiter) for line, text in zip(self.lines, self.texts, strict=True)]


def get_hint(line: str) -> str:
    """Return the delimiter that a first line states, as spreadsheets write it, or "".

    >>> get_hint("sep=;"), get_hint("a;b")
    (';', '')
    """
    found = _HINT.fullmatch(line)
    return found[1] if found else ""


def read_records(groups: Iterable[list[str]], dialect: Dialect, blank: BlankLines) -> Iterator[Records]:
    """Read the rows of a table in groups, without blank lines and comments; ``groups`` are the lines of a file.

    A row of several lines, with line ends within quotation marks, has the number of the first.

    Raises:
        DataError: For a quotation mark that is not closed, or text after one that closes.
    """
    done, rest = 0, list[str]()
    for group in groups:
        lines = rest + group if rest else group
        if done == 0 and lines and get_hint(lines[0]):
            done, lines = 1, lines[1:]
        if not rest and _are_plain(lines, dialect):
            blank.end()
            yield Records(list(range(done + 1, done + 1 + len(lines))), lines)
            done += len(lines)
            continue
        records, rest = _read_lines(lines, done, dialect, blank)
        if sum(map(len, rest)) > limits.QUOTED_CHARACTERS:
            records, rest = _read_lines(lines, done, dialect, blank, last=True)
        yield records
        done += len(lines) - len(rest)
    if rest:
        yield _read_lines(rest, done, dialect, blank, last=True)[0]


def _are_plain(lines: list[str], dialect: Dialect) -> bool:
    """Return True if each line is a row as it stands."""
    if dialect.delimiter == " " or dialect.comment:
        return False
    return not any('"' in line or line[:1] in " \t" for line in lines)


def _read_lines(
    lines: list[str], done: int, dialect: Dialect, blank: BlankLines, last: bool = False
) -> tuple[Records, list[str]]:
    """Read the rows of lines, of which ``done`` stand before; return also the lines of an open quotation."""
    records = Records([], [])
    numbered = enumerate(lines, done + 1)
    blanks = " " if dialect.delimiter == "\t" else " \t"  # a row of tabs is a row
    for number, line in numbered:
        row = line
        if dialect.comment and dialect.comment in row:
            row = _cut_comment(row, dialect.comment)
            if not row.strip(blanks):
                continue
        if dialect.delimiter == " ":
            row = _merge_spaces(row)
        if '"' in row:
            try:
                row = _join(_read_quoted(number, row, numbered, dialect.delimiter), dialect.delimiter)
            except _Unclosed as error:
                if last:
                    raise _refuse_quotation(number, str(error)) from None
                return records, lines[number - done - 1 :]
        elif not row.strip(blanks):
            blank.add(number)
            continue
        blank.end()
        records.lines.append(number)
        records.texts.append(row)
    return records, []


def _split_row(line: int, text: str, delimiter: str) -> list[str]:
    cells = _read_quoted(line, text, iter(()), delimiter) if '"' in text else text.split(delimiter)
    return [cell.strip() for cell in cells] if _SPACE.search(text) else cells


class _Unclosed(Exception):
    """A sign that a quotation does not end in the lines at hand."""


def _read_quoted(number: int, line: str, rest: Iterator[tuple[int, str]], delimiter: str) -> list[str]:
    """Read the cells of a record with quotation marks, which may continue on further lines."""
    lines = chain((f"{line}\n",), (f"{more}\n" for _, more in rest))
    try:
        return next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise _Unclosed("a quotation mark that is not closed") from None
        got = "a value of more than 131,072 characters" if "limit" in str(error) else "text after a quotation mark"
        raise _refuse_quotation(number, got) from None


def _refuse_quotation(line: int, got: str) -> DataError:
    """Create the error about quotation marks."""
    return DataError(
        f"expected quotation marks around a whole value, got {got}",
        position=f"line {line}",
        remedy="close the quotation mark, or write one within quoted text twice",
    )


def _join(cells: list[str], delimiter: str) -> str:
    """Write cells as one record."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerow(cells)  # it quotes the characters of both
    return out.getvalue().removesuffix("\r\n")


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
