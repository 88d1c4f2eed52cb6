"""The third program's data: the results of load_data_shared, and its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

from deltarule.book import network3_data
from deltarule.book.network3 import FullyConnectedLayer, Network, SoftmaxLayer, load_data_shared
from deltarule.errors import DataError

SIZES = (12, 5, 4)


def parts(seed=0):
    rng = np.random.default_rng(seed)
    return [
        (rng.integers(0, 256, (n, 784)).astype(np.float32) / np.float32(256), rng.integers(0, 10, n)) for n in SIZES
    ]


@pytest.fixture
def few(monkeypatch):
    """A few images in place of MNIST."""
    given = parts()
    monkeypatch.setattr(network3_data, "load_data", lambda path: given)
    return given


@pytest.mark.parametrize("name", ["../data/mnist.pkl.gz", "mnist.pkl", "mnist"])
def test_pairs_of_images_and_digits(few, name):
    for pair, (x, y) in zip(load_data_shared(filename=name), few, strict=True):
        assert np.array_equal(pair[0], x)
        assert np.array_equal(pair[1], y)
        assert (pair[0].dtype, pair[1].dtype, len(pair)) == (np.float32, np.int32, 2)
        images, digits = pair  # unpacking works
        assert images.get_value(borrow=True).shape == x.shape
        assert digits.eval().tolist() == y.tolist()
        assert pair.dataset.x.dtype == np.uint8


def test_the_default_is_the_books_own_name(few):
    assert [len(pair[1]) for pair in load_data_shared()] == list(SIZES)


def test_the_expanded_data_are_five_times_as_many_in_one_order(few):
    training, validation, test = load_data_shared("../data/mnist_expanded.pkl.gz")
    assert [len(training[1]), len(validation[1]), len(test[1])] == [60, 5, 4]
    again = load_data_shared("mnist_expanded.pkl.gz")[0]
    assert np.array_equal(training[0], again[0])
    x, y = few[0]
    own = [tuple(row) for row in x.tolist()]
    found = [tuple(row) for row in training[0].tolist()]
    at = [found.index(row) for row in own]
    assert at != sorted(at)  # shuffled
    assert training[1][at].tolist() == y.tolist()
    up = np.zeros((28, 28), np.float32)
    up[:-1] = x[3].reshape(28, 28)[1:]
    assert training[1][found.index(tuple(up.ravel().tolist()))] == y[3]


def test_the_data_are_those_of_the_library(mnist, monkeypatch):
    """The program's images are the library's, with another scale (MNIST, or the small digits)."""
    contrast = 255 // int(mnist[0].scale)  # the small digits have 17 shades
    levels = [(part.x.reshape(len(part), -1) * np.float32(contrast / 256), part.y) for part in mnist]
    monkeypatch.setattr(network3_data, "load_data", lambda path: levels)
    training, _, test = load_data_shared()
    assert np.array_equal(training.dataset.x, contrast * mnist[0].x)
    n_in = training[0].shape[1]
    np.random.seed(1)
    net = Network([FullyConnectedLayer(n_in, 30), SoftmaxLayer(30, 10)], 10)
    some = training[0][:1000], training[1][:1000]
    net.SGD(some, 5, 10, 0.5, some, None)
    assert net.accuracy(test) > 0.75


def test_an_existing_file_is_read(tmp_path):
    """The test uses a file of expand_mnist; the book's file is read by the same function."""
    path = tmp_path / "mnist_expanded.npz"
    arrays = [(np.uint8(x * 256).reshape(-1, 28, 28), y) for x, y in parts(1)]
    names = ("train", "validation", "test")
    np.savez(
        path,
        **{f"{side}_{n}": a for n, both in zip(names, arrays, strict=True) for side, a in zip("xy", both, strict=True)},
    )
    for pair, (x, y) in zip(load_data_shared(path), parts(1), strict=True):
        assert np.array_equal(pair[0], x)
        assert np.array_equal(pair[1], y)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, check=has(path="other.pkl.gz")):
        load_data_shared(tmp_path / "other.pkl.gz")


def test_the_variable_goes_before_the_books_default_place(tmp_path, monkeypatch):
    """As in mnist_loader; a file that the script names itself is read."""
    asked = []

    def load(path):
        asked.append(path)
        return parts()

    (tmp_path / "data").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "data" / "mnist.pkl.gz").touch()
    monkeypatch.chdir(tmp_path / "src")
    monkeypatch.setattr(network3_data, "load_data", load)
    for value in ("elsewhere", ""):
        monkeypatch.setenv("DELTARULE_DATA", value)
        for name in ("../data/mnist.pkl.gz", tmp_path / "data" / "mnist.pkl.gz"):
            load_data_shared(name)
    default, own = Path("../data/mnist.pkl.gz"), tmp_path / "data" / "mnist.pkl.gz"
    assert asked == [None, own, default, own]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_divided_by_255_stay_such(monkeypatch, dtype):
    """Readers' own files hold them so."""
    levels = [(np.rint(x * 256), y) for x, y in parts()]
    monkeypatch.setattr(network3_data, "load_data", lambda path: [((x / 255).astype(dtype), y) for x, y in levels])
    for pair, (x, y) in zip(load_data_shared(), levels, strict=True):
        assert np.array_equal(pair.dataset.x.reshape(x.shape), x)
        np.testing.assert_allclose(pair[0], x / 255, rtol=1e-7)
        assert np.array_equal(pair[1], y)


@pytest.mark.parametrize("x", [np.full((12, 784), 0.3, np.float32), np.zeros((12, 783), np.float32)])
def test_images_that_are_not_square_bytes_are_an_error(monkeypatch, x):
    monkeypatch.setattr(network3_data, "load_data", lambda path: [(x, np.zeros(12, int))] * 3)
    with pytest.raises(DataError, check=has(argument="x", owner="mnist training")):
        load_data_shared()


def test_bytes_and_the_books_numbers_may_be_mixed(mnist, monkeypatch):
    """A pair holds bytes, its two arrays numbers from 0 to 1: to the network they are the same examples."""
    contrast = np.float32(255 // int(mnist[0].scale) / 256)
    levels = [(part.x[:600].reshape(len(part.x[:600]), -1) * contrast, part.y[:600]) for part in mnist]
    monkeypatch.setattr(network3_data, "load_data", lambda path: levels)
    training, validation, test = load_data_shared()
    weights = []
    for some in (training, (training[0], training[1])):
        np.random.seed(1)
        net = Network([FullyConnectedLayer(training[0].shape[1], 10), SoftmaxLayer(10, 10)], 10)
        net.SGD(some, 1, 10, 0.5, validation, (test[0], test[1]))
        assert net.accuracy(test) == net.accuracy((test[0], test[1]))
        assert np.array_equal(net.predict(test)[:10], net.test_mb_predictions(0))
        weights.append(net.layers[0].w.get_value())
    np.testing.assert_allclose(*weights, rtol=1e-4, atol=1e-6)
