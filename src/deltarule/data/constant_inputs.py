"""Inputs that tell nothing: constant columns, blank images, and examples that are all the same."""

from __future__ import annotations

from math import prod

import numpy as np

from deltarule.data.blanks import find_blanks
from deltarule.data.dataset import Dataset
from deltarule.data.phrases import count, name_columns


def find_constant(x: np.ndarray) -> np.ndarray:
    """Find the inputs that are the same in all examples, missing values among them, (inputs,) bool.

    >>> find_constant(np.array([[1.0, 2.0, np.nan], [1.0, 3.0, np.nan]])).tolist()
    [True, False, True]
    """
    rows = x.reshape(len(x), prod(x.shape[1:]))
    same = (rows == rows[:1]).all(axis=0)
    return np.asarray(same | np.isnan(rows).all(axis=0) if rows.dtype.kind == "f" else same)


def describe_constant(train: Dataset) -> tuple[str, ...]:
    """Describe the inputs of a training set that tell nothing, in sentences.

    >>> describe_constant(Dataset(np.array([[[1, 1]], [[1, 2]], [[0, 0]]], np.uint8), np.array([0, 1, 1])))
    ('2 of 3 training images are blank: all their pixels are equal',)
    """
    if len(train) < 2:
        return ()
    constant, is_image = find_constant(train.x), train.x.ndim > 2
    if constant.all():
        return (f"all {len(train):,} training {'images' if is_image else 'rows'} have the same inputs",)
    if is_image:
        n = int(find_blanks(train.x).sum())
        be = "is blank: all its" if n == 1 else "are blank: all their"
        return (f"{n:,} of {count(len(train), 'training image')} {be} pixels are equal",) if n else ()
    if not constant.any():
        return ()
    names = [f"column {i + 1}" for i in range(len(constant))]
    if train.schema is not None:
        names = [column.name for column in train.schema.columns]
    own = [name for name, is_constant in zip(names, constant, strict=True) if is_constant]
    have = "has one value" if len(own) == 1 else "have one value each"
    return (f"{name_columns(own)} {have} in all training rows",)
