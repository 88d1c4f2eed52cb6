"""Your own data as arrays: an .npz file with x and y, or a .csv table with the label first in each row."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from math import isqrt, prod
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from deltarule.errors import DataError

LIMIT = 2**31
"""The most bytes that one array may take: 2 GiB."""

MOST_CLASSES = 10_000
"""Labels are below this."""

_LONGEST_HEADER = 2**16
_LARGEST = float(np.finfo(np.float32).max)
_FORMS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_EXPECTED = "the label comes first, a whole number 0, 1, 2, … or, in all rows, a name; all else are numbers"
_SMALLEST_IMAGE = 5  # rows of a CSV image: 25 whole numbers that are bytes, and a square, are hardly anything else


def read_npz(path: Path, names: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """The arrays ``names`` of an .npz file; else ``x`` and ``y``, or ``x_train``, ``y_train``, ``x_test``, ``y_test``.

    Others are not looked at. No pickle is ever opened. An array is read only after its header, its
    entry in the archive and :data:`LIMIT` agree about its size, so a small file cannot fill the
    memory. Raises :class:`DataError`, naming the file and the array, for whatever is else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            return {name: _member(archive, held[name], f"{path}: {name}") for name in _wanted(path, held, names)}
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: not an .npz file, or damaged ({error}); save it again with numpy.savez") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None


def _wanted(path: Path, held: dict[str, zipfile.ZipInfo], names: Sequence[str]) -> Sequence[str]:
    choices = [names] if names else [("x", "y"), ("x_train", "y_train", "x_test", "y_test")]
    for wanted in choices:
        if held.keys() >= set(wanted):
            return wanted
    raise DataError(
        f"{path}: holds {', '.join(sorted(held)[:10]) or 'nothing'}; the arrays must be called "
        + ", or ".join(f"{', '.join(some)} and {last}" for *some, last in choices)
    )


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> np.ndarray:
    try:
        with archive.open(entry) as file:
            head = io.BytesIO(file.read(_LONGEST_HEADER))
            shape, fortran, dtype = _npy_header(head, name)
            size = prod(shape) * dtype.itemsize
            if size > LIMIT or size != entry.file_size - head.tell():
                raise DataError(
                    f"{name}: an array of shape {shape} takes {size:,} bytes; the file holds "
                    f"{entry.file_size - head.tell():,}, and {LIMIT:,} is the limit"
                )
            content = bytearray(head.read())
            while piece := file.read(2**20):
                content += piece
    except DataError:
        raise
    # to read a header NumPy has Python parse it, which fails in many ways
    except Exception as error:
        raise DataError(f"{name}: cannot be read ({error}); save the file again with numpy.savez") from None
    if len(content) != size:
        raise DataError(f"{name}: ends after {len(content):,} of {size:,} bytes; save the file again")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _npy_header(file: io.BytesIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    form = npy.read_magic(file)
    shape, fortran, dtype = _FORMS.get(form, npy.read_array_header_2_0)(file)
    if dtype.hasobject:
        raise DataError(
            f"{name}: holds pickled Python objects, which could run code and are never opened; "
            "save an array of numbers, all examples of one shape"
        )
    if dtype.kind not in "biuf":
        raise DataError(f"{name}: holds {dtype}; it must hold numbers")
    if any(n < 0 for n in shape):
        raise DataError(f"{name}: its shape {shape} cannot be")
    return shape, fortran, dtype


def read_csv(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """``x``, ``y`` and the classes' names of a table with commas: in each row the label, then an example's numbers.

    Labels are whole numbers, and then the classes have no names, or they are the names themselves, in
    the order of the alphabet. A first line with no number behind its label is taken for names of columns,
    and so is one whose label is a name where the next line's is a number. Rows of h² whole numbers from
    0 to 255, with h of 5 or more, are h×h images, (n, h, h) uint8; others are (n, d), float32 unless they
    are bytes. Raises :class:`DataError`, naming file and line, for what is no such table.
    """
    named: dict[str, int] = {}
    try:
        if (size := path.stat().st_size) > LIMIT:
            raise DataError(f"{path}: {size:,} bytes are above the limit of {LIMIT:,}; save it as .npz")
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            rows = (row for row in reader if row)
            first, lines, second = next(rows, []), reader.line_num, next(rows, [])
            headings, top = (lines, second) if _are_headings(first, second) else (0, first)
            quote = "; a quotation mark may not be closed" * any("\n" in cell for cell in first)
            if not top:
                raise DataError(f"{path}: the table has no rows{quote}")
            if len(top) < 2:
                raise DataError(f"{path}: a row holds {top[0][:30]!r} alone; {_EXPECTED}, with commas between{quote}")
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
                converters={0: lambda cell: named.setdefault(_name(cell), len(named))} if names else None,
            )
    except UnicodeDecodeError:
        raise DataError(f"{path}: not a table of text; save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise DataError(f"{path}: {error}") from None
    except ValueError as error:
        raise DataError(f"{path}{_first_fault(path, headings, names) or f': {error}'}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not (np.isfinite(table).all() and (names or _are_labels(table[:, 0]).all())):
        raise DataError(f"{path}{_first_fault(path, headings, names) or ': a number is too large'}")
    x, y = _as_images(table[:, 1:]), table[:, 0]
    if not names:
        return x, y, ()
    classes = sorted(named)
    return x, np.argsort([named[name] for name in classes])[y.astype(np.int64)], tuple(classes)


def _are_headings(first: list[str], second: list[str]) -> bool:
    """Whether a table's first row names its columns: no number is where one belongs, or the next row has one first."""
    number, below = ([_is_number(cell) for cell in row] for row in (first, second))
    return (len(first) > 1 and not any(number[1:])) or below[:1] > number[:1]


def _are_labels(y: np.ndarray) -> np.ndarray:
    """Whether each number can be a label; (n,) bool."""
    return (y >= 0) & (y < MOST_CLASSES) & (y == np.floor(y))


def _first_fault(path: Path, headings: int, names: bool) -> str | None:
    """Where a table first goes wrong: the fast reader counts lines now from 0 and now from 1."""
    width = 0
    with open(path, encoding="utf-8-sig", newline="") as file, suppress(csv.Error):
        for line, row in enumerate(csv.reader(file), 1):
            if line > headings and row:
                width = width or len(row)
                if (fault := _fault(row, width, names)) is not None:
                    return f", line {line}: {fault}; repair or remove the line"
    return None


def _fault(row: list[str], width: int, names: bool) -> str | None:
    if names and not row[0].strip():
        return "the label is missing"
    for column, cell in enumerate(row, 1):
        if column == 1 and names:
            continue
        if not _is_number(cell):
            return f"{cell[:30]!r} in column {column} is not a number; {_EXPECTED}"
        if not abs(float(cell)) <= _LARGEST:
            return f"{cell[:30]!r} in column {column} is no finite number, or above {_LARGEST:.1e}"
    if not names and not _are_labels(np.array(float(row[0]))):
        return f"the label {row[0][:30]!r} is no whole number from 0 to the number of classes less 1"
    return f"{len(row)} columns, where the first row has {width}" if len(row) != width else None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _name(cell: str) -> str:
    if not cell.strip():
        raise ValueError
    return cell.strip()


def _as_images(rows: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # from numbers that are no bytes
        as_bytes = rows.astype(np.uint8)
    if not np.array_equal(as_bytes, rows):
        return rows
    side = isqrt(rows.shape[1])
    return as_bytes.reshape(-1, side, side) if side**2 == rows.shape[1] and side >= _SMALLEST_IMAGE else as_bytes
