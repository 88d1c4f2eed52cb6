"""The book's way to the data: lists that last, from MNIST's own files or from the book's, and what is said without."""

from __future__ import annotations

import os

import numpy as np
import pytest

from deltarule.book import mnist_loader
from deltarule.errors import DataError

from .by_hand import Protocol2, compressed, three

SIZES = (6, 3, 4)


def parts():
    rng = np.random.default_rng(0)
    return [((rng.integers(0, 256, (n, 784)) / 256).astype(np.float32), np.arange(n, dtype=np.int64)) for n in SIZES]


@pytest.fixture
def book_file(tmp_path):
    return compressed(tmp_path / "mnist.pkl.gz", three(Protocol2(), parts()))


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    monkeypatch.delenv("DELTARULE_DATA", raising=False)
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    monkeypatch.setattr("deltarule.data.sources.find_cache_folder", lambda: tmp_path / "cache")


def is_the_books(found):
    return all(np.array_equal(x, their) for (x, _), (their, _) in zip(found, parts(), strict=True))


def test_columns_and_what_is_to_be_answered(book_file):
    training, validation, test = mnist_loader.load_data_wrapper(book_file)
    assert [len(part) for part in (training, validation, test)] == list(SIZES)
    assert [type(part) for part in (training, validation, test)] == [list] * 3
    x, y = training[3]
    assert (x.shape, x.dtype, y.shape) == ((784, 1), np.float32, (10, 1))
    assert y.argmax() == 3
    assert y.sum() == 1
    x, y = validation[2]
    assert (x.shape, y) == ((784, 1), 2)
    assert len(list(training)) == len(list(training)) == SIZES[0]  # twice, for it is no zip


def test_vectorized_result():
    assert mnist_loader.vectorized_result(9).ravel().tolist() == [0.0] * 9 + [1.0]


@pytest.mark.parametrize("place", ["../data", "data"])
def test_the_books_file_is_found_where_its_programs_look(book_file, place):
    os.makedirs(place)
    book_file.rename(os.path.join(place, "mnist.pkl.gz"))
    assert is_the_books(mnist_loader.load_data())


def test_the_books_file_in_a_folder_that_is_named(book_file, monkeypatch):
    assert is_the_books(mnist_loader.load_data(book_file.parent))
    monkeypatch.setenv("DELTARULE_DATA", str(book_file.parent))
    assert is_the_books(mnist_loader.load_data())


def test_an_expanded_set_is_read(tmp_path):
    """Bytes in an .npz file, as expand_mnist writes them."""
    arrays = []
    for x, y in parts():
        arrays += [np.round(x * 256).astype(np.uint8).reshape(-1, 28, 28), y]
    np.savez(tmp_path / "expanded.npz", **dict(zip(mnist_loader.EXPANDED, arrays, strict=True)))
    found = mnist_loader.load_data(tmp_path / "expanded.npz")
    assert is_the_books(found)
    assert found[0][0].dtype == np.float32
    np.savez(tmp_path / "other.npz", x=arrays[0], y=arrays[1])
    with pytest.raises(DataError, match=r"expected arrays called x_train, y_train.* got x, y"):
        mnist_loader.load_data(tmp_path / "other.npz")


def test_without_mnist_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="DELTARULE_OFFLINE forbids to download it"):
        mnist_loader.load_data()
    with pytest.raises(DataError, match="a folder with MNIST's four files, or the book's") as error:
        mnist_loader.load_data(tmp_path / "nowhere")
    assert error.value.path == tmp_path / "nowhere"
    monkeypatch.setenv("DELTARULE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"nowhere: DELTARULE_DATA: expected the files of MNIST"):
        mnist_loader.load_data()


def test_mnists_own_files(mnist, tmp_path, monkeypatch):
    """The images of the data set, as k/256; where MNIST is not, the small digits in the same frame stand in."""
    monkeypatch.setattr(mnist_loader, "load", lambda name, path: mnist)
    training, validation, test = mnist_loader.load_data()
    for (x, y), given in zip((training, validation, test), mnist, strict=True):
        assert x.dtype == np.float32
        assert x.shape == (len(given), given.x[0].size)
        np.testing.assert_array_equal(np.round(x[:50] * 256).reshape(given.x[:50].shape), given.x[:50])
        assert y.dtype == np.int64
        np.testing.assert_array_equal(y, given.y)
    assert float(training[0].max()) < 1.0
