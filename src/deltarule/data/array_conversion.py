"""Conversion of tensors, series, lists and other array-like objects to NumPy arrays of numbers or of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deltarule.data.columns import Values, convert_objects
from deltarule.data.frames import adopt, convert_frame, convert_series, is_frame, name_columns
from deltarule.data.library_errors import translating
from deltarule.data.numpy_files import decode_text
from deltarule.errors import DataError, DeltaruleError, require_extra

_SERIES = frozenset({"pandas", "polars", "pyarrow", "modin", "cudf"})
_NUMBERS = "biuf"


def to_numpy(value: Any, argument: str = "", owner: str = "") -> np.ndarray:
    """Convert an array-like object to an array of numbers or of text.

    A tensor is detached and copied to the CPU. Categories become their text, never their codes. bfloat16 becomes
    float32. A data frame becomes (n, columns).

    Args:
        value: A NumPy array, a tensor, a series or a data frame, a list, a sparse matrix, or an object with
            ``__array__``, ``__array_interface__`` or ``__dlpack__``.
        argument: The name of the argument, for errors.
        owner: The name of the record that the argument is a field of, for errors.

    Raises:
        DataError: For missing values that are no NaN (masked values, nulls, None), dates, complex numbers, objects
            that are neither numbers nor text, and rows of different lengths.

    >>> to_numpy([[1, 2], [3, 4]]).tolist(), to_numpy(["a", "b"]).tolist()
    ([[1, 2], [3, 4]], ['a', 'b'])
    >>> import pandas as pd
    >>> to_numpy(pd.Series(["u", "v"], dtype="category")).tolist()
    ['u', 'v']
    >>> to_numpy(np.ma.masked_equal([0, 1], 0), "y")
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: y: expected a value for each example, got 1 missing value, the first at position 0; \
leave those examples out, or fill the values
    """
    try:
        return _convert(value)
    except DeltaruleError as error:
        error.with_fields(argument=argument, owner=owner)
        raise


def _convert(value: Any) -> np.ndarray:
    if value is None:
        raise DataError("expected an array of numbers, got None")
    if isinstance(value, Iterator) and not hasattr(value, "__arrow_c_stream__"):
        raise DataError(
            f"expected an array of numbers, got a {type(value).__name__}", remedy="give a list of its items: list(…)"
        )
    if np.ma.isMaskedArray(value):
        return _convert_masked(value)
    if is_frame(value):
        return _convert_frame(value)
    if _is_series(value):
        return _convert_series(value)
    with translating(None, f"an array of numbers, not a {type(value).__name__}"):
        return _check_array(_take_array(value))


def _take_array(value: Any) -> np.ndarray:
    """Take the array of an object by the first way that it has."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):  # a tensor of torch
        return _take_tensor(value)
    if hasattr(value, "toarray"):  # a sparse matrix of scipy
        return np.asarray(value.toarray())
    if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        return np.asarray(np.from_dlpack(value))
    if isinstance(value, Sequence) and len(value) and not isinstance(value, str) and hasattr(value[0], "detach"):
        return np.stack([_take_tensor(one) for one in value])
    try:
        return np.asarray(value)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise DataError(
            "expected an array of numbers, got rows of different lengths",
            remedy="give the same number of values for each example",
        ) from None


def _take_tensor(tensor: Any) -> np.ndarray:
    plain = tensor.detach().cpu()
    if getattr(plain, "is_sparse", False):
        plain = plain.to_dense()
    try:
        return np.asarray(plain.numpy(force=True))
    except TypeError:  # a type that NumPy lacks, such as bfloat16
        return np.asarray(plain.float().numpy(force=True))


