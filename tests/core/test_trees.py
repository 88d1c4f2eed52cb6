"""Trees of arrays, leaf by leaf."""

from __future__ import annotations

import pytest

from deltarule.core.trees import leaves, map_leaves

A = [{"w": 1, "b": 2}, {}, {"w": 3}]


def test_map_leaves_matches_the_leaves_of_the_same_place():
    assert map_leaves(lambda a, b: (a, b), A, [{"b": 20, "w": 10}, {}, {"w": 30}]) == [
        {"w": (1, 10), "b": (2, 20)},
        {},
        {"w": (3, 30)},
    ]


def test_leaves_layer_by_layer():
    assert leaves(A) == [1, 2, 3]
    assert leaves([]) == []


def test_trees_of_different_forms_are_not_matched():
    with pytest.raises(ValueError, match="zip"):
        map_leaves(lambda a, b: a, A, A[:2])
    with pytest.raises(KeyError):
        map_leaves(lambda a, b: a, A, [{"w": 1}, {}, {"w": 3}])
