"""All pieces of a line as the network is shown them, at once: what :func:`deltarule.data.prepare` does to one digit."""

from __future__ import annotations

import numpy as np

from deltarule.data.photo import Style
from deltarule.digit_strings.cuts import Pieces

_TOGETHER = 512  # pieces that are worked on at a time, so that they stay in the processor's cache


def prepare_pieces(pieces: Pieces, shape: tuple[int, int], top: int, style: Style) -> np.ndarray:
    """Each piece in the box of a field, with its centre of mass in the middle: (pieces, *shape) uint8.

    The same to a grey level as :func:`deltarule.data.photo.fit_to_field` one by one, for strokes that are thick enough.
    """
    found = [
        _shown(pieces.inks(slice(start, start + _TOGETHER)), pieces.boxes[start : start + _TOGETHER], shape, style)
        for start in range(0, len(pieces.boxes), _TOGETHER)
    ]
    return np.asarray(np.rint(np.concatenate([*found, np.empty((0, *shape), np.float32)]) * top), np.uint8)


def _shown(inks: np.ndarray, boxes: np.ndarray, shape: tuple[int, int], style: Style) -> np.ndarray:
    box = [round(side * style.fill) for side in shape]
    height, width = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    narrow = np.minimum(width, style.widest * height)
    zoom = np.minimum(box[0] / height, box[1] / narrow)
    rows, columns = (np.maximum(1, np.rint(side * zoom)).astype(int) for side in (height, narrow))
    down = _resampling(box[0], inks.shape[1], rows, boxes[:, 0], height)
    across = _resampling(box[1], inks.shape[2], columns, boxes[:, 2], width)
    digits = np.clip(down @ inks @ across.transpose(0, 2, 1), 0, None)
    digits /= digits.max(axis=(1, 2), keepdims=True)
    fields = np.zeros((len(inks), *shape), np.float32)
    fields[:, : box[0], : box[1]] = digits
    for axis, size in ((1, rows), (2, columns)):
        mass = digits.sum(axis=3 - axis)
        centre = (mass * np.arange(mass.shape[1])).sum(axis=1) / mass.sum(axis=1)
        side = shape[axis - 1]
        corner = np.clip(np.rint((side - 1) / 2 + style.offset - centre).astype(int), 0, side - size)
        # what is beyond the box is empty, so it may come round from the other side
        moved = (np.arange(side) - corner[:, None]) % side
        fields = np.take_along_axis(fields, np.expand_dims(moved, 3 - axis), axis=axis)
    return fields


def _resampling(n: int, of: int, size: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Matrices (pieces, n, of) that bring ``length`` pixels from ``start`` on to ``size`` pixels, antialiased.

    Each of these is a mean of those below it, weighted by a triangle as wide as two of the larger pixels.
    """
    step, start = ((a[:, None, None]).astype(np.float32) for a in (length / size, start))
    first = np.arange(n, dtype=np.float32)[:, None]
    place = np.arange(of, dtype=np.float32)
    weights = np.clip(1 - np.abs(place - start + 0.5 - (first + 0.5) * step) / np.maximum(step, 1), 0, None)
    weights *= (place >= start) & (place < start + length[:, None, None]) & (first < size[:, None, None])
    return np.asarray(weights / np.maximum(weights.sum(axis=2, keepdims=True), np.float32(1e-9)))
