"""Arrays as pixels without axes: in grey, in two colours about 0, and tiled."""

from __future__ import annotations

import numpy as np

from deltarule.plotting.style import BLUE, ORANGE

LINE = 2
"""The width of the line between tiles in pixels."""


def paint_grey(values: np.ndarray, top: float | None = None) -> np.ndarray:
    """Convert values from 0 (white) to ``top`` (black), by default the largest, to grey bytes of the same shape.

    >>> paint_grey(np.array([0.0, 1.0, 2.0])).tolist()
    [255, 128, 0]
    """
    top = float(values.max()) if top is None else top
    return np.rint(255 - np.clip(np.asarray(values, float) / (top or 1) * 255, 0, 255)).astype(np.uint8)


def paint_signed(values: np.ndarray) -> np.ndarray:
    """Convert values about 0 to colours, shape (..., 3): orange below 0, white at 0, blue above.

    >>> paint_signed(np.array([0.0, 2.0])).tolist()
    [[255, 255, 255], [0, 114, 178]]
    """
    most = float(np.abs(values).max()) or 1.0
    strength = np.clip(np.asarray(values, float) / most, -1, 1)[..., None]
    colour = np.where(strength > 0, _rgb(BLUE), _rgb(ORANGE))
    return np.asarray(np.rint(255 + np.abs(strength) * (colour - 255)), np.uint8)


def tile(images: np.ndarray, larger: int = 1, columns: int = 16) -> np.ndarray:
    """Arrange images (n, height, width, 3) in rows of about equal length, at most ``columns`` in a row.

    Return one image (height, width, 3). Each pixel becomes a square of ``larger`` by ``larger`` pixels. Grey
    lines separate the images.
    """
    n = len(images)
    rows = -(-n // columns)
    columns = -(-n // rows)
    painted = images.repeat(larger, axis=1).repeat(larger, axis=2)
    height, width = painted.shape[1] + LINE, painted.shape[2] + LINE
    whole = np.full((rows * columns, height, width, 3), 205, np.uint8)
    whole[:n, :-LINE, :-LINE] = painted
    whole[n:] = 255
    sheet = whole.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return sheet.reshape(rows * height, columns * width, 3)


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
