"""The line of digits in a picture, scaled so that a digit is 32 pixels high."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deltarule.data.error_context import reading
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.ink import find_strokes, find_window, label_parts, restore_edges, thicken
from deltarule.data.photo import AS_MNIST
from deltarule.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

HEIGHT = 32
"""The height of a digit on a line in pixels."""

_LONGEST = 1000  # pixels of a picture's longer side at most: ten digits that fill it get 80 each
_SPECK = 0.04  # part of a digit's ink; smaller spots are dirt
_LOW, _BELOW, _THICK = 0.4, 0.3, 0.8  # of a digit's height: the highest mark, and how far it goes down; of a stroke
_WIDEST = 60  # longest line, in heights of a digit
_HIGHEST = 8  # highest line, in heights of a digit: a row may rise or fall
_SECOND_ROW = 0.5  # part of the highest row's height; another group of rows this high is a second row


@dataclass(frozen=True, eq=False)
class Line:
    """A line of digits, cropped to its ink, with digits about 32 pixels high.

    Attributes:
        ink: The ink from 0 (paper) to 1, (h, w) float32.
        top: The row of the picture at the line's upper edge.
        left: The column of the picture at the line's left edge.
        zoom: Pixels of the line for each pixel of the picture.
        marks: The boxes of small marks that stand alone, such as a decimal point or a minus sign, which are not in the
            ink: the first row and the row after the last, then the columns likewise, (marks, 4).
    """

    ink: np.ndarray
    top: float
    left: float
    zoom: float
    marks: np.ndarray

    def to_picture(self, row: float, column: float) -> tuple[float, float]:
        """Convert a row and a column of the line to those of the picture."""
        return self.top + row / self.zoom, self.left + column / self.zoom


def find_line(picture: str | os.PathLike[str] | Image | np.ndarray) -> Line:
    """Find the line of digits in a picture.

    :func:`deltarule.data.ink.find_strokes` finds the ink. Specks are left out, and so are strokes that run out of the
    picture (the rule of a form, the edge of a table), except digits at the edge of a picture cropped to its digits.

    Args:
        picture: A file, or a Pillow image or array as for :func:`deltarule.data.grayscale.read_grayscale`.

    Raises:
        DataError: If it is not a picture, is too small, or has no ink, more than one row of ink or too long a row.
    """
    with reading(get_path(picture)):
        return _extract_line(read_grayscale(picture))


def get_path(picture: str | os.PathLike[str] | Image | np.ndarray) -> str | os.PathLike[str] | None:
    """Return the path of a picture that is a file, else None."""
    return picture if isinstance(picture, str | os.PathLike) else None


def _extract_line(picture: np.ndarray) -> Line:
    strokes, level = find_strokes(picture, _LONGEST, across=min)  # the shorter side is about as high as a digit
    kept, height, marks = _clean(strokes)
    rows, columns = find_window(kept)
    _check_one_row(np.any(kept[rows], axis=1))
    ink = restore_edges(level, kept)[rows, columns]
    zoom = HEIGHT / height
    if ink.shape[1] * zoom > _WIDEST * HEIGHT:
        problem = f"expected a row of digits, got ink that is {ink.shape[1] / height:.0f} times as wide as it is high"
        raise DataError(problem, remedy="crop the picture to the digits")
    if ink.shape[0] > _HIGHEST * height:
        problem = f"expected a row of digits, got ink that is {ink.shape[0] / height:.0f} times as high as most digits"
        raise DataError(problem, remedy="crop the picture to the digits, without specks and frames")
    sized, frame = scale_to_line(ink, height)
    shrunk = strokes.shape[1] / picture.shape[1]
    corner = (rows.start - frame / zoom) / shrunk, (columns.start - frame / zoom) / shrunk
    origin = np.array([rows.start, rows.start, columns.start, columns.start])
    return Line(sized, *corner, zoom * shrunk, (marks - origin) * zoom + frame)


def scale_to_line(ink: np.ndarray, height: float) -> tuple[np.ndarray, int]:
    """Scale ink whose digits are ``height`` pixels high to the size of a line.

    Returns the ink, its thin strokes thickened as in :class:`deltarule.data.photo.Style`, and the width of the frame of
    paper that thickening added.
    """
    zoom = HEIGHT / height
    shape = max(1, round(ink.shape[0] * zoom)), max(1, round(ink.shape[1] * zoom))
    sized = np.clip(resize(ink.astype(np.float32), shape), 0, 1)
    bold = thicken(sized, AS_MNIST.thinnest * HEIGHT)
    return bold, (bold.shape[0] - sized.shape[0]) // 2


def _clean(strokes: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Remove specks and strokes that run out of the picture; return the rest, the height of a digit and small marks."""
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
        # keep digits that touch the edge of a cropped picture, but no rule or edge of a table
        kept &= inside | (level & (heights <= 1.5 * height) & (width <= 3 * height))
    tall = kept & (heights >= 0.5 * heights[kept].max())
    height, typical = float(np.median(heights[tall])), np.median(sizes[tall])
    marks = _find_marks(boxes, sizes, inside & (heights < _LOW * height), tall)
    kept &= (sizes >= _SPECK * typical) & ~marks
    return kept[number], height, boxes[marks] + np.array([0, 1, 0, 1])


def _find_marks(boxes: np.ndarray, sizes: np.ndarray, low: np.ndarray, tall: np.ndarray) -> np.ndarray:
    """Find the low parts that stand alone in the row: beside the tall ones, at their height, and as thick as a stroke.

    A part above or below a tall one, such as the bar of a five, belongs to it.
    """
    top, bottom = np.median(boxes[tall, 0]), np.median(boxes[tall, 1])
    height, thick = bottom - top + 1, np.sqrt(sizes)
    lengths = boxes[tall, 1] - boxes[tall, 0] + boxes[tall, 3] - boxes[tall, 2]
    stroke = np.median(sizes[tall] / np.maximum(lengths, 1))  # a dot of one pixel has no length
    middle = (boxes[:, 0] + boxes[:, 1]) / 2
    found = low & (middle > top) & (middle < bottom + _BELOW * height) & (thick > _THICK * stroke)
    covered = np.zeros(int(boxes[:, 3].max()) + 2, bool)
    for left, right in boxes[tall, 2:]:
        covered[left : right + 1] = True
    ends = boxes[tall, 2].min() - height, boxes[tall, 3].max() + height
    for part in np.flatnonzero(found):
        left, right = boxes[part, 2:]
        found[part] = not covered[left : right + 1].any() and ends[0] < left and right < ends[1]
    return np.asarray(found)


def _boxes(number: np.ndarray, n: int) -> np.ndarray:
    """Return the first and last row and the first and last column of each part, (n, 4)."""
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


def _check_one_row(inked: np.ndarray) -> None:
    """Raise :class:`DataError` if the rows of pixels with ink form more than one high group."""
    edges = np.flatnonzero(np.diff(np.pad(inked.astype(np.int8), 1)))
    groups = edges[1::2] - edges[::2]
    high = int((groups >= _SECOND_ROW * groups.max()).sum())
    if high > 1:
        raise DataError(
            f"expected one row of digits from left to right, got {high} rows, one below the other",
            remedy="turn the picture upright, or crop it to one row",
        )
