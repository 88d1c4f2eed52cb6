"""The same table in different formats has the same columns."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from tests.fields import has

from deltarule.data.array_table import open_array
from deltarule.data.column_references import find_columns
from deltarule.data.frames import open_frame
from deltarule.data.options import DataOptions
from deltarule.data.structured_array import open_structured_array
from deltarule.data.table_sources import open_table
from deltarule.data.user_data import load
from deltarule.errors import DataError

FORMATS = ("csv", "parquet", "feather", "xlsx", "frame", "structured array")


def open_as(kind, frame, folder):
    """Open a frame in another format."""
    path = folder / f"mine.{kind}"
    if kind == "frame":
        return open_frame(frame)
    if kind == "structured array":
        return open_structured_array(frame.to_records(index=False))
    if kind in ("csv", "xlsx"):
        getattr(frame, {"csv": "to_csv", "xlsx": "to_excel"}[kind])(path, index=False)
    else:
        getattr(frame, f"to_{kind}")(path)
    return open_table(path, DataOptions())


@pytest.mark.parametrize("kind", FORMATS)
def test_names_of_columns_are_normalized_in_all_formats(kind, tmp_path):
    frame = pd.DataFrame({" body   mass ": [1.5, 2.5], "soil\ttype": ["clay", "sand"], "y": [1, 2]})
    reader = open_as(kind, frame, tmp_path)
    assert reader.names == ("body mass", "soil type", "y")
    table = reader.read(text=["y"], skip=["soil type"])
    assert ([column.name for column in table.columns], table.x.tolist()) == (["body mass"], [[1.5], [2.5]])
    assert reader.sample[0] == ["1.5", "clay", "1"]
    assert find_columns([" body   mass "], reader.names, "label")[0] == ("body mass",)


def test_names_that_are_equal_but_for_spaces_are_refused():
    with pytest.raises(DataError, check=has(value="a b")):
        open_frame(pd.DataFrame({"a b": [1], "a  b": [2]}))


@pytest.mark.parametrize("kind", FORMATS)
def test_truth_values_are_words_in_all_formats(kind, tmp_path):
    frame = pd.DataFrame({"ill": [True, False, True], "age": [3.5, 4.5, 5.5]})
    reader = open_as(kind, frame, tmp_path)
    table = reader.read()
    assert (table.columns[0].words, table.columns[1].words) == (("True", "False"), ())
    assert table.x[:, 0].tolist() == [0, 1, 0]
    table = reader.read(words={"ill": ("False", "True")})
    assert table.x[:, 0].tolist() == [1, 0, 1]


def test_arrays_of_truth_values_are_numbers():
    table = open_array(np.array([[True, False], [False, False]]), "a mask")
    assert (table.read().x.tolist(), table.read().columns[0].words) == ([[1, 0], [0, 0]], ())


LARGE = 2**53 + 1


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "xlsx"])  # pandas rounds them for Excel
def test_whole_numbers_that_are_not_exact_are_refused_unless_skipped(kind, tmp_path):
    frame = pd.DataFrame({"s": [1, 2, 2**60 + 1], "a": [1.5, 1e300, -2.5], "t": [0, 1, 2]})
    reader = open_as(kind, frame, tmp_path)
    with pytest.raises(DataError, match=f"got '?{2**60 + 1}") as raised:
        reader.read(text=["t"])
    assert raised.value.position == ('line 4, column "s"' if kind == "csv" else 'row 3, column "s"')
    assert reader.read(skip=["s"]).x[:, 0].tolist() == [1.5, 1e300, -2.5]
    assert reader.read(text=["s"]).text["s"][2] == str(2**60 + 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", f"a,b\n0.5,1\n1.5,{LARGE}\n1e300,2\n"),
        ("a.csv", f"a;b\n0,5;1\n1,5;-{LARGE}\n2;2\n"),
        ("a.arff", f"@relation r\n@attribute a real\n@attribute b real\n@data\n1e300,?\n2,{LARGE}\n"),
        ("a.svm", f"1 1:1e300\n2 1:2 2:{LARGE}\n"),
    ],
)
def test_files_of_text_keep_all_digits_or_refuse_them(name, text, tmp_path):
    (path := tmp_path / name).write_text(text)
    reader = open_table(path, DataOptions())
    with pytest.raises(DataError, match="2\\^53") as raised:
        reader.read()
    assert raised.value.position.endswith(f'column "{reader.names[-1]}"')
    assert f"{LARGE}" in str(raised.value.value)
    with pytest.raises(DataError, match="2\\^53"):
        list(reader.blocks(2, words={}))
    reader.read(skip=reader.names[-1:])


def test_decimals_of_databases_are_whole_numbers():
    frame = pd.DataFrame({"s": [Decimal(LARGE), Decimal(1)]})
    with pytest.raises(DataError, check=has(value=LARGE)):
        open_frame(frame).read()
    assert open_frame(pd.DataFrame({"s": [Decimal("1e300"), Decimal("0.5")]})).read().x[0, 0] == 1e300


def test_numbers_as_text_in_excel_are_exact(tmp_path):
    workbook = Workbook()
    for row in [("s", "a"), (1, 2), (str(LARGE), 3)]:
        workbook.active.append(row)
    workbook.save(path := tmp_path / "mine.xlsx")
    with pytest.raises(DataError, check=has(value=LARGE, position='row 3, column "s"')):
        open_table(path, DataOptions()).read()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_table_knows_the_columns_that_were_skipped(kind, tmp_path):
    frame = pd.DataFrame({"a": [1.5, 2.5], "id": [7, 8], "y": [1, 2]})
    reader = open_as(kind, frame, tmp_path)
    assert reader.read(text=["y"], skip=["id"]).skipped == ("id",)
    assert reader.read(skip=["y", "a"], words={}).skipped == ("a", "y")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_other_columns_of_a_test_file_are_noted_unless_ignored(kind, tmp_path):
    frame = pd.DataFrame({"a": np.arange(40) / 7, "y": ["u", "v"] * 20})
    frame.to_csv(path := tmp_path / "train.csv", index=False)
    other = open_as(kind, frame.assign(a=frame.a + 100, day=1, who="x"), tmp_path).source
    own = load(path, options=DataOptions(label="y", test=other))
    assert "the test set has other columns, left out: day, who" in own.notes
    own = load(path, options=DataOptions(label="y", test=other, ignore=("who", "day")))
    assert not any("other columns" in note for note in own.notes)
    with pytest.raises(DataError, check=has(argument="ignore", value="whom")):
        load(path, options=DataOptions(label="y", test=other, ignore=("whom",)))
    with pytest.raises(DataError, check=has(argument="ignore", value="who")):
        load(path, options=DataOptions(label="y", ignore=("who",)))
