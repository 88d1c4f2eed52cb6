"""Files of tables by their ending: Parquet, Arrow, Excel, ARFF, LIBSVM, and structured arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deltarule.data.arff import open_arff
from deltarule.data.arrow import open_arrow
from deltarule.data.excel import open_excel
from deltarule.data.json_text import JSON_REMEDY, LINES_REMEDY
from deltarule.data.libsvm import is_libsvm, open_libsvm
from deltarule.data.numpy_files import is_structured
from deltarule.data.options import DataOptions
from deltarule.data.parquet import open_parquet
from deltarule.data.structured_array import open_structured_file
from deltarule.data.table import TableReader
from deltarule.errors import DataError

_OPENERS: Mapping[str, Callable[[Path], TableReader]] = {
    ".parquet": open_parquet,
    ".pq": open_parquet,
    ".arrow": open_arrow,
    ".feather": open_arrow,
    ".arff": open_arff,
}
_LIBSVM = (".libsvm", ".svm", ".svmlight", ".t")
_MAYBE_LIBSVM = ("", ".scale", ".tr", ".val")  # the names of LIBSVM's own data sets, such as usps
_EXCEL = (".xlsx", ".xlsm")
_UNREAD = {
    ".bz2": "unpack it",
    ".xz": "unpack it",
    ".zip": "unpack it; only archives of pictures are read",
    ".zst": "unpack it",
    ".xls": "save it as .xlsx, or as CSV",
    ".ods": "save it as .xlsx, or as CSV",
    ".sav": "save the table as CSV or Parquet",
    ".dta": "save the table as CSV or Parquet",
    ".pkl": "save the arrays with numpy.savez, or the table as CSV or Parquet; pickles are never opened",
    ".pickle": "save the arrays with numpy.savez, or the table as CSV or Parquet; pickles are never opened",
    ".pt": "save the arrays with numpy.savez; pickles are never opened",
    ".pth": "save the arrays with numpy.savez; pickles are never opened",
    ".json": JSON_REMEDY,
    ".jsonl": LINES_REMEDY,
    ".ndjson": LINES_REMEDY,
    ".rds": "save the table as CSV or Parquet",
}

SUFFIXES = (*_OPENERS, *_LIBSVM, *_EXCEL)
"""The endings of the files that :func:`open_table_file` opens; those of text may be followed by ``.gz``."""


def open_table_file(path: Path, options: DataOptions | None = None, columns: Sequence[str] = ()) -> TableReader | None:
    """Open a file of a table; return None if its ending is not one of :data:`SUFFIXES`.

    An ``.npy`` file is a table if its array has named fields.

    Args:
        path: The file.
        options: What is stated about the table.
        columns: The input columns that a model knows. A LIBSVM file takes its width from them.

    Raises:
        DataError: For damaged files, and for formats that are known but not read, with the way on.
        MissingExtra: If a format needs the extra ``tables``.

    >>> open_table_file(Path("iris.csv")) is None
    True
    """
    suffix = path.suffix.lower()
    if suffix == ".gz":
        suffix = Path(path.stem).suffix.lower()
    if suffix in _LIBSVM or (suffix in _MAYBE_LIBSVM and is_libsvm(path)):
        return open_libsvm(path, columns)
    if suffix in _EXCEL:
        return open_excel(path, options)
    if suffix == ".npy":
        return open_structured_file(path) if is_structured(path) else None
    if suffix in _UNREAD:
        raise DataError(expected="a file of another format", value=suffix, path=path, remedy=_UNREAD[suffix])
    return _OPENERS[suffix](path) if suffix in _OPENERS else None
