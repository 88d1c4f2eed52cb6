"""The batch-last form of a network gives the same results as its layers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule import (
    ELU,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    L2Pool,
    LeakyReLU,
    LogLikelihood,
    MaxPool,
    Network,
    ReLU,
    ShiftedSigmoid,
    Sigmoid,
    Tanh,
)
from deltarule.core import random
from deltarule.engines import toom_cook
from deltarule.engines.batch_last import to_batch_last
from deltarule.engines.phases import (
    Axis,
    Convolution,
    Direct,
    SingleProduct,
    ToomCook,
    choose_convolution,
    choose_width_form,
)

KEY = random.key(3)

NETWORKS = {
    "the book's": ([Conv(4, 5), ReLU(), MaxPool(2), Conv(5, 3), Tanh(), MaxPool(2)], (16, 16, 8)),
    "everything": ([Conv(4, (3, 5)), MaxPool((1, 2)), BatchNorm(), ReLU(), Dropout(0.5), Conv(5, 4)], (16, 16, 9)),
    "strides": ([Conv(4, 3, 2), ReLU(), MaxPool(3), Conv(5, 2, (1, 2)), L2Pool(1)], (20, 20, 2)),
    "rows and columns left out by a stride": ([Conv(3, 3, 2), MaxPool(2)], (10, 10, 2)),
    "pools that overlap": ([Conv(4, 3), LeakyReLU(0.1), MaxPool(2), MaxPool(3, 2)], (12, 12, 1)),
    "a pool first": ([MaxPool(2), Conv(4, 3), ELU(0.5), MaxPool((2, 1))], (12, 12, 1)),
    "a falling activation": ([Conv(4, 3), ShiftedSigmoid(-1.0, 0.5), MaxPool(2)], (8, 8, 1)),
    "an activation between two others": ([Conv(4, 3), Sigmoid(), Dropout(0.2), MaxPool(2)], (8, 8, 1)),
}


def check_agreement(layers: list, shape: tuple[int, ...], examples: int = 6, ties: bool = False) -> None:
    """Check outputs, gradients and ∂C/∂x in float64, with dropout, and the parameters after the step."""
    network = Network([*layers, Flatten(), Dense(3)], LogLikelihood(), shape)
    rng = np.random.default_rng(0)
    params = network.init(1)
    x = rng.integers(0, 2, (examples, *shape)) if ties else rng.normal(size=(examples, *shape))
    x, y = x.astype(float), np.eye(3)[rng.integers(0, 3, examples)]

    def all_of(network: Network, params: Any, x: Any) -> Any:
        z, caches = network.forward(params, x, KEY)
        d_x, grads = network.backward(params, caches, network.cost.delta(z, y))
        return z, d_x, grads, network.after_step(params, caches)

    with jax.enable_x64(True):
        found = jax.jit(lambda params, x: all_of(to_batch_last(network), params, x))(params, x)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-11), all_of(network, params, x), found)


@pytest.mark.parametrize("name", NETWORKS)
def test_it_computes_the_same(name: str) -> None:
    layers, shape = NETWORKS[name]
    check_agreement(layers, shape)


def test_where_inputs_tie_the_same_one_wins() -> None:
    # whole numbers from two values: most windows tie, in z as well
    check_agreement([Conv(2, 1), ReLU(), MaxPool(2), Conv(2, 1), MaxPool(2)], (8, 8, 1), ties=True)


@settings(max_examples=10, deadline=None)
@given(
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 6)),
    stride=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    pool=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    channels=st.sampled_from([1, 2, 16]),
    places=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    beyond=st.integers(0, 1),
    examples=st.integers(1, 3),
)
def test_any_shape(kernel, stride, pool, channels, places, beyond, examples) -> None:
    sides = [(p * s - 1) * t + k for k, t, s, p in zip(kernel, stride, pool, places, strict=True)]
    beyond = beyond if min(stride) > 1 else 0  # rows and columns that no step reaches
    check_agreement(
        [Conv(2, kernel, stride), Tanh(), MaxPool(pool)], (sides[0] + beyond, sides[1] + beyond, channels), examples
    )


def test_toom_cook_is_chosen_where_it_pays() -> None:
    assert isinstance(choose_width_form(Axis(5, 1, 2), 100), ToomCook)
    assert isinstance(choose_width_form(Axis(5, 1, 2), 5), Direct)  # one channel
    assert isinstance(choose_width_form(Axis(5, 2, 2), 100), Direct)  # no neighbours
    assert isinstance(choose_width_form(Axis(7, 1, 2), 100), Direct)  # rounding


def test_a_kernel_with_few_weights_uses_a_single_product() -> None:
    pooled, alone = Axis(5, 1, 2), Axis(5, 1, 1)
    assert choose_convolution(pooled, pooled, channels=1) == SingleProduct(pooled, pooled)
    assert isinstance(choose_convolution(pooled, pooled, channels=2), Convolution)  # 50 weights
    assert isinstance(choose_convolution(alone, alone, channels=1), Convolution)  # a single phase
    assert isinstance(choose_convolution(Axis(2, 1, 4), Axis(2, 1, 4), channels=1), Convolution)  # mostly zeros


def test_multiplication_ratio_of_each_form() -> None:
    pooled, alone = Axis(5, 1, 2), Axis(5, 1, 1)
    assert choose_convolution(pooled, pooled, channels=1).multiplication_ratio == 36 / 25
    assert choose_convolution(pooled, pooled, channels=20).multiplication_ratio == 6 / 10
    assert choose_convolution(alone, alone, channels=20).multiplication_ratio == 1


@pytest.mark.parametrize("k", toom_cook.KERNELS)
def test_two_neighbouring_outputs_by_fewer_products(k: int) -> None:
    G, B, A = toom_cook.matrices(k)
    assert len(G) == k + 1
    rng = np.random.default_rng(k)
    w, x = rng.normal(size=k), rng.normal(size=k + 1)
    np.testing.assert_allclose(A.T @ ((G @ w) * (B @ x)), [w @ x[:-1], w @ x[1:]], atol=1e-13)


def test_its_rounding_error_is_that_of_the_direct_sum() -> None:
    # in float32, over a second layer as large as the book's
    rng = np.random.default_rng(5)
    x, w = rng.normal(size=(10, 12, 12, 20)), rng.normal(size=(40, 5, 5, 20)) / np.sqrt(500)
    layers = [Conv(40, 5), MaxPool(2), Flatten(), Dense(2)]
    fast = to_batch_last(Network(layers, LogLikelihood(), (12, 12, 20))).layers[0]
    turned = np.transpose(x, (3, 1, 2, 0)).astype(np.float32)
    params = {"w": jnp.asarray(w, jnp.float32), "b": jnp.zeros(40, jnp.float32)}
    single = np.transpose(jax.jit(lambda p, x: fast.forward(p, x)[0])(params, turned), (3, 1, 2, 0))
    z, _ = Conv(40, 5).forward({"w": w, "b": np.zeros(40)}, x)
    exact, _ = MaxPool(2).forward({}, z)
    assert np.abs(single - exact).max() < 50 * np.finfo(np.float32).eps  # of numbers that are 1 in the mean


def test_networks_without_convolution_stay_unchanged() -> None:
    network = Network.dense([4, 3, 2])
    assert to_batch_last(network) is network
