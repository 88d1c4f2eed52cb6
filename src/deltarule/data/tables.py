"""Your own data in a file: an .npz file with x and y, or a .csv table with the label first in each row."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from math import isqrt, prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.lib import format as npy

from deltarule.data.error_context import reading
from deltarule.errors import DataError

LIMIT = 2**31
"""The most bytes of one array: 2 GiB."""

MOST_CLASSES = 10_000
"""The most classes."""

_LONGEST_HEADER = 2**16
_LARGEST = float(np.finfo(np.float32).max)
_FORMS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_EXPECTED = (
    "a label and then numbers, separated by commas; the labels are whole numbers 0, 1, 2, … or, in all rows, names"
)
_LABEL = "a label, a whole number from 0 to the number of classes less 1"
_AGAIN = "save the file again with numpy.savez"

_Fault: TypeAlias = dict[str, Any]
"""The fields of an error."""

_SMALLEST_IMAGE = 5  # rows of an image in a CSV table: a row of 25 bytes is hardly anything else


def read_npz(path: Path, names: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Read arrays from an .npz file.

    The arrays are those called ``names``; by default ``x`` and ``y``, or ``x_train``, ``y_train``, ``x_test`` and
    ``y_test``. Others are ignored. No pickle is ever opened. An array is read only if its header, its entry in the
    archive and :data:`LIMIT` agree about its size, so that a small file cannot fill the memory. Raises
    :class:`DataError`, with the path and the array, for any other file.
    """
    try:
        with reading(path), zipfile.ZipFile(path) as archive:
            held = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            return {name: _read_member(archive, held[name], name) for name in _choose_names(held, names)}
    except zipfile.BadZipFile as error:
        raise DataError(f"expected an .npz file, got {str(error)!r}", path=path, remedy=_AGAIN) from None


def _choose_names(held: dict[str, zipfile.ZipInfo], names: Sequence[str]) -> Sequence[str]:
    """Choose the names of the arrays to read. Raises :class:`DataError` if some are missing."""
    choices = [names] if names else [("x", "y"), ("x_train", "y_train", "x_test", "y_test")]
    for wanted in choices:
        if held.keys() >= set(wanted):
            return wanted
    expected = ", or ".join(f"{', '.join(some)} and {last}" for *some, last in choices)
    raise DataError(f"expected arrays named {expected}, got {', '.join(sorted(held)[:10]) or 'none'}")


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> np.ndarray:
    try:
        with archive.open(entry) as file:
            head = io.BytesIO(file.read(_LONGEST_HEADER))
            form = npy.read_magic(head)
            shape, fortran, dtype = _FORMS.get(form, npy.read_array_header_2_0)(head)
            fault = _check_header(shape, dtype, entry.file_size - head.tell())
            if fault is None:
                content = bytearray(head.read())
                while piece := file.read(2**20):
                    content += piece
                return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
    # NumPy has Python parse a header, which raises many kinds of errors
    except Exception as error:
        fault = {"problem": f"expected a readable array, got {str(error)!r}", "remedy": _AGAIN}
    raise DataError(argument=name, **fault)


def _check_header(shape: tuple[int, ...], dtype: np.dtype, held: int) -> _Fault | None:
    """Check the header of an array with ``held`` bytes in the file; return the fields of an error, or None."""
    if dtype.hasobject:
        return {
            "problem": "expected an array of numbers, got pickled Python objects, which are never "
            "opened as they could run code",
            "remedy": "save an array of numbers, with all examples of the same shape",
        }
    if dtype.kind not in "biuf":
        return {"expected": "numbers", "value": dtype}
    size = prod(shape) * dtype.itemsize
    if size > LIMIT or size != held or any(n < 0 for n in shape):
        expected = f"{held:,} bytes, as the file holds, and {LIMIT:,} at most"
        return {"problem": f"expected {expected}, got shape {shape}, which takes {size:,}", "remedy": _AGAIN}
    return None


