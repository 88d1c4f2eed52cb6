"""Parquet files, read in batches. Needs pyarrow and narwhals, from the extra ``tables``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deltarule.data.arrow import convert_batch
from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values
from deltarule.data.library_errors import translate_each, translating
from deltarule.errors import require_extra

_AGAIN = "save the table again"
_BATCH = 2**14


def open_parquet(path: Path) -> ColumnReader:
    """Open a Parquet file, of which one batch is in memory at a time.

    Raises:
        DataError: For a damaged file.
        MissingExtra: If pyarrow is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> import pyarrow.parquet
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soils.parquet"
    ...     pyarrow.parquet.write_table(pyarrow.table({"soil": ["clay", "sand"], "depth": [2, 300]}), path)
    ...     reader = open_parquet(path)
    ...     reader.names, reader.read().x.tolist()
    (('soil', 'depth'), [[0.0, 2.0], [1.0, 300.0]])
    """
    with translating(path, "a Parquet file", _AGAIN), open_file(path) as file:
        names, n = file.schema_arrow.names, file.metadata.num_rows

    def load(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        for batch in translate_each(read_batches(path, names, min(rows, _BATCH)), path, "a Parquet file", _AGAIN):
            yield from convert_batch(path, batch, names, rows)

    return ColumnReader(str(path), names, load, rows=n)


def open_file(path: Path) -> Any:
    """Open a Parquet file by pyarrow."""
    with require_extra("tables", "Parquet files"):
        from pyarrow.parquet import ParquetFile
    return ParquetFile(path, page_checksum_verification=True, memory_map=False)


def read_batches(path: Path, names: Sequence[str], rows: int) -> Iterator[Any]:
    """Read columns in batches of pyarrow of at most so many rows."""
    with open_file(path) as file:
        for batch in file.iter_batches(rows, columns=list(names)):
            batch.validate(full=True)
            yield batch
