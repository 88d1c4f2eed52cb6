"""Preprocessing of all pieces of a line at once, as :func:`deltarule.data.prepare` does it for one digit."""

from __future__ import annotations

import numpy as np

from deltarule.data.photo import Style
from deltarule.digit_strings.cuts import Pieces, split_pieces


def prepare_pieces(pieces: Pieces, shape: tuple[int, int], top: int, style: Style) -> np.ndarray:
    """Fit each piece into a field with its centre of mass in the middle: (pieces, height, width) uint8.

    For strokes that are thick enough, each differs from :func:`deltarule.data.photo.fit_to_field` by at most one grey
    level.

    Args:
        pieces: The pieces.
        shape: The height and width of the field.
        top: The value of full ink.
        style: The style of the images that the network was trained on.
    """
    found = [
        _prepare(pieces.crop(at), pieces.boxes[at], shape, style)
        for at in split_pieces(len(pieces.boxes), pieces.cuts.ink.shape[0])
    ]
    return np.asarray(np.rint(np.concatenate([*found, np.empty((0, *shape), np.float32)]) * top), np.uint8)


def _prepare(inks: np.ndarray, boxes: np.ndarray, shape: tuple[int, int], style: Style) -> np.ndarray:
    box = [round(side * style.fill) for side in shape]
    height, width = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    narrow = np.minimum(width, style.widest * height)
    zoom = np.minimum(box[0] / height, box[1] / narrow)
    rows, columns = (np.maximum(1, np.rint(side * zoom)).astype(int) for side in (height, narrow))
    down = _resampling_matrices(box[0], inks.shape[1], rows, boxes[:, 0], height)
    across = _resampling_matrices(box[1], inks.shape[2], columns, boxes[:, 2], width)
    digits = np.clip(down @ inks @ across.transpose(0, 2, 1), 0, None)
    digits /= digits.max(axis=(1, 2), keepdims=True)
    fields = np.zeros((len(inks), *shape), np.float32)
    fields[:, : box[0], : box[1]] = digits
    for axis, size in ((1, rows), (2, columns)):
        mass = digits.sum(axis=3 - axis)
        centre = (mass * np.arange(mass.shape[1])).sum(axis=1) / mass.sum(axis=1)
        side = shape[axis - 1]
        corner = np.clip(np.rint((side - 1) / 2 + style.offset - centre).astype(int), 0, side - size)
        # outside the box all is empty, so wrapping around moves only zeros
        moved = (np.arange(side) - corner[:, None]) % side
        fields = np.take_along_axis(fields, np.expand_dims(moved, 3 - axis), axis=axis)
    return fields


def _resampling_matrices(n: int, of: int, size: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Build matrices (pieces, n, of) that resample ``length`` pixels from ``start`` on to ``size`` pixels, antialiased.

    Each new pixel is a mean of the old pixels that it covers, weighted by a triangle as wide as two of the larger
    pixels.
    """
    step, start = ((a[:, None, None]).astype(np.float32) for a in (length / size, start))
    first = np.arange(n, dtype=np.float32)[:, None]
    place = np.arange(of, dtype=np.float32)
    weights = np.clip(1 - np.abs(place - start + 0.5 - (first + 0.5) * step) / np.maximum(step, 1), 0, None)
    weights *= (place >= start) & (place < start + length[:, None, None]) & (first < size[:, None, None])
    return np.asarray(weights / np.maximum(weights.sum(axis=2, keepdims=True), np.float32(1e-9)))