def read_csv(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read ``x``, ``y`` and the names of the classes from a CSV table; a row is a label and the numbers of an example.

    Labels are either whole numbers or names. With numbers, the classes have no names. With names, the classes are in
    alphabetical order. The first line is a heading if there is no number after its label. It is also a heading if its
    label is a name and the label of the next line is a number.

    Rows of h² whole numbers from 0 to 255, with h of 5 or more, become h×h images, (n, h, h) uint8. Other rows become
    an array of shape (n, d): uint8 if all numbers are whole numbers from 0 to 255, else float32.

    Raises :class:`DataError`, with path and line, for any other file.
    """
    named: dict[str, int] = {}
    broken = ""
    try:
        with reading(path), open(path, encoding="utf-8-sig", newline="") as file:
            if (size := path.stat().st_size) > LIMIT:
                raise DataError(f"expected {LIMIT:,} bytes at most, got {size:,}", remedy="save it as .npz")
            reader = csv.reader(file)
            rows = (row for row in reader if row)
            first, lines, second = next(rows, []), reader.line_num, next(rows, [])
            headings, top = (lines, second) if _are_headings(first, second) else (0, first)
            if len(top) < 2:
                place = "the first row after the heading" if headings else "the first row"
                got = f"only the text {top[0][:30]!r} in {place}" if top else "no rows"
                quote = "check for a quotation mark that is not closed" * any("\n" in cell for cell in first)
                raise DataError(f"expected rows of {_EXPECTED}; got {got}", remedy=quote)
            names = not _is_number(top[0])
            file.seek(0)
            table = np.loadtxt(
                file,
                np.float32,
                delimiter=",",
                ndmin=2,
                quotechar='"',
                comments=None,
                skiprows=headings,
                converters={0: lambda cell: named.setdefault(cell.strip(), len(named))} if names else None,
            )
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"expected a table of text, got {str(error)!r}", path=path, remedy="save it as CSV in UTF-8"
        ) from None
    except ValueError as error:
        broken = str(error)
    if broken or "" in named or not (np.isfinite(table).all() and (names or _are_labels(table[:, 0]).all())):
        fault = _find_first_fault(path, headings, names) or {
            "problem": f"expected numbers, got {broken or 'too large ones'}"
        }
        raise DataError(path=path, **fault)
    x, y = _as_images(table[:, 1:]), table[:, 0]
    if not names:
        return x, y, ()
    classes = sorted(named)
    return x, np.argsort([named[name] for name in classes])[y.astype(np.int64)], tuple(classes)


def _are_headings(first: list[str], second: list[str]) -> bool:
    """Return True if the first row is a heading: no numbers after its label, or a name as label before a number."""
    number, below = ([_is_number(cell) for cell in row] for row in (first, second))
    return (len(first) > 1 and not any(number[1:])) or below[:1] > number[:1]


def _are_labels(y: np.ndarray) -> np.ndarray:
    """Return True for each number that can be a label, (n,) bool."""
    return np.asarray((y >= 0) & (y < MOST_CLASSES) & (y == np.floor(y)))


def _find_first_fault(path: Path, headings: int, names: bool) -> _Fault | None:
    """Find the first fault of a table and its line; the fast reader counts lines sometimes from 0, sometimes from 1."""
    width = 0
    with open(path, encoding="utf-8-sig", newline="") as file, suppress(csv.Error):
        for line, row in enumerate(csv.reader(file), 1):
            if line > headings and row:
                width = width or len(row)
                if (fault := _find_fault(f"line {line}", row, width, names)) is not None:
                    return {"remedy": "repair or remove the line", **fault}
    return None


def _find_fault(line: str, row: list[str], width: int, names: bool) -> _Fault | None:
    """Check a row; return the fields of an error, or None."""
    if names and not row[0].strip():
        return {"position": line, "expected": "a label in column 1", "value": row[0]}
    for column, cell in enumerate(row, 1):
        if column == 1 and names:
            continue
        place = {"position": f"{line}, column {column}", "value": cell[:30]}
        if not _is_number(cell):
            return {**place, "expected": "a number", "remedy": f"write {_EXPECTED}"}
        if not abs(float(cell)) <= _LARGEST:
            return {**place, "expected": f"a finite number up to {_LARGEST:.1e}"}
    if not names and not _are_labels(np.array(float(row[0]))):
        return {"position": f"{line}, column 1", "expected": _LABEL, "value": row[0][:30]}
    if len(row) == width:
        return None
    return {"position": line, "problem": f"expected {width} columns, as the first row has, got {len(row)}"}


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _as_images(rows: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # for numbers that are no bytes
        as_bytes = rows.astype(np.uint8)
    if not np.array_equal(as_bytes, rows):
        return rows
    side = isqrt(rows.shape[1])
    return as_bytes.reshape(-1, side, side) if side**2 == rows.shape[1] and side >= _SMALLEST_IMAGE else as_bytes
