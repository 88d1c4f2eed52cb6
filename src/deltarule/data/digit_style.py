"""The style of a set of pictures of characters: the box that they fit into, and their place in the picture."""

from __future__ import annotations

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.photo import AS_MNIST, Style

MOST = 5_000
"""The most pictures that are measured."""

_FAINT = 0.15  # the share of the largest value above which a pixel is ink
_LEAST_FIELD = 16
_MOST_CLASSES = 62
_WIDEST_SPREAD = 1.5  # pixels, the standard deviation of the centre of mass


def measure_style(dataset: Dataset) -> Style | None:
    """Measure the scaling and centring of characters in square pictures; return None if it is not the same in all.

    The characters are digits or letters, light ink on black. Nine of ten fit the same box, give or take a pixel, which
    leaves a margin on every side, and their centres of mass lie close together. Pictures of other things rarely do.

    >>> field = np.zeros((20, 28, 28), np.uint8)
    >>> field[:, 4:24, 9:20] = 255
    >>> measure_style(Dataset(field, np.arange(20) % 10, classes=tuple("0123456789"))) == AS_MNIST
    True
    """
    images = dataset.x[..., 0] if dataset.x.shape[3:] == (1,) else dataset.x
    if not (are_characters(dataset.classes) and images.ndim == 3 and images.shape[1] == images.shape[2]):
        return None
    side = images.shape[1]
    if side < _LEAST_FIELD or not len(dataset):
        return None
    x = images[:: max(1, len(dataset) // MOST)].astype(np.float32)
    top = float(x.max())
    if float(x.min()) < 0 or top <= 0 or x.mean() > top / 2:
        return None
    ink = x > _FAINT * top
    x, ink = x[ink.any(axis=(1, 2))], ink[ink.any(axis=(1, 2))]
    spans = [_find_span(np.asarray(ink.any(axis=axis))) for axis in (2, 1)]
    longest = np.maximum(*(last - first + 1 for first, last in spans))
    box = float(np.median(longest))
    inside = np.all([(first > 0) & (last < side - 1) for first, last in spans], axis=0)
    if np.mean((abs(longest - box) <= 1) & inside) < 0.9 or box > side - 2:
        return None
    centres = np.stack([(x.sum(axis=axis) @ np.arange(side)) / x.sum(axis=(1, 2)) for axis in (2, 1)])
    if centres.std(axis=1).max() > _WIDEST_SPREAD:
        return None
    offset = float(np.median(centres) - (side - 1) / 2)
    if side == 28 and box == 20 and abs(offset - AS_MNIST.offset) < 0.3:
        return AS_MNIST
    return Style(fill=round(box / side, 3), offset=round(offset, 1))


def are_characters(classes: tuple[str, ...]) -> bool:
    """Return True if all classes are single digits or letters.

    >>> are_characters(tuple("0123456789")), are_characters(("circle", "square")), are_characters(())
    (True, False, False)
    """
    return 2 <= len(classes) <= _MOST_CLASSES and all(len(name) == 1 and name.isalnum() for name in classes)


def _find_span(marked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the first and the last True of each row, (n, k) with at least one."""
    return marked.argmax(axis=1), marked.shape[1] - 1 - marked[:, ::-1].argmax(axis=1)
