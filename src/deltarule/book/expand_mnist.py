"""The training images five times: each as it is, and moved by one pixel down, up, right and left (chapter 3)."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import numpy as np

from deltarule.book.mnist_loader import EXPANDED
from deltarule.data import Dataset, load, with_shifts
from deltarule.errors import DataError
from deltarule.files import replace_file

FILE = "mnist_expanded.npz"
_BOOKS_ORDER = (0, 2, 1, 4, 3)  # of with_shifts' copies: as it is, up, down, left, right
_AT_ONCE = 1000


def expand(destination: str | os.PathLike[str] = FILE, path: str | os.PathLike[str] | None = None) -> Path:
    """Writes the 250,000 images, shuffled, with MNIST's validation and test data; returns where they are.

    The file is an ``.npz`` of bytes, and no pickle as the book's is; ``mnist_loader.load_data`` reads it. If
    it is there already, nothing is done. The images are shuffled by ``random.shuffle``, once, as the book's
    are. ``path`` is a folder with MNIST's four files. Raises :class:`DataError` where MNIST is not at hand.
    """
    place = Path(destination)
    if place.suffix != ".npz":
        raise DataError(path=place, expected="a name that ends in .npz, of a file without pickles", value=place.suffix)
    print("Expanding the MNIST training set")
    if place.exists():
        print("The expanded training set already exists.  Exiting.")
        return place
    training, validation, test = load("mnist", path)
    x, y = expanded(training)
    arrays = (x, y, validation.x, validation.y, test.x, test.y)
    print("Saving expanded data. This may take a few minutes.", flush=True)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **dict(zip(EXPANDED, arrays, strict=True)))
    replace_file(place, content.getvalue())
    return place


def expanded(training: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """``(images, digits)``, five times as many as ``training`` holds, in the book's order, shuffled."""
    parts = []
    for k in range(0, len(training), _AT_ONCE):
        part = with_shifts(training.take(slice(k, k + _AT_ONCE)))
        n = len(part) // 5
        parts.append(part.x.reshape(5, n, *part.x.shape[1:])[list(_BOOKS_ORDER)].swapaxes(0, 1))
        print("Expanding image number", k + n, flush=True)
    order = list(range(5 * len(training)))
    random.shuffle(order)
    x = np.concatenate(parts).reshape(-1, *training.x.shape[1:])
    return x[order], np.repeat(training.y, 5)[order]


if __name__ == "__main__":
    expand()
