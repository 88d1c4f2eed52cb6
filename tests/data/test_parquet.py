from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather
from pyarrow import parquet as pq
from tests.fields import has

from deltarule import limits
from deltarule.data.arrow import open_arrow
from deltarule.data.parquet import open_parquet
from deltarule.errors import DataError

TABLE = pa.table(
    {
        "n": [1, None, 3, 400, 5],
        "word": ["b", "a", None, "c", "b"],
        "kind": pa.array(["u", "v", "u", None, "v"]).dictionary_encode(),
        "a.b": [0.5, 1.0, float("nan"), 2.0, 3.0],
        "y": ["x", "y", "x", "y", "x"],
    }
)
EXPECTED = [[1, 0, 0, 0.5], [np.nan, 1, 1, 1], [3, np.nan, 0, np.nan], [400, 2, np.nan, 2], [5, 0, 1, 3]]


def write_stream(table, path):
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_feather(table, path):
    feather.write_feather(table, str(path), compression="zstd", chunksize=2)


def write_parquet(table, path):
    pq.write_table(table, path, row_group_size=2)


FORMATS = {
    "parquet": (write_parquet, open_parquet),
    "feather": (write_feather, open_arrow),
    "stream": (write_stream, open_arrow),
}
each_format = pytest.mark.parametrize(("write", "open_table"), FORMATS.values(), ids=FORMATS)


@each_format
def test_tables_are_read(tmp_path, write, open_table):
    write(TABLE, path := tmp_path / "mine")
    reader = open_table(path)
    assert reader.names == tuple(TABLE.column_names)
    assert reader.sample[1] == ["", "a", "v", "1", "y"]
    table = reader.read(text=["y"])
    np.testing.assert_array_equal(table.x, EXPECTED)
    assert [column.words for column in table.columns] == [(), ("b", "a", "c"), ("u", "v"), ()]
    assert table.text["y"].tolist() == list("xyxyx")
    assert table.lines.tolist() == [1, 2, 3, 4, 5]
    assert table.notes == ()
    np.testing.assert_array_equal(reader.read(skip=["word", "kind", "y"]).x, np.array(EXPECTED)[:, [0, 3]])


@each_format
@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_blocks_are_the_table_in_parts(tmp_path, write, open_table, rows):
    write(TABLE, path := tmp_path / "mine")
    blocks = list(open_table(path).blocks(rows, text=["y"]))
    np.testing.assert_array_equal(np.concatenate([block.x for block in blocks]), EXPECTED)
    assert np.concatenate([block.lines for block in blocks]).tolist() == [1, 2, 3, 4, 5]
    assert max(len(block.x) for block in blocks) <= rows
    assert blocks[-1].columns[1].words == ("b", "a", "c")


def test_frames_that_pandas_wrote_are_read(tmp_path):
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": pd.Categorical(["x", "y"])}, index=["r", "s"])
    frame.to_parquet(path := tmp_path / "mine.parquet")
    reader = open_parquet(path)
    assert reader.names == ("a", "b", "__index_level_0__")
    np.testing.assert_array_equal(reader.read(skip=["__index_level_0__"]).x, [[1, 0], [np.nan, 1]])


@each_format
def test_duplicate_names_and_nested_columns_are_refused(tmp_path, write, open_table):
    write(pa.table([[1], [[2]]], names=["a", "odd"]), path := tmp_path / "mine")
    with pytest.raises(DataError, check=has(position='column "odd"', path="mine")):
        open_table(path).read()
    write(pa.table([[1], [2]], names=["a", "a"]), path)
    with pytest.raises(DataError, check=has(value="a", path="mine")):
        open_table(path)


@each_format
def test_other_files_are_refused(tmp_path, write, open_table):
    for content in (b"", b"PAR1", b"ARROW1\0\0", b"text,1\n2,3\n", bytes(1000)):
        (path := tmp_path / "mine").write_bytes(content)
        with pytest.raises(DataError, check=has(path="mine")):
            open_table(path).read()
    with pytest.raises(DataError, check=has(path="none")):
        open_table(tmp_path / "none")


@each_format
def test_a_truncated_file_is_refused(tmp_path, write, open_table):
    write(TABLE, path := tmp_path / "mine")
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, 41):
        path.write_bytes(whole[:length])
        try:
            n = len(open_table(path).read().x)
        except DataError:
            continue
        assert n < 5
        assert "no mark at its end" in open_table(path).notes[0]


def test_a_table_above_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    pq.write_table(pa.table({"a": np.zeros(10_000_000, np.uint8)}), path := tmp_path / "mine")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(limits, "ARRAY_BYTES", 1_000_000)
    before = pa.total_allocated_bytes()
    with pytest.raises(DataError, match="1,000,000 bytes at most"):
        open_parquet(path).read()
    assert pa.total_allocated_bytes() == before
