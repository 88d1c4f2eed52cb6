"""Reading of many pictures into one array, with the damaged ones left out if that is stated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path

import numpy as np

from deltarule.data.phrases import count
from deltarule.errors import DataError

MOST_BYTES = 2**30
"""The most bytes that the pictures of a folder take in memory."""


def read_pictures(
    files: Sequence[Path], read: Callable[[Path], np.ndarray], skip_damaged: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read pictures into one array; return it with the files that were kept, (n,) bool, and notes.

    The array, (k, …) uint8 for k kept files in their order, is written in place: there is no second copy.

    Args:
        files: The files of the pictures.
        read: The function that reads a file as uint8, of the same shape for all.
        skip_damaged: True to leave out files that ``read`` refuses, and count them in the notes.

    Raises:
        DataError: For a damaged file, unless it is left out; if all are damaged; for different shapes; and for more
            bytes than :data:`MOST_BYTES`.

    >>> array, kept, notes = read_pictures([Path("a"), Path("b")], lambda path: np.zeros((2, 3), np.uint8))
    >>> array.shape, kept.tolist(), notes
    ((2, 2, 3), [True, True], ())
    """
    kept = np.zeros(len(files), bool)
    damaged: list[DataError] = []
    array, k = np.zeros((0,), np.uint8), 0
    for i, path in enumerate(files):
        try:
            picture = read(path)
        except DataError as error:
            damaged.append(error)
            continue
        if k == 0:
            if prod((len(files), *picture.shape)) > MOST_BYTES:
                raise DataError("expected fewer bytes", path=path)
            array = np.empty((len(files), *picture.shape), np.uint8)
        array[k], kept[i] = picture, True
        k += 1
    if damaged and (not skip_damaged or k == 0):
        raise damaged[0].with_fields(remedy="leave damaged files out: skip_damaged=True")
    notes = (f"{count(len(damaged), 'damaged file')} left out",) if damaged else ()
    return array[:k], kept, notes
