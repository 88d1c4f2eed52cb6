"""Training steps: the slow neuron of chapter 3 and the update rules of the book, by hand."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import CrossEntropy, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.random import fold, key
from deltarule.core.regularizers import L1, L2

from .contract import KEY, batch_for
from .measures import agree, differences
from .test_network import Count

X, Y = np.asarray([[1.0]]), np.asarray([[0.0]])


def outputs(cost, eta: float, w: float, b: float, steps: int = 300) -> list[float]:
    """Return the output of the single neuron before each step and after the last."""
    network = Network([Dense(1)], cost, (1,))
    descent = Descent(network, SGD(), None, 1)
    params, state, found = [{"w": np.asarray([[w]]), "b": np.asarray([b])}], {}, []
    for step in range(steps + 1):
        found.append(network.outputs(params, X).item())
        params, state = descent.step(params, state, X, Y, eta, fold(key(0), step))
    return found


def test_the_slow_neuron_by_hand():
    w, b, by_hand = 0.6, 0.9, []
    for _ in range(301):
        a = 1 / (1 + exp(-(w + b)))
        by_hand.append(a)
        w, b = w - 0.15 * a * a * (1 - a), b - 0.15 * a * a * (1 - a)
    found = outputs(Quadratic(), 0.15, 0.6, 0.9)
    np.testing.assert_allclose(found, by_hand, rtol=1e-11)
    assert round(found[0], 2) == 0.82
    assert round(found[-1], 2) == 0.09  # as published


def test_the_neuron_that_is_badly_wrong_learns_slowly_but_not_with_cross_entropy():
    slow = outputs(Quadratic(), 0.15, 2.0, 2.0)
    assert round(slow[0], 2) == 0.98
    assert slow[150] > 0.8  # "for the first 150 or so learning epochs, the weights and biases don't change much"
    quick = outputs(CrossEntropy(), 0.15, 2.0, 2.0)
    assert quick[50] < 0.2
    assert round(quick[-1], 3) == 0.012


def one_step(regularizer, optimizer=None, steps=1):
    """Take a step of a linear neuron, w = (2, −3), b = 1, on two examples, η = ½, λ = 4, n = 20."""
    network = Network([Dense(1)], CrossEntropy(), (2,))
    params = [{"w": np.asarray([[2.0, -3.0]]), "b": np.asarray([1.0])}]
    descent = Descent(network, optimizer or SGD(), regularizer, 20)
    state = descent.optimizer.init(params)
    x, y = np.asarray([[1.0, 1.0], [0.0, 0.0]]), np.asarray([[0.0], [1.0]])
    value = descent.value(params, x, y)
    for step in range(steps):
        params, state = descent.step(params, state, x, y, 0.5, fold(key(0), step))
    return params[0]["w"][0], params[0]["b"].item(), value, state


# z = 0 and 1, so a − y = ½ and σ(1) − 1; the means of the gradients are
OF_W, OF_B = 0.25, (0.5 + 1 / (1 + exp(-1)) - 1) / 2


def check_weight_decay() -> None:
    """Check w → (1 − ηλ/n) w − η ∂C₀/∂w, and that the bias is not shrunk (equation (93))."""
    w, b, value, _ = one_step(L2(4.0))
    np.testing.assert_allclose(w, [0.9 * 2 - 0.5 * OF_W, 0.9 * -3 - 0.5 * OF_W], rtol=1e-14)
    np.testing.assert_allclose(b, 1 - 0.5 * OF_B, rtol=1e-14)
    _, _, bare, _ = one_step(None)
    assert value - bare == pytest.approx(4 / 40 * 13)


def test_weight_decay():
    check_weight_decay()


def test_l1_shrinks_by_the_same_amount():
    w, _, value, _ = one_step(L1(4.0))
    np.testing.assert_allclose(w, [2 - 0.5 * (OF_W + 0.2), -3 - 0.5 * (OF_W - 0.2)], rtol=1e-14)
    _, _, bare, _ = one_step(None)
    assert value - bare == pytest.approx(4 / 20 * 5)


def test_the_velocity_includes_the_gradient_of_the_penalty():
    w, b, _, state = one_step(L2(4.0), Momentum(0.9))
    np.testing.assert_allclose(state["v"][0]["w"][0], [-0.5 * (OF_W + 0.4), -0.5 * (OF_W - 0.6)], rtol=1e-14)
    np.testing.assert_allclose(state["v"][0]["b"], [-0.5 * OF_B], rtol=1e-14)
    np.testing.assert_allclose([*w, b], [2 - 0.5 * (OF_W + 0.4), -3 - 0.5 * (OF_W - 0.6), 1 - 0.5 * OF_B], rtol=1e-14)


def test_steps_lower_the_value():
    *_, before, _ = one_step(L2(4.0))
    network = Network([Dense(1)], CrossEntropy(), (2,))
    w, b, _, _ = one_step(L2(4.0), steps=10)
    x, y = np.asarray([[1.0, 1.0], [0.0, 0.0]]), np.asarray([[0.0], [1.0]])
    after = Descent(network, SGD(), L2(4.0), 20).value([{"w": w[None, :], "b": np.asarray([b])}], x, y)
    assert after < before


def check_a_step_uses_the_gradient_with_dropout() -> None:
    """Check that (w − w′) / η is ∂C/∂w by central differences, with dropout by the step's key."""
    network = Network([Dense(6), Tanh(), Dropout(0.5), Dense(2)], CrossEntropy(), (3,))
    batch = batch_for(network)
    found, _ = Descent(network, SGD(), None, 50).step(batch.params, {}, batch.x, batch.y, 0.5, KEY)
    for i in (0, 3):

        def cost(w, i=i):
            params = [*batch.params[:i], {**batch.params[i], "w": w}, *batch.params[i + 1 :]]
            return network.cost.value(network.forward(params, batch.x, KEY)[0], batch.y)

        w = batch.params[i]["w"]
        agree((w - found[i]["w"]) / 0.5, differences(cost, w), 1e-6, f"layer {i} w")


