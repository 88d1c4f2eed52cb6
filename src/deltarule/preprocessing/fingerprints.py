"""Fingerprints of examples as a model prepares them."""

from __future__ import annotations

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.fingerprints import hash_rows
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.preprocessing.standardization import Standardization

_ROWS = 8192


def fingerprint_examples(preprocessing: Preprocessing, dataset: Dataset, with_labels: bool = False) -> np.ndarray:
    """Compute a fingerprint of each example, (n,) uint64 (:func:`~deltarule.data.fingerprints.hash_rows`).

    Rows of a table are hashed as the network gets them, to the precision of float32: with the columns of the model in
    its order, standardized. Pictures and other arrays are hashed as they are. With ``with_labels`` the label counts as
    well.

    >>> data = Dataset(np.array([[1.0], [2.0], [1.0]]), np.array([0, 1, 1]))
    >>> own = Preprocessing.fit(data)
    >>> [len(np.unique(fingerprint_examples(own, data, with_labels))) for with_labels in (False, True)]
    [2, 3]
    """
    parts = [np.zeros(0, np.uint64)]
    for start in range(0, len(dataset), _ROWS):
        part = dataset.take(slice(start, start + _ROWS))
        values = part.x if preprocessing.schema is None else preprocessing.store(part).x
        x = values.reshape(len(part), -1)
        rows = x.astype(np.float32) if isinstance(preprocessing.inputs, Standardization) else x
        if with_labels:
            rows = np.column_stack([rows, preprocessing.encode(part).reshape(len(part), -1)])
        parts.append(hash_rows(rows))
    return np.concatenate(parts)
