"""Trial cuts through a line of digits: paths from top to bottom that cross as little ink as possible."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

from deltarule import limits
from deltarule.digit_strings.line import HEIGHT
from deltarule.errors import DataError

_SIDEWAYS = (0.03, 2.0)  # cost of a step to the side, in ink: low to pass around strokes, high to cut straight
_LEAST = 0.012 * HEIGHT**2  # ink between two cuts at least; of closer ones only the cheapest is kept
_DEAREST = 0.5 * HEIGHT  # ink that a cut crosses at most
_CHUNK = 512  # pieces processed at a time
MARGIN = 2  # columns of paper on each side of the line
_TRACE, _STROKE = (
    0.15,
    0.5,
)  # parts of full ink: the grey edge of a stroke ends at the first, a stroke exceeds the second
_APART = HEIGHT // 4  # no digit has this many columns of paper in its middle
_WIDEST, _LOWEST = 1.6 * HEIGHT, 0.4 * HEIGHT  # largest width and least height of the ink of one digit


@dataclass(frozen=True, eq=False)
class Cuts:
    """Trial cuts through a line, from left to right; the first is before all ink, the last after it.

    Attributes:
        ink: The ink of the line with :data:`MARGIN` columns of paper on either side, (h, w).
        paths: The column before which each cut passes in each row, (cuts, h).
        crossed_ink: The ink that each cut crosses, in pixels, (cuts,).
    """

    ink: np.ndarray
    paths: np.ndarray
    crossed_ink: np.ndarray


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of ink between two cuts, each perhaps one digit.

    Attributes:
        cuts: The cuts.
        edges: The cuts before and after each piece, (pieces, 2).
        starts: The first column of each piece's window in the ink of the cuts, (pieces,).
        width: The number of columns of a window, the same for all pieces.
        boxes: The first row of each piece's ink and the row after its last, then the columns likewise, counted from
            ``starts``: (pieces, 4).
    """

    cuts: Cuts
    edges: np.ndarray
    starts: np.ndarray
    width: int
    boxes: np.ndarray

    def crop(self, selection: slice = slice(None)) -> np.ndarray:
        """Return the ink in each piece's window, (pieces, h, width)."""
        return _crop(self.cuts, self.edges[selection], self.starts[selection], self.width)

    def take(self, indices: np.ndarray) -> Pieces:
        """Return the pieces with these indices."""
        return replace(self, edges=self.edges[indices], starts=self.starts[indices], boxes=self.boxes[indices])


def find_pieces(cuts: Cuts) -> Pieces:
    """Return all pieces that have the size of one digit and no wide gap of paper in the middle.

    Raises :class:`DataError` for more pieces than ``limits.ROW_PIECES``, as a pattern of many small marks has them.
    """
    pairs = find_pairs(cuts)
    _check_number(cuts, pairs)
    found = cut_pieces(cuts, pairs)
    whole = np.empty(len(found.edges), bool)
    for at in split_pieces(len(whole), cuts.ink.shape[0]):
        filled = np.any(found.crop(at) > _TRACE, axis=1)
        so_far = np.pad(filled.cumsum(axis=1), ((0, 0), (1, 0)))
        empty = np.equal(so_far[:, _APART:], so_far[:, :-_APART])
        first = np.arange(empty.shape[1])
        left, right = found.boxes[at][:, 2:3], found.boxes[at][:, 3:4]
        whole[at] = ~(empty & (first >= left) & (first + _APART <= right)).any(axis=1)
    return found.take(np.flatnonzero(whole))


