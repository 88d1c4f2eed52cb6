"""Structured arrays of NumPy, whose fields are the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values, convert_numbers, convert_objects, slice_columns
from deltarule.data.library_errors import translating
from deltarule.data.numpy_files import decode_text, read_npy
from deltarule.errors import DataError


def open_structured_file(path: Path) -> ColumnReader:
    """Open an ``.npy`` file with a structured array.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soils.npy"
    ...     np.save(path, np.array([("clay", 2), ("sand", 300)], [("soil", "U4"), ("depth", int)]))
    ...     table = open_structured_file(path).read()
    >>> table.columns[0].words, table.x.tolist()
    (('clay', 'sand'), [[0.0, 2.0], [1.0, 300.0]])
    """
    return open_structured_array(read_npy(path), str(path))


def open_structured_array(array: np.ndarray, source: str = "a structured array") -> ColumnReader:
    """Open a structured array as a table. Raises :class:`DataError` for an array without named fields, or of 2 axes."""
    if array.dtype.names is None or array.ndim != 1:
        raise DataError(expected="a structured array, (n,)", value=f"{array.dtype} of shape {array.shape}", path=source)

    def load(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        with translating(source, "columns of numbers or text"):
            columns = {name: _convert(array[name]) for name in names}
        return slice_columns(columns, len(array), rows)

    return ColumnReader(source, array.dtype.names, load, rows=len(array))


def _convert(field: np.ndarray) -> Values:
    none = np.zeros(len(field), np.bool_)
    if field.ndim > 1 or field.dtype.kind in "Vc":
        return Values(none, problem="arrays" if field.ndim > 1 else f"{field.dtype} values")
    if field.dtype.kind in "biuf":
        mask = np.ma.getmaskarray(field) if np.ma.isMaskedArray(field) else none
        return convert_numbers(np.ma.getdata(field), mask)
    if field.dtype.kind in "US":
        return convert_objects(decode_text(field).tolist(), none)
    missing = np.isnat(field) if field.dtype.kind in "mM" else np.array([one is None for one in field.tolist()], bool)
    return convert_objects(field.tolist(), missing)
