"""The book's loader: lists from MNIST's files or the book's file, and errors without them."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import mnist_loader
from deltarule.errors import DataError

from .by_hand import Protocol2, build_file_content, write_compressed

SIZES = (6, 3, 4)


def parts():
    rng = np.random.default_rng(0)
    return [((rng.integers(0, 256, (n, 784)) / 256).astype(np.float32), np.arange(n, dtype=np.int64)) for n in SIZES]


@pytest.fixture
def book_file(tmp_path):
    return write_compressed(tmp_path / "mnist.pkl.gz", build_file_content(Protocol2(), parts()))


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    monkeypatch.setattr("deltarule.data.sources.find_cache_folder", lambda: tmp_path / "cache")


def is_book_data(data):
    return all(np.array_equal(x, their) for (x, _), (their, _) in zip(data, parts(), strict=True))


def test_pairs_are_columns_with_desired_outputs_or_digits(book_file):
    training, validation, test = mnist_loader.load_data_wrapper(book_file)
    assert [len(part) for part in (training, validation, test)] == list(SIZES)
    assert [type(part) for part in (training, validation, test)] == [list] * 3
    x, y = training[3]
    assert (x.shape, x.dtype, y.shape) == ((784, 1), np.float32, (10, 1))
    assert y.argmax() == 3
    assert y.sum() == 1
    x, y = validation[2]
    assert (x.shape, y) == ((784, 1), 2)
    assert len(list(training)) == len(list(training)) == SIZES[0]  # a list can be read twice


def test_vectorized_result_has_1_at_the_digit():
    assert mnist_loader.vectorized_result(9).ravel().tolist() == [0.0] * 9 + [1.0]


@pytest.mark.parametrize("place", ["../data", "data"])
def test_the_books_file_is_found_in_the_data_folder(book_file, place):
    os.makedirs(place)
    book_file.rename(os.path.join(place, "mnist.pkl.gz"))
    assert is_book_data(mnist_loader.load_data())


def test_the_books_file_is_found_in_a_given_folder(book_file, monkeypatch):
    assert is_book_data(mnist_loader.load_data(book_file.parent))
    monkeypatch.setenv("DELTARULE_DATA", str(book_file.parent))
    assert is_book_data(mnist_loader.load_data())


def test_an_expanded_set_is_read(tmp_path):
    """Bytes in an .npz file, as expand_mnist writes them."""
    arrays = []
    for x, y in parts():
        arrays += [np.round(x * 256).astype(np.uint8).reshape(-1, 28, 28), y]
    np.savez(tmp_path / "expanded.npz", **dict(zip(mnist_loader.EXPANDED, arrays, strict=True)))
    found = mnist_loader.load_data(tmp_path / "expanded.npz")
    assert is_book_data(found)
    assert found[0][0].dtype == np.float32
    np.savez(tmp_path / "other.npz", x=arrays[0], y=arrays[1])
    with pytest.raises(DataError, match="x_train, y_train", check=has(path="other.npz")):
        mnist_loader.load_data(tmp_path / "other.npz")


def test_missing_data_are_an_error(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="DELTARULE_OFFLINE"):
        mnist_loader.load_data()
    with pytest.raises(DataError, check=has(path="nowhere")):
        mnist_loader.load_data(tmp_path / "nowhere")
    monkeypatch.setenv("DELTARULE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="DELTARULE_DATA"):
        mnist_loader.load_data()


def test_mnists_files_are_read_as_k_over_256(mnist, tmp_path, monkeypatch):
    """Without MNIST, with the small digits."""
    monkeypatch.setattr(mnist_loader, "load", lambda name, path: mnist)
    training, validation, test = mnist_loader.load_data()
    for (x, y), given in zip((training, validation, test), mnist, strict=True):
        assert x.dtype == np.float32
        assert x.shape == (len(given), given.x[0].size)
        np.testing.assert_array_equal(np.round(x[:50] * 256).reshape(given.x[:50].shape), given.x[:50])
        assert y.dtype == np.int64
        np.testing.assert_array_equal(y, given.y)
    assert float(training[0].max()) < 1.0


def test_labels_go_into_json(tmp_path):
    """NumPy's numbers do not, and the scripts of the book's time wrote labels to JSON files."""
    images, digits = np.zeros((2, 28, 28), np.uint8), np.array([3, 5])
    np.savez(tmp_path / "few.npz", **dict(zip(mnist_loader.EXPANDED, [images, digits] * 3, strict=True)))
    _, validation, test = mnist_loader.load_data_wrapper(tmp_path / "few.npz")
    assert json.dumps([y for _, y in [*validation, *test]]) == "[3, 5, 3, 5]"


@pytest.mark.parametrize("module", ["network", "network2", "mnist_loader"])
def test_an_import_of_all_names_brings_numpy(module):
    names = {}
    exec(f"from deltarule.book.{module} import *", names)
    assert names["np"] is np
