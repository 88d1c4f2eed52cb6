"""Inputs as every engine takes them: converted once, before any engine sees them."""

from __future__ import annotations

import numpy as np

from deltarule.data.arrays import to_native
from deltarule.errors import DataError


def convert_inputs(x: np.ndarray, scale: float, dtype: np.dtype, name: str) -> np.ndarray:
    """Return x in this machine's byte order and C order, types of 64 bits as ``dtype``, in which it will be divided.

    Types of up to 32 bits (bytes above all) stay as they are, and small. Raises :class:`DataError`, by
    the data set's ``name``, where ``dtype`` cannot hold x, the scale, or x divided by it.

    >>> convert_inputs(np.array([[2**40, 0]]), 2.0**40, np.dtype("float32"), "counts").tolist()
    [[1099511627776.0, 0.0]]
    """
    limits, scale = np.finfo(dtype), float(scale)
    # eps · scale would otherwise have fewer bits, or be 0 where an engine rounds such small numbers down
    smallest, greatest = float(limits.tiny / limits.eps), float(limits.max)
    if not smallest <= scale <= greatest:
        raise DataError(
            f"{name}: expected a scale that {dtype} can divide by ({smallest:.1g} to {greatest:.1g}), "
            f"got {scale:g}; divide the inputs and the scale by the same number{_or_float64(dtype)}"
        )
    with np.errstate(over="ignore"):
        found = to_native(x).astype(dtype) if x.dtype.itemsize > 4 else to_native(x)
        largest = max(abs(float(found.max(initial=0))), abs(float(found.min(initial=0)))) / scale
    if not largest <= greatest:
        at = int(np.argmax(np.abs(x.astype(np.longdouble)).reshape(len(x), -1).max(axis=1)))
        value = np.abs(x[at].astype(np.longdouble)).max()
        raise DataError(
            f"{name}: expected inputs that {dtype} can hold (up to {greatest:.1e}) when divided by the scale "
            f"{scale:g}, got {value:.6g} in example {at}; divide the inputs and the scale by the same number"
            f"{_or_float64(dtype)}"
        )
    return found


def _or_float64(dtype: np.dtype) -> str:
    return ', or use dtype="float64"' if dtype == np.float32 else ""
