"""The data of the book's third program: images as rows of numbers and their digits, loaded or the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import isqrt
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.book.mnist_loader import load_data
from deltarule.book.network3_arrays import Shared, shared
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer
from deltarule.data.augmentation import with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.errors import DataError, InvalidArgument, ShapeError


class Pair(Sequence[Shared]):
    """``data[0]``, the images (n, 784) as float32, k/256 for a byte k, and ``data[1]``, their digits (n,) as int32.

    The images are kept as bytes, a quarter of the memory, and made numbers when they are first asked
    for; ``dataset`` is the library's own data set of them.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    @cached_property
    def _sides(self) -> tuple[Shared, Shared]:
        x = self.dataset.x.reshape(len(self.dataset), -1).astype(np.float32) / np.float32(self.dataset.scale)
        return shared(x), shared(self.dataset.y.astype(np.int32))

    def __getitem__(self, i: Any) -> Any:
        return self._sides[i]

    def __len__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return f"({self.dataset.name}: {len(self.dataset)} images, their digits)"


def load_data_shared(filename: str | PathLike[str] = "../data/mnist.pkl.gz") -> tuple[Pair, Pair, Pair]:
    """``(training_data, validation_data, test_data)``: 50,000, 10,000 and 10,000 digits of MNIST.

    A file (or folder) of that name is read, if there is one, as by :func:`mnist_loader.load_data`. The
    book's own names always serve: without a file, ``mnist.pkl.gz`` in any folder stands for what
    ``mnist_loader`` finds, and ``mnist_expanded.pkl.gz`` for five times as many training data, by shifts of
    one pixel, shuffled once. Raises :class:`DataError` for what is not there or damaged.
    """
    path = Path(filename)
    stem = path.name.removesuffix(".gz").removesuffix(".pkl")
    if path.exists():
        training, validation, test = _read(path)
    elif stem in ("mnist", EXPANDED):
        training, validation, test = _read(None)
        if stem == EXPANDED:
            training = with_shifts(training)
            # as the book's file is, once and for all: nothing is shuffled while learning
            training = training.take(np.random.default_rng(0).permutation(len(training)))
    else:
        expected = f"a file that is there, or mnist.pkl.gz or {EXPANDED}.pkl.gz, which stand for deltarule's own MNIST"
        raise DataError(f"expected {expected}, got another name", path=path)
    return Pair(training), Pair(validation), Pair(test)


EXPANDED = "mnist_expanded"
LEVELS = 256.0
"""What the book divides bytes by, where the library divides by 255."""


def _read(path: Path | None) -> list[Dataset]:
    names = ("training", "validation", "test")
    return [_images(of_pair(f"mnist {name}", pair, 10)) for name, pair in zip(names, load_data(path), strict=True)]


def _images(dataset: Dataset) -> Dataset:
    """The same images as the bytes that they were made of, and as squares."""
    side = isqrt(dataset.x.shape[1])
    levels = (dataset.x * LEVELS).astype(np.uint8)
    if side**2 != dataset.x.shape[1] or not np.array_equal(levels / np.float32(LEVELS), dataset.x):
        problem = f"expected images that are squares of bytes divided by {LEVELS:g}, as the book's are, got others"
        raise DataError(problem, argument="x", owner=dataset.name)
    return replace(dataset, x=levels.reshape(-1, side, side), scale=LEVELS)


def of_pair(name: str, pair: Any, n_out: int) -> Dataset:
    """A data set of a pair (x, y) of arrays, inputs as rows and labels; ``name`` is what errors call it."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        pairs = "a pair (x, y), x an array of one row an example and y their labels, as load_data_shared() returns"
        raise InvalidArgument(f"expected {pairs}, got {_said(pair)}", argument=name)
    try:
        x, y = np.asarray(pair[0]), np.asarray(pair[1])
    except ValueError:
        x = y = np.empty(0, object)
    if x.ndim < 2 or x.dtype.kind not in "fiub" or y.ndim != 1 or y.dtype.kind not in "iu":
        expected = "x to be numbers, (examples, numbers), and y labels, (examples,), whole numbers"
        got = f"x of {x.dtype}, {x.shape}, and y of {y.dtype}, {y.shape}"
        raise DataError(f"expected {expected}, got {got}", argument=name)
    return Dataset(x, y, name, encoding=OneHot(n_out))


def _said(what: Any) -> str:
    kind = "nothing" if what is None else f"a {type(what).__name__}"
    return f"{kind} of {len(what)}" if isinstance(what, (tuple, list)) else kind


def dataset_for(name: str, data: Any, first: BookLayer, n_out: int) -> Dataset:
    """The data as the library's network takes them that begins with the layer ``first``.

    ``data`` is a :class:`Pair`, any pair (x, y), or a library's data set. Rows of several feature maps
    are taken as the program does, one map after the other. Raises :class:`InvalidArgument`,
    :class:`DataError` or :class:`ShapeError` for what does not fit.
    """
    held = data.dataset if isinstance(data, Pair) else data
    dataset = replace(held, encoding=OneHot(n_out)) if isinstance(held, Dataset) else of_pair(name, data, n_out)
    size, n = int(np.prod(dataset.x.shape[1:])), len(dataset)
    shape = first.image_shape[1:] if isinstance(first, ConvPoolLayer) else (first.n_in,)
    if size != int(np.prod(shape)):
        taken = f"examples of {' × '.join(map(str, shape))} numbers, as {first} takes"
        raise ShapeError(f"expected {taken}, got {size} numbers", argument=name)
    if len(shape) == 3 and dataset.x.shape[1:] != (*shape[1:], shape[0]):
        dataset = replace(dataset, x=dataset.x.reshape(n, *shape).transpose(0, 2, 3, 1))
    elif len(shape) == 1 and dataset.x.ndim == 2 and isqrt(size) ** 2 == size:
        dataset = replace(dataset, x=dataset.x.reshape(n, isqrt(size), isqrt(size)))  # so that it can be turned
    return dataset


def whole_batches(name: str, dataset: Dataset, size: int) -> Dataset:
    """Without the examples that make no whole mini-batch, which the program leaves out."""
    if len(dataset) < size:
        expected = f"the examples of one mini-batch or more, {size}"
        raise DataError(argument=name, expected=expected, value=len(dataset))
    return dataset.take(slice(len(dataset) // size * size))
