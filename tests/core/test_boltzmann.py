"""Boltzmann machines against sums over all their states, finite differences and JAX."""

from __future__ import annotations

from typing import Any

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.core import boltzmann, partition, random
from deltarule.core.boltzmann import contrastive_divergence
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.optimizers import SGD, Adam, Momentum
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L2
from deltarule.errors import InvalidArgument, ShapeError

from .measures import agree, convert, differences, freeze, key_in, same

KEY = random.key(5)
N_VISIBLE, N_HIDDEN = 4, 3


def make(n_visible: int = N_VISIBLE, n_hidden: int = N_HIDDEN, scale: float = 1.0, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    shapes = {"w": (n_hidden, n_visible), "b": (n_visible,), "c": (n_hidden,)}
    return {name: scale * rng.normal(size=shape) for name, shape in shapes.items()}


def binary(n: int) -> np.ndarray:
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)


def visible_states(n: int, n_labels: int = 0) -> np.ndarray:
    """List all visible states; of the labels, the last units, one is 1."""
    pixels, labels = binary(n - n_labels), np.eye(n_labels) if n_labels else np.zeros((1, 0))
    return np.concatenate([np.repeat(pixels, len(labels), 0), np.tile(labels, (len(pixels), 1))], axis=1)


def count_probabilities(p: Any, n_labels: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute P(v, h) of all states from the energy alone: the states v, the states h, and a table."""
    v, h = visible_states(len(p["b"]), n_labels), binary(len(p["c"]))
    table = np.array([[np.exp(h_ @ p["w"] @ v_ + p["b"] @ v_ + p["c"] @ h_) for h_ in h] for v_ in v])
    return v, h, table / table.sum()


each_kind = pytest.mark.parametrize("n_labels", [0, 2], ids=["binary", "labels"])


@each_kind
def test_energies_and_conditional_probabilities_are_those_of_the_table(n_labels):
    p = make()
    v, h, joint = count_probabilities(p, n_labels)
    pairs = np.repeat(v, len(h), 0), np.tile(h, (len(v), 1))
    log_z = partition.count_log_partition(p, n_labels)
    np.testing.assert_allclose(np.exp(-boltzmann.energy(p, *pairs) - log_z), joint.ravel(), rtol=1e-12)
    np.testing.assert_allclose(np.exp(-boltzmann.free_energy(p, v) - log_z), joint.sum(1), rtol=1e-12)
    hidden, visible = joint.sum(0), joint.sum(1)
    np.testing.assert_allclose(boltzmann.hidden_probabilities(p, v), joint @ h / visible[:, None], rtol=1e-12)
    np.testing.assert_allclose(
        boltzmann.visible_probabilities(p, h, n_labels), joint.T @ v / hidden[:, None], rtol=1e-12
    )
    np.testing.assert_allclose(np.exp(-partition.free_energy_of_hidden(p, h, n_labels) - log_z), hidden, rtol=1e-12)


def test_many_states_are_counted_in_parts(monkeypatch):
    p = make(n_hidden=6)
    whole = partition.count_log_partition(p), partition.exact_gradient(p, binary(4))
    monkeypatch.setattr(partition, "PART", 5)
    np.testing.assert_allclose(partition.count_log_partition(p), whole[0], rtol=1e-13)
    for name, gradient in partition.exact_gradient(p, binary(4)).items():
        np.testing.assert_allclose(gradient, whole[1][name], atol=1e-13)


@each_kind
def test_the_exact_gradient_is_the_derivative_of_the_likelihood(n_labels):
    p, v = make(), visible_states(N_VISIBLE, n_labels)[1::3]

    def cost(p: Any) -> Any:  # the mean of −ln P(v)
        xp = p["b"].__array_namespace__()
        states = xp.asarray(visible_states(N_VISIBLE, n_labels))
        log_z = xp.log(xp.sum(xp.exp(-boltzmann.free_energy(p, states))))
        return xp.mean(boltzmann.free_energy(p, xp.asarray(v))) + log_z

    found = partition.exact_gradient(p, v, n_labels)
    with jax.enable_x64(True):
        oracle = jax.grad(cost)(jax.tree.map(jnp.asarray, p))
    for name in p:
        agree(found[name], oracle[name], 1e-9, name)
        agree(found[name], differences(lambda leaf, n=name: cost({**p, n: leaf}), p[name]), 1e-6, name)


def count_contrastive_divergence(p: Any, data: np.ndarray, k: int, n_labels: int) -> dict[str, np.ndarray]:
    """Compute the mean of CD-k's estimate: the distribution of all visible states after k steps from each example."""
    v, _, joint = count_probabilities(p, n_labels)
    given_h, given_v = joint / joint.sum(0), joint / joint.sum(1, keepdims=True)
    start = [int(np.flatnonzero((v == example).all(1))[0]) for example in data]
    after = np.linalg.matrix_power(given_v @ given_h.T, k)[start].mean(0)  # P(v') after k steps
    h = boltzmann.hidden_probabilities(p, v)
    model = {"w": (h * after[:, None]).T @ v, "b": after @ v, "c": after @ h}
    return {name: model[name] - average for name, average in boltzmann.averages(data, h[start]).items()}


@each_kind
@pytest.mark.parametrize("k", [1, 3])
def test_the_mean_of_contrastive_divergence_is_its_expectation(k, n_labels):
    """The mean of 20,000 estimates is within 5 standard errors, which one of the 19 numbers exceeds in 1 of 90,000."""
    p, data, repeats = make(), visible_states(N_VISIBLE, n_labels)[[1, 3, 6]], 20_000
    # many copies of the examples in one mini-batch are as many independent chains
    estimates, _ = contrastive_divergence(p, np.tile(data, (repeats, 1)), KEY, k, n_labels)
    expected = count_contrastive_divergence(p, data, k, n_labels)
    for name, mean in expected.items():
        # each chain's term lies between 0 and 1, so its deviation is at most ½
        assert np.abs(estimates[name] - mean).max() < 5 * 0.5 / (len(data) * repeats) ** 0.5
        assert np.abs(mean).max() > 0.05  # far more than that bound, 0.01


@each_kind
def test_contrastive_divergence_tends_to_the_exact_gradient(n_labels):
    p, data = make(scale=3.0), visible_states(N_VISIBLE, n_labels)[[1, 3, 6]]
    exact = partition.exact_gradient(p, data, n_labels)
    off = [
        max(np.abs(count_contrastive_divergence(p, data, k, n_labels)[name] - exact[name]).max() for name in exact)
        for k in (1, 2, 4, 8, 64)
    ]
    assert off == sorted(off, reverse=True)
    assert off[0] > 0.04
    assert off[-1] < 1e-9


def test_persistent_chains_go_on_where_they_were():
    p, data, chains = make(), binary(N_VISIBLE)[[3]], binary(N_VISIBLE)[[5, 9]]
    found, states = contrastive_divergence(p, data, KEY, chains=chains)
    h = boltzmann.hidden_probabilities(p, chains)
    v_model, h_model = boltzmann.gibbs(p, h, KEY, 1)
    same(states, v_model)
    data_averages = boltzmann.averages(data, boltzmann.hidden_probabilities(p, data))
    model = boltzmann.averages(v_model, h_model)
    same(found, {name: model[name] - data_averages[name] for name in model})


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


@each_kind
def test_gibbs_sampling_is_in_detailed_balance(n_labels):
    """Counted moves from v to v', started from P(v), are as frequent as those from v' to v, within 5 deviations."""
    p, draws = make(), 100_000
    v, _, joint = count_probabilities(p, n_labels)
    start = np.random.default_rng(1).choice(len(v), draws, p=joint.sum(1))
    after, _ = boltzmann.gibbs(p, boltzmann.hidden_probabilities(p, v[start]), KEY, 1, n_labels)
    moves = np.zeros((len(v), len(v)))
    np.add.at(moves, (start, (after[:, None, :] == v).all(2).argmax(1)), 1)
    assert (np.abs(moves - moves.T) <= 5 * np.sqrt(moves + moves.T + 1)).all()
    expected = draws * joint @ (joint / joint.sum(0)).T  # Σ_h P(v, h) P(v' | h)
    assert (np.abs(moves - expected) <= 5 * np.sqrt(expected + 1)).all()


@each_kind
def test_importance_sampling_agrees_with_counting(n_labels):
    """In 20 estimates the errors, in standard errors, have a root mean square between ½ and 2."""
    p = make(n_visible=8, n_hidden=6, scale=1.5)
    exact = partition.count_log_partition(p, n_labels)
    found = [partition.estimate_log_partition(p, random.key(i), 100, 50, n_labels=n_labels) for i in range(20)]
    errors = np.array([(each.log_z - exact) / each.standard_error for each in found])
    assert 0.5 < np.sqrt((errors**2).mean()) < 2
    assert max(each.standard_error for each in found) < 0.3


def test_a_base_near_the_machine_makes_the_estimate_better():
    p = make(n_visible=8, n_hidden=6) | {"b": np.linspace(-6, 6, 8)}
    plain = partition.estimate_log_partition(p, KEY, 200, 50)
    near = partition.estimate_log_partition(p, KEY, 200, 50, base=p["b"])
    assert near.standard_error < plain.standard_error / 2
    assert abs(near.log_z - partition.count_log_partition(p)) < 4 * near.standard_error


def test_too_many_hidden_units_cannot_be_counted():
    with pytest.raises(ShapeError) as caught:
        partition.count_log_partition(make(n_hidden=26))
    assert (caught.value.argument, caught.value.value) == ("n_hidden", 26)


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


@settings(max_examples=25, deadline=None)
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


def test_a_drawn_label_has_its_probability():
    """Of 50,000 draws each share is within 5 standard errors, at most 5 · ½ / √50,000."""
    probabilities = np.asarray([0.1, 0.0, 0.6, 0.3])
    labels = boltzmann.draw_label(KEY, np.tile(probabilities, (50_000, 1)))
    assert (labels.sum(1) == 1).all()
    np.testing.assert_allclose(labels.mean(0), probabilities, atol=2.5 / 50_000**0.5)
    assert labels[:, 1].sum() == 0


@pytest.mark.parametrize("wrong", [{"n_visible": 0}, {"n_hidden": 1.5}, {"k": 0}, {"chains": -1}, {"n_labels": "ten"}])
def test_invalid_sizes(wrong):
    with pytest.raises(InvalidArgument) as caught:
        RBM(**{"n_visible": 4, "n_hidden": 3, **wrong})
    assert caught.value.argument in wrong
