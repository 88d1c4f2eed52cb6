"""The data of the book's third program, loaded or the reader's own: images as rows of numbers, and digits."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import isqrt
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.book.mnist_loader import load_data
from deltarule.book.network3_arrays import Shared, to_shared
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer
from deltarule.data.augmentation import with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.errors import DataError, InvalidArgument, ShapeError


class Pair(Sequence[Shared]):
    """A pair of images ``data[0]``, (n, 784) float32, k/256 for a byte k, and digits ``data[1]``, (n,) int32.

    The images are stored as bytes, in a quarter of the memory, and converted at the first access; ``dataset`` is the
    same as a data set of the library.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @cached_property
    def _sides(self) -> tuple[Shared, Shared]:
        x = self.dataset.x.reshape(len(self.dataset), -1).astype(np.float32) / np.float32(self.dataset.white)
        return to_shared(x), to_shared(self.dataset.y.astype(np.int32))

    def __getitem__(self, i: Any) -> Any:
        return self._sides[i]

    def __len__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return f"({self.dataset.name}: {len(self.dataset)} images, their digits)"


DEFAULT = "../data/mnist.pkl.gz"


def load_data_shared(filename: str | PathLike[str] = DEFAULT) -> tuple[Pair, Pair, Pair]:
    """Load ``(training_data, validation_data, test_data)``: 50,000, 10,000 and 10,000 digits of MNIST.

    If ``filename`` is a file or a folder, it is read as by :func:`mnist_loader.load_data`; but in place of the default,
    the folder in the environment variable DELTARULE_DATA is read, if that is set. The book's own names also
    work without a file, in any folder: ``mnist.pkl.gz`` means MNIST as ``mnist_loader`` finds it, and
    ``mnist_expanded.pkl.gz`` five times as many training data, with shifts of one pixel, shuffled once.

    Raises:
        DataError: The data are missing or damaged.

    >>> from tempfile import NamedTemporaryFile
    >>> from deltarule.book.mnist_loader import EXPANDED as NAMES
    >>> images, digits = np.zeros((2, 28, 28), np.uint8), np.array([3, 5])
    >>> with NamedTemporaryFile(suffix=".npz") as file:
    ...     np.savez(file.name, **dict(zip(NAMES, [images, digits] * 3)))
    ...     training_data, _, _ = load_data_shared(file.name)
    >>> training_data[0].shape, training_data[1].tolist()
    ((2, 784), [3, 5])
    """
    path = Path(filename)
    stem = path.name.removesuffix(".gz").removesuffix(".pkl")
    preferred = os.environ.get("DELTARULE_DATA") and path == Path(DEFAULT)  # as in mnist_loader
    if path.exists() and not preferred:
        training, validation, test = _read(path)
    elif stem in ("mnist", EXPANDED):
        training, validation, test = _read(None)
        if stem == EXPANDED:
            training = with_shifts(training)
            # once, as in the book's file, since training does not shuffle
            training = training.take(np.random.default_rng(0).permutation(len(training)))
    else:
        expected = f"an existing file, or mnist.pkl.gz or {EXPANDED}.pkl.gz for deltarule's own MNIST"
        raise DataError(f"expected {expected}, got a file that does not exist", path=path)
    return Pair(training), Pair(validation), Pair(test)


EXPANDED = "mnist_expanded"
LEVELS = 256.0
"""The number by which the book divides bytes; the library divides by 255."""


def _read(path: Path | None) -> list[Dataset]:
    names = ("training", "validation", "test")
    pairs = zip(names, load_data(path), strict=True)
    return [_restore_bytes(make_dataset(f"mnist {name}", pair, 10)) for name, pair in pairs]


def _restore_bytes(dataset: Dataset) -> Dataset:
    """Convert the images back into bytes, and into squares; each byte was divided by 256, or by others by 255."""
    side = isqrt(dataset.x.shape[1])
    scales = (LEVELS, 255.0) if side**2 == dataset.x.shape[1] else ()
    for scale in scales:
        if (levels := _find_levels(dataset.x, scale)) is not None:
            return replace(dataset, x=levels.reshape(-1, side, side), scale=scale)
    problem = f"expected square images of bytes divided by {LEVELS:g}, like the book's, or by 255, got others"
    raise DataError(problem, argument="x", owner=dataset.name)


