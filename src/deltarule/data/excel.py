"""Excel files: the table on the only sheet with values of an ``.xlsx`` file.

Needs openpyxl, from the extra ``tables``. Numbers that are stored as text are numbers if all values of their column
are; dates are words. Errors such as #N/A and formulas whose values were not saved are missing.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deltarule import limits
from deltarule.data.cells import parse_exactly, parse_number
from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values, convert_objects, slice_columns
from deltarule.data.headings import is_heading, name_columns
from deltarule.data.library_errors import translating
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide
from deltarule.errors import DataError, require_extra

_AGAIN = "save the file again as .xlsx, or as CSV"
_GUESS_ROWS = 100
_ROWS = 2**20
"""The rows of a sheet of Excel."""


class _Sheet(NamedTuple):
    """The rows of a sheet that have values, without empty columns: numbers, text, dates, and None for an empty cell."""

    lines: list[int]
    positions: list[int]  # of the columns, from 0
    rows: list[list[Any]]
    n_errors: int


def open_excel(path: Path, options: DataOptions | None = None) -> ColumnReader:
    """Open an Excel file.

    Args:
        path: The file.
        options: The statement about the heading; by default the values decide.

    Raises:
        DataError: For a damaged file, several sheets with values, a title above the table or merged cells in its
            heading, and two columns of the same name.
        MissingExtra: If openpyxl is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> from openpyxl import Workbook
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soils.xlsx"
    ...     workbook = Workbook()
    ...     for row in [("soil", "depth"), ("clay", 2), ("sand", 300)]:
    ...         workbook.active.append(row)
    ...     workbook.save(path)
    ...     table = open_excel(path).read()
    >>> table.columns[0].words, table.x.tolist(), table.lines.tolist()
    (('clay', 'sand'), [[0.0, 2.0], [1.0, 300.0]], [2, 3])
    """
    with translating(path, "an Excel file", _AGAIN):
        title, sheet, notes = _read(path)
        lines, rows = sheet.lines, sheet.rows
        texts = [[_write(cell) for cell in row] for row in rows[: _GUESS_ROWS + 1]]
        heading = (options or DataOptions()).heading
        if heading is not False:
            _check_heading(sheet, texts)
        heading = is_heading(texts[0], texts[1:]) if heading is None else heading
        names = name_columns(texts[0] if heading else None, len(texts[0]), lines[0])
        columns = {name: _convert([row[i] for row in rows[heading:]]) for i, name in enumerate(names)}
        notes.append(f"row {lines[0]} is the heading" if heading else "there is no heading")
        notes += _note_missing(path, title, sheet)
        notes += [
            f'the {count(n, "number")} in column "{name}" that {"is" if n == 1 else "are"} stored as text '
            f"{'is a number' if n == 1 else 'are numbers'}"
            for name, (values, n) in columns.items()
            if n and values.numbers is not None
        ]

    def load(names: Sequence[str], size: int) -> Iterator[Mapping[str, Values]]:
        return slice_columns({name: columns[name][0] for name in names}, len(rows) - heading, size)

    return ColumnReader(str(path), names, load, notes, has_names=heading, lines=np.array(lines[heading:], np.int64))


def _read(path: Path) -> tuple[str, _Sheet, list[str]]:
    """Read the only visible sheet with values, with its title and notes."""
    with zipfile.ZipFile(path) as archive:
        if (size := sum(entry.file_size for entry in archive.infolist())) > limits.EXCEL_BYTES:
            remedy = limits.describe_remedy("EXCEL_BYTES", "save the table as CSV")
            raise DataError(f"expected {limits.EXCEL_BYTES:,} bytes at most, got {size:,}", remedy=remedy)
    with _open(path) as workbook:
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        sheets = {sheet.title: read for sheet in visible if (read := _read_sheet(sheet)).rows}
    if len(sheets) != 1:
        raise DataError(
            "expected one sheet with values, got "
            + (f"{len(sheets)}: {elide(list(sheets), 10)}" if sheets else "none"),
            remedy="keep the sheet with the table in a file of its own, or save it as CSV" if sheets else "",
        )
    (title, sheet), *_ = sheets.items()
    hidden = len(workbook.worksheets) - len(visible)
    return title, sheet, [f"{count(hidden, 'hidden sheet')} left out"] if hidden else []


@contextmanager
def _open(path: Path, values: bool = True) -> Iterator[Any]:
    """Open a workbook; the file is closed at the end, also where openpyxl refuses a part of it and leaves it open."""
    with require_extra("tables", "Excel files"):
        from openpyxl import load_workbook
    with path.open("rb") as file, closing(load_workbook(file, read_only=True, data_only=values)) as workbook:
        yield workbook


def _read_sheet(sheet: Any) -> _Sheet:
    sheet.reset_dimensions()  # some programs save wrong ones
    lines, rows, n_cells, n_errors = [], [], 0, 0
    for line, cells in enumerate(sheet.iter_rows(max_row=_ROWS + 1), 1):  # openpyxl counts to any row that is stated
        if line > _ROWS:
            raise DataError(f"expected rows up to {_ROWS:,}, as Excel has, got a higher one", remedy=_AGAIN)
        row = [_take_value(cell) for cell in cells]
        n_errors += sum(cell.data_type == "e" for cell in cells)
        while row and row[-1] is None:
            row.pop()
        if row:
            n_cells += len(row)
            _check_cells(n_cells)
            lines.append(line)
            rows.append(row)
    width = max(map(len, rows), default=0)
    _check_cells(width * len(rows))
    filled = [row + [None] * (width - len(row)) for row in rows]
    positions = [i for i in range(width) if any(row[i] is not None for row in filled)]
    return _Sheet(lines, positions, [[row[i] for i in positions] for row in filled], n_errors)


def _take_value(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "e" or (isinstance(value, str) and not value.strip()):
        return None
    return value.strip() if isinstance(value, str) else value


def _write(cell: Any) -> str:
    return str(convert_objects([cell], np.array([cell is None])).format()[0])


def _check_heading(sheet: _Sheet, texts: Sequence[Sequence[str]]) -> None:
    """Raise :class:`DataError` for a first row of words with gaps: a title, or merged cells."""
    first = texts[0]
    words = [cell for cell in first if cell]
    if all(first[1:]) or any(parse_number(word) is not None for word in words):
        return
    gap = next(i for i, cell in enumerate(first) if i and not cell)
    raise DataError(
        f"expected a name for each column, got none for column {_name_position(sheet.positions[gap])} beside "
        f'"{words[0]}"',
        position=f"row {sheet.lines[0]}",
        remedy="remove titles above the table, split merged cells, and name each column in one row",
    )


def _name_position(position: int) -> str:
    """Name a column as Excel does: A, B, …, Z, AA, …"""
    letters = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _convert(cells: Sequence[Any]) -> tuple[Values, int]:
    """Convert a column; return also the number of cells with numbers that are stored as text."""
    missing = np.array([cell is None for cell in cells], np.bool_)
    values = convert_objects(cells, missing)
    if values.numbers is not None or values.problem or not any(isinstance(cell, int | float) for cell in cells):
        return values, 0
    parsed = [parse_number(word) for word in values.format().tolist()]
    if None in parsed:
        return values, 0
    as_text = sum(isinstance(cell, str) and number == number for cell, number in zip(cells, parsed, strict=True))
    return Values(*parse_exactly(values.format().tolist()), values.text), as_text


def _note_missing(path: Path, title: str, sheet: _Sheet) -> list[str]:
    """Note the cells that are missing as they have errors, or formulas without values."""
    notes = []
    if sheet.n_errors:
        notes.append(f"{count(sheet.n_errors, 'cell')} with an error such as #N/A: missing")
    if any(cell is None for row in sheet.rows for cell in row):
        empty = {
            (line, position)
            for line, row in zip(sheet.lines, sheet.rows, strict=True)
            for position, cell in zip(sheet.positions, row, strict=True)
            if cell is None
        }
        with _open(path, values=False) as workbook:
            formulas = workbook[title]
            formulas.reset_dimensions()
            n = sum(
                cell.data_type == "f" and (line, position) in empty
                for line, cells in enumerate(formulas.iter_rows(max_row=_ROWS), 1)
                for position, cell in enumerate(cells)
            )
        if n:
            notes.append(
                f"{count(n, 'cell')} with a formula whose value is not in the file: missing; to save the values, open "
                "the file in a spreadsheet program and save it"
            )
    return notes


def _check_cells(n: int) -> None:
    """Raise :class:`DataError` for more cells than :data:`deltarule.limits.EXCEL_CELLS`."""
    if n > limits.EXCEL_CELLS:
        remedy = limits.describe_remedy("EXCEL_CELLS", "save the table as CSV")
        raise DataError(f"expected at most {limits.EXCEL_CELLS:,} cells, got more", remedy=remedy)
