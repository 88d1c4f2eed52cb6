"""Division of data sets in which examples repeat."""

from __future__ import annotations

import time

import numpy as np
import pytest

from deltarule.data import Dataset
from deltarule.data.division import divide_folds, divide_pictures, note_repeats
from deltarule.data.fingerprints import find_equal, hash_rows
from deltarule.data.groups import make_folds
from deltarule.data.repeats import divide_apart, find_repeats
from deltarule.data.schema import Column, Schema
from deltarule.data.split import count_sevenths, divide, stratify

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(300, 3)), RNG.integers(0, 3, 300)
FEW = np.arange(300) < 30

CASES = {
    "twice": (np.vstack([X, X]), np.concatenate([Y, Y])),
    "some": (np.vstack([X, X[:37]]), np.concatenate([Y, Y[:37]])),
    "six times": (np.repeat(X[FEW], 6, axis=0), np.repeat(Y[FEW], 6)),
    "often": (np.vstack([np.tile(X[:1], (200, 1)), X]), np.concatenate([np.zeros(200, int), Y])),
    "binary": (RNG.integers(0, 2, (3000, 12)), RNG.integers(0, 2, 3000)),
    "words": (np.column_stack([RNG.integers(0, 3, 400), RNG.integers(0, 200, 400)]).astype(float), np.arange(400) % 2),
}


def keys(x: np.ndarray) -> set[bytes]:
    return {row.tobytes() for row in x}


@pytest.mark.parametrize("name", CASES)
def test_repeats_stay_in_one_set_and_classes_are_spread(name):
    x, y = CASES[name]
    data = Dataset(x, y)
    parts = divide_apart(y, count_sevenths, find_repeats(data))
    assert parts is not None
    assert sorted(np.concatenate(parts)) == list(range(len(y)))
    one, two, three = (keys(x[part]) for part in parts)
    assert not one & two | one & three | two & three
    wanted = [np.bincount(y[part]) for part in stratify(y, count_sevenths)]
    for part, numbers in zip(parts, wanted, strict=True):
        assert np.abs(np.bincount(y[part]) - numbers).max() <= max(6, 0.05 * len(y))
    folds, _ = divide_folds(data, 5)
    assert sorted(np.concatenate(folds)) == list(range(len(y)))
    assert sum(len(keys(x[fold])) for fold in folds) == len(keys(x))


def test_the_division_is_the_same_as_ever_without_repeats():
    data = Dataset(X.reshape(300, 3, 1), Y)
    for own, other in zip(divide_pictures(data, count_sevenths), divide(data, count_sevenths), strict=True):
        assert np.array_equal(own.x, other.x)
        assert own.name == other.name
    folds, notes = divide_folds(data, 5)
    assert not notes
    assert all(np.array_equal(*pair) for pair in zip(folds, make_folds(Y, 5), strict=True))
    parts = divide_apart(Y, count_sevenths, find_repeats(data))
    assert all(np.array_equal(*pair) for pair in zip(parts or (), stratify(Y, count_sevenths), strict=True))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (25, 1)), np.tile([0, 1, 1, 0], 25)),
        (np.repeat(X[:2], 20, axis=0), np.repeat([0, 1], 20)),
        (RNG.integers(0, 2, (10_000, 8)), RNG.integers(0, 2, 10_000)),
        (np.ones((40, 3, 3)), np.arange(40) % 2),
    ],
)
def test_too_few_different_inputs_are_divided_as_ever(x, y):
    data = Dataset(x, y)
    splits = divide_pictures(data, count_sevenths)
    for own, other in zip(splits, divide(data, count_sevenths), strict=True):
        assert np.array_equal(own.x, other.x)
        assert set(own.y) == set(y)
    assert "repeats may be in several sets" in note_repeats(data, splits)[0]


def test_inputs_with_different_labels_are_counted_with_what_can_be_right():
    x = np.vstack([X[:50], X[:10]])
    y = np.concatenate([Y[:50], (Y[:10] + 1) % 3])
    data = Dataset(x, y)
    notes = note_repeats(data, divide_pictures(data, count_sevenths))
    assert notes[0] == "10 rows repeat others: repeats stay in one set"
    assert notes[1] == "the same inputs have different labels in 20 rows: at most 83.3 % of all rows can be right"


@pytest.mark.parametrize("kind", ["u1", "<i4", ">i2", "<u2", "<f4", ">f8", "f2"])
def test_fingerprints_depend_on_the_numbers_only(kind):
    pixels = RNG.integers(0, 256, (20, 4, 5), np.uint8)
    assert np.array_equal(hash_rows(pixels.astype(kind).reshape(20, 20)), hash_rows(pixels))
    assert hash_rows(np.array([[1, 2, 3]]))[0] == 3881955430054305505


def test_fingerprints_of_zeros_and_missing_values():
    x = np.array([[-0.0, np.nan], [0.0, -np.nan], [1.0, -2.0], [-1.0, 2.0], [0.5, 0.5]])
    assert find_equal(x).tolist() == [0, 0, -1, -1, -1]
    assert len(set(hash_rows(x).tolist())) == 4
    assert find_equal(np.zeros((0, 3))).tolist() == []
    assert find_equal(np.zeros((2, 0))).tolist() == [0, 0]


def test_different_inputs_are_counted_by_the_columns_that_vary():
    schema = Schema(tuple(Column(name) for name in "abcd"), missing="median")
    x = np.tile([[0.0, np.nan, 7.0, 1.0], [1.0, np.nan, 7.0, np.nan]], (20, 1))
    assert find_repeats(Dataset(x, np.arange(40) % 2, schema=schema)).combinations == 4
    assert find_repeats(Dataset(np.tile(X[:2], (20, 1)), np.arange(40) % 2)).combinations == 0
    assert find_repeats(Dataset(x[:2, 2:3], np.arange(2))).combinations == 0


def test_blank_images_of_many_pixels_are_compared_quickly():
    """Before, each pixel was sorted on its own, which took 45 s for 40 images of this size."""
    blank = np.zeros((40, 1000, 1000), np.uint8)
    start = time.process_time()
    assert find_repeats(Dataset(blank, np.arange(40) % 2)).combinations == 1
    assert time.process_time() - start < 5
