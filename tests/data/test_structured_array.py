from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

from deltarule.data.structured_array import open_structured_array, open_structured_file
from deltarule.errors import DataError

ROWS = np.array(
    [(1.5, "b", 7, True, b"x", "2020-01-01"), (np.nan, " a ", 300, False, b"", "NaT")],
    [("real", ">f4"), ("word", "U3"), ("n", "i8"), ("flag", "?"), ("code", "S2"), ("day", "M8[D]")],
)


def test_fields_are_columns(tmp_path):
    np.save(path := tmp_path / "mine.npy", ROWS[["real", "word", "n", "flag", "code"]])
    reader = open_structured_file(path)
    assert reader.names == ("real", "word", "n", "flag", "code")
    table = reader.read(text=["n"])
    np.testing.assert_array_equal(table.x, [[1.5, 0, 0, 0], [np.nan, 1, 1, np.nan]])
    assert table.text["n"].tolist() == ["7", "300"]
    assert table.columns[1].words == ("b", "a")
    assert len(list(reader.blocks(1))) == 2


def test_dates_are_text_and_masked_values_are_missing():
    assert open_structured_array(ROWS).read(text=["day"]).text["day"].tolist() == ["2020-01-01", ""]
    masked = np.ma.array([(1,), (2,)], [("a", int)], mask=[(False,), (True,)])
    np.testing.assert_array_equal(open_structured_array(masked).read().x, [[1], [np.nan]])


def test_fields_of_other_values_are_refused():
    for kind in [("odd", float, (2,)), ("odd", complex), ("odd", [("b", int)])]:
        reader = open_structured_array(np.zeros(2, [("a", int), kind]))
        with pytest.raises(DataError, check=has(position='column "odd"')):
            reader.read()
    for array in (np.zeros(3), np.zeros((2, 2), [("a", int)])):
        with pytest.raises(DataError, match="structured"):
            open_structured_array(array)
