"""The book's way to MNIST: arrays of 784 numbers, or lists of pairs (x, y) of columns.

Pixels are k/256 in float32, k the byte in MNIST's files, as in the file that comes with the book; so
the darkest is 0.99609375 and not 1. The book's figures tell: its support vector machine reads 2,507 of
the validation images after 100 training images, and 2,528 where pixels are k/255.
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
from deltarule.data.tables import read_npz
from deltarule.errors import DataError

__all__ = ["load_data", "load_data_wrapper", "vectorized_result"]

Part: TypeAlias = tuple[np.ndarray, np.ndarray]

BOOK_FILE = "mnist.pkl.gz"
PLACES = (Path("../data") / BOOK_FILE, Path("data") / BOOK_FILE)
"""Where the book's programs look for their file, and the same seen from the folder above."""


EXPANDED = ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")
"""The arrays of an expanded set's ``.npz`` file: images (n, 28, 28) uint8 and digits (n,)."""


def load_data(path: str | os.PathLike[str] | None = None) -> tuple[Part, Part, Part]:
    """``(training_data, validation_data, test_data)``, each a pair (images, digits).

    Images are (n, 784) float32, k/256 from 0 for paper; digits (n,) int64; n is 50,000, 10,000 and
    10,000. ``path`` is a folder with MNIST's four files, or the book's ``mnist.pkl.gz``, of which arrays are
    read and nothing is run (:mod:`deltarule.book.pickled_arrays`), or a folder that holds it, or an ``.npz``
    file as :mod:`deltarule.book.expand_mnist` writes it. Without ``path`` it is the folder that the
    environment's DELTARULE_DATA names; else ``../data/mnist.pkl.gz`` or ``data/mnist.pkl.gz`` if it is there;
    else MNIST as :func:`deltarule.data.load` finds it. Raises :class:`DataError` for what is not there or damaged.
    """
    named = path if path is not None else os.environ.get("DELTARULE_DATA") or None
    place = Path(named).expanduser() if named is not None else next(filter(Path.is_file, PLACES), None)
    if place is not None and (place / BOOK_FILE).is_file() and not locate(place):
        place /= BOOK_FILE
    if place is not None and place.is_file():
        return _expanded(place) if place.suffix == ".npz" else pickled_arrays.read(place)
    if path is not None and place is not None and not place.exists():
        expected = f"a folder with MNIST's four files, or the book's {BOOK_FILE}"
        raise DataError(f"expected {expected}, got nothing of this name", path=place)
    training, validation, test = load("mnist", path)
    return _scaled(training.x, training.y), _scaled(validation.x, validation.y), _scaled(test.x, test.y)


def load_data_wrapper(path: str | os.PathLike[str] | None = None) -> tuple[Pairs, Pairs, Pairs]:
    """``(training_data, validation_data, test_data)``, lists of pairs (x, y), which may be used again and again.

    x is an image as a column, (784, 1). y is for training data the desired output, (10, 1), as
    :func:`vectorized_result` makes it, and for the others the digit. ``path`` and what is raised are as
    of :func:`load_data`.
    """
    training, validation, test = load_data(path)
    return (
        [(x, vectorized_result(y)) for x, y in _pairs(training)],
        _pairs(validation),
        _pairs(test),
    )


def _pairs(part: Part) -> Pairs:
    images, digits = part
    return list(zip(images.reshape(len(images), -1, 1), digits, strict=True))


def _scaled(images: np.ndarray, digits: np.ndarray) -> Part:
    return images.reshape(len(images), -1) / np.float32(256), digits.astype(np.int64)


def _expanded(path: Path) -> tuple[Part, Part, Part]:
    x, y, x_validation, y_validation, x_test, y_test = read_npz(path, EXPANDED).values()
    return _scaled(x, y), _scaled(x_validation, y_validation), _scaled(x_test, y_test)
