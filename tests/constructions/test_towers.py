"""Towers set by hand: high only over their box, side by side, and as the approximation of a function."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tests.fields import has

from deltarule.constructions.towers import approximate, build_tower, build_towers
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.experiments.chapter4.round_tower import build_filtered_tower, build_plain_tower


@pytest.mark.parametrize("m", [1, 2, 4])
def test_a_tower_is_high_only_over_its_box(m: int) -> None:
    corners = np.asarray(list(product((0.1, 0.5, 0.9), repeat=m)))
    inside = (corners == 0.5).all(axis=1)
    high = build_tower([(0.3, 0.7)] * m)(corners)
    assert (high[inside] > 0.99).all()
    assert (high[~inside] < 0.01).all()


def test_each_side_of_the_box_belongs_to_its_input() -> None:
    x = [[0.1, 0.8], [0.8, 0.1]]
    assert (build_tower([(0.0, 0.2), (0.7, 0.9)])(x) > 0.5).tolist() == [True, False]


def test_towers_side_by_side_have_their_own_heights() -> None:
    heights = np.asarray([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    built = build_towers([[0.0, 0.5, 1.0], [0.0, 0.2, 0.6, 1.0]], heights, h=40)
    points = np.asarray(list(product((0.25, 0.75), (0.1, 0.4, 0.8))))
    np.testing.assert_allclose(built(points), heights.ravel(), atol=1e-6)


def test_more_towers_approximate_better() -> None:
    points = np.random.default_rng(1).random((500, 2))

    def off(n: int) -> float:
        return float(np.abs(approximate(np.multiply, n, h=60)(points) - points.prod(axis=1)).mean())

    assert off(20) < off(10) / 1.5 < off(5) / 2


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, check=has(argument="box")):
        build_tower([])
    with pytest.raises(ShapeError, check=has(argument="heights", value=(1, 2))):
        build_towers([[0, 0.5, 1], [0, 1]], np.ones((1, 2)))
    with pytest.raises(InvalidArgument, check=has(argument="n", value=0)):
        approximate(np.add, 0)


def test_a_round_tower_from_one_hidden_layer() -> None:
    around = 0.5 + np.asarray([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6, 13)]) * np.asarray([[[0.1]], [[0.4]]])
    inside, outside = (build_filtered_tower(0.25, directions=60, rings=10)(ring) for ring in around)
    assert np.abs(inside - 1).max() < 0.05
    assert np.abs(outside).max() < 0.05
    assert (build_plain_tower(0.25, directions=60)(around[1]) > 0.2).all()  # one step a direction is not enough
