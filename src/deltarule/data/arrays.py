"""Arrays in one layout: valid arrays come in any byte order and stride, files and compiled engines take one."""

from __future__ import annotations

import numpy as np

ALIGNMENT = 64
"""Bytes: JAX takes an array at a multiple of this address as it is, and copies any other."""


def to_native(array: np.ndarray) -> np.ndarray:
    """Return the array in this machine's byte order and in C order; itself if it is so already.

    Types wider than float64 (longdouble) become float64: no file and no compiled engine has them.

    >>> to_native(np.array([[1, 2], [3, 4]], ">f4").T).tobytes() == np.array([[1, 3], [2, 4]], np.float32).tobytes()
    True
    """
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    return np.asarray(array, np.float64 if wide else array.dtype.newbyteorder("="), order="C")


def align(array: np.ndarray) -> np.ndarray:
    """Return the array at an address from which a CPU's devices share it without a copy; itself if it is there."""
    return array if array.ctypes.data % ALIGNMENT == 0 else copy_aligned(array)


def copy_aligned(array: np.ndarray) -> np.ndarray:
    """Copy the array to an address from which a CPU's devices share it without a copy."""
    memory = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def find_non_finite(array: np.ndarray) -> tuple[int, ...] | None:
    """Return the position of the first NaN or infinity, or None.

    >>> find_non_finite(np.array([[0.0, 1.0], [np.nan, np.inf]]))
    (1, 0)
    """
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return None
    return tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
