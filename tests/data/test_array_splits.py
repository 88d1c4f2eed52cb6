"""Files of arrays divided into three sets."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

from deltarule.data import user_data
from deltarule.data.array_file import ArrayFile
from deltarule.data.array_splits import build_array_splits
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

X = np.random.default_rng(0).normal(size=(30, 3))
Y = np.arange(30) % 2


def build(x, y, **options):
    return build_array_splits(ArrayFile({"all": (x, y)}), DataOptions(**options), "answers")


@pytest.mark.parametrize("missing", ["refuse", "median", "drop"])
@pytest.mark.parametrize("y", [np.where(np.arange(30) == 4, np.nan, Y), np.array([*"abab", "", *"ab" * 12, "a"])])
def test_examples_without_a_label_can_only_be_left_out(y, missing):
    if missing == "drop":
        splits, notes = build(X, y, missing=missing)
        assert (sum(map(len, splits)), notes) == (29, ("1 row without a label is left out",))
        return
    with pytest.raises(DataError, check=has(argument="y", position="row 4, from 0")) as raised:
        build(X, y, missing=missing)
    assert 'missing="drop"' in raised.value.remedy


def test_no_remedy_is_one_that_was_stated():
    with pytest.raises(DataError, check=has(remedy="fill them in")):
        build(X, np.full(30, np.nan), missing="drop")


@pytest.mark.parametrize("missing", ["refuse", "median", "drop"])
def test_a_column_without_values_can_only_be_left_out(missing):
    x = X.copy()
    x[:, 1] = np.nan
    with pytest.raises(DataError, check=has(position="column 2", remedy="leave the column out of the array")):
        build(x, Y, missing=missing)


def test_whole_numbers_that_are_not_exact_are_refused():
    x = np.arange(90).reshape(30, 3)
    x[7, 2] = 2**53 + 1
    for dtype in (np.int64, np.uint64):
        with pytest.raises(DataError, check=has(position="row 7, from 0, column 3", value=2**53 + 1)):
            build(x.astype(dtype), Y)
    assert len(build(x.astype(np.float64), Y)[0][0]) == 22


def test_rows_of_arrays_are_images_if_that_is_stated():
    x = np.random.default_rng(1).integers(0, 9, (30, 16))
    splits, notes = build(x, Y, images=True)
    assert (splits[0].x.shape[1:], splits[0].x.dtype) == ((4, 4), np.uint8)
    assert notes == ("the 16 columns of each row are read as an image of 4×4",)
    assert build(x, Y)[0][0].x.shape[1:] == (16,)
    with pytest.raises(DataError, check=has(argument="images")):
        build(X, Y, images=True)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinity_among_numbers_is_refused(value, tmp_path):
    x = np.arange(40.0).reshape(20, 2)
    x[3, 1] = value
    np.savez(path := tmp_path / "a.npz", x=x, y=np.arange(20) % 2)
    with pytest.raises(DataError, match=f"example 3, at .1.: .*finite number.*got {value}"):
        user_data.load(path)
