"""Energies, Gibbs sampling and contrastive divergence against sums over all states of a machine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deltarule.core import boltzmann, partition
from deltarule.core.boltzmann import contrastive_divergence

from .machine_states import KEY, N_VISIBLE, binary, count_probabilities, each_kind, make, visible_states
from .measures import same


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


def test_a_drawn_label_has_its_probability():
    """Of 50,000 draws each share is within 5 standard errors, at most 5 · ½ / √50,000."""
    probabilities = np.asarray([0.1, 0.0, 0.6, 0.3])
    labels = boltzmann.draw_label(KEY, np.tile(probabilities, (50_000, 1)))
    assert (labels.sum(1) == 1).all()
    np.testing.assert_allclose(labels.mean(0), probabilities, atol=2.5 / 50_000**0.5)
    assert labels[:, 1].sum() == 0
