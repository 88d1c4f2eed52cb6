"""Orders of the examples: their positions, and the refusal of invalid ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.fields import has

from deltarule.data.order import AsGiven, Shuffled, compute_positions
from deltarule.errors import InvalidArgument


@dataclass(frozen=True)
class Given:
    """An order that returns the result of a function."""

    of: Callable[[int], Any]

    def __call__(self, n: int, seed: int, epoch: int) -> Any:
        return self.of(n)


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_shuffled_takes_every_example_once(n):
    order = Shuffled()(n, 3, 2)
    assert order.dtype == np.int32
    assert sorted(order) == list(range(n))


def test_shuffled_differs_for_each_seed_and_epoch():
    orders = [Shuffled()(50, seed, epoch).tolist() for seed, epoch in [(1, 0), (1, 0), (1, 1), (2, 0)]]
    assert orders[0] == orders[1]
    assert len(set(map(tuple, orders))) == 3


def test_as_given_is_the_same_for_every_seed_and_epoch():
    assert all(AsGiven()(4, seed, epoch).tolist() == [0, 1, 2, 3] for seed in (0, 9) for epoch in (0, 5))


@pytest.mark.parametrize("kind", [np.int64, np.uint8, list])
def test_positions_may_have_any_integer_type(kind):
    found = compute_positions(Given(lambda n: kind(range(n)) if kind is list else np.arange(n, dtype=kind)), 5, 0, 0)
    assert (found.dtype, found.tolist()) == (np.int32, [0, 1, 2, 3, 4])


def test_an_empty_data_set_has_no_positions():
    assert compute_positions(AsGiven(), 0, 0, 0).shape == (0,)


@pytest.mark.parametrize(
    ("of", "word"),
    [
        (lambda n: np.arange(n - 1), r"got int64 of shape \(4,\)"),
        (lambda n: np.zeros((n, 1), int), r"got int64 of shape \(5, 1\)"),
        (lambda n: np.arange(n) / 1.0, "got float64"),
        (lambda n: np.ones(n, bool), "got bool"),
        (lambda n: np.arange(n) + 1, "from 0 to 4, got positions from 1 to 5"),
        (lambda n: np.arange(n) - 1, "positions from -1 to 3"),
        (lambda n: np.arange(n) + 2**32, "positions from 4294967296"),
    ],
)
def test_invalid_positions_are_refused(of, word):
    with pytest.raises(InvalidArgument, match=word, check=has(argument="order", position="epoch 3")):
        compute_positions(Given(of), 5, seed=1, epoch=3)
