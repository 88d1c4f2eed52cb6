"""A data set of three patterns, for networks that write examples."""

from __future__ import annotations

import numpy as np

from deltarule.data import Dataset

PATTERNS = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], np.uint8)


def stripes(n: int = 300) -> Dataset:
    """Make three patterns of two pixels each, in equal numbers."""
    y = np.arange(n) % 3
    return Dataset(255 * PATTERNS[y].reshape(n, 2, 3), y, "stripes", scale=255.0, classes=("left", "middle", "right"))


def shares(samples: np.ndarray) -> list[float]:
    """Return the share of samples that are each of the patterns."""
    rounded = (samples.reshape(len(samples), 6) > 127).astype(np.uint8)
    return [float((rounded == pattern).all(1).mean()) for pattern in PATTERNS]
