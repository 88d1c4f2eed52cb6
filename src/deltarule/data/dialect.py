"""Dialects of delimited text, decided by the first lines of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice, product

from deltarule.data.cells import parse_number
from deltarule.data.json_text import refuse_json
from deltarule.data.options import DataOptions
from deltarule.data.records import DELIMITERS, BlankLines, Dialect, get_hint, read_records
from deltarule.data.table import check_column_number
from deltarule.errors import DataError

_ROWS = 100
_SIZE = 2**16
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)


def find_dialect(groups: Iterable[Sequence[str]], options: DataOptions) -> Dialect:
    """Find the dialect of a table by the first lines of ``groups``; what ``options`` states is not questioned.

    The delimiter is the character that divides most rows into the same number of cells, and into the simplest cells.
    The decimal mark is a comma only if columns are not separated by commas, and numbers cannot be read otherwise.

    Raises:
        DataError: If the text seems to have several columns, but none of :data:`DELIMITERS` between them; or is JSON.

    >>> find_dialect([["a;b", "1,5;2", "2,25;3"]], DataOptions())
    Dialect(delimiter=';', decimal=',', comment='')
    """
    lines = _take(chain.from_iterable(groups))
    refuse_json(lines)
    for line, mark in product(lines, DELIMITERS):
        check_column_number(line.count(mark) + 1)
    hint = get_hint(lines[0]) if lines else ""
    delimiter = options.delimiter or hint or _find_delimiter(lines, options.comment)
    dialect = Dialect(delimiter, options.decimal or ".", options.comment)
    rows = _split(lines, dialect)
    if max(map(len, rows), default=0) == 1:
        _check_single(rows)
    if options.decimal or delimiter == "," or not _has_decimal_comma(rows[1:] or rows):
        return dialect
    return Dialect(delimiter, ",", options.comment)


def _take(lines: Iterable[str]) -> list[str]:
    """Take the first lines, at most 100, and at least two, as a line may be long."""
    size = 0
    taken: list[str] = []
    for line in islice(lines, _ROWS):
        if size > _SIZE and len(taken) > 1:
            break
        taken.append(line)
        size += len(line)
    return taken


def _split(lines: list[str], dialect: Dialect) -> list[list[str]]:
    """Split lines into rows of cells, up to the first that cannot be read."""
    rows: list[list[str]] = []
    try:
        for records in read_records([lines], dialect, BlankLines()):
            rows += records.split(dialect.delimiter)
    except DataError:
        pass  # a quotation mark that closes in a later line; if not, reading the table raises it again
    return rows


def _find_delimiter(lines: list[str], comment: str) -> str:
    """Find the delimiter that gives the most rows of the same length with the simplest cells; by default a comma."""
    scores = {mark: _score(_split(lines, Dialect(mark, comment=comment))) for mark in DELIMITERS}
    return max(scores, key=lambda mark: scores[mark])  # the first of equals


def _score(rows: list[list[str]]) -> float:
    """Rate a delimiter from 0 to 1."""
    (width, often), *_ = Counter(map(len, rows)).most_common(1) or [(0, 0)]
    if width < 2:
        return 0.0
    cells = Counter(cell for row in rows for cell in row)
    return often / len(rows) * sum(_rate(cell) * count for cell, count in cells.items()) / cells.total()


def _rate(cell: str) -> float:
    """Rate a cell: numbers are the simplest, then words, then text with spaces, then text with other delimiters."""
    if parse_number(cell) is not None or _DECIMAL.fullmatch(cell):
        return 1.0
    return 0.1 if any(mark in cell for mark in ",;\t") else 0.3 if " " in cell else 0.6


def _check_single(rows: list[list[str]]) -> None:
    """Raise DataError if the cells of a table of one column seem to be rows of several."""
    for (cell,) in (row for row in rows if len(row) == 1):
        if any(mark in cell for mark in ",;\t|:") and not _DECIMAL.fullmatch(cell):
            *names, last = DELIMITERS.values()
            raise DataError(
                expected=f"columns separated by {', '.join(names)} or {last}",
                value=cell,
                remedy="save the table with commas",
            )


def _has_decimal_comma(rows: list[list[str]]) -> bool:
    """Return True if there are columns of numbers with a decimal comma, and none of numbers with a point."""
    found: list[str] = []
    for i in range(max(map(len, rows), default=0)):
        column = [row[i] for row in rows if i < len(row)]
        by_point, by_comma = ([parse_number(cell, mark) for cell in column] for mark in (".", ","))
        if None not in by_comma and None in by_point:
            found += [cell for cell in column if "," in cell]
        elif None not in by_point and None in by_comma:
            return False
    if found and all(map(_THOUSANDS.fullmatch, found)):
        raise DataError(
            expected="numbers whose commas are certain to be decimal marks, and not to separate thousands",
            value=found[0],
            remedy='write the numbers without commas, or state that they are decimal marks: decimal=","',
        )
    return bool(found)
