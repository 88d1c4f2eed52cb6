"""A reader of the book's ``mnist.pkl.gz``, which checks that its arrays are MNIST's six."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.pickle_operations import require
from deltarule.data.pickled_arrays import read_pickled_arrays

Part: TypeAlias = tuple[np.ndarray, np.ndarray]

_PARTS = ("training", "validation", "test")


def read(path: Path) -> tuple[Part, Part, Part]:
    """Read the training, validation and test data of the book's file, each ``(images, digits)``, (n, 784) and (n,).

    The file may be compressed, and written by Python 2 or 3, with tuples or lists: the images of a part may be one
    array or a list of arrays, (784,) or (784, 1), as the book's expand_mnist writes them. No part of it is run
    (:mod:`deltarule.data.pickled_arrays`). Raise :class:`DataError` with the path if it is damaged, incomplete, too
    large, or contains anything but these six arrays.
    """
    result = read_pickled_arrays(path)
    with reading(path):
        require(isinstance(result, tuple) and len(result) == 3, "is not a tuple of training, validation and test data")
        return tuple(_check_part(name, part) for name, part in zip(_PARTS, result, strict=True))  # type: ignore[return-value] # three, as just checked


def _check_part(name: str, part: Any) -> Part:
    values: tuple[Any, ...] = tuple(map(_join_rows, part)) if isinstance(part, tuple) else ()
    pair = len(values) == 2 and all(isinstance(array, np.ndarray) for array in values)
    require(pair, f"has {name} data that are not a pair of arrays")
    images, digits = values
    require(
        (images.ndim, images.dtype.kind, digits.shape) == (2, "f", (len(images),)) and digits.dtype.kind in "iu",
        f"has {name} data of shapes {images.shape} and {digits.shape}, types {images.dtype} and {digits.dtype}, "
        "instead of images (n, 784) of floats and n whole numbers",
    )
    finite = np.isfinite(images).all() and digits.min() >= 0 and digits.max() <= 9
    require(bool(finite), f"has {name} data with NaN, infinity, or a label that is not a digit")
    return images, digits.astype(np.int64, copy=False)


def _join_rows(values: Any) -> Any:
    """Make one array of a tuple of a few arrays of one shape, and rows of a stack of columns."""
    if isinstance(values, tuple) and values and all(isinstance(one, np.ndarray) for one in values):
        shapes = {(one.shape, one.dtype) for one in values}
        values = np.stack(values) if len(shapes) == 1 else values
    columns = isinstance(values, np.ndarray) and values.ndim == 3 and values.shape[2] == 1
    return values[:, :, 0] if columns else values
