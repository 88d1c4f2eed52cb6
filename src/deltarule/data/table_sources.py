"""Tables of any format, opened by the ending of their file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deltarule.data.array_file import SUFFIXES
from deltarule.data.array_table import open_array_file
from deltarule.data.delimited import open_delimited
from deltarule.data.error_context import reading
from deltarule.data.options import DataOptions
from deltarule.data.table import TableReader, check_column_number
from deltarule.data.table_file import open_table_file

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".pgm", ".ppm"})
"""The endings of pictures."""


def is_table(path: Path) -> bool:
    """Return True for a file that is no picture and no file of arrays.

    >>> is_table(Path("mnist")), is_table(Path("digits.npz"))
    (False, False)
    """
    return path.expanduser().is_file() and path.suffix.lower() not in {*SUFFIXES, *PICTURES}


def open_table(path: Path, options: DataOptions, columns: Sequence[str] = ()) -> TableReader:
    """Open a table: Parquet, Arrow, Excel, ARFF, LIBSVM or an array by its ending, otherwise delimited text.

    ``columns`` are the input columns that a model knows, which give a LIBSVM file its width. Raises :class:`DataError`
    for a damaged file, and for one that is no table.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "trees.csv")
    ...     _ = path.write_text("species,height\\noak,1.5\\nelm,2.25\\n")
    ...     open_table(path, DataOptions()).names
    ('species', 'height')
    """
    reader = open_table_file(path, options, columns)
    if reader is None and path.suffix.lower() in SUFFIXES:
        return open_array_file(path, options)
    reader = reader or open_delimited(path, options)
    with reading(path):
        check_column_number(len(reader.names))
    return reader
