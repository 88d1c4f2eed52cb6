"""Fingerprints of examples as a model prepares them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.fingerprints import hash_rows
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.preprocessing.standardization import Standardization

_ROWS = 8192
_SAME = 0.0005  # the largest change of a standardized number by float32 that is left out
_LOW_SCALE = 8  # numbers of a scale below this one are rounded as those from 0 to 255


def fingerprint_examples(preprocessing: Preprocessing, dataset: Dataset, with_labels: bool = False) -> np.ndarray:
    """Compute a fingerprint of each example, (n,) uint64 (:func:`~deltarule.data.fingerprints.hash_rows`).

    Rows of a table are hashed as the network gets them, with the columns of the model in its order, standardized, and
    rounded to 3 decimals. Pictures and other arrays of whole numbers are hashed as they are; other numbers are rounded
    to 2 decimals, those from 0 to 1 as from 0 to 255. So numbers of float32 and float64 have the same fingerprint. With
    ``with_labels`` the label counts as well.

    >>> data = Dataset(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]))
    >>> own = Preprocessing.fit(data)
    >>> [len(np.unique(fingerprint_examples(own, data, with_labels))) for with_labels in (False, True)]
    [2, 3]
    """
    parts = [np.zeros(0, np.uint64)]
    for start in range(0, len(dataset), _ROWS):
        part = dataset.take(slice(start, start + _ROWS))
        rows = _round_inputs(preprocessing, part)
        if with_labels:
            rows = np.column_stack([rows, preprocessing.encode(part).reshape(len(part), -1)])
        parts.append(hash_rows(rows))
    return np.concatenate(parts)


def fingerprint_exchanged(preprocessing: Preprocessing, dataset: Dataset) -> np.ndarray:
    """Compute the fingerprints of images with dark and light exchanged, (n, k) uint64, for k possible highest numbers.

    >>> data = Dataset(np.array([[[0.0, 0.25]], [[1.0, 0.75]]]), np.array([0, 1]), scale=1)
    >>> own = Preprocessing.fit(data)
    >>> (fingerprint_exchanged(own, data)[:, 0] == fingerprint_examples(own, data[::-1])).tolist()
    [True, True]
    """
    if dataset.x.ndim < 3:
        return np.zeros((len(dataset), 0), np.uint64)
    is_bytes = dataset.x.dtype == np.uint8
    highest = sorted({float(preprocessing.scale), *((255.0,) if is_bytes else ())})
    values = [
        255 - dataset.x if is_bytes and high == 255 else (high - dataset.x).astype(np.float32) for high in highest
    ]
    exchanged = [replace(dataset, x=x) for x in values]
    return np.stack([fingerprint_examples(preprocessing, images) for images in exchanged], axis=1)


def _round_inputs(preprocessing: Preprocessing, part: Dataset) -> np.ndarray:
    """Round the inputs of examples, (n, d), so that they are the same from float32 and float64."""
    values = part.x if preprocessing.schema is None else preprocessing.store(part).x
    rows = values.reshape(len(part), -1)
    if isinstance(preprocessing.inputs, Standardization):
        with np.errstate(over="ignore", invalid="ignore"):
            single = preprocessing.store(replace(part, x=part.x.astype(np.float32))).x.reshape(len(part), -1)
            rows = np.where(np.abs(rows - single) < _SAME, single, rows)
        return np.round(rows, 3).astype(np.float32)
    factor = 255 / preprocessing.scale if preprocessing.scale < _LOW_SCALE else 1
    if rows.dtype.kind != "f" and factor == 1:
        return rows
    with np.errstate(over="ignore"):
        return np.round(rows.astype(np.float32).astype(np.float64) * factor, 2).astype(np.float32)
