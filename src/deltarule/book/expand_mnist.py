"""The expanded training set of chapter 3: each image, and its copies shifted by one pixel in four directions."""

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
_BOOKS_ORDER = (0, 2, 1, 4, 3)  # of the copies that with_shifts makes: unchanged, up, down, left, right
_AT_ONCE = 1000


def expand(destination: str | os.PathLike[str] = FILE, path: str | os.PathLike[str] | None = None) -> Path:
    """Write the 250,000 images, shuffled, with MNIST's validation and test data, and return the path of the file.

    The file is an ``.npz`` of bytes; the book's was a pickle. ``mnist_loader.load_data`` reads it. An existing file
    stays as it is. As in the book, ``random.shuffle`` shuffles the images once.

    Args:
        destination: The path of the file, ending in ``.npz``.
        path: A folder with MNIST's four files; by default MNIST as :func:`deltarule.data.load` finds it.

    Raises:
        DataError: MNIST is missing, or ``destination`` does not end in ``.npz``.

    >>> import os
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = open(os.path.join(folder, "small.npz"), "w").close()
    ...     expand(os.path.join(folder, "small.npz")).name
    Expanding the MNIST training set
    The expanded training set already exists.  Exiting.
    'small.npz'
    """
    place = Path(destination)
    if place.suffix != ".npz":
        raise DataError(path=place, expected="a file name that ends in .npz", value=place.suffix)
    print("Expanding the MNIST training set")
    if place.exists():
        print("The expanded training set already exists.  Exiting.")
        return place
    training, validation, test = load("mnist", path)
    x, y = expand_images(training)
    arrays = (x, y, validation.x, validation.y, test.x, test.y)
    print("Saving expanded data. This may take a few minutes.", flush=True)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **dict(zip(EXPANDED, arrays, strict=True)))
    replace_file(place, content.getvalue())
    return place


def expand_images(training: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(images, digits)``, five for each of ``training``, shuffled as in the book."""
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
