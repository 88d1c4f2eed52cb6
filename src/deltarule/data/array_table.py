"""Arrays of numbers, (n, columns), as tables without a heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from deltarule.data.array_file import read_arrays
from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values, convert_numbers, slice_columns
from deltarule.data.options import DataOptions
from deltarule.errors import DataError


def open_array(x: np.ndarray, source: str) -> ColumnReader:
    """Open an array as a table of columns without names. Raises :class:`DataError` unless it has two axes.

    >>> open_array(np.eye(2), "an array").read().x.tolist()
    [[1, 0], [0, 1]]
    """
    if x.ndim != 2:
        raise DataError(expected="rows of numbers, (n, columns)", value=x.shape, path=source)
    names = [f"column {i}" for i in range(1, x.shape[1] + 1)]
    none = np.zeros(len(x), np.bool_)
    x = x.astype(np.uint8) if x.dtype.kind == "b" else x  # a mask, not words

    def load(chosen: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        columns = {name: convert_numbers(x[:, names.index(name)], none) for name in chosen}
        return slice_columns(columns, len(x), rows)

    return ColumnReader(source, names, load, has_names=False, rows=len(x))


def open_array_file(path: Path, options: DataOptions) -> ColumnReader:
    """Open the examples in a file of arrays as a table; of several parts, those of the test set.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "new.npy"
    ...     np.save(path, np.eye(2))
    ...     open_array_file(path, DataOptions()).names
    ('column 1', 'column 2')
    """
    parts = read_arrays(path, options).parts
    return open_array((parts["test"] if "test" in parts else next(iter(parts.values())))[0], str(path))
