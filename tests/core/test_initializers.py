"""Initializers: mean and standard deviation within sampling error, and equal weights from equal keys."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from deltarule.core.initializers import INITIALIZERS, Default, FanOut, Glorot, He, Large, Zeros
from deltarule.core.random import fold, key
from deltarule.errors import InvalidArgument

N_IN, N_OUT = 400, 300


def within_chance(drawn: np.ndarray, deviation: float) -> None:
    """Check mean 0 and this standard deviation, each within 4 standard errors for so many normal draws."""
    n = drawn.size
    assert abs(drawn.mean()) < 4 * deviation / sqrt(n)
    assert abs(drawn.std() / deviation - 1) < 4 / sqrt(2 * n)
    share = (abs(drawn) < deviation).mean()
    assert abs(share - 0.6827) < 4 * sqrt(0.6827 * 0.3173 / n)


@pytest.mark.parametrize(
    ("initializer", "of_weights", "of_biases"),
    [(Large(), 1.0, 1.0), (Default(), 1 / 20, 1.0), (He(), sqrt(2) / 20, 0.0), (FanOut(), 1 / sqrt(N_OUT), 1.0)],
    ids=str,
)
def test_mean_and_deviation(initializer, of_weights, of_biases):
    params = initializer(key(1), (N_OUT, N_IN), N_IN)
    assert (params["w"].shape, params["b"].shape) == ((N_OUT, N_IN), (N_OUT,))
    assert params["w"].dtype == params["b"].dtype == np.float64
    within_chance(params["w"], of_weights)
    if of_biases:
        within_chance(params["b"], of_biases)
    else:
        assert not params["b"].any()


@pytest.mark.parametrize(("initializer", "variance"), [(Large(), 501.0), (Default(), 1.5)], ids=str)
def test_the_weighted_input_of_chapter_3(initializer, variance):
    """Check chapter 3: with 1,000 inputs, half of them 1, z has the deviation √501 with Large and √1.5 with Default."""
    neurons = 1000
    params = initializer(key(2), (neurons, 1000), 1000)
    z = params["w"] @ np.repeat([1.0, 0.0], 500) + params["b"]
    assert abs(z.var() / variance - 1) < 4 * sqrt(2 / neurons)


def test_n_in_is_the_argument_and_not_the_shape():
    # a convolution's kernel (maps, channels, height, width) is fed by channels × height × width
    params = Default()(key(1), (40, 20, 5, 5), 500)
    within_chance(params["w"], 1 / sqrt(500))
    assert params["b"].shape == (40,)


@pytest.mark.parametrize(("shape", "n_out"), [((300, 400), 300), ((12, 5, 5, 16), 300)], ids=str)
def test_glorots_weights_and_biases_are_uniform(shape, n_out):
    bound = sqrt(6 / (400 + n_out))
    params = Glorot()(key(1), shape, 400)
    for drawn in (params["w"], np.concatenate([Glorot()(key(i), shape, 400)["b"] for i in range(100)])):
        assert bound * 0.99 < abs(drawn).max() < bound
        assert abs(drawn.mean()) < 4 * bound / sqrt(3 * drawn.size)
        assert abs((abs(drawn) < bound / 2).mean() - 0.5) < 4 * 0.5 / sqrt(drawn.size)


@pytest.mark.parametrize(("pool", "n_out"), [(1, 1000), (2, 250), ((1, 2), 500)])
def test_the_fan_out_of_a_convolution_is_that_of_its_pool(pool, n_out):
    params = FanOut(pool)(key(1), (40, 5, 5, 20), 500)
    within_chance(params["w"], 1 / sqrt(n_out))
    within_chance(FanOut(pool)(key(1), (4000, 1, 1, 1), 1)["b"], 1.0)


@pytest.mark.parametrize("pool", [0, -1, 2.5, (2, 2, 2), "2"])
def test_invalid_pools_are_refused(pool):
    with pytest.raises(InvalidArgument) as error:
        FanOut(pool)
    assert (error.value.argument, error.value.owner) == ("pool", "FanOut")


def test_zeros():
    params = Zeros()(key(1), (3, 4), 4)
    assert {name: (p.shape, p.dtype, p.any()) for name, p in params.items()} == {
        "w": ((3, 4), np.float64, False),
        "b": ((3,), np.float64, False),
    }


@pytest.mark.parametrize("name", INITIALIZERS)
def test_weights_are_a_function_of_the_key(name):
    first, again, other = (INITIALIZERS[name](k, (4, 3), 3)["w"] for k in (key(1), key(1), fold(key(1), 0)))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_weights_and_biases_are_drawn_apart():
    params = Large()(key(3), (2000, 1), 1)
    together = np.corrcoef(params["w"][:, 0], params["b"])[0, 1]
    assert abs(together) < 4 / sqrt(2000)


def test_first_weights_stay_the_same_between_versions():
    """Check fixed values: the first weights of a seed are part of every published experiment."""
    params = Default()(key(1), (1, 2), 2)
    np.testing.assert_allclose([*params["w"][0], *params["b"]], GOLDEN, rtol=1e-12)


def test_names():
    assert {
        "large": Large(),
        "default": Default(),
        "he": He(),
        "fan-out": FanOut(),
        "glorot": Glorot(),
    } == INITIALIZERS


GOLDEN = [0.26432741259063075, -2.082853266517774, -2.138428461878874]
