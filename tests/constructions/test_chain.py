"""The chain of neurons: its gradient product against finite differences, for sigmoid and other neurons."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

from deltarule.constructions.chain import (
    backpropagate,
    balance_biases,
    build_chain,
    gradient_product,
    weighted_inputs,
)
from deltarule.core.activations import ReLU, Sigmoid, Tanh
from deltarule.errors import ShapeError
from deltarule.experiments.chapter5.identity import build_identity
from deltarule.experiments.chapter5.product import count_width, width_of_range

W, B = [0.8, -1.3, 2.0, 0.7], [0.1, 1.4, -0.3, 0.2]


@pytest.mark.parametrize("neuron", [Sigmoid(), Tanh(), ReLU()], ids=repr)
def test_the_product_is_the_gradient_of_the_cost(neuron) -> None:
    x, y, epsilon = 0.4, 0.9, 1e-6

    def cost(bias: list[float]) -> float:
        return 0.5 * (build_chain(W, bias, neuron)([x]).item() - y) ** 2

    moved = [[b + epsilon * (i == j) for i, b in enumerate(B)] for j in range(4)]
    back = [[b - epsilon * (i == j) for i, b in enumerate(B)] for j in range(4)]
    slopes = [(cost(up) - cost(down)) / (2 * epsilon) for up, down in zip(moved, back, strict=True)]
    np.testing.assert_allclose(gradient_product(build_chain(W, B, neuron), x, y), slopes, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(backpropagate(build_chain(W, B, neuron), x, y), slopes, rtol=1e-6, atol=1e-10)


def test_a_negative_weighted_input_stops_the_gradient_in_a_chain_of_relus() -> None:
    cut = build_chain([1.0, -1.0, 1.0], [0.5, 0.0, 1.0], ReLU())
    assert backpropagate(cut, 1.0, 0.0).tolist()[:2] == [0.0, 0.0]


def test_balanced_biases_make_all_weighted_inputs_0() -> None:
    w = [100.0, -3.0, 7.0]
    np.testing.assert_allclose(weighted_inputs(build_chain(w, balance_biases(w, 0.7)), 0.7), 0, atol=1e-12)


@pytest.mark.parametrize("w", [4.5, 6.9, 25.0])
def test_the_width_of_the_range_that_does_not_shrink_the_gradient(w: float) -> None:
    assert width_of_range(np.asarray(w)).item() == pytest.approx(count_width(w), abs=2e-4)


def test_a_row_of_identity_neurons_returns_its_input() -> None:
    x = np.linspace(0, 1, 11)
    assert np.abs(build_identity(0.1, depth=5)(x) - x).max() < 1e-3


def test_each_neuron_needs_a_weight_and_a_bias() -> None:
    with pytest.raises(ShapeError, check=has(argument="b", value=1)):
        build_chain([1.0, 2.0], [0.0])