def test_a_step_uses_the_gradient_with_dropout():
    check_a_step_uses_the_gradient_with_dropout()


def check_a_step_uses_the_weights() -> None:
    """Check a step of a linear neuron w = 2, b = 0 by hand: δ = z − y = (2, 6), with weights (½, 2)."""
    descent = Descent(Network([Dense(1)], Quadratic(Linear()), (1,)), SGD(), None, 2)
    params, x, y = [{"w": np.asarray([[2.0]]), "b": np.asarray([0.0])}], np.asarray([[1.0], [3.0]]), np.zeros((2, 1))
    weights = np.asarray([0.5, 2.0])
    assert descent.value(params, x, y, weights) == (0.5 * 2 + 2 * 18) / 2
    (found,), _ = descent.step(params, {}, x, y, 0.1, KEY, weights)
    np.testing.assert_allclose(found["w"], [[2 - 0.1 * (0.5 * 2 * 1 + 2 * 6 * 3) / 2]], rtol=1e-15)
    np.testing.assert_allclose(found["b"], [0 - 0.1 * (0.5 * 2 + 2 * 6) / 2], rtol=1e-15)


def test_a_step_uses_the_weights():
    check_a_step_uses_the_weights()


def check_layers_update_parameters_without_gradients() -> None:
    network = Network([Count(), Dense(1)], CrossEntropy(), (2,))
    params, state, descent = network.init(0), {}, Descent(network, SGD(), None, 50)
    for step, examples in enumerate((5, 5, 3)):
        x, y = np.ones((examples, 2)), np.ones((examples, 1))
        params, state = descent.step(params, state, x, y, 0.5, fold(key(0), step))
    assert params[0]["seen"] == 13


def test_layers_update_parameters_without_gradients():
    check_layers_update_parameters_without_gradients()
