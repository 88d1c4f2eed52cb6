from __future__ import annotations

import re

import numpy as np
import pytest
from tests.fields import has

from deltarule.data import user_data
from deltarule.data.array_file import read_arrays
from deltarule.data.array_names import pair_arrays, recognize
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (12, 6, 5), np.uint8)
Y = np.arange(12) % 3


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return save


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("x", "y"), ("X", "y"), ("data", "target"), ("data", "targets"), ("data", "labels"), ("images", "labels"),
        ("features", "labels"), ("Images", "Target"), ("arr_0", "arr_1"),
    ],
)  # fmt: skip
def test_the_usual_names_are_recognized(npz, x, y):
    file = read_arrays(npz(**{x: X, y: Y}))
    got_x, got_y = file.parts["all"]
    np.testing.assert_array_equal(got_x, X)
    np.testing.assert_array_equal(got_y, Y)
    assert file.notes == (f"the examples are the array {x}, the labels are {y}",)


@pytest.mark.parametrize(
    ("form", "validation"), [("{0}_{1}", "val"), ("{1}_{0}", "validation"), ("{0}{1}", "valid"), ("{1}-{0}", "Valid")]
)
@pytest.mark.parametrize(("x", "y"), [("x", "y"), ("images", "labels"), ("data", "target")])
def test_the_usual_names_of_parts_are_recognized(npz, form, validation, x, y):
    parts = {"train": slice(6), validation: slice(6, 9), "test": slice(9, 12)}
    arrays = {form.format(role, part): a[where] for part, where in parts.items() for role, a in ((x, X), (y, Y))}
    file = read_arrays(npz(**arrays))
    assert list(file.parts) == ["train", "validation", "test"]
    np.testing.assert_array_equal(np.concatenate([part[0] for part in file.parts.values()]), X)
    np.testing.assert_array_equal(np.concatenate([part[1] for part in file.parts.values()]), Y)


def test_arrays_beside_a_test_set_are_the_training_set(npz):
    file = read_arrays(npz(x=X[:8], y=Y[:8], x_test=X[8:]))
    assert [(part, len(x), y is None) for part, (x, y) in file.parts.items()] == [
        ("train", 8, False),
        ("test", 4, True),
    ]
    assert "of the test set are the array x_test, without labels" in file.notes[1]


def test_names_can_be_stated(npz):
    path = npz(pixels=X, digit=Y, weight=np.ones(12))
    with pytest.raises(
        DataError, match=re.escape("pixels (12, 6, 5) uint8, digit (12,) int64, weight (12,)")
    ) as raised:
        read_arrays(path)
    assert 'x="images"' in raised.value.remedy
    file = read_arrays(path, DataOptions(x="pixels", y="digit"))
    np.testing.assert_array_equal(file.parts["all"][1], Y)
    assert file.notes[-1] == "other arrays are left out: weight"
    assert read_arrays(path, DataOptions(x="pixels")).parts["all"][1] is None
    with pytest.raises(DataError, match="weight"):
        read_arrays(path, DataOptions(y="digit"))
    np.testing.assert_array_equal(read_arrays(npz(pixels=X, digit=Y), DataOptions(y="digit")).parts["all"][0], X)
    with pytest.raises(DataError, check=has(argument="x", value="pixel", path="mine.npz")):
        read_arrays(path, DataOptions(x="pixel", y="digit"))


def test_stated_examples_keep_the_labels_of_their_part(npz):
    path = npz(x_train=X[:8], y_train=Y[:8], x_test=X[8:], y_test=Y[8:])
    assert len(read_arrays(path, DataOptions(x="x_test")).parts["all"][1]) == 4
    assert len(read_arrays(path, DataOptions(y="y_train")).parts["all"][0]) == 8


@pytest.mark.parametrize(
    "names",
    [
        ("x", "X", "y"), ("data", "images", "target"), ("y",), ("x_train", "y_train", "y_test"), ("a", "b"),
        ("x", "y", "x_train", "y_train"), ("arr_0", "arr_1", "arr_2", "arr_3"), (),
    ],
)  # fmt: skip
def test_names_that_are_not_clear_are_refused(names):
    with pytest.raises(DataError, match="expected arrays named"):
        pair_arrays(names, [f"{name} (3,)" for name in names])


def test_a_single_array_holds_examples(npz):
    for name in ("x", "arr_0", "weights"):
        assert read_arrays(npz(**{name: X})).parts["all"][1] is None


def test_recognize_knows_no_other_names():
    for name in ("", "train", "values", "testament", "y_hat", "train_test_x", "arr_0", "xx"):
        assert recognize(name) is None


@pytest.mark.parametrize("shape", [(12, 1), (1, 12)])
def test_labels_in_a_column_or_a_row_become_flat(npz, shape):
    np.testing.assert_array_equal(read_arrays(npz(x=X, y=Y.reshape(shape))).parts["all"][1], Y)


def test_labels_of_several_columns_stay(npz):
    np.testing.assert_array_equal(read_arrays(npz(x=X, y=np.eye(3)[Y])).parts["all"][1], np.eye(3)[Y])


def test_text_labels_are_read(npz):
    for y in (np.array(["été", "b", "NA"] * 4), np.array([b"a", b"b", b"NA"] * 4)):
        labels = read_arrays(npz(x=X, y=y)).parts["all"][1]
        assert labels[2] == "NA"
        assert labels.dtype.kind == "U"


def test_examples_of_one_number_become_rows(npz):
    assert read_arrays(npz(x=np.arange(12.0), y=Y)).parts["all"][0].shape == (12, 1)


@pytest.mark.parametrize(
    ("x", "y", "argument"),
    [
        (X[:5], Y, "x"),
        (np.zeros((0, 3)), np.zeros(0), "y"),
        (np.zeros((3, 0)), np.zeros(3), "x"),
        (np.float64(3), np.zeros(3), "x"),
        (X.astype(str), Y, "x"),
        (X * 1j, Y, "x"),
        (X, Y.astype("M8[D]"), "y"),
        (X, np.zeros((12, 1, 2)), "y"),
        (X, np.zeros(12, [("a", float)]), "y"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(npz, x, y, argument):
    with pytest.raises(DataError, check=has(argument=argument, path="mine.npz")):
        read_arrays(npz(x=x, y=y))


def test_the_axis_of_the_examples_can_be_stated(npz):
    path = npz(x=np.moveaxis(X, 0, 2), y=Y)
    with pytest.raises(DataError, match="axis=2"):
        read_arrays(path)
    file = read_arrays(path, DataOptions(axis=2))
    np.testing.assert_array_equal(file.parts["all"][0], X)
    assert "axis 2 of x, (6, 5, 12)" in file.notes[1]
    with pytest.raises(DataError, check=has(argument="axis", value=3)):
        read_arrays(path, DataOptions(axis=3))


def test_channels_that_stand_first_are_a_doubt(tmp_path):
    for shape, is_doubtful in (((30, 3, 8, 8), True), ((30, 1, 8, 8), True), ((30, 8, 8, 3), False)):
        np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).random(shape), y=np.arange(30) % 2)
        assert any("channels" in doubt for doubt in user_data.load(tmp_path / "x.npz").doubts) is is_doubtful
