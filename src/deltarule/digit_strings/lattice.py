"""The lattice of segmentations, and its best ways by dynamic programming (Bellman, 1957).

Cuts are the nodes of the lattice, pieces its edges. A way from the first cut to the last is a segmentation; with a
label for each of its edges it spells a string. The score of a way is the sum of its edges' scores, which are logarithms
of probabilities up to a constant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from math import exp, inf, log1p
from typing import Any, TypeAlias

import numpy as np

_NEAR = 12.0  # labels on ways e¹² times less probable than the best way are left out of strings
_KEPT = 20  # strings kept at each cut


@dataclass(frozen=True, eq=False)
class Lattice:
    """A lattice of cuts and pieces.

    Attributes:
        nodes: The number of cuts.
        edges: The cuts before and after each piece, (pieces, 2).
        scores: ln of the probability of each label for each piece, less costs, (pieces, labels).
    """

    nodes: int
    edges: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Way:
    """A string: its ``labels``, the ``edges`` of its best segmentation, and its ``probability`` among all ways."""

    labels: tuple[int, ...]
    edges: tuple[int, ...]
    probability: float


def find_best_ways(lattice: Lattice, most: int = 5) -> list[Way]:
    """Find the ``most`` most probable strings, the most probable first; an empty list if no way leads through.

    The probability of a string is the sum over all its segmentations, relative to the sum over all ways.

    >>> edges = np.array([[0, 1], [1, 2], [0, 2]])
    >>> scores = np.log([[0.9, 0.1], [0.2, 0.8], [0.1, 0.1]])
    >>> [(way.labels, way.edges, round(way.probability, 2)) for way in find_best_ways(Lattice(3, edges, scores), 2)]
    [((0, 1), (0, 1), 0.6), ((0, 0), (0, 1), 0.15)]
    """
    order = np.lexsort((lattice.edges[:, 0], lattice.edges[:, 1]))
    best = lattice.scores.max(axis=1)
    before, after = _sum_forward(lattice, order, best), _best_backward(lattice, order, best)
    if before[-1] == -inf:
        return []
    through = before[lattice.edges[:, :1]] + lattice.scores + after[lattice.edges[:, 1:]]
    near = through >= before[-1] - _NEAR
    strings = _Strings()
    best_strings: list[list[_String]] = [[] for _ in range(lattice.nodes)]
    best_strings[0] = [(0.0, 0.0, _EMPTY, None)]
    useful = order[near[order].any(axis=1)]
    # edges are ordered by their last cut, so the strings up to the first cut of an edge are complete
    for last, edges in groupby(useful.tolist(), key=lattice.edges[:, 1].tolist().__getitem__):
        found: dict[int, _String] = {}
        for edge in edges:
            labels = np.flatnonzero(near[edge]).tolist()
            scores = lattice.scores[edge, labels].tolist()
            for own, single, string, way in best_strings[lattice.edges[edge, 0]]:
                for label, score in zip(labels, scores, strict=True):
                    longer = strings.append(string, label)
                    known = found.get(longer)
                    if known is None:
                        found[longer] = own + score, single + score, longer, (way, edge)
                    else:
                        better = single + score > known[1]
                        alike = (single + score, longer, (way, edge)) if better else known[1:]
                        found[longer] = _add_logarithms(own + score, known[0]), *alike
        best_strings[last] = sorted(found.values(), key=lambda found: -found[0])[:_KEPT]
    total = float(_sum_forward(lattice, order, np.logaddexp.reduce(lattice.scores, axis=1), np.logaddexp)[-1])
    return [
        Way(strings.list_labels(string), _list_edges(way), exp(own - total))
        for own, _, string, way in best_strings[-1][:most]
    ]


def is_passable(nodes: int, edges: np.ndarray) -> bool:
    """Check whether a way leads from the first cut to the last.

    >>> is_passable(3, np.array([[0, 1], [1, 2]])), is_passable(3, np.array([[0, 1]]))
    (True, False)
    """
    reached = {0}
    for first, last in edges[np.argsort(edges[:, 1], kind="stable")].tolist():
        if first in reached:
            reached.add(last)
    return nodes - 1 in reached


_Chain: TypeAlias = tuple[Any, int] | None
"""The edges of a way: those before the last edge, and the last edge."""

_String: TypeAlias = tuple[float, float, int, _Chain]
"""ln of the sum over all ways of a string, ln of its best way, the number of the string, and the edges of that way."""

_EMPTY = 0  # the number of the empty string


class _Strings:
    """Strings of labels, each with a number, so that two are compared in a step however long they are."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, int], int] = {}
        self.parts = [(0, 0)]

    def append(self, string: int, label: int) -> int:
        """Return the number of a string with one more label."""
        number = self.numbers.setdefault((string, label), len(self.parts))
        if number == len(self.parts):
            self.parts.append((string, label))
        return number

    def list_labels(self, string: int) -> tuple[int, ...]:
        labels = []
        while string != _EMPTY:
            string, label = self.parts[string]
            labels.append(label)
        return tuple(reversed(labels))


def _list_edges(way: _Chain) -> tuple[int, ...]:
    edges = []
    while way is not None:
        way, edge = way
        edges.append(edge)
    return tuple(reversed(edges))


def _add_logarithms(a: float, b: float) -> float:
    """Compute ln(exp(a) + exp(b)), as np.logaddexp does for arrays.

    >>> _add_logarithms(0.0, 0.0) == float(np.logaddexp(0.0, 0.0))
    True
    """
    return max(a, b) + log1p(exp(-abs(a - b)))


def _sum_forward(
    lattice: Lattice, order: np.ndarray, score: np.ndarray, join: Callable[[float, float], float] = max
) -> np.ndarray:
    """Return the score of the best way from the first cut to each; ``join`` may combine all ways otherwise."""
    reached = np.full(lattice.nodes, -inf)
    reached[0] = 0
    for edge in order:
        first, last = lattice.edges[edge]
        reached[last] = join(reached[last], reached[first] + score[edge])
    return reached


def _best_backward(lattice: Lattice, order: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the score of the best way from each cut to the last."""
    left = np.full(lattice.nodes, -inf)
    left[-1] = 0
    for edge in order[np.argsort(-lattice.edges[order, 0], kind="stable")]:
        first, last = lattice.edges[edge]
        left[first] = max(left[first], left[last] + score[edge])
    return left
