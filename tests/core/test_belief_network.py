"""The up-down algorithm: each gradient is the derivative of a likelihood, by JAX; engines and libraries agree."""

from __future__ import annotations

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deltarule.core import random
from deltarule.core.belief_network import BeliefLayer, DeepBeliefNet
from deltarule.core.boltzmann import contrastive_divergence, draw
from deltarule.core.descent import Descent
from deltarule.core.optimizers import Momentum
from deltarule.core.regularizers import L2
from deltarule.engines import Epoch, Examples
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import InvalidArgument, ShapeError

from .measures import agree, agree_on_leaves, convert, freeze, key_in, same

KEY = random.key(3)
NET = DeepBeliefNet([6, 5, 4, 7], n_labels=3, k=2)
RNG = np.random.default_rng(0)
X, Y = RNG.uniform(size=(8, 6)), np.eye(3)[RNG.integers(0, 3, 8)]
WEIGHTS = np.linspace(0, 2, 8)


def parameters() -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(1)
    return [{name: rng.normal(size=leaf.shape) for name, leaf in p.items()} for p in NET.init(0)]


def cross_entropy(z, states, weights):
    """Compute the mean of −ln P(states) of units with the weighted inputs z."""
    terms = jnp.logaddexp(0, z) - states * z
    return jnp.mean((1 if weights is None else weights) * terms.sum(1))


@pytest.mark.parametrize("weights", [pytest.param(None, marks=pytest.mark.slow), WEIGHTS], ids=["alike", "weighted"])
def test_waking_and_sleeping_raise_likelihoods(weights):
    params, (up, middle, down) = parameters(), (random.fold(KEY, i) for i in range(3))
    grads, _ = NET.estimate_gradient(params, X, Y, KEY, weights)
    assert [{name: g.shape for name, g in each.items()} for each in grads] == NET.parameter_shapes
    layers = [BeliefLayer(5), BeliefLayer(4)]
    awake = [X]
    for i, layer in enumerate(layers):
        awake.append(draw(random.fold(up, i), layer.forward(params[i], awake[-1])[0]))
    joint = np.concatenate([awake[-1], Y], axis=1)
    top, last = contrastive_divergence(params[-1], joint, middle, 2, 3, weights=weights)
    same(grads[-1], top)
    asleep = [last[:, :4]]
    for i in (1, 0):
        probabilities = layers[i].generate(params[i], asleep[0])
        asleep.insert(0, draw(random.fold(down, i), probabilities) if i else probabilities)
    with jax.enable_x64(True):
        for i in range(2):
            p = {name: jnp.asarray(leaf) for name, leaf in params[i].items()}
            wake = jax.grad(lambda p, i=i: cross_entropy(awake[i + 1] @ p["g"] + p["b"], awake[i], weights))(p)
            sleep = jax.grad(lambda p, i=i: cross_entropy(asleep[i] @ p["w"].T + p["c"], asleep[i + 1], weights))(p)
            for name, oracle in (("g", wake), ("b", wake), ("w", sleep), ("c", sleep)):
                agree(grads[i][name], oracle[name], 1e-9, name)


def test_engines_agree():
    descent, results = Descent(NET, Momentum(0.5), L2(0.1), 8), []
    for engine in (NumpyEngine(), make_jax_engine(1)):
        program = engine.program(descent, "float64")
        params = program.params(parameters())
        state = {name: program.params(tree) for name, tree in descent.optimizer.init(parameters()).items()}
        epoch = Epoch(np.tile(np.arange(8, dtype=np.int32), 20), 8, np.full(20, 0.05), KEY)
        params, _, finite = program.run(params, state, program.place(Examples(X, Y, 1.0, None)), epoch, 0, 20)
        assert finite
        results.append(params)
    agree_on_leaves(convert(np, results[1]), results[0], 1e-9)


def test_arrays_of_the_standard_give_the_same_numbers():
    results = []
    for xp in (np, array_api_strict):
        grads, _ = NET.estimate_gradient(convert(xp, parameters()), xp.asarray(X), xp.asarray(Y), key_in(xp, KEY))
        results.append(convert(np, grads))
    same(*results)


def test_a_step_is_pure_and_keeps_single_precision():
    params = [{name: leaf.astype(np.float32) for name, leaf in p.items()} for p in parameters()]
    x, y = X.astype(np.float32), Y.astype(np.float32)
    freeze((params, x, y))
    descent = Descent(NET, Momentum(0.5), L2(0.1), 8)
    state = descent.optimizer.init(params)
    first, _ = descent.step(params, state, x, y, np.float32(0.1), KEY)
    same(first, descent.step(params, state, x, y, np.float32(0.1), KEY)[0])
    assert {leaf.dtype for p in first for leaf in p.values()} == {np.dtype("float32")}


def test_a_net_of_one_machine_is_that_machine():
    net = DeepBeliefNet([6, 7], n_labels=3)
    params = net.init(0)
    grads, _ = net.estimate_gradient(params, X, Y, KEY)
    expected, _ = contrastive_divergence(params[0], np.concatenate([X, Y], 1), random.fold(KEY, 1), 1, 3)
    same(grads[0], expected)


@pytest.mark.parametrize("wrong", [{"sizes": [6]}, {"sizes": [6, 0]}, {"n_labels": 1}, {"k": 0}])
def test_invalid_sizes(wrong):
    with pytest.raises(InvalidArgument) as caught:
        DeepBeliefNet(**{"sizes": [6, 5], "n_labels": 3, **wrong})
    assert caught.value.argument in wrong


def test_images_need_to_be_flat():
    with pytest.raises(ShapeError):
        BeliefLayer(3).output_shape((2, 2))