def _check_number(cuts: Cuts, pairs: np.ndarray) -> None:
    remedy = "crop the picture to fewer digits"
    if len(pairs) > limits.ROW_PIECES:
        problem = f"expected at most {limits.ROW_PIECES:,} pieces that may be digits, got {len(pairs):,}"
        raise DataError(problem, remedy=limits.describe_remedy("ROW_PIECES", remedy))
    rows = max(cuts.ink.shape[0], HEIGHT)
    if (columns := len(pairs) * _find_width(cuts, pairs) * rows // HEIGHT) > limits.ROW_COLUMNS:
        problem = f"expected pieces of at most {limits.ROW_COLUMNS:,} columns of pixels, got {columns:,}"
        raise DataError(problem, remedy=limits.describe_remedy("ROW_COLUMNS", remedy))


def _find_width(cuts: Cuts, pairs: np.ndarray) -> int:
    """Find the width of the widest piece."""
    return int((cuts.paths.max(axis=1)[pairs[:, 1]] - cuts.paths.min(axis=1)[pairs[:, 0]]).max(initial=1))


def find_pairs(cuts: Cuts) -> np.ndarray:
    """Return all pairs of cuts with at most one digit's width of inked columns between them, (pairs, 2).

    Empty columns do not count, as a cut may lie anywhere in the paper between two digits.
    """
    middle = cuts.paths.mean(axis=1)
    inked = np.pad(np.any(cuts.ink > _TRACE, axis=0).cumsum(), (1, 0))[np.rint(middle).astype(int)]
    near = inked - inked[:, None] <= _WIDEST
    return np.argwhere(np.triu((middle > middle[:, None]) & near, 1))


def cut_pieces(cuts: Cuts, edges: np.ndarray) -> Pieces:
    """Return the pieces between pairs of cuts, (pairs, 2), except those too low or too wide for a digit."""
    starts = cuts.paths.min(axis=1)[edges[:, 0]]
    width = _find_width(cuts, edges)
    boxes, fits = np.empty((len(edges), 4), np.intp), np.empty(len(edges), bool)
    for at in split_pieces(len(edges), cuts.ink.shape[0]):
        inks = _crop(cuts, edges[at], starts[at], width)
        inked = inks > _TRACE
        for i, axis in enumerate((2, 1)):
            filled = np.any(inked, axis=axis)
            boxes[at, 2 * i] = filled.argmax(axis=1)
            boxes[at, 2 * i + 1] = filled.shape[1] - filled[:, ::-1].argmax(axis=1)
        fits[at] = (inks > _STROKE).any(axis=(1, 2))
    high, wide = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    fits &= (high >= _LOWEST) & (wide <= _WIDEST)
    return Pieces(cuts, edges, starts, width, boxes).take(np.flatnonzero(fits))


def split_pieces(n: int, rows: int) -> list[slice]:
    """Split ``n`` pieces into slices that fit into the processor's cache, smaller ones if they have many rows.

    >>> split_pieces(1000, 40), len(split_pieces(1000, 320))
    ([slice(0, 512, None), slice(512, 1024, None)], 16)
    """
    size = max(1, _CHUNK * 40 // max(rows, 40))
    return [slice(start, start + size) for start in range(0, n, size)]


def _crop(cuts: Cuts, edges: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    columns = starts[:, None] + np.arange(width)
    ink = np.pad(cuts.ink, ((0, 0), (0, width)))[:, columns].transpose(1, 0, 2)
    first, last = (cuts.paths[edges[:, i]][:, :, None] for i in (0, 1))
    return np.where((columns[:, None] >= first) & (columns[:, None] < last), ink, np.float32(0))


def find_cuts(ink: np.ndarray) -> Cuts:
    """Find the trial cuts of a line (h, w).

    The candidates are the cheapest paths through each pixel of the middle row, from top to bottom, at most one column
    sideways per row. The cheapest candidates are taken first; one with next to no ink between it and a cut already
    taken is dropped.
    """
    ink = np.pad(ink, ((0, 0), (MARGIN, MARGIN)))
    both = [_find_paths(ink, sideways) for sideways in _SIDEWAYS]
    paths, crossed = (np.concatenate(found) for found in zip(*both, strict=True))
    before = np.pad(ink.cumsum(axis=1), ((0, 0), (1, 0)))
    left = np.take_along_axis(before, paths.T, axis=1).sum(axis=0)
    kept = [0, ink.shape[1] - 1]
    taken = sorted(left[kept].tolist())
    for x in np.argsort(crossed, kind="stable").tolist():
        if crossed[x] > _DEAREST:
            break
        ink_before = float(left[x])
        place = bisect_left(taken, ink_before)
        nearest = taken[max(0, place - 1) : place + 1]
        if min(abs(other - ink_before) for other in nearest) > _LEAST:
            taken.insert(place, ink_before)
            kept.append(x)
    order = sorted(kept, key=lambda x: left[x])
    return Cuts(ink, paths[order], crossed[order])


def _find_paths(ink: np.ndarray, sideways: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the cheapest path through each pixel of the middle row, (w, h), and its ink, (w,)."""
    middle = ink.shape[0] // 2
    up, crossed_up = _find_paths_down(ink[middle::-1], sideways)
    down, crossed_down = _find_paths_down(ink[middle:], sideways)
    return np.concatenate([up[:, :0:-1], down], axis=1), crossed_up + crossed_down - ink[middle]


def _find_paths_down(ink: np.ndarray, sideways: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the cheapest path from each column of the first row to the last row, (w, h), and its ink, (w,)."""
    height, width = ink.shape
    cost, crossed = ink[-1].astype(np.float64), ink[-1].astype(np.float64)
    columns = np.arange(width)
    steps = np.empty((height - 1, width), np.intp)
    for row in range(height - 2, -1, -1):
        ahead = np.pad(cost, 1, constant_values=np.inf)
        choices = np.stack([ahead[1:-1], ahead[:-2] + sideways, ahead[2:] + sideways])
        best = choices.argmin(axis=0)
        steps[row] = columns + np.array([0, -1, 1])[best]
        cost = choices[best, columns] + ink[row]
        crossed = crossed[steps[row]] + ink[row]
    paths = np.empty((width, height), np.intp)
    paths[:, 0] = columns
    for row in range(height - 1):
        paths[:, row + 1] = steps[row][paths[:, row]]
    return paths, crossed
