"""The conversion of inputs, the same for every engine."""

from __future__ import annotations

import numpy as np

from deltarule.data.arrays import to_native
from deltarule.errors import DataError


def convert_inputs(x: np.ndarray, scale: float, dtype: np.dtype, name: str) -> np.ndarray:
    """Convert x to this machine's byte order and C order, and 64-bit types to ``dtype``, in which it will be divided.

    Types of up to 32 bits, such as bytes, stay small. An array that needs no change is not copied. Raises
    :class:`DataError`, with the data set's ``name``, if ``dtype`` cannot hold x, the scale, or x divided by it.

    >>> convert_inputs(np.array([[2**40, 0]]), 2.0**40, np.dtype("float32"), "counts").tolist()
    [[1099511627776.0, 0.0]]
    """
    limits, scale = np.finfo(dtype), float(scale)
    # below it eps · scale would have fewer bits, or be 0 in an engine that rounds such small numbers down
    smallest, greatest = float(limits.tiny / limits.eps), float(limits.max)
    if not smallest <= scale <= greatest:
        raise DataError(
            argument="scale",
            owner=name,
            expected=f"a number that {dtype} can divide by, from {smallest:.1g} to {greatest:.1g}",
            value=scale,
            remedy=_suggest_scaling(dtype),
        )
    with np.errstate(over="ignore"):
        found = to_native(x).astype(dtype, copy=False) if x.dtype.itemsize > 4 else to_native(x)
        largest = max(abs(float(found.max(initial=0))), abs(float(found.min(initial=0)))) / scale
    if not largest <= greatest:
        at = int(np.argmax(np.abs(x.astype(np.longdouble)).reshape(len(x), -1).max(axis=1)))
        value = np.abs(x[at].astype(np.longdouble)).max()
        raise DataError(
            f"expected inputs that {dtype} can hold (up to {greatest:.1e}) when divided by the scale {scale:g}, "
            f"got {value:.6g}",
            argument=name,
            value=value,
            position=f"example {at}",
            remedy=_suggest_scaling(dtype),
        )
    return found


def _suggest_scaling(dtype: np.dtype) -> str:
    other = ', or use dtype="float64"' if dtype == np.float32 else ""
    return f"divide the inputs and the scale by the same number{other}"
