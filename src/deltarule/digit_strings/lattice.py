"""The lattice of segmentations, and its best ways by dynamic programming (Bellman, 1957).

Cuts are the nodes of the lattice, pieces its edges. A way from the first cut to the last is a segmentation; with a
label for each of its edges it spells a string. The score of a way is the sum of its edges' scores, which are logarithms
of probabilities up to a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, inf

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
    partial: list[dict[tuple[int, ...], tuple[float, float, tuple[int, ...]]]] = [{} for _ in range(lattice.nodes)]
    partial[0][()] = (0.0, 0.0, ())
    for edge in order[near[order].any(axis=1)]:
        first, last = lattice.edges[edge]
        # edges are ordered by their last cut, so the strings up to ``first`` are complete
        for labels, (total, single, edges) in _most_probable(partial[first], _KEPT):
            for label in np.flatnonzero(near[edge]):
                score = float(lattice.scores[edge, label])
                _add_way(partial[last], (*labels, int(label)), total + score, single + score, (*edges, int(edge)))
    total = float(_sum_forward(lattice, order, np.logaddexp.reduce(lattice.scores, axis=1), np.logaddexp)[-1])
    return [Way(labels, edges, exp(own - total)) for labels, (own, _, edges) in _most_probable(partial[-1], most)]


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


Partial = tuple[float, float, tuple[int, ...]]
"""ln of the sum over all ways of a string, ln of its best way, and the edges of that way."""


def _add_way(into: dict[tuple[int, ...], Partial], labels: tuple[int, ...], total: float, single: float,
         edges: tuple[int, ...]) -> None:  # fmt: skip
    before = into.get(labels)
    if before is None:
        into[labels] = total, single, edges
    else:
        better = (single, edges) if single > before[1] else before[1:]
        into[labels] = float(np.logaddexp(total, before[0])), *better


def _most_probable(strings: Mapping[tuple[int, ...], Partial], most: int) -> Iterable[tuple[tuple[int, ...], Partial]]:
    return sorted(strings.items(), key=lambda item: -item[1][0])[:most]


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
