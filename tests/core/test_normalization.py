"""Batch normalization by hand: in training, in use, and its running means."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov
from deltarule.core.regularizers import L2
from deltarule.errors import InvalidArgument

KEY = random.key(1)
X = np.asarray([[1.0, 0.0], [5.0, 0.0]])  # means 3 and 0, variances 4 and 0
PARAMS = {name: np.asarray(v) for name, v in (("scale", [2.0, 1.0]), ("shift", [1.0, 7.0]))}
PARAMS |= {"mean": np.asarray([1.0, 0.0]), "variance": np.asarray([15.0, 0.0])}


def test_in_training_by_hand():
    y, _ = BatchNorm(epsilon=12.0).forward(PARAMS, X, KEY)
    assert y.tolist() == [[2 * -2 / 4 + 1, 7.0], [2 * 2 / 4 + 1, 7.0]]  # √(4 + 12) = 4


def test_in_use_by_hand():
    y, cache = BatchNorm(epsilon=1.0).forward(PARAMS, X)
    assert y.tolist() == [[1.0, 7.0], [2 * 4 / 4 + 1, 7.0]]  # √(15 + 1) = 4
    assert BatchNorm().after_step(PARAMS, cache) == PARAMS


def test_running_means_by_hand():
    layer = BatchNorm(momentum=0.75)
    _, cache = layer.forward(PARAMS, X, KEY)
    kept = layer.after_step(PARAMS, cache)
    assert kept["mean"].tolist() == [0.75 * 1 + 0.25 * 3, 0.0]
    assert kept["variance"].tolist() == [0.75 * 15 + 0.25 * 8, 0.0]  # unbiased: 4 · 2 / (2 − 1)
    assert (kept["scale"].tolist(), kept["shift"].tolist()) == ([2.0, 1.0], [1.0, 7.0])


def test_images_are_normalized_over_their_places_too():
    x = np.random.default_rng(0).normal(3, 5, (4, 6, 7, 2))
    y, cache = BatchNorm().forward(BatchNorm().init(KEY, (6, 7, 2)), x, KEY)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-14)
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), 1, rtol=1e-5)
    assert cache[2][2] == 4 * 6 * 7


def test_a_single_example_does_not_change_the_running_means():
    layer = BatchNorm()
    y, cache = layer.forward(PARAMS, X[:1], KEY)
    assert y.tolist() == [[1.0, 7.0]]
    d_x, grads = layer.backward(PARAMS, cache, np.ones_like(y))
    assert d_x.tolist() == [[0.0, 0.0]]
    assert (grads["scale"].tolist(), grads["shift"].tolist()) == ([0.0, 0.0], [1.0, 1.0])
    assert layer.after_step(PARAMS, cache) == PARAMS


def test_a_single_image_has_places_to_learn_from():
    x = np.asarray([1.0, 5.0]).reshape(1, 1, 2, 1)
    params = BatchNorm().init(KEY, (1, 2, 1))
    kept = BatchNorm(momentum=0.0).after_step(params, BatchNorm().forward(params, x, KEY)[1])
    assert (kept["mean"].tolist(), kept["variance"].tolist()) == ([3.0], [8.0])


@pytest.mark.parametrize("optimizer", [SGD(), Momentum(0.9), Nesterov(0.9), Adam()], ids=str)
def test_only_the_layer_itself_moves_its_running_means(optimizer):
    network = Network([BatchNorm(momentum=0.5), Dense(2)], LogLikelihood(), (2,))
    descent = Descent(network, optimizer, L2(10.0), 20)
    params = network.init(0)
    state = optimizer.init(params)
    mean, variance = params[0]["mean"], params[0]["variance"]
    rng = np.random.default_rng(0)
    for step in range(5):
        x, y = rng.normal(2, 3, (8, 2)), np.eye(2)[rng.integers(0, 2, 8)]
        params, state = descent.step(params, state, x, y, 0.1, random.fold(KEY, step))
        mean, variance = (mean + x.mean(axis=0)) / 2, (variance + x.var(axis=0, ddof=1)) / 2
    np.testing.assert_allclose(params[0]["mean"], mean, rtol=1e-14)
    np.testing.assert_allclose(params[0]["variance"], variance, rtol=1e-14)
    assert np.abs(params[0]["scale"] - 1).min() > 1e-4


def test_nothing_of_it_is_shrunk():
    assert BatchNorm().weights == ()


@pytest.mark.parametrize(
    "setting", [{"epsilon": 0.0}, {"epsilon": float("nan")}, {"momentum": 1.0}, {"momentum": -0.1}]
)
def test_invalid_arguments_are_refused(setting):
    (name,) = setting
    with pytest.raises(InvalidArgument) as error:
        BatchNorm(**setting)
    assert (error.value.argument, error.value.owner) == (name, "BatchNorm")
