"""The Hessian against JAX, Newton's step for known minima, and invalid arguments."""

from __future__ import annotations

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.newton import hessian, newton_step
from deltarule.errors import InvalidArgument

from .measures import as_jax, convert

NETWORKS = [
    Network.dense([3, 4, 2], cost=cost, hidden=hidden)
    for cost, hidden in ((Quadratic(), Tanh()), (CrossEntropy(), "sigmoid"), (LogLikelihood(), "sigmoid"))
]


def batch(network: Network, examples: int = 7):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(examples, *network.input_shape))
    return network.init(2), x, np.eye(network.n_out)[rng.integers(0, network.n_out, examples)]


def gradient_of(network: Network, x, y):
    return lambda params: network.gradients(params, x, y)


def flat(tree) -> np.ndarray:
    return np.concatenate([np.ravel(layer[name]) for layer in tree for name in sorted(layer)])


def check_against_jax(network: Network) -> None:
    """Check against ``jax.hessian`` of the cost, which does not use our gradient."""
    params, x, y = batch(network)
    found = hessian(gradient_of(network, x, y), params)
    with jax.enable_x64(True):
        blocks = jax.jit(jax.hessian(lambda p: network.value(p, jnp.asarray(x), jnp.asarray(y))))(as_jax(params))
    places = [(i, name, p.shape) for i, layer in enumerate(params) for name, p in sorted(layer.items())]
    rows = []
    for i, name, shape in places:
        row = [np.reshape(blocks[i][name][j][other], (np.prod(shape), -1)) for j, other, _ in places]
        rows.append(np.concatenate(row, axis=1))
    oracle = np.concatenate(rows)
    assert found.shape == oracle.shape == (26, 26)
    np.testing.assert_allclose(found, oracle, atol=1e-8 * np.abs(oracle).max())


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_the_hessian_is_that_of_jax(network):
    check_against_jax(network)


def parabola():
    """Return a linear neuron with three inputs, whose cost is a parabola, and its minimum."""
    network = Network([Dense(1)], Quadratic(Linear()), (3,))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)) + 2, rng.normal(size=(20, 1))
    best, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(20)]), y[:, 0], rcond=None)
    return network, x, y, best


def check_one_step_to_the_bottom_of_a_parabola() -> None:
    network, x, y, best = parabola()
    found = newton_step(gradient_of(network, x, y), network.init(1))
    np.testing.assert_allclose([*found[0]["w"][0], *found[0]["b"]], best, rtol=1e-7)


def test_one_step_leads_to_the_bottom_of_a_parabola():
    check_one_step_to_the_bottom_of_a_parabola()


def check_damping() -> None:
    """Check (H + d) Δw = −∇C, which for a large d is gradient descent with η = 1/d."""
    network = NETWORKS[0]
    params, x, y = batch(network)
    gradient = gradient_of(network, x, y)
    for damping in (0.5, 3.0):
        step = flat(newton_step(gradient, params, damping)) - flat(params)
        left = hessian(gradient, params) @ step + damping * step
        np.testing.assert_allclose(left, -flat(gradient(params)), atol=1e-9)
    step = flat(newton_step(gradient, params, 1e6)) - flat(params)
    np.testing.assert_allclose(step, -flat(gradient(params)) / 1e6, rtol=1e-3, atol=1e-12)


def test_damping():
    check_damping()


def test_a_few_steps_find_the_bottom_of_a_convex_cost_where_gradient_descent_is_slow():
    network = Network([Dense(1)], CrossEntropy(), (1,))
    x = np.asarray([[1.0], [1.5], [2.0], [2.5], [3.0], [3.5]])
    y = np.asarray([[0.0], [0.0], [1.0], [0.0], [1.0], [1.0]])
    gradient = gradient_of(network, x, y)
    newton = plain = [{"w": np.asarray([[0.5]]), "b": np.asarray([0.5])}]
    for _ in range(8):
        newton = newton_step(gradient, newton)
        plain = [
            {name: p - 0.5 * g for (name, p), g in zip(plain[0].items(), gradient(plain)[0].values(), strict=True)}
        ]
    assert np.abs(flat(gradient(newton))).max() < 1e-9 < 0.05 < np.abs(flat(gradient(plain))).max()


def test_newton_uses_only_the_array_api_standard():
    network = NETWORKS[2]
    params, x, y = batch(network)
    steps = []
    for xp in (np, array_api_strict):
        gradient = gradient_of(network, xp.asarray(x), xp.asarray(y))
        steps.append(flat(convert(np, newton_step(gradient, convert(xp, params), 0.1))))
    np.testing.assert_allclose(steps[0], steps[1], rtol=1e-9)


def test_the_books_network_is_too_large():
    network = Network.dense([784, 30, 10])
    params = network.init(0)
    with pytest.raises(InvalidArgument, check=has(argument="params", value=23860)):
        newton_step(lambda p: p, params)


def test_newton_refuses_invalid_arguments():
    network, x, y, _ = parabola()
    single = [{name: p.astype(np.float32) for name, p in network.init(0)[0].items()}]
    with pytest.raises(InvalidArgument, check=has(argument="params", value=np.float32)):
        hessian(gradient_of(network, x, y), single)
    for damping in (-1, np.nan, np.inf):
        with pytest.raises(InvalidArgument, check=has(argument="damping")):
            newton_step(gradient_of(network, x, y), network.init(0), damping=damping)
    for wrong in (np.nan, np.inf):
        with pytest.raises(InvalidArgument, check=has(argument="gradient")):
            newton_step(lambda p, wrong=wrong: [{"w": p[0]["w"] * wrong}], [{"w": np.ones(2)}])
    with pytest.raises(InvalidArgument, check=has(argument="Hessian")):  # finite at this point, but not next to it
        newton_step(lambda p: [{"w": np.where(p[0]["w"] == 1, 1.0, np.nan)}], [{"w": np.ones(2)}])
    with pytest.raises(InvalidArgument, check=has(argument="params", value=0)):
        hessian(lambda p: p, [{}, {}])


def test_softmax_outputs_leave_a_direction_without_curvature():
    network = Network.dense([3, 2], cost="log-likelihood")
    params, x, y = batch(network)
    with pytest.raises(InvalidArgument, check=has(argument="damping", value=0.0, remedy="try 0.001")):
        newton_step(gradient_of(network, x, y), params)
    damped = newton_step(gradient_of(network, x, y), params, damping=0.3)
    assert network.value(damped, x, y) < network.value(params, x, y)
