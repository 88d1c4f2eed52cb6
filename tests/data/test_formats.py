"""The same table in different formats has the same columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.fields import has

from deltarule.data.array_table import open_array
from deltarule.data.column_references import find_columns
from deltarule.data.frames import open_frame
from deltarule.data.structured_array import open_structured_array
from deltarule.data.table_options import TableOptions
from deltarule.data.table_sources import open_table
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
    return open_table(path, TableOptions())


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
