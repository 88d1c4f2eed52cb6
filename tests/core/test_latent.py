"""The code of a variational autoencoder: by hand, against finite differences and JAX, and on all array libraries."""

from __future__ import annotations

import array_api_strict
import jax.numpy as jnp
import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.activations import Tanh
from deltarule.core.costs import CrossEntropy
from deltarule.core.descent import Descent
from deltarule.core.gradcheck import gradcheck
from deltarule.core.latent import Latent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.engines import Epoch, Examples
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import ShapeError

from .measures import agree, agree_on_leaves, convert, differences, gradient_by_jax, key_in, same

KEY = random.key(7)
NETWORK = Network([Dense(4), Tanh(), Dense(6), Latent(), Dense(4), Tanh(), Dense(5)], CrossEntropy(), (5,))
X = np.random.default_rng(0).uniform(size=(7, 5))
WEIGHTS = np.linspace(0, 2, 7)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
def test_the_gradient_with_the_divergence(weights):
    params = NETWORK.init(1)
    assert gradcheck(NETWORK, params, X, X, KEY, weights=weights).relative < 1e-6
    grads = NETWORK.gradients(params, X, X, KEY, weights)
    (oracle,) = gradient_by_jax(lambda p: NETWORK.value(p, jnp.asarray(X), jnp.asarray(X), weights, KEY), params)
    agree_on_leaves(grads, oracle, 1e-9)


def test_the_gradient_of_the_divergence():
    x = np.random.default_rng(1).normal(size=(3, 6))

    def total(x):
        return Latent().penalty({}, Latent().forward({}, x)[1]).sum()

    agree(Latent().penalty_gradient({}, Latent().forward({}, x)[1]), differences(total, x), 1e-6, "d_x")


def test_the_divergence_is_the_mean_of_the_logarithms_of_its_ratio():
    """KL = E ln(q/p) over 200,000 draws of q, within 5 standard errors."""
    x = np.array([[0.5, -1.0, 0.3, -0.7]])
    z, (mean, log_variance, _) = Latent().forward({}, np.tile(x, (200_000, 1)), KEY)
    ratios = (z**2 / 2 - (z - mean) ** 2 / (2 * np.exp(log_variance)) - log_variance / 2).sum(1)
    expected = Latent().penalty({}, Latent().forward({}, x)[1])[0]
    assert abs(ratios.mean() - expected) < 5 * ratios.std() / len(ratios) ** 0.5
    assert expected > 0.5


def test_draws_are_normal():
    """Mean and variance of 100,000 draws are within 5 standard errors of 0 and 1, in both types."""
    for dtype in (np.float32, np.float64):
        z = random.normal_like(KEY, np.zeros((100_000,), dtype))
        assert z.dtype == dtype
        assert abs(z.mean()) < 5 / 100_000**0.5
        assert abs(z.var() - 1) < 5 * (2 / 100_000) ** 0.5


def test_it_draws_in_training_and_when_it_is_asked():
    params = NETWORK.init(1)
    used, asked, trained = (NETWORK.forward(params, X, key, training) [0] for key, training in
                            ((None, True), (KEY, False), (KEY, True)))  # fmt: skip
    same(asked, trained)
    assert np.abs(used - asked).max() > 0.01


def test_engines_agree():
    descent, results = Descent(NETWORK, Adam(), None, 7), []
    for engine in (NumpyEngine(), make_jax_engine(1)):
        program = engine.program(descent, "float64")
        params = program.params(NETWORK.init(1))
        state = {name: program.params(tree) for name, tree in descent.optimizer.init(NETWORK.init(1)).items()}
        examples = program.place(Examples(X, X, 1.0, None))
        epoch = Epoch(np.tile(np.arange(7, dtype=np.int32), 20), 7, np.full(20, 0.01), KEY)
        params, _, finite = program.run(params, state, examples, epoch, 0, 20)
        assert finite
        results.append(params)
    agree_on_leaves(convert(np, results[1]), results[0], 1e-9)


def test_arrays_of_the_standard_give_the_same_numbers():
    results = []
    for xp in (np, array_api_strict):
        x = xp.asarray(X)
        grads = NETWORK.gradients(convert(xp, NETWORK.init(1)), x, x, key_in(xp, KEY))
        results.append(convert(np, grads))
    same(*results)


@pytest.mark.parametrize("shape", [(3,), (2, 2)])
def test_an_odd_number_of_inputs(shape):
    with pytest.raises(ShapeError) as caught:
        Latent().output_shape(shape)
    assert caught.value.value == shape
