"""Columns of numbers that are the pixels of square images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isqrt

import numpy as np

from deltarule.data.phrases import count, name_column
from deltarule.data.schema import Column
from deltarule.errors import DataError


def are_pixels(names: Sequence[str], has_names: bool) -> bool:
    """Return True if columns of bytes are taken as the pixels of a square image, row by row.

    Their number is a square, 25 or more. Names, if there are some, differ only in their numbers, as pixel0, pixel1, …;
    fewer than 64 columns must be called pixels.

    >>> are_pixels(("pixel0", "pixel1"), True), are_pixels(tuple(f"{i}x{j}" for i in range(8) for j in range(8)), True)
    (False, True)
    """
    n = len(names)
    if isqrt(n) ** 2 != n or n < 25:
        return False
    stems = {re.sub(r"\d+", "#", name) for name in names}
    return not has_names or (len(stems) == 1 and (n >= 64 or min(stems).lower().startswith(("pix", "px"))))


def shape_images(
    x: np.ndarray, columns: Sequence[Column], has_names: bool, images: bool | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Shape rows of pixels as square images of bytes; return rows that are no images as they are, and notes.

    Args:
        x: The rows, (n, columns).
        columns: The columns.
        has_names: True if the columns have names.
        images: True or False if it is stated, None to decide by names and values. Without names, fewer than 64 columns
            are pixels only if a value is above 15, so that a questionnaire is no image.

    Raises:
        DataError: If images are stated, and the rows are not square or not bytes.

    >>> columns = [Column(f"column {i}") for i in range(1, 26)]
    >>> [shape_images(np.full((2, 25), value), columns, False)[0].shape for value in (5, 99)]
    [(2, 25), (2, 5, 5)]
    """
    names, side = [column.name for column in columns], isqrt(len(columns))
    if images is False or not (images or are_pixels(names, has_names)):
        return x, ()
    is_image = side * side == len(columns) and not any(column.words for column in columns) and _are_bytes(x)
    if images and not is_image:
        raise _refuse(x, columns)
    if not is_image or (images is None and not has_names and side < 8 and x.max(initial=0) <= 15):
        return x, ()
    remedy = "" if images else "; state images=False if these are no pixels"
    note = f"the {len(columns)} columns of each row are read as an image of {side}×{side}{remedy}"
    return x.astype(np.uint8, copy=False).reshape(len(x), side, side), (note,)


def restore_images(x: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Restore images from rows of pixels, (n, k²) with k of at least 8, with values from 0 to 1 or bytes; add notes.

    Values that are k/255 or k/256 become the bytes k again. Return other arrays as they are.

    >>> x, notes = restore_images(np.full((2, 64), 0.5, np.float32))
    >>> x.shape, int(x[0, 0, 0]), notes
    ((2, 8, 8), 128, ('the 64 numbers of each row are read as an image of 8×8, the values k/256 as bytes k',))
    """
    if x.ndim not in (2, 3) or x.dtype.kind not in "uf" or x.size == 0:
        return x, ()
    side = isqrt(x.shape[1]) if x.ndim == 2 else 0
    if x.ndim == 2 and (side * side != x.shape[1] or side < 8 or not 0 <= float(x.min()) <= float(x.max()) <= 255):
        return x, ()
    note = f"the {x.shape[1]} numbers of each row are read as an image of {side}×{side}" if side else ""
    if x.dtype.kind == "f" and float(x.min()) >= 0 and 0 < float(x.max()) <= 1:
        for top in (256, 255):
            found = np.rint(x * x.dtype.type(top))
            if float(found.max()) <= 255 and np.abs(x * x.dtype.type(top) - found).max() < 0.01:
                x = found.astype(np.uint8)
                note = f"{note or 'the images are read'}, the values k/{top} as bytes k"
                break
    elif x.dtype.kind == "f" and _are_bytes(x):
        x = x.astype(np.uint8)
    return x.reshape(len(x), side, side) if side else x, (note,) if note else ()


def _are_bytes(x: np.ndarray) -> bool:
    """Return True if all values are whole numbers from 0 to 255."""
    return x.dtype == np.uint8 or bool(((x >= 0) & (x <= 255)).all() and np.array_equal(x, np.floor(x)))


def _refuse(x: np.ndarray, columns: Sequence[Column]) -> DataError:
    got, is_square = count(len(columns), "column"), isqrt(len(columns)) ** 2 == len(columns)
    for i, column in enumerate(columns if is_square else ()):
        if column.words or not _are_bytes(x[:, i]):
            got = f"{'words' if column.words else 'other values'} in {name_column(column.name)}"
            break
    return DataError(
        f"expected a square number of columns with whole numbers from 0 to 255, got {got}",
        argument="images",
        value=True,
        remedy="leave other columns out, or read them as columns: images=False",
    )