def _find_levels(x: np.ndarray, scale: float) -> np.ndarray | None:
    """Find the bytes that, divided by ``scale``, give ``x``; None if there are none. Blocks of rows save memory."""
    levels = np.empty(x.shape, np.uint8)
    for k in range(0, len(x), _ROWS):
        block, found = x[k : k + _ROWS], levels[k : k + _ROWS]
        found[:] = np.clip(np.rint(block * np.float32(scale)), 0, 255)
        if not np.allclose(found / np.float32(scale), block, rtol=0, atol=_ROUNDING):
            return None
    return levels


_ROWS = 10_000
_ROUNDING = 1e-6
"""The largest difference of a pixel: one of a pixel divided by 255 was rounded to float32."""


def make_dataset(name: str, pair: Any, n_out: int) -> Dataset:
    """Make a data set of a pair (x, y) of arrays, inputs as rows and labels; ``name`` is its name in errors."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        pairs = "a pair (x, y), x an array with one row per example and y their labels, as load_data_shared() returns"
        raise InvalidArgument(f"expected {pairs}, got {_describe(pair)}", argument=name)
    try:
        x, y = np.asarray(pair[0]), np.asarray(pair[1])
    except ValueError:
        x = y = np.empty(0, object)
    if x.ndim < 2 or x.dtype.kind not in "fiub" or y.ndim != 1 or y.dtype.kind not in "iu":
        expected = "x of numbers, (examples, numbers), and y of labels, (examples,), whole numbers"
        got = f"x of {x.dtype}, {x.shape}, and y of {y.dtype}, {y.shape}"
        raise DataError(f"expected {expected}, got {got}", argument=name)
    return Dataset(x, y, name, 1.0, encoding=OneHot(n_out))


def _describe(value: Any) -> str:
    kind = "nothing" if value is None else f"a {type(value).__name__}"
    return f"{kind} of {len(value)}" if isinstance(value, (tuple, list)) else kind


def prepare_dataset(name: str, data: Any, first: BookLayer, n_out: int) -> Dataset:
    """Convert data for the library's network whose first layer is ``first``.

    ``data`` is a :class:`Pair`, any pair (x, y), or a data set of the library. Rows with several feature maps hold one
    map after the other, as in the program. Raise :class:`InvalidArgument`, :class:`DataError` or :class:`ShapeError`
    if they do not fit.
    """
    data = data.dataset if isinstance(data, Pair) else data
    dataset = replace(data, encoding=OneHot(n_out)) if isinstance(data, Dataset) else make_dataset(name, data, n_out)
    size, n = int(np.prod(dataset.x.shape[1:])), len(dataset)
    shape = first.image_shape[1:] if isinstance(first, ConvPoolLayer) else (first.n_in,)
    if size != int(np.prod(shape)):
        expected = f"examples of {' × '.join(map(str, shape))} numbers for {first}"
        raise ShapeError(f"expected {expected}, got {size} numbers", argument=name)
    if len(shape) == 3 and dataset.x.shape[1:] != (*shape[1:], shape[0]):
        dataset = replace(dataset, x=dataset.x.reshape(n, *shape).transpose(0, 2, 3, 1))
    elif len(shape) == 1 and dataset.x.ndim == 2 and isqrt(size) ** 2 == size:
        dataset = replace(dataset, x=dataset.x.reshape(n, isqrt(size), isqrt(size)))  # for augmentation
    return dataset


def with_scale(dataset: Dataset, scale: float) -> Dataset:
    """Convert a data set to other units, if it has others.

    >>> pair = make_dataset("data", (np.array([[0.5]], np.float32), [1]), 2)
    >>> with_scale(pair, 256.0).x, with_scale(pair, 1.0) is pair
    (array([[128.]], dtype=float32), True)
    """
    if dataset.scale == scale:
        return dataset
    factor = np.float32(scale / dataset.white)
    return replace(dataset, x=dataset.x if factor == 1 else dataset.x.astype(np.float32) * factor, scale=scale)


def drop_partial_batch(name: str, dataset: Dataset, size: int) -> Dataset:
    """Drop the examples after the last whole mini-batch, as the program does."""
    if len(dataset) < size:
        expected = f"at least {size} examples (the size of one mini-batch)"
        raise DataError(argument=name, expected=expected, value=len(dataset))
    return dataset.take(slice(len(dataset) // size * size))
