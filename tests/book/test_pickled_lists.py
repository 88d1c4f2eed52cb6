"""The book's data file with lists of images, as its expand_mnist and readers' scripts write it in Python 3."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from deltarule import limits
from deltarule.book import mnist_loader
from deltarule.book.network3 import load_data_shared
from deltarule.book.pickled_arrays import read
from deltarule.data import pickled_arrays
from deltarule.errors import DataError

from .by_hand import write_compressed
from .test_pickled_arrays import is_same, parts


def as_lists(given):
    """Make of the training data lists of arrays and of labels, as the book's expand_mnist does."""
    return [[list(images), list(digits)] for images, digits in given[:1]] + [tuple(part) for part in given[1:]]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("label", [int, np.int64, np.uint8])
def test_lists_of_images_and_of_labels_are_read(tmp_path, protocol, label):
    """An expanded training set consists of lists, and so does data that a reader has converted."""
    given = parts()
    (images, digits), *rest = as_lists(given)
    written = pickle.dumps((([*images], [label(digit) for digit in digits]), *rest), protocol=protocol)
    found = read(write_compressed(tmp_path / "mnist_expanded.pkl.gz", written))
    assert is_same(found, given)
    assert [(x.dtype, y.dtype) for x, y in found] == [(np.float32, np.int64)] * 3
    assert is_same(read(write_compressed(tmp_path / "all.pkl.gz", pickle.dumps([*map(list, as_lists(given))]))), given)


def test_the_programs_load_such_a_file(tmp_path):
    given = parts()
    path = write_compressed(tmp_path / "mnist_expanded.pkl.gz", pickle.dumps(tuple(as_lists(given)), protocol=2))
    assert is_same(mnist_loader.load_data(path), given)
    assert is_same([(pair[0], pair[1]) for pair in load_data_shared(path)], given)


def test_columns_and_few_images_in_lists_are_read(tmp_path):
    given = parts()
    columns = [([image[:, np.newaxis] for image in images[:3]], digits[:3].tolist()) for images, digits in given]
    found = read(write_compressed(tmp_path / "mnist.pkl.gz", pickle.dumps(columns)))
    assert is_same(found, [(images[:3], digits[:3]) for images, digits in given])


def test_an_array_in_two_lists_is_read(tmp_path):
    (images, digits), *_ = parts()
    part = [*images], digits
    shared = pickle.dumps((part, ([*reversed(part[0])], digits), part))
    found = read(write_compressed(tmp_path / "mnist.pkl.gz", shared))
    assert is_same(found, [(images, digits), (images[::-1], digits), (images, digits)])


def test_images_of_different_sizes_in_a_list_are_an_error(tmp_path):
    (images, digits), *rest = parts()
    content = pickle.dumps((([*images[:-1], images[-1][:700]], digits), *rest))
    with pytest.raises(DataError, match="training data that are not a pair of arrays"):
        read(write_compressed(tmp_path / "mnist.pkl.gz", content))


def test_more_arrays_allow_more_operations(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PICKLE_OPERATIONS", 200)
    content = pickle.dumps((([*parts(n=200)[0][0]], parts(n=200)[0][1]), *parts()[1:]))
    assert len(read(write_compressed(tmp_path / "mnist.pkl.gz", content))[0][0]) == 200
    monkeypatch.setattr(pickled_arrays, "OPERATIONS_PER_ARRAY", 2)
    with pytest.raises(DataError, match="has more than"):
        read(write_compressed(tmp_path / "mnist.pkl.gz", content))
