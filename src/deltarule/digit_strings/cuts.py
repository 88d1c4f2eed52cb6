"""Trial cuts through a line of digits: paths from the top to the bottom that cross as little ink as they can."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from deltarule.digit_strings.line import HEIGHT

_SIDEWAYS = (0.03, 2.0)  # in ink, what a step to the side costs: around strokes, and straight through them
_LEAST = 0.012 * HEIGHT**2  # ink that two cuts have to have between them to be two
_DEAREST = 0.5 * HEIGHT  # ink that a cut may cross
_TOGETHER = 512  # pieces that are looked at at a time
MARGIN = 2  # columns of paper beside the line
_TRACE, _STROKE = 0.15, 0.5  # of full ink: where a stroke's grey edge ends, and what makes a stroke
_APART = HEIGHT // 4  # columns of paper that are not found within a digit
_WIDEST, _LOWEST = 1.6 * HEIGHT, 0.4 * HEIGHT  # of the ink of one digit: its width at most, its height at least


@dataclass(frozen=True, eq=False)
class Cuts:
    """``paths`` (cuts, h): the column before which each cut passes in each row, from before all ink to after it.

    ``crossed`` (cuts,) is the ink that each crosses, in pixels. ``ink`` (h, w) is the line's, with two columns of
    paper on either side.
    """

    ink: np.ndarray
    paths: np.ndarray
    crossed: np.ndarray


@dataclass(frozen=True, eq=False)
class Pieces:
    """The ink between pairs of ``cuts`` that may have one digit between them.

    ``edges`` (pieces, 2) are the cuts before and after each. ``boxes`` (pieces, 4) are its first row and the
    one after its last, and so its columns, counted from column ``starts`` (pieces,) of the cuts' ink, from which on
    ``width`` columns are looked at.
    """

    cuts: Cuts
    edges: np.ndarray
    starts: np.ndarray
    width: int
    boxes: np.ndarray

    def inks(self, chosen: slice = slice(None)) -> np.ndarray:
        """The ink of each, (pieces, h, width), from its ``starts`` on."""
        return _inks(self.cuts, self.edges[chosen], self.starts[chosen], self.width)

    def take(self, chosen: np.ndarray) -> Pieces:
        """Those at these positions."""
        return replace(self, edges=self.edges[chosen], starts=self.starts[chosen], boxes=self.boxes[chosen])


def find_pieces(cuts: Cuts) -> Pieces:
    """All pieces between two of the cuts that may be one digit by their size, and do not fall apart into columns."""
    found = cut_pieces(cuts, find_pairs(cuts))
    whole = np.empty(len(found.edges), bool)
    for at in _in_parts(len(whole)):
        filled = np.any(found.inks(at) > _TRACE, axis=1)
        so_far = np.pad(filled.cumsum(axis=1), ((0, 0), (1, 0)))
        empty = np.equal(so_far[:, _APART:], so_far[:, :-_APART])
        first = np.arange(empty.shape[1])
        left, right = found.boxes[at][:, 2:3], found.boxes[at][:, 3:4]
        whole[at] = ~(empty & (first >= left) & (first + _APART <= right)).any(axis=1)
    return found.take(np.flatnonzero(whole))


def find_pairs(cuts: Cuts) -> np.ndarray:
    """All pairs of cuts with no more columns of ink between them than a digit is wide, (pairs, 2).

    Paper beside a digit does not count: however far apart digits stand, a cut may lie anywhere between them.
    """
    middle = cuts.paths.mean(axis=1)
    inked = np.pad(np.any(cuts.ink > _TRACE, axis=0).cumsum(), (1, 0))[np.rint(middle).astype(int)]
    near = inked - inked[:, None] <= _WIDEST
    return np.argwhere(np.triu((middle > middle[:, None]) & near, 1))


def cut_pieces(cuts: Cuts, edges: np.ndarray) -> Pieces:
    """The pieces between these pairs of cuts (pairs, 2), without those that are too low or too wide for a digit."""
    starts = cuts.paths.min(axis=1)[edges[:, 0]]
    width = int((cuts.paths.max(axis=1)[edges[:, 1]] - starts).max(initial=1))
    boxes, fits = np.empty((len(edges), 4), np.intp), np.empty(len(edges), bool)
    for at in _in_parts(len(edges)):
        inks = _inks(cuts, edges[at], starts[at], width)
        inked = inks > _TRACE
        for i, axis in enumerate((2, 1)):
            filled = np.any(inked, axis=axis)
            boxes[at, 2 * i] = filled.argmax(axis=1)
            boxes[at, 2 * i + 1] = filled.shape[1] - filled[:, ::-1].argmax(axis=1)
        fits[at] = (inks > _STROKE).any(axis=(1, 2))
    high, wide = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    fits &= (high >= _LOWEST) & (wide <= _WIDEST)
    return Pieces(cuts, edges, starts, width, boxes).take(np.flatnonzero(fits))


def _in_parts(n: int) -> list[slice]:
    """Few enough pieces at a time to stay in the processor's cache."""
    return [slice(start, start + _TOGETHER) for start in range(0, n, _TOGETHER)]


def _inks(cuts: Cuts, edges: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    columns = starts[:, None] + np.arange(width)
    ink = np.pad(cuts.ink, ((0, 0), (0, width)))[:, columns].transpose(1, 0, 2)
    first, last = (cuts.paths[edges[:, i]][:, :, None] for i in (0, 1))
    return np.where((columns[:, None] >= first) & (columns[:, None] < last), ink, np.float32(0))


def find_cuts(ink: np.ndarray) -> Cuts:
    """The trial cuts of a line (h, w): the cheapest first, and no two with next to no ink between them.

    Through each pixel of the middle row goes the path to the top and to the bottom that crosses the least ink,
    a column to the side per row at most.
    """
    ink = np.pad(ink, ((0, 0), (MARGIN, MARGIN)))
    both = [_through(ink, sideways) for sideways in _SIDEWAYS]
    paths, crossed = (np.concatenate(found) for found in zip(*both, strict=True))
    before = np.pad(ink.cumsum(axis=1), ((0, 0), (1, 0)))
    left = np.take_along_axis(before, paths.T, axis=1).sum(axis=0)
    chosen = [0, ink.shape[1] - 1]
    for x in np.argsort(crossed, kind="stable"):
        if crossed[x] > _DEAREST:
            break
        if np.abs(left[chosen] - left[x]).min() > _LEAST:
            chosen.append(int(x))
    order = sorted(chosen, key=lambda x: left[x])
    return Cuts(ink, paths[order], crossed[order])


def _through(ink: np.ndarray, sideways: float) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest path through each pixel of the middle row, (w, h), and the ink on it, (w,)."""
    middle = ink.shape[0] // 2
    up, crossed_up = _paths(ink[middle::-1], sideways)
    down, crossed_down = _paths(ink[middle:], sideways)
    return np.concatenate([up[:, :0:-1], down], axis=1), crossed_up + crossed_down - ink[middle]


def _paths(ink: np.ndarray, sideways: float) -> tuple[np.ndarray, np.ndarray]:
    """The cheapest path from each column of the first row to the last, (w, h), and the ink on it, (w,)."""
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
