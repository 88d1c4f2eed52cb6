"""Examples that show nothing: all their numbers are the same."""

from __future__ import annotations

from math import prod

import numpy as np

_ROWS = 8192


def find_blanks(x: np.ndarray, most: float = 0) -> np.ndarray:
    """Find the examples whose numbers differ by at most ``most``, (n,) bool; in colour, by channel.

    Args:
        x: The examples, (n, ...); (n, height, width, 3) are in colour.
        most: The largest difference.

    >>> find_blanks(np.array([[[7, 7]], [[7, 8]]])).tolist(), find_blanks(np.array([[[7, 7]], [[7, 8]]]), 1).tolist()
    ([True, False], [True, True])
    """
    channels = x.shape[3] if x.ndim == 4 else 1
    rows = x.reshape(len(x), prod(x.shape[1:]) // channels, channels)
    blocks = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
    spans = [block.max(axis=1, initial=0).astype(float) - block.min(axis=1, initial=255) for block in blocks]
    return np.concatenate([np.zeros(0, bool), *[(span <= most).all(axis=1) for span in spans]])
