"""All ways from the first cut to the last, and the best of them by dynamic programming (Bellman, 1957).

Cuts are the nodes of a lattice and pieces its edges. Each way through stands for a segmentation, and
with a label for each of its edges for a string. The score of a way is the sum of its edges' scores,
logarithms of probabilities up to a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, inf

import numpy as np

_NEAR = 12.0  # what is e¹² times less probable than the best way is left out when strings are listed
_KEPT = 20  # strings that are followed up to a cut


@dataclass(frozen=True, eq=False)
class Lattice:
    """``nodes`` cuts; ``edges`` (pieces, 2), the cuts before and after each piece; ``scores`` (pieces, labels)."""

    nodes: int
    edges: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Way:
    """A string: its ``labels``, the ``edges`` of its best segmentation, and its ``probability``."""

    labels: tuple[int, ...]
    edges: tuple[int, ...]
    probability: float


def find_best_ways(lattice: Lattice, most: int = 5) -> list[Way]:
    """The strings with the largest shares, at most so many, the likeliest first; none where no way leads through.

    Several segmentations can stand for one string: their shares are added up.

    >>> edges = np.array([[0, 1], [1, 2], [0, 2]])
    >>> scores = np.log([[0.9, 0.1], [0.2, 0.8], [0.1, 0.1]])
    >>> [(way.labels, way.edges, round(way.probability, 2)) for way in find_best_ways(Lattice(3, edges, scores), 2)]
    [((0, 1), (0, 1), 0.6), ((0, 0), (0, 1), 0.15)]
    """
    order = np.lexsort((lattice.edges[:, 0], lattice.edges[:, 1]))
    best = lattice.scores.max(axis=1)
    ahead, behind = _from_first(lattice, order, best), _to_last(lattice, order, best)
    if ahead[-1] == -inf:
        return []
    through = ahead[lattice.edges[:, :1]] + lattice.scores + behind[lattice.edges[:, 1:]]
    near = through >= ahead[-1] - _NEAR
    partial: list[dict[tuple[int, ...], tuple[float, float, tuple[int, ...]]]] = [{} for _ in range(lattice.nodes)]
    partial[0][()] = (0.0, 0.0, ())
    for edge in order[near[order].any(axis=1)]:
        first, last = lattice.edges[edge]
        # all edges into the first node have been followed by now
        for labels, (total, single, edges) in _likeliest(partial[first], _KEPT):
            for label in np.flatnonzero(near[edge]):
                score = float(lattice.scores[edge, label])
                _add(partial[last], (*labels, int(label)), total + score, single + score, (*edges, int(edge)))
    total = float(_from_first(lattice, order, np.logaddexp.reduce(lattice.scores, axis=1), np.logaddexp)[-1])
    return [Way(labels, edges, exp(own - total)) for labels, (own, _, edges) in _likeliest(partial[-1], most)]


def is_passable(nodes: int, edges: np.ndarray) -> bool:
    """Whether there is a way from the first cut to the last.

    >>> is_passable(3, np.array([[0, 1], [1, 2]])), is_passable(3, np.array([[0, 1]]))
    (True, False)
    """
    reached = {0}
    for first, last in edges[np.argsort(edges[:, 1], kind="stable")].tolist():
        if first in reached:
            reached.add(last)
    return nodes - 1 in reached


Partial = tuple[float, float, tuple[int, ...]]
"""ln of the sum over the ways of a string, ln of the best of them, and that one's edges."""


def _add(into: dict[tuple[int, ...], Partial], labels: tuple[int, ...], total: float, single: float,
         edges: tuple[int, ...]) -> None:  # fmt: skip
    before = into.get(labels)
    if before is None:
        into[labels] = total, single, edges
    else:
        better = (single, edges) if single > before[1] else before[1:]
        into[labels] = float(np.logaddexp(total, before[0])), *better


def _likeliest(strings: Mapping[tuple[int, ...], Partial], most: int) -> Iterable[tuple[tuple[int, ...], Partial]]:
    return sorted(strings.items(), key=lambda item: -item[1][0])[:most]


def _from_first(
    lattice: Lattice, order: np.ndarray, score: np.ndarray, join: Callable[[float, float], float] = max
) -> np.ndarray:
    """The score of the best way from the first cut to each, or what ``join`` makes of the scores of all ways there."""
    reached = np.full(lattice.nodes, -inf)
    reached[0] = 0
    for edge in order:
        first, last = lattice.edges[edge]
        reached[last] = join(reached[last], reached[first] + score[edge])
    return reached


def _to_last(lattice: Lattice, order: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The score of the best way from each cut to the last."""
    left = np.full(lattice.nodes, -inf)
    left[-1] = 0
    for edge in order[np.argsort(-lattice.edges[order, 0], kind="stable")]:
        first, last = lattice.edges[edge]
        left[first] = max(left[first], left[last] + score[edge])
    return left
