"""The validation set of early stopping: some of the training examples, chosen by their content."""

from __future__ import annotations

import numpy as np

from deltarule.data.fingerprints import hash_rows
from deltarule.errors import InvalidArgument


def choose_validation(
    x: np.ndarray, y: np.ndarray, strata: np.ndarray, weights: np.ndarray | None, fraction: float, seed: int
) -> np.ndarray:
    """Choose the examples to validate on, (n,) bool: of each stratum those with the smallest hashes.

    The hash of an example depends on its content and the seed only. So equal examples are never divided, an example of
    weight 2 is treated like two equal ones, and the order of the examples has no effect.

    Args:
        x: The examples, (n, ...).
        y: Their targets, (n,) or (n, n_out).
        strata: The stratum of each example, such as its class, (n,), whole numbers from 0.
        weights: The weights of the examples, (n,), or None for 1.
        fraction: The share of the weight of each stratum to validate on.
        seed: The seed of the choice.

    Raises:
        InvalidArgument: If every stratum has fewer than two different examples.

    >>> x = np.arange(10.0)[:, None]
    >>> int(choose_validation(x, x[:, 0], np.zeros(10, int), None, 0.2, seed=1).sum())
    2
    """
    parts = [hash_rows(x), hash_rows(y.reshape(len(y), -1)), np.full(len(x), seed, np.uint64)]
    hashes = hash_rows(np.stack(parts, axis=1).view(np.uint8).reshape(len(x), -1))
    own = np.ones(len(x)) if weights is None else weights
    chosen, spare = np.zeros(len(x), bool), np.zeros(0, np.uint64)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        groups, at = np.unique(hashes[members], return_inverse=True)
        share = np.bincount(at, own[members])
        middle = np.cumsum(share) - share / 2
        last = np.arange(len(groups)) == len(groups) - 1  # which stays in the training set
        chosen[members] = ((middle <= fraction * share.sum()) & ~last)[at]
        spare = np.append(spare, groups[:1] if len(groups) > 1 else [])
    if not len(spare):
        raise InvalidArgument(
            f"expected at least two different examples of a class, for training and for validation, got n_samples = "
            f"{len(x)}",
            argument="early_stopping",
            value=True,
            remedy="use early_stopping=False, or more examples",
        )
    return chosen if chosen.any() else np.asarray(hashes == spare.min())
