"""Infinity and NaN: the native engine reports parameters that are not finite after the steps after which NumPy does.

It skips many products with 0, and 0 · ∞ is no number.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.core.activations import LeakyReLU, Linear, ReLU, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.gru import GRU
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.recurrent import Recurrent
from deltarule.core.steps import LastStep, MeanOverSteps
from deltarule.core.trees import leaves
from deltarule.engines import Examples

from .cases import engine_of, epoch_of
from .native_cases import draw_digits
from .networks import Drawn, draw_all

N = 12
LAYERS = {
    "dense": ((Flatten(), Dense(9), ReLU(), Dense(5), Tanh()), (6, 6, 1)),
    "first convolution and pool": ((Conv(5, 3), ReLU(), MaxPool(2), Flatten()), (8, 8, 1)),
    "inner convolution": ((Conv(5, 3), ReLU(), Conv(4, 3), ReLU(), Flatten()), (8, 8, 1)),
    "inner convolution and pool": ((Conv(5, 3), LeakyReLU(), Conv(4, 3), ReLU(), MaxPool(2), Flatten()), (8, 8, 1)),
    "of pools": ((MaxPool(2), Conv(5, 3), Sigmoid(), L2Pool(2), Flatten()), (12, 12, 1)),
    "normalization": ((Conv(5, 3), BatchNorm(), ReLU(), Dropout(0.2), Flatten(), Dense(4), BatchNorm()), (8, 8, 1)),
    "LSTM": ((LSTM(5), LastStep()), (6, 6)),
    "GRU and Recurrent": ((GRU(5), Recurrent(4, ReLU()), MeanOverSteps()), (6, 6)),
}
COSTS = (Quadratic(Linear()), CrossEntropy(), LogLikelihood())


def descent_of(name: str, cost=COSTS[0]) -> Descent:
    layers, shape = LAYERS[name]
    return Descent(Network([*layers, Dense(3)], cost, shape), SGD(), None, N)


HUGE = 1e18
"""A parameter whose square is nearly beyond float32: sums in another order may overflow one step earlier."""


def compare_steps(descent: Descent, examples: Examples, params: list, eta: float) -> tuple[int, bool]:
    """Compare what the engines say of each step, which starts where NumPy's last one ended; until one is not finite.

    Return the number of steps, and what NumPy says of the last one.
    """
    mine, other = (engine_of(name).program(descent, "float32") for name in ("numpy", "native"))
    params, state, epoch = mine.params(params), {}, epoch_of(len(examples), 1, eta=eta)
    placed = other.place(examples)
    for step in range(epoch.steps):
        _, _, found = other.run(other.params(params), state, placed, epoch, step, step + 1)
        params, state, finite = mine.run(params, state, examples, epoch, step, step + 1)
        assert finite == found or (finite and max(float(np.abs(leaf).max()) for leaf in leaves(params)) > HUGE)
        if not (finite and found):
            return step + 1, finite
    return epoch.steps, True


def make_examples(shape: tuple[int, ...], dtype="uint8", scale: float = 255.0, outputs: int = 3) -> Examples:
    x, y = draw_digits(N, shape), np.random.default_rng(3).integers(0, outputs, N)
    return Examples(x.astype(dtype), np.eye(outputs, dtype=np.float32)[y], scale, None)


@pytest.mark.parametrize("eta", [1e3, 1e9, 1e18, 1e38])
@pytest.mark.parametrize("cost", COSTS, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_an_exploding_run(name, cost, eta):
    descent = descent_of(name, cost)
    compare_steps(descent, make_examples(descent.network.input_shape), descent.network.init(1), eta)


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", LAYERS)
def test_an_input_that_is_not_finite(name, number):
    descent = descent_of(name)
    examples = make_examples(descent.network.input_shape, "float32")
    examples.x[5, 3, 3] = number
    _, finite = compare_steps(descent, examples, descent.network.init(1), 0.01)
    assert finite == (name == "of pools" and number == -np.inf)  # where another number is the largest


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", LAYERS)
def test_a_parameter_that_is_not_finite(name, number):
    descent = descent_of(name)
    init = descent.network.init(1)
    for i, layer in enumerate(init):
        for leaf in layer:
            params = [{key: value.copy() for key, value in each.items()} for each in init]
            params[i][leaf].reshape(-1)[0] = number
            black = Examples(np.zeros((N, *descent.network.input_shape), np.uint8), np.eye(N, 3), 255.0, None)
            for examples in (make_examples(descent.network.input_shape), black):
                assert compare_steps(descent, examples, params, 0.01) == (1, False), (i, leaf)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("layers", [
    (Conv(4, 3), Linear(), Conv(4, 3), ReLU(), Flatten()),
    (Conv(4, 3), ReLU(), Conv(4, 3), ReLU(), MaxPool(2), Flatten()),
    (Conv(4, 3), ReLU(), MaxPool(2), Conv(4, 1), ReLU(), Flatten()),
    (Flatten(), Dense(6), ReLU(), Dense(4), ReLU()),
], ids=lambda layers: "-".join(type(layer).__name__ for layer in layers))  # fmt: skip
def test_hidden_infinity_behind_a_rectifier_that_is_off(layers, sign):
    """Let finite weights give infinite activations, which the next layer turns into errors of 0."""
    descent = Descent(Network([*layers, Dense(3)], COSTS[0], (8, 8, 1)), SGD(), None, N)
    first, second = [i for i, layer in enumerate(layers) if isinstance(layer, (Conv, Dense))]
    params = descent.network.init(1)
    params[first] = {"w": np.abs(params[first]["w"]) * 1e38, "b": params[first]["b"]}
    params[second] = {"w": -sign * np.abs(params[second]["w"]), "b": params[second]["b"]}
    examples = make_examples((8, 8, 1), "float32", scale=1.0)
    assert compare_steps(descent, examples, params, 0.01) == (1, False)


@settings(max_examples=60, derandomize=True)
@given(drawn=draw_all(), layer=st.integers(0, 9), size=st.sampled_from([1e25, 1e38, np.inf]))
def test_random_networks_with_huge_weights(drawn: Drawn, layer, size):
    descent, examples = drawn.descent, drawn.examples
    x = examples.x.astype(np.float32)
    params = [dict(each) for each in descent.network.init(1)]
    chosen = [each for each in params if "w" in each]
    each = chosen[layer % len(chosen)]
    each["w"] = np.where(each["w"] > 0, np.float64(size), each["w"])
    weights = None if examples.weights is None else examples.weights.astype(np.float32)
    examples = Examples(x, examples.y.astype(np.float32), examples.scale, examples.mean, weights)
    descent = Descent(descent.network, SGD(), None, descent.n)
    compare_steps(descent, examples, params, 1.0)
