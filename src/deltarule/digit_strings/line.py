"""The line of digits in a picture: all its ink, at a size at which a digit is 32 pixels high."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.ink import find_strokes, label_parts, thicken, find_window, restore_edges
from deltarule.data.photo import AS_MNIST
from deltarule.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

HEIGHT = 32
"""Pixels from the foot to the head of a digit on a line."""

_LONGEST = 1000  # pixels of the longer side of a picture: ten digits that fill it have 80 each
_SPECK = 0.04  # of the ink of a digit: what is smaller is dirt
_WIDEST = 60  # heights of a digit: longer lines are refused
_SECOND_ROW = 0.5  # of the highest row of ink: another so high is a row of its own


@dataclass(frozen=True, eq=False)
class Line:
    """``ink`` (h, w) float32 from 0 for paper to 1 for ink, cropped to it, digits about 32 pixels high.

    Its upper left corner is at row ``top`` and column ``left`` of the picture, whose pixels are ``zoom`` of its own.
    """

    ink: np.ndarray
    top: float
    left: float
    zoom: float

    def place(self, row: float, column: float) -> tuple[float, float]:
        """Where a row and a column of the line lie in the picture."""
        return self.top + row / self.zoom, self.left + column / self.zoom


def find_line(picture: str | os.PathLike[str] | Image | np.ndarray) -> Line:
    """Find the line of digits in a picture: a file, or what :func:`deltarule.data.grayscale.read_grayscale` takes.

    The ink is found as :func:`deltarule.data.ink.find_strokes` says. Specks are left out, and so is
    what runs out of the picture (the rule of a form, the edge of a table), but not a digit beside
    others that the picture was cropped to. Raises :class:`DataError` for what is no picture, is too
    small, holds no ink, or more than one row of it.
    """
    with reading(get_path(picture)):
        return _line(read_grayscale(picture))


def get_path(picture: str | os.PathLike[str] | Image | np.ndarray) -> str | os.PathLike[str] | None:
    """Return the file that a picture was given as, if it was given as one."""
    return picture if isinstance(picture, str | os.PathLike) else None


def _line(picture: np.ndarray) -> Line:
    strokes, level = find_strokes(picture, _LONGEST, across=min)  # a row is as high as its digits, or a little more
    kept, height = _cleaned(strokes)
    rows, columns = find_window(kept)
    _one_row(np.any(kept[rows], axis=1))
    ink = restore_edges(level, kept)[rows, columns]
    zoom = HEIGHT / height
    if ink.shape[1] * zoom > _WIDEST * HEIGHT:
        raise DataError(
            f"expected a row of digits, got ink {ink.shape[1] / height:.0f} times as wide as its strokes are high",
            remedy="crop the picture to the digits",
        )
    sized, frame = scale_to_line(ink, height)
    shrunk = strokes.shape[1] / picture.shape[1]
    corner = (rows.start - frame / zoom) / shrunk, (columns.start - frame / zoom) / shrunk
    return Line(sized, *corner, zoom * shrunk)


def scale_to_line(ink: np.ndarray, height: float) -> tuple[np.ndarray, int]:
    """Ink whose digits are ``height`` pixels high as a line has it, and the frame of paper that came around it.

    Strokes of thin pens are thicken, as :class:`deltarule.data.photo.Style` says.
    """
    zoom = HEIGHT / height
    shape = max(1, round(ink.shape[0] * zoom)), max(1, round(ink.shape[1] * zoom))
    sized = np.clip(resize(ink.astype(np.float32), shape), 0, 1)
    bold = thicken(sized, AS_MNIST.thinnest * HEIGHT)
    return bold, (bold.shape[0] - sized.shape[0]) // 2


def _cleaned(strokes: np.ndarray) -> tuple[np.ndarray, float]:
    """Strokes without specks and what runs out of the picture, and the height of a digit."""
    number = label_parts(strokes)
    sizes = np.bincount(number.reshape(-1))
    boxes = _boxes(number, len(sizes))
    kept = np.arange(len(sizes)) > 0
    inside = kept & (boxes[:, 0] > 0) & (boxes[:, 1] < strokes.shape[0] - 1)
    inside &= (boxes[:, 2] > 0) & (boxes[:, 3] < strokes.shape[1] - 1)
    heights = boxes[:, 1] - boxes[:, 0] + 1
    if sizes[inside].sum() >= 0.25 * sizes[1:].sum():
        tall = inside & (heights >= 0.5 * heights[inside].max())
        band = np.median(boxes[tall, 0]), np.median(boxes[tall, 1])
        height = band[1] - band[0] + 1
        level = np.minimum(boxes[:, 1], band[1]) - np.maximum(boxes[:, 0], band[0]) >= 0.5 * height
        width = boxes[:, 3] - boxes[:, 2] + 1
        # digits that the picture was cropped to, and not a rule or the edge of a table
        kept &= inside | (level & (heights <= 1.5 * height) & (width <= 3 * height))
    high = heights[kept & (heights >= 0.5 * heights[kept].max())]
    a_digit = np.median(sizes[kept & (heights >= 0.5 * heights[kept].max())])
    kept &= sizes >= _SPECK * a_digit
    return kept[number], float(np.median(high))


def _boxes(number: np.ndarray, n: int) -> np.ndarray:
    """First and last row, first and last column of each part, (n, 4)."""
    y, x = np.nonzero(number)
    which = number[y, x]
    boxes = np.empty((n, 4), np.intp)
    for column, (places, choose, start) in enumerate(
        ((y, np.minimum, number.size), (y, np.maximum, -1), (x, np.minimum, number.size), (x, np.maximum, -1))
    ):
        found = np.full(n, start)
        choose.at(found, which, places)
        boxes[:, column] = found
    return boxes


def _one_row(inked: np.ndarray) -> None:
    """Raises :class:`DataError` where the rows of pixels that hold ink stand in two high groups or more."""
    edges = np.flatnonzero(np.diff(np.pad(inked.astype(np.int8), 1)))
    groups = edges[1::2] - edges[::2]
    high = int((groups >= _SECOND_ROW * groups.max()).sum())
    if high > 1:
        raise DataError(
            f"expected one row of digits from left to right, got {high} rows, one below the other",
            remedy="turn the picture upright, or crop it to one row",
        )
