"""Inputs that a model predicts from: converted to numbers, checked, and brought to the network's shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.data.arrays import find_non_finite, is_masked, to_native
from deltarule.data.dataset import Dataset
from deltarule.engines.examples import Examples, reshape_inputs
from deltarule.engines.inputs import convert_inputs
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.preprocessing import Preprocessing


def prepare_inputs(x: Any, network: Network, preprocessing: Preprocessing, dtype: np.dtype) -> Examples:
    """Prepare raw inputs for a network, without labels.

    ``x`` is an array, a data set, whose labels are not looked at, or a data frame.

    >>> from deltarule.data import OneHot
    >>> from deltarule.preprocessing import Scaling
    >>> own = Preprocessing(OneHot(2), Scaling(255.0))
    >>> prepare_inputs([[0, 255]], Network.dense([2, 2]), own, np.dtype("float32")).scale
    255.0
    """
    is_table, shape = preprocessing.schema is not None, network.input_shape
    if is_table and not isinstance(x, (Dataset, np.ndarray)):
        from deltarule.data.frames import is_frame
        from deltarule.preprocessing.tables import read_frame

        x = read_frame(x, preprocessing) if is_frame(x) else x
    if isinstance(x, Dataset):
        stored = preprocessing.store(x)
        batch, name, lengths = reshape_inputs(stored.x, shape, x), x.name, x.lengths
    else:
        stored = preprocessing.store(convert_numbers(x, missing=is_table))
        batch, name, lengths = reshape_batch(stored.x, shape), "x", None
    batch = convert_inputs(batch, stored.scale, dtype, name)
    return Examples(batch, np.empty((len(batch), 0)), stored.scale, stored.mean, lengths=lengths)


def convert_numbers(x: Any, missing: bool = False) -> np.ndarray:
    """Convert inputs to an array of finite numbers, in this machine's byte order and in C order.

    With ``missing``, NaN is a missing value, and allowed.

    Raises :class:`InvalidArgument` for other things than numbers, :class:`DataError` for NaN, infinity, masked values.

    >>> convert_numbers([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    if not isinstance(x, (np.ndarray, list, tuple, Iterator, type(None))) and not np.isscalar(x):
        from deltarule.data.array_conversion import to_numpy

        x = to_numpy(x, "x")
    try:
        found = np.asarray(x)
    except ValueError:  # for lists of unequal lengths
        found = np.asarray(x, dtype=object)
    if found.dtype.kind not in "biuf":
        expected = "an array of numbers, or a Dataset"
        if isinstance(x, Iterator):
            problem = f"expected {expected}, got a {type(x).__name__}"
            raise InvalidArgument(problem, argument="x", value=x, remedy="give list(x)")
        objects = "Python objects, such as None or rows of different lengths"
        got = objects if found.dtype.kind == "O" else f"an array of {found.dtype}"
        problem = f"expected {expected}, got {got}" if found.ndim else ""
        raise InvalidArgument(problem, argument="x", expected=expected, value=x)
    finite = np.nan_to_num(found, posinf=np.inf, neginf=-np.inf) if missing else found
    masked, at = np.ma.getmaskarray(x).sum() if is_masked(x) else 0, find_non_finite(finite)
    if masked or at is not None:
        got = f"{masked:,} masked values" if masked else f"{found[at]} at {list(at or ())}"
        remedy = "remove or repair those examples"
        raise DataError(f"expected finite numbers, got {got}", argument="x", value=x, remedy=remedy)
    return to_native(found)


def reshape_batch(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Reshape inputs to (n, ...) with examples of the given shape; a single example may lack the first axis.

    Raises :class:`ShapeError` for examples of another size.

    >>> reshape_batch(np.zeros((5, 6)), (2, 3)).shape, reshape_batch(np.zeros((2, 3)), (2, 3)).shape
    ((5, 2, 3), (1, 2, 3))
    """
    size = int(np.prod(shape))
    if x.size == size and (x.ndim <= len(shape) or x.shape[0] != 1):
        x = x[None]
    if x.ndim < 2 or int(np.prod(x.shape[1:])) != size:
        expected = f"an array of shape (n, {', '.join(map(str, shape))})"
        raise ShapeError(f"expected {expected}, got {x.shape}", argument="x", value=x, expected=expected)
    return x.reshape(len(x), *shape)