def _check_array(array: np.ndarray) -> np.ndarray:
    """Return an array of numbers or of text. Raises :class:`DataError` for others."""
    kind = array.dtype.kind
    if kind in _NUMBERS:
        return array
    if kind in "US":
        return decode_text(array)
    if kind == "V" and array.dtype.names is None and array.dtype.isbuiltin == 2:  # such as bfloat16 of JAX
        return array.astype(np.float32)
    if kind in "OT":
        flat = array.astype(object).ravel().tolist()
        missing = np.array([is_missing(one) for one in flat], np.bool_)
        if missing.any():
            raise _refuse_missing(missing.reshape(array.shape))
        return _take_values(convert_objects(flat, missing)).reshape(array.shape)
    raise DataError(
        f"expected an array of numbers or text, got an array of {array.dtype}",
        remedy="give numbers, such as x.astype(float)",
    )


def is_missing(value: Any) -> bool:
    """Return True for None and for the marks of pandas for missing values.

    >>> import pandas as pd
    >>> is_missing(None), is_missing(pd.NA), is_missing(pd.NaT), is_missing(0)
    (True, True, True, False)
    """
    return value is None or type(value).__name__ in ("NAType", "NaTType", "MaskedConstant")


def _convert_masked(value: np.ma.MaskedArray) -> np.ndarray:
    mask = np.ma.getmaskarray(value)
    if mask.any():
        raise _refuse_missing(mask)
    return _check_array(np.asarray(value.data))


def _is_series(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in _NUMBERS:
        return False
    return type(value).__module__.partition(".")[0] in _SERIES


def _convert_series(value: Any) -> np.ndarray:
    with require_extra("tables", "series of data frames"):
        import narwhals as nw
    with translating(None, f"a series, not a {type(value).__name__}"):
        series: Any = nw.from_native(value, series_only=True, pass_through=True)
        if not isinstance(series, nw.Series):
            if not hasattr(value, "__arrow_c_array__"):  # arrays and indexes of pandas
                return _check_array(np.asarray(value))
            import pyarrow as pa

            series = nw.from_native(pa.chunked_array([pa.array(value)]), series_only=True)
        return _take_values(convert_series(series))


def _convert_frame(value: Any) -> np.ndarray:
    """Convert a data frame to (n, columns): all numbers or all text."""
    with translating(None, f"a data frame, not a {type(value).__name__}"):
        frame = adopt(name_columns(value)[0])
        columns = convert_frame(frame, frame.columns)
        kinds = {values.numbers is None for values in columns.values()}
        if len(kinds) != 1:
            got = ", ".join(
                f"{name} ({'text' if values.numbers is None else 'numbers'})" for name, values in columns.items()
            )
            raise DataError(
                f"expected columns of numbers, or columns of text, got {got[:200] or 'none'}",
                remedy="choose the columns, or read the frame as a table",
            )
        return np.column_stack([_take_values(values) for values in columns.values()])


def _take_values(values: Values) -> np.ndarray:
    """Take the numbers or the text of a column. Raises :class:`DataError` for missing values that are no NaN."""
    if values.problem:
        raise DataError(f"expected numbers or text, got {values.problem}")
    if values.numbers is None:
        if values.missing.any():
            raise _refuse_missing(values.missing)
        return np.array(values.format().tolist(), np.str_)
    if values.numbers.dtype.kind == "O":
        raise DataError(expected="whole numbers that 64 bits can hold", value=max(values.numbers, key=abs))
    is_float = values.numbers.dtype.kind == "f"
    nulls = values.missing & ~np.isnan(values.numbers) if is_float else values.missing  # NaN is left to the caller
    if nulls.any():
        raise _refuse_missing(nulls)
    return values.numbers


def _refuse_missing(missing: np.ndarray) -> DataError:
    """Create the error about missing values; of an array of several axes count the examples."""
    rows = missing.reshape(len(missing), -1).any(axis=1) if missing.ndim else missing.reshape(1)
    n = int(rows.sum())
    return DataError(
        f"expected a value for each example, got {n:,} missing value{'s' * (n > 1)}, the first at position "
        f"{int(np.argmax(rows))}",
        remedy="leave those examples out, or fill the values",
    )
