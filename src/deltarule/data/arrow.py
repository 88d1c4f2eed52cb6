"""Arrow files: the IPC formats of Arrow with the endings ``.arrow`` and ``.feather``, of a file or of a stream.

Needs pyarrow and narwhals, from the extra ``tables``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deltarule.data.column_reader import ColumnReader
from deltarule.data.columns import Values
from deltarule.data.frames import adopt, convert_frame
from deltarule.data.library_errors import translate_each, translating
from deltarule.errors import require_extra

_FILE = b"ARROW1"  # the beginning of a file that is no stream
_STREAM_END = b"\xff\xff\xff\xff\0\0\0\0"
_OLD = b"FEA1"  # the beginning of the first version of Feather
_AGAIN = "save the table again"


def open_arrow(path: Path) -> ColumnReader:
    """Open an Arrow file, of which one batch is in memory at a time.

    Raises:
        DataError: For a damaged file.
        MissingExtra: If pyarrow is not installed.

    >>> from tempfile import TemporaryDirectory
    >>> import pyarrow.feather
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "soils.feather"
    ...     pyarrow.feather.write_feather(pyarrow.table({"soil": ["clay", "sand"], "depth": [2, 300]}), path)
    ...     reader = open_arrow(path)
    ...     reader.names, reader.read().x.tolist()
    (('soil', 'depth'), [[0.0, 2.0], [1.0, 300.0]])
    """
    with translating(path, "an Arrow file", _AGAIN):
        names = next(_read(path))
        notes = [] if _has_end(path) else ["the file has no mark at its end, so rows may be missing"]

    def load(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        batches = _read(path)
        next(batches)  # the names
        for batch in translate_each(batches, path, "an Arrow file", _AGAIN):
            yield from convert_batch(path, batch, names, rows)

    return ColumnReader(str(path), names, load, notes)


def convert_batch(path: Path, batch: Any, names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
    """Convert a batch of Arrow in parts of at most so many rows."""
    for start in range(0, batch.num_rows, rows):
        with translating(path, "a table"):
            columns = convert_frame(adopt(batch.slice(start, rows).select(names)), names)
        yield columns


def _read(path: Path) -> Iterator[Any]:
    """Yield the names of the columns, then the batches."""
    with require_extra("tables", "Arrow files"):
        import pyarrow as pa
        from pyarrow import feather
    with open(path, "rb") as file:
        start = file.read(len(_FILE))
    if start.startswith(_OLD):
        table = feather.read_table(path)
        yield table.column_names
        yield from table.to_batches()
    elif start == _FILE:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            yield reader.schema.names
            for i in range(reader.num_record_batches):
                yield _validate(reader.get_batch(i))
    else:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as reader:
            yield reader.schema.names
            yield from map(_validate, reader)


def _validate(batch: Any) -> Any:
    """Return a batch. Raises an error of pyarrow for damaged offsets and codes, by which other memory would be read."""
    batch.validate(full=True)
    return batch


def _has_end(path: Path) -> bool:
    """Return False for a stream that may be truncated; other files are whole if their names can be read."""
    with open(path, "rb") as file:
        if file.read(len(_FILE)).startswith((_FILE, _OLD)):
            return True
        file.seek(-len(_STREAM_END), 2)
        return file.read() == _STREAM_END
