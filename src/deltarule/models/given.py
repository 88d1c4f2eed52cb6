"""What a model is given to answer: an array of inputs, or a data set; anything else is refused in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from deltarule.data.arrays import first_not_finite, native
from deltarule.data.dataset import Dataset
from deltarule.errors import DataError, InvalidArgument


def numbers(x: Any) -> np.ndarray:
    """Return inputs as an array of finite numbers, in this machine's byte order and in C order.

    Raises :class:`InvalidArgument` for what holds no numbers, and for a data set, and :class:`DataError` for
    masked values, NaN and infinity.

    >>> numbers([[0, 1], [1, 1]]).shape
    (2, 2)
    """
    if isinstance(x, Dataset):
        raise InvalidArgument(
            f"x is a data set, {x.name}: give predictions(dataset) or shares(dataset), or its x alone"
        )
    try:
        found = np.asarray(x)
    except ValueError as error:
        raise InvalidArgument(f"x is no array of numbers: {error}") from None
    if found.dtype.kind not in "biuf":
        raise InvalidArgument(f"x is no array of numbers: it holds {found.dtype}")
    if np.ma.is_masked(x):
        raise DataError(f"x: expected a number everywhere, got {np.ma.count_masked(x):,} masked values; fill them")
    if (at := first_not_finite(found)) is not None:
        raise DataError(f"x: expected finite numbers, got {found[at]} at {list(at)}; remove or repair that example")
    return native(found)


def a_dataset(given: Any) -> Dataset:
    """A data set as it is. Raises :class:`InvalidArgument` for anything else."""
    if not isinstance(given, Dataset):
        raise InvalidArgument(
            f"dataset: give a Dataset, such as Dataset(x, y), not a {type(given).__name__}; "
            "an array of inputs alone is for predict(x)"
        )
    return given
