"""The book's loader of MNIST: arrays of 784 numbers, or lists of pairs (x, y) of columns.

Pixels are k/256 in float32, k the byte in MNIST's files, as in the file of the book; so the darkest is 0.99609375,
not 1. The book's figures confirm this: its support vector machine, trained on 100 images, classifies 2,507 of the
validation images correctly; with k/255 it would be 2,528.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np

from deltarule.book import pickled_arrays
from deltarule.book.columns import Pairs, vectorized_result
from deltarule.data import load
from deltarule.data.mnist import locate
from deltarule.data.numpy_files import NpzFile
from deltarule.errors import DataError

__all__ = ["load_data", "load_data_wrapper", "np", "vectorized_result"]

Part: TypeAlias = tuple[np.ndarray, np.ndarray]

BOOK_FILE = "mnist.pkl.gz"
PLACES = (Path("../data") / BOOK_FILE, Path("data") / BOOK_FILE)
"""The path in the book's programs, and the same path from the folder above."""


EXPANDED = ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")
"""The arrays in the ``.npz`` file of an expanded training set: images (n, 28, 28) uint8 and digits (n,)."""


def load_data(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part, Part]:
    """Load ``(training_data, validation_data, test_data)``, each a pair (images, digits).

    Args:
        path: A folder with MNIST's four files; or the book's ``mnist.pkl.gz``, which is read without running it
            (:mod:`deltarule.book.pickled_arrays`), or a folder with it; or an ``.npz`` file of
            :mod:`deltarule.book.expand_mnist`. Without ``path``: the folder in the environment variable
            DELTARULE_DATA; else ``../data/mnist.pkl.gz`` or ``data/mnist.pkl.gz`` if it exists; else MNIST as
            :func:`deltarule.data.load` finds it.

    Returns:
        Images (n, 784) float32, k/256 with 0 for paper, and digits (n,) int64; n is 50,000, 10,000 and 10,000.

    Raises:
        DataError: The data are missing or damaged.

    >>> from tempfile import NamedTemporaryFile
    >>> images, digits = np.zeros((2, 28, 28), np.uint8), np.array([3, 5])
    >>> with NamedTemporaryFile(suffix=".npz") as file:
    ...     np.savez(file, **dict(zip(EXPANDED, [images, digits] * 3)))
    ...     training_data, _, _ = load_data(file.name)
    >>> training_data[0].shape, training_data[1].tolist()
    ((2, 784), [3, 5])
    """
    named = path if path is not None else os.environ.get("DELTARULE_DATA") or None
    place = Path(named).expanduser() if named is not None else next(filter(Path.is_file, PLACES), None)
    if place is not None and (place / BOOK_FILE).is_file() and not locate(place):
        place /= BOOK_FILE
    if place is not None and place.is_file():
        return _load_expanded(place) if place.suffix == ".npz" else pickled_arrays.read(place)
    if path is not None and place is not None and not place.exists():
        expected = f"a folder with MNIST's four files, or the book's {BOOK_FILE}"
        raise DataError(f"expected {expected}, got nothing of this name", path=place)
    training, validation, test = load("mnist", path)
    return _scale(training.x, training.y), _scale(validation.x, validation.y), _scale(test.x, test.y)


def load_data_wrapper(path: str | os.PathLike[str] | None = None) -> tuple[Pairs, Pairs, Pairs]:
    """Load ``(training_data, validation_data, test_data)`` as lists of pairs (x, y), which can be used repeatedly.

    x is an image as a column, (784, 1). y is the desired output (10, 1) of :func:`vectorized_result` in the training
    data, and the digit, an ``int``, in the validation and test data. ``path`` and the errors are those of
    :func:`load_data`.

    >>> from tempfile import NamedTemporaryFile
    >>> images, digits = np.zeros((2, 28, 28), np.uint8), np.array([3, 5])
    >>> with NamedTemporaryFile(suffix=".npz") as file:
    ...     np.savez(file, **dict(zip(EXPANDED, [images, digits] * 3)))
    ...     training_data, _, test_data = load_data_wrapper(file.name)
    >>> training_data[0][0].shape, training_data[0][1].shape, test_data[1][1]
    ((784, 1), (10, 1), 5)
    """
    training, validation, test = load_data(path)
    return (
        [(x, vectorized_result(y)) for x, y in _make_pairs(training)],
        _make_pairs(validation),
        _make_pairs(test),
    )


def _make_pairs(part: Part) -> Pairs:
    images, digits = part
    # digits of Python's type, since JSON refuses NumPy's
    return list(zip(images.reshape(len(images), -1, 1), digits.tolist(), strict=True))


def _scale(images: np.ndarray, digits: np.ndarray) -> Part:
    return images.reshape(len(images), -1) / np.float32(256), digits.astype(np.int64)


def _load_expanded(path: Path) -> tuple[Part, Part, Part]:
    file = NpzFile(path)
    if not set(EXPANDED) <= set(file.names):
        names = ", ".join(file.names) or "none"
        raise DataError(f"expected arrays named {', '.join(EXPANDED)}, got {names}", path=path)
    x, y, x_validation, y_validation, x_test, y_test = (file.read(name) for name in EXPANDED)
    return _scale(x, y), _scale(x_validation, y_validation), _scale(x_test, y_test)
