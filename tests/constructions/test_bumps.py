"""Steps and bumps set by hand: they are step functions and staircases, and approximate the book's goal."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tests.fields import has

from deltarule.constructions.bumps import (
    approximate,
    build_bump,
    build_bumps,
    build_step,
    build_steps,
    goal,
    inverse_sigmoid,
)
from deltarule.core.activations import Sigmoid
from deltarule.errors import InvalidArgument, ShapeError


def test_a_step_is_half_way_up_at_its_place_and_steeper_with_a_larger_weight() -> None:
    for w, wide in ((100.0, 0.1), (1000.0, 0.01)):
        assert build_step(0.3, w)([0.3]).item() == pytest.approx(0.5)
        before, after = build_step(0.3, w)([0.3 - wide / 2, 0.3 + wide / 2])
        assert before < 0.01
        assert after > 0.99


def test_a_bump_is_the_difference_of_two_steps() -> None:
    x = np.linspace(0, 1, 301)
    difference = build_step(0.2, 50, 0.7)(x) - build_step(0.7, 50, 0.7)(x)
    np.testing.assert_allclose(build_bump(0.2, 0.7, 0.7, 50)(x), difference, atol=1e-12)


def test_bumps_side_by_side_are_the_sum_of_bumps() -> None:
    x = np.linspace(0, 1, 301)
    edges, heights = [0.0, 0.3, 0.5, 1.0], [0.4, -1.0, 2.0]
    alone = sum(build_bump(a, b, h)(x) for a, b, h in zip(edges, edges[1:], heights, strict=False))
    np.testing.assert_allclose(build_bumps(edges, heights)(x), alone, atol=1e-12)


@pytest.mark.parametrize("n", [1, 7, 40])
def test_in_the_middle_of_each_bump_the_output_equals_the_goal(n: int) -> None:
    middles = (np.arange(n) + 0.5) / n
    np.testing.assert_allclose(approximate(goal, n)(middles), goal(middles), atol=1e-4)


def test_a_sigmoid_output_follows_the_goal_when_its_weighted_input_follows_the_inverse() -> None:
    middles = (np.arange(20) + 0.5) / 20
    built = approximate(lambda x: inverse_sigmoid(goal(x)), 20, output=Sigmoid())
    np.testing.assert_allclose(built(middles), goal(middles), atol=1e-6)
    np.testing.assert_allclose(built.weighted_input(middles), inverse_sigmoid(goal(middles)), atol=1e-5)


def test_approximate_accepts_other_intervals() -> None:
    built = approximate(np.sin, 100, interval=(-3.0, 3.0))
    x = np.linspace(-2.9, 2.9, 200)
    assert np.abs(built(x) - np.sin(x)).max() < 0.05


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, check=has(argument="heights", value=1)):
        build_steps([0.1, 0.2], [1.0])
    with pytest.raises(ShapeError, check=has(argument="edges", value=2)):
        build_bumps([0.0, 1.0], [1.0, 2.0])
    with pytest.raises(InvalidArgument, check=has(argument="n", value=0)):
        approximate(goal, 0)


def test_constructions_need_only_numpy() -> None:
    loads = "import sys, deltarule.constructions.bumps, deltarule.constructions.towers as t; "
    asks = "t.build_tower([(0, 1)])([0.5]); print([m for m in ('jax', 'matplotlib', 'sklearn') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", loads + asks], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
