"""ARFF files of Weka: attributes with their types, then rows, in full or only with the values that are not zero.

Nominal and text attributes and dates are words; ``?`` is a missing value.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deltarule.data.cells import parse_exactly, parse_number, parse_plainly
from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values
from deltarule.data.error_context import reading
from deltarule.data.text_lines import read_lines
from deltarule.errors import DataError

_QUOTED = r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
_ATTRIBUTE = re.compile(rf"\s*+@attribute\s++({_QUOTED}|[^\s{{]++)\s*+(.*)", re.IGNORECASE)
_CELL = re.compile(rf"\s*+(?:({_QUOTED})|(?!['\"])([^,]*+))\s*+(,|$)")
_TABBED_CELL = re.compile(rf"[ ]*+(?:({_QUOTED})|(?!['\"])([^\t]*+))[ ]*+(\t|$)")
_SPARSE_CELL = re.compile(rf"\s*+(\d{{1,9}})\s++(?:({_QUOTED})|(?!['\"])([^,\s]++))\s*+(?:,|$)", re.ASCII)
_WEIGHT = re.compile(r",\s*+\{\s*+[0-9.eE+-]++\s*+\}\s*+$")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_NUMERIC = frozenset({"numeric", "real", "integer"})
_MISSING = "?"
_MOST_CELLS = 2**22  # in a batch


class _Attribute(NamedTuple):
    name: str
    is_numeric: bool
    choices: tuple[str, ...]  # of a nominal attribute


def open_arff(path: Path) -> ColumnReader:
    r"""Open an ARFF file, plain or compressed by gzip.

    Raises:
        DataError: For a damaged file, with the line: a value that is no number, or not among the nominal values.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soils.arff"
    ...     header = "@relation soils\n@attribute depth real\n@attribute soil {clay,'fine sand'}\n"
    ...     _ = path.write_text(header + "@data\n2,clay\n?,'fine sand'\n")
    ...     table = open_arff(path).read()
    >>> table.columns[1].words, table.x.tolist()
    (('clay', 'fine sand'), [[2.0, 0.0], [nan, 1.0]])
    """
    with reading(path), closing(read_lines(path)) as lines:
        attributes, start = _read_header(enumerate(lines, 1))
        has_weights = any(_WEIGHT.search(line) and not line.startswith("{") for line in islice(lines, 1000))

    def load(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        with closing(_read_rows(path, start, attributes)) as table:
            wanted = {*names}
            while block := list(islice(table, min(rows, max(1, _MOST_CELLS // len(attributes))))):
                lines = [line for line, _ in block]
                columns = [*zip(attributes, zip(*(row for _, row in block), strict=True), strict=True)]
                _check_cells(columns, lines)
                yield {one.name: _convert(one, cells) for one, cells in columns if one.name in wanted}

    notes = ["the weights of the rows are left out"] if has_weights else []
    return ColumnReader(str(path), [attribute.name for attribute in attributes], load, notes)


def _read_header(lines: Iterator[tuple[int, str]]) -> tuple[list[_Attribute], int]:
    """Read the attributes; return also the number of the line ``@data``."""
    attributes: list[_Attribute] = []
    for number, line in lines:
        start = line.split(maxsplit=1)[0].lower() if line.strip() else "%"
        if start == "@data":
            return attributes, number
        if start == "@attribute":
            attributes.append(_parse_attribute(number, line))
        elif not start.startswith(("%", "@relation")):
            raise DataError(
                position=f"line {number}", expected="@relation, @attribute or @data", value=line.strip()[:50]
            )
    raise DataError("expected an ARFF file with a line @data, got none")


def _parse_attribute(number: int, line: str) -> _Attribute:
    match = _ATTRIBUTE.fullmatch(line)
    kind = match[2].strip() if match else ""
    name = _unquote(match[1]) if match else ""
    if kind.startswith("{") and kind.endswith("}"):
        return _Attribute(name, False, tuple(_split(kind[1:-1].strip(), _CELL, number)))
    word = kind.partition(" ")[0].partition("%")[0].lower()
    if word in _NUMERIC or word in ("string", "date"):
        return _Attribute(name, word in _NUMERIC, ())
    raise DataError(
        position=f"line {number}",
        expected="a name and a type: numeric, real, integer, string, date or {…}",
        value=line.strip()[:50],
    )


def _read_rows(path: Path, start: int, attributes: Sequence[_Attribute]) -> Generator[tuple[int, list[str]]]:
    """Read the line and the cells of each row, "" for a missing value."""
    with reading(path), closing(read_lines(path)) as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if number > start and line and not line.startswith("%"):
                yield number, _parse_row(_WEIGHT.sub("", line) if line.endswith("}") else line, number, attributes)


def _parse_row(line: str, number: int, attributes: Sequence[_Attribute]) -> list[str]:
    if line.startswith("{") and line.endswith("}"):
        row = ["0" if one.is_numeric else next(iter(one.choices), "") for one in attributes]
        for index, cell in _split_sparse(line[1:-1].strip(), number):
            if index >= len(attributes):
                raise DataError(
                    position=f"line {number}", expected=f"an index from 0 to {len(attributes) - 1}", value=index
                )
            row[index] = cell
        return row
    cells = _split(line, _TABBED_CELL if "," not in line and "\t" in line else _CELL, number)
    if len(cells) != len(attributes):
        raise DataError(
            f"expected {len(attributes)} values, as there are attributes, got {len(cells)}",
            position=f"line {number}",
            remedy="check for a missing comma, or a comma in a value without quotation marks",
        )
    return cells


def _split(line: str, pattern: re.Pattern[str], number: int) -> list[str]:
    """Split a line into cells without quotation marks; a missing value becomes ""."""
    if pattern is _CELL and "'" not in line and '"' not in line:
        return ["" if cell == _MISSING else cell for cell in map(str.strip, line.split(","))]
    cells, at, more = [], 0, True
    while more:
        match = pattern.match(line, at)
        if not match:
            raise DataError(
                position=f"line {number}",
                expected="values between commas",
                value=line[at : at + 50],
                remedy="check the quotation marks",
            )
        cells.append(_take_cell(match[1], match[2]))
        at, more = match.end(), bool(match[3])
    return cells


def _split_sparse(line: str, number: int) -> Iterator[tuple[int, str]]:
    at = 0
    while at < len(line):
        match = _SPARSE_CELL.match(line, at)
        if not match:
            raise DataError(
                position=f"line {number}", expected="pairs of an index and a value", value=line[at : at + 50]
            )
        yield int(match[1]), _take_cell(match[2], match[3])
        at = match.end()


def _take_cell(quoted: str | None, plain: str | None) -> str:
    if quoted is not None:
        return _unquote(quoted).strip()
    cell = (plain or "").strip()
    return "" if cell == _MISSING else cell


def _unquote(text: str) -> str:
    if text[:1] not in ("'", '"') or text[-1:] != text[:1]:
        return text
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])


def _check_cells(columns: Sequence[tuple[_Attribute, Sequence[str]]], lines: Sequence[int]) -> None:
    """Raise :class:`DataError` for the first cell that is no value of its attribute; the rows stand in these lines."""
    faults = [(row, i) for i, (one, cells) in enumerate(columns) if (row := _find_fault(one, cells)) is not None]
    if faults:
        row, i = min(faults)
        attribute, cells = columns[i]
        expected = "a number" if attribute.is_numeric else f"one of {', '.join(attribute.choices[:10])}"
        raise DataError(position=f'line {lines[row]}, column "{attribute.name}"', expected=expected, value=cells[row])


def _find_fault(attribute: _Attribute, cells: Sequence[str]) -> int | None:
    """Return the row of the first cell that is no value of an attribute; None if all are."""
    if attribute.is_numeric:
        if parse_plainly(cells) is not None:
            return None
        return next((i for i, cell in enumerate(cells) if cell and parse_number(cell) is None), None)
    known = {"", *attribute.choices}
    return next((i for i, cell in enumerate(cells) if cell not in known), None) if attribute.choices else None


def _convert(attribute: _Attribute, cells: Sequence[str]) -> Values:
    text = np.array(cells, object)
    if not attribute.is_numeric:
        return Values(text == "", text=text)
    return Values(*parse_exactly(cells))
