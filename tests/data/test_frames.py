from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests.fields import has

from deltarule import limits
from deltarule.data import frames
from deltarule.data.frames import is_frame, open_frame
from deltarule.errors import DataError

ROWS = {
    "whole": [3, 300, 7],
    "byte": [0, 255, 1],
    "real": [0.5, 2.0, -1.0],
    "flag": [True, False, True],
    "word": ["b", " a ", "b"],
    "day": [dt.date(2020, 1, 1), dt.date(2020, 1, 2), dt.date(2020, 1, 1)],
}
HOLES = {"whole": [3, None, 7], "real": [0.5, None, -1.0], "flag": [True, None, False], "word": ["b", None, ""]}


class Capsule:
    """An object that only exchanges its data by the Arrow C stream interface."""

    def __init__(self, frame):
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema=None):
        return self._frame.__arrow_c_stream__(requested_schema)


class Interchange:
    """An object that only exchanges its data by the interchange protocol of data frames."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self._frame.__dataframe__(nan_as_null, allow_copy)


MAKERS = {
    "pandas": pd.DataFrame,
    "pandas, nullable": lambda rows: pd.DataFrame(rows).convert_dtypes(),
    "pandas, pyarrow": lambda rows: pa.table(rows).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, objects": lambda rows: pd.DataFrame(rows, dtype=object),
    "polars": pl.DataFrame,
    "polars, lazy": pl.LazyFrame,
    "pyarrow": pa.table,
    "record batch": pa.record_batch,
    "record batches": lambda rows: pa.table(rows).to_reader(),
    "capsule": lambda rows: Capsule(pa.table(rows)),
}
each_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@each_maker
def test_numbers_are_numbers_and_text_is_words(make):
    reader = open_frame(make(ROWS))
    assert reader.names == tuple(ROWS)
    assert reader.sample[1] == ["300", "255", "2", "False", "a", "2020-01-02"]
    table = reader.read()
    assert table.x.tolist() == [[3, 0, 0.5, 0, 0, 0], [300, 255, 2, 1, 1, 1], [7, 1, -1, 0, 0, 0]]
    assert {column.name: column.words for column in table.columns if column.words} == {
        "flag": ("True", "False"),
        "word": ("b", "a"),
        "day": ("2020-01-01", "2020-01-02"),
    }
    assert table.lines.tolist() == [1, 2, 3]


@each_maker
def test_missing_values_stay_missing(make):
    reader = open_frame(make(HOLES))
    assert reader.read().x.tolist() == pytest.approx(
        np.array([[3, 0.5, 0, 0], [np.nan] * 4, [7, -1, 1, np.nan]]), nan_ok=True
    )
    reader = open_frame(make(HOLES))
    text = reader.read(text=reader.names).text
    assert [cells.tolist() for cells in text.values()] == [
        ["3", "", "7"],
        ["0.5", "", "-1"],
        ["True", "", "False"],
        ["b", "", ""],
    ]


def test_a_frame_of_the_interchange_protocol_is_read():
    assert open_frame(Interchange(pa.table(HOLES))).read(skip=["flag", "word"]).x[2].tolist() == [7, -1]


def test_bytes_are_kept_as_bytes():
    table = open_frame(pl.DataFrame({"a": [1.0, 255.0], "b": [0, 3], "c": [256, 0]})).read(skip=["c"])
    assert (table.x.dtype, table.x.flags.c_contiguous) == (np.uint8, True)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["u", None, "v"], dtype="category"),
        pl.Series(["u", None, "v"], dtype=pl.Categorical),
        pl.Series(["u", None, "v"], dtype=pl.Enum(["v", "u"])),
        pa.array(["u", None, "v"]).dictionary_encode(),
    ],
    ids=["pandas", "polars", "polars enum", "pyarrow"],
)
def test_categories_are_words_and_never_codes(column):
    frame = {pd.Series: pd.DataFrame, pl.Series: pl.DataFrame}.get(type(column), pa.table)({"kind": column})
    table = open_frame(frame).read()
    assert [table.columns[0].words[int(i)] for i in table.x[[0, 2], 0]] == ["u", "v"]
    assert np.isnan(table.x[1, 0])


def test_categories_of_numbers_are_words():
    table = open_frame(pd.DataFrame({"kind": pd.Categorical([7, 5, 7])})).read()
    assert (table.columns[0].words, table.x[:, 0].tolist()) == (("7", "5"), [0, 1, 0])


def test_text_of_numbers_is_exact():
    frame = pl.DataFrame(
        {
            "float16": pl.Series([0.5, 65504.0, float("nan")], dtype=pl.Float16),
            "float32": pl.Series([0.1, 1e-8, 16777216.0], dtype=pl.Float32),
            "float64": [float("inf"), 1e22, -0.0],
            "int64": [2**63 - 1, -(2**63), 0],
            "int128": pl.Series([2**100, 1, 0], dtype=pl.Int128),
            "decimal": [Decimal("1.50"), Decimal("2.00"), Decimal("0.25")],
        }
    )
    text = open_frame(frame).read(text=frame.columns).text
    assert {name: cells.tolist() for name, cells in text.items()} == {
        "float16": ["0.5", "65504", ""],
        "float32": ["0.1", "1e-08", "16777216"],
        "float64": ["inf", "1e+22", "0"],
        "int64": ["9223372036854775807", "-9223372036854775808", "0"],
        "int128": [str(2**100), "1", "0"],
        "decimal": ["1.5", "2", "0.25"],
    }


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**64 - 1, 2**80])
def test_whole_numbers_that_are_not_exact_are_refused(value):
    reader = open_frame(pd.DataFrame({"a": [1, 2], "id": [1, value]}))
    with pytest.raises(DataError, check=has(value=value, position='row 2, column "id"')):
        reader.read()
    assert reader.read(text=["id"]).text["id"].tolist() == ["1", str(value)]
    assert reader.read(skip=["id"]).x.tolist() == [[1], [2]]
    assert open_frame(pd.DataFrame({"a": [2**53]})).read().x[0, 0] == 2**53


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"a": [1], "odd": [[1, 2]]}),
        pl.DataFrame({"a": [1], "odd": [{"b": 1}]}),
        pd.DataFrame({"a": [1], "odd": [[1, 2]]}),
        pd.DataFrame({"a": [1], "odd": [b"1"]}),
        pd.DataFrame({"a": [1], "odd": [1j]}),
        pd.DataFrame({"a": [1], "odd": [np.zeros(2)]}),
        pd.DataFrame({"a": [1], "odd": [object()]}),
        pa.table({"a": [1], "odd": [b"1"]}),
    ],
)
def test_columns_of_other_values_are_refused_by_name(frame):
    reader = open_frame(frame)
    assert reader.sample[0][1].endswith("values)")
    with pytest.raises(DataError, check=has(position='column "odd"')):
        reader.read()
    assert reader.read(skip=["odd"]).x.tolist() == [[1]]


@pytest.mark.parametrize("names", [["a", "a"], [1, "1"], [None, ""]])
def test_duplicate_names_are_refused(names):
    with pytest.raises(DataError, check=has(value=str(names[0] or ""), path="mine")):
        open_frame(pd.DataFrame([[1, 2]], columns=names), "mine")


def test_names_become_text_and_the_index_is_left_out():
    reader = open_frame(pd.DataFrame(np.eye(2), columns=[0, ("a", "b")]))
    assert (reader.names, reader.notes) == (("0", "('a', 'b')"), ())
    reader = open_frame(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]))
    assert reader.names == ("a",)
    assert "index" in reader.notes[0]


def test_numbers_as_text_are_words_with_a_note():
    reader = open_frame(pl.DataFrame({"a": ["007", "7"], "b": ["x", "7"]}))
    assert [note for note in reader.notes if '"a"' in note] == list(reader.notes)
    assert reader.read().columns[0].words == ("007", "7")


def test_words_that_are_stated_keep_their_positions():
    reader = open_frame(pd.DataFrame({"soil": ["mud", "clay", None], "n": ["1", "2.5", "NA"], "code": [7, 5, 7]}))
    table = reader.read(words={"soil": ("sand", "clay"), "code": ("5", "7")})
    assert table.columns[0].words == ("sand", "clay", "mud")
    np.testing.assert_array_equal(table.x, [[2, 1, 1], [1, 2.5, 0], [np.nan, np.nan, 1]])
    with pytest.raises(DataError, check=has(value="clay", position='row 2, column "soil"')):
        open_frame(pd.DataFrame({"soil": ["1", "clay"]})).read(words={})


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), "1e999", np.longdouble("1e4000")])
def test_infinite_numbers_are_refused(value):
    words = {} if isinstance(value, str) else None
    reader = open_frame(pd.DataFrame({"a": np.array([1 if words is None else "1", value]), "b": [1, 2]}))
    with pytest.raises(DataError, check=has(position='row 2, column "a"')):
        reader.read(words=words)
    assert reader.read(skip=["a"]).x.tolist() == [[1], [2]]


def test_blocks_are_the_table_in_parts():
    frame = pl.DataFrame({"word": list("abcbd"), "n": [1, 2, 3, 4, 5000], "y": list("vwxyz")})
    blocks = list(open_frame(frame).blocks(2, text=["y"]))
    whole = open_frame(frame).read(text=["y"])
    np.testing.assert_array_equal(np.concatenate([block.x for block in blocks]), whole.x)
    assert np.concatenate([block.text["y"] for block in blocks]).tolist() == list("vwxyz")
    assert np.concatenate([block.lines for block in blocks]).tolist() == [1, 2, 3, 4, 5]
    assert [len(block.columns[0].words) for block in blocks] == [2, 3, 4]
    assert sum(len(block.x) for block in open_frame(pl.DataFrame({"a": range(2500)})).blocks(1000)) == 2500


def test_mixed_objects_have_one_kind_in_all_blocks():
    frame = pd.DataFrame({"a": pd.Series([1, 2, "x"], dtype=object)})
    assert [block.columns[0].words for block in open_frame(frame).blocks(2)] == [("1", "2"), ("1", "2", "x")]


def test_times_keep_their_time():
    table = open_frame(pd.DataFrame({"t": pd.to_datetime(["2020-01-01 10:00", None])})).read(text=["t"])
    assert table.text["t"].tolist() == ["2020-01-01 10:00:00", ""]


@pytest.mark.parametrize("value", [3, "text", {"a": 1}, None, pd.Series([1])])
def test_other_objects_are_refused(value):
    assert not is_frame(value)
    with pytest.raises(DataError, match="expected a data frame"):
        open_frame(value)


@each_maker
def test_frames_are_recognized(make):
    assert is_frame(make(ROWS))


def test_empty_frames_are_refused():
    with pytest.raises(DataError, match="got none"):
        open_frame(pd.DataFrame())
    with pytest.raises(DataError, match="got none"):
        open_frame(pd.DataFrame({"a": []})).read()


def test_too_many_words_are_refused():
    reader = open_frame(pl.DataFrame({"a": [f"w{i}" for i in range(10_001)]}))
    with pytest.raises(DataError, check=has(position='row 10001, column "a"')):
        reader.read()


def test_a_table_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "ARRAY_BYTES", 100)
    with pytest.raises(DataError, match="100 bytes at most"):
        open_frame(pl.DataFrame({"a": np.arange(101) / 2})).read()


def test_a_missing_narwhals_is_named():
    code = (
        "import sys; sys.modules['narwhals'] = None\n"
        "from deltarule.data.frames import open_frame\n"
        "from deltarule.errors import MissingExtra\n"
        "try: open_frame({})\n"
        "except MissingExtra as error: print(error.remedy)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "install it: pip install 'deltarule[tables]'\n"


def test_the_module_imports_no_frame_library():
    assert frames.open_frame.__globals__.get("nw") is None
