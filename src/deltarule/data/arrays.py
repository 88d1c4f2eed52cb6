"""Conversion of arrays to the one memory layout that files and compiled engines take."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

ALIGNMENT = 64
"""The alignment in bytes: JAX uses an array at a multiple of it without a copy."""


def to_native(array: np.ndarray) -> np.ndarray:
    """Convert an array to this machine's byte order and C order; return the same array if it has both.

    Types wider than float64 (longdouble) become float64: no file and no compiled engine has them.

    >>> to_native(np.array([[1, 2], [3, 4]], ">f4").T).tobytes() == np.array([[1, 3], [2, 4]], np.float32).tobytes()
    True
    """
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    return np.asarray(array, np.float64 if wide else array.dtype.newbyteorder("="), order="C")


def align(array: np.ndarray) -> np.ndarray:
    """Return an array that JAX can use on a CPU without a copy; the same array if it is aligned already."""
    return array if array.ctypes.data % ALIGNMENT == 0 else copy_aligned(array)


def copy_aligned(array: np.ndarray) -> np.ndarray:
    """Copy an array to an aligned address, where JAX can use it on a CPU without another copy."""
    memory = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def is_masked(value: Any) -> bool:
    """Tell whether a value is a masked array. There is none unless something imported numpy.ma, which takes long.

    >>> is_masked(np.zeros(3)), is_masked(np.ma.masked_equal([0, 1], 0))
    (False, True)
    """
    return "numpy.ma" in sys.modules and np.ma.isMaskedArray(value)


def is_frozen(array: np.ndarray) -> bool:
    """Tell whether nobody can write to an array: neither through it, nor through an array whose memory it shares.

    >>> row = np.zeros(3)
    >>> row.flags.writeable = False
    >>> is_frozen(row), is_frozen(np.zeros(3)), is_frozen(np.broadcast_to(np.zeros(3), (2, 3)))
    (True, False, False)
    """
    if array.flags.writeable:
        return False
    return array.base is None or (isinstance(array.base, np.ndarray) and is_frozen(array.base))


def find_non_finite(array: np.ndarray) -> tuple[int, ...] | None:
    """Find the position of the first NaN or infinity; None if there is none.

    >>> find_non_finite(np.array([[0.0, 1.0], [np.nan, np.inf]]))
    (1, 0)
    """
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return None
    return tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
