"""Dynamic programming finds the same strings as trying all ways."""

from __future__ import annotations

import tracemalloc
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from deltarule.digit_strings.lattice import Lattice, find_best_ways


def all_ways(lattice):
    """List every way with every labelling: labels, edges, sum of the scores."""
    names = {tuple(edge): i for i, edge in enumerate(lattice.edges.tolist())}
    inner = range(1, lattice.nodes - 1)
    for n in range(lattice.nodes - 1):
        for between in combinations(inner, n):
            cuts = (0, *between, lattice.nodes - 1)
            edges = [names.get(pair) for pair in pairwise(cuts)]
            if None in edges:
                continue
            for labels in product(range(lattice.scores.shape[1]), repeat=len(edges)):
                yield labels, tuple(edges), sum(lattice.scores[edge, d] for edge, d in zip(edges, labels, strict=True))


@pytest.fixture(params=range(6))
def lattice(request):
    rng = np.random.default_rng(request.param)
    nodes = 5
    edges = np.array([pair for pair in combinations(range(nodes), 2) if rng.random() < 0.8 or pair[1] == pair[0] + 1])
    rng.shuffle(edges)
    return Lattice(nodes, edges, rng.normal(-2, 1.5, (len(edges), 3)))


def test_probabilities_are_relative_to_all_ways(lattice):
    sums: dict = {}
    best: dict = {}
    for labels, edges, score in all_ways(lattice):
        sums[labels] = sums.get(labels, 0.0) + np.exp(score)
        best[labels] = max(best.get(labels, (-np.inf,)), (score, edges))
    total = sum(sums.values())
    expected = sorted(sums, key=lambda labels: -sums[labels])[:3]
    found = find_best_ways(lattice, 3)
    assert [way.labels for way in found] == expected
    for way in found:
        assert way.probability == pytest.approx(sums[way.labels] / total, rel=1e-3)
        assert way.edges == best[way.labels][1]


def test_a_lattice_without_a_way_has_no_strings():
    assert find_best_ways(Lattice(4, np.array([[0, 1], [2, 3]]), np.zeros((2, 10)))) == []
    assert find_best_ways(Lattice(2, np.empty((0, 2), int), np.empty((0, 10)))) == []


@pytest.mark.slow
def test_the_memory_grows_with_the_pieces_alone():
    nodes, reach = 80, 8
    edges = np.array([(i, j) for i in range(nodes) for j in range(i + 1, min(nodes, i + reach))])
    scores = np.log(np.random.default_rng(1).dirichlet(np.full(10, 0.5), len(edges)) + 1e-6)
    tracemalloc.start()
    try:
        found = find_best_ways(Lattice(nodes, edges, scores))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == 5
    assert peak < 16e6  # 47 MB if each node keeps all of its strings, as tuples
