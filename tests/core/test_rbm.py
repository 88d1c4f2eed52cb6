"""The Boltzmann machine as a network: its steps, chains, labels and weights of examples."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.core import boltzmann, random
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.optimizers import SGD, Adam, Momentum
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L2
from deltarule.errors import InvalidArgument

from .machine_states import KEY, N_HIDDEN, N_VISIBLE, binary, count_probabilities, make
from .measures import convert, freeze, key_in, same


def test_persistent_chains_reach_the_distribution_of_the_model():
    """With parameters that do not change, the chains are samples of it; the bound is 5 standard errors."""
    machine = RBM(N_VISIBLE, N_HIDDEN, chains=20_000)
    params = [{**make(), "chains": machine.init(1)[0]["chains"]}]
    x = binary(N_VISIBLE)[[3]]
    for step in range(30):
        _, caches = machine.estimate_gradient(params, x, x, random.fold(KEY, step))
        params = machine.after_step(params, caches)
    v, _, joint = count_probabilities(make())
    np.testing.assert_allclose(params[0]["chains"].mean(0), joint.sum(1) @ v, atol=5 * 0.5 / 20_000**0.5)


@pytest.mark.parametrize("weights", [[2.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
def test_weights_count_examples(weights):
    p, data = make(), binary(N_VISIBLE)[[1, 3, 6]]
    machine = RBM(N_VISIBLE, N_HIDDEN)
    weights = np.asarray(weights)
    (found,), _ = machine.estimate_gradient([p], data, data, KEY, weights)
    h = boltzmann.hidden_probabilities(p, data)
    v_model, h_model = boltzmann.gibbs(p, h, KEY, 1)
    np.testing.assert_allclose(
        found["w"], ((weights[:, None] * h_model).T @ v_model - (weights[:, None] * h).T @ data) / 3
    )
    (persistent,), _ = RBM(N_VISIBLE, N_HIDDEN, chains=2).estimate_gradient(
        [{**p, "chains": data[:2]}], data, data, KEY, weights
    )
    h_chain = boltzmann.hidden_probabilities(p, data[:2])
    v_chain, _ = boltzmann.gibbs(p, h_chain, KEY, 1)
    np.testing.assert_allclose(persistent["b"], weights.mean() * v_chain.mean(0) - weights @ data / 3)


MACHINES = {
    "binary": RBM(5, 4),
    "three steps": RBM(5, 4, k=3),
    "chains": RBM(5, 4, k=2, chains=6),
    "labels": RBM(3, 4, n_labels=2),
    "labels and chains": RBM(3, 4, n_labels=2, chains=6),
}
each_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def batch(machine: RBM, m: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    x = rng.uniform(size=(m, machine.n_visible))
    return x, np.eye(machine.n_labels)[rng.integers(0, machine.n_labels, m)] if machine.n_labels else x


@each_machine
def test_steps_on_arrays_of_the_standard_give_the_same_numbers(machine):
    x, y = batch(machine)
    descent, results = Descent(machine, Adam(), L2(0.1), 50), []
    for xp in (np, array_api_strict):
        params = convert(xp, machine.init(3))
        state = descent.optimizer.init(params)
        for step in range(2):
            key = random.fold(key_in(xp, KEY), step)
            params, state = descent.step(params, state, xp.asarray(x), xp.asarray(y), 0.1, key)
        results.append(convert(np, params))
    same(*results)
    assert np.abs(results[0][0]["w"] - machine.init(3)[0]["w"]).max() > 1e-2


@each_machine
def test_a_step_is_pure(machine):
    x, y = batch(machine)
    descent, params = Descent(machine, Momentum(0.5), L2(0.1), 50), machine.init(3)
    state = descent.optimizer.init(params)
    freeze((params, x, y, state))
    before = [{name: leaf.copy() for name, leaf in params[0].items()}]
    same(descent.step(params, state, x, y, 0.1, KEY), descent.step(params, state, x, y, 0.1, KEY))
    same(params, before)


@each_machine
def test_single_precision_stays_single(machine):
    x, y = (each.astype(np.float32) for each in batch(machine))
    params = [{name: leaf.astype(np.float32) for name, leaf in machine.init(3)[0].items()}]
    params, _ = Descent(machine, SGD(), None, 50).step(params, {}, x, y, np.float32(0.1), KEY)
    assert {leaf.dtype for leaf in params[0].values()} == {np.dtype("float32")}


@settings(max_examples=25)
@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from([0, 2, 3]),
    st.integers(1, 3),
    st.integers(0, 4),
    st.integers(1, 5),
)
def test_every_shape(n_visible, n_hidden, n_labels, k, chains, examples):
    machine = RBM(n_visible, n_hidden, n_labels, k, chains)
    params, (x, y) = machine.init(0), batch(machine, examples)
    (grads,), caches = machine.estimate_gradient(params, x, y, KEY)
    after = machine.after_step(params, caches)
    shapes = {name: leaf.shape for name, leaf in params[0].items()}
    assert {name: leaf.shape for name, leaf in grads.items()} == shapes
    assert {name: leaf.shape for name, leaf in after[0].items()} == shapes
    z = machine.forward(params, x)[0]
    assert z.shape == (examples, machine.n_out)
    if chains and n_labels:
        assert (after[0]["chains"][:, -n_labels:].sum(1) == 1).all()


def test_the_energies_of_labels_classify_by_bayes():
    p = make(5)
    x = binary(3)
    _, _, joint = count_probabilities(p, 2)
    z, _ = RBM(3, N_HIDDEN, n_labels=2).forward([p], x)
    expected = joint.sum(1).reshape(len(x), 2)
    np.testing.assert_allclose(LogLikelihood().activation(z), expected / expected.sum(1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize("wrong", [{"n_visible": 0}, {"n_hidden": 1.5}, {"k": 0}, {"chains": -1}, {"n_labels": "ten"}])
def test_invalid_sizes(wrong):
    with pytest.raises(InvalidArgument) as caught:
        RBM(**{"n_visible": 4, "n_hidden": 3, **wrong})
    assert caught.value.argument in wrong
