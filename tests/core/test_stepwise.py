"""Recurrent networks one step at a time: the same as whole sequences."""

from __future__ import annotations

import numpy as np
import pytest

import deltarule as dr
from deltarule.core.stepwise import advance, is_stepwise, start_states

COST = dr.CrossEntropy()
NETWORKS = (
    dr.Network([dr.Recurrent(3), dr.EachStep(dr.Dense(2)), dr.Flatten()], COST, (6, 2)),
    dr.Network([dr.GRU(3), dr.Dropout(0.5), dr.EachStep(dr.Dense(2)), dr.Flatten()], COST, (6, 2)),
    dr.Network([dr.LSTM(3), dr.Tanh(), dr.GRU(4), dr.LSTM(2), dr.Flatten()], COST, (6, 2)),
    dr.Network([dr.EachStep(dr.Dense(2)), dr.Flatten()], COST, (6, 2)),
    dr.Network([dr.BatchNorm(), dr.LSTM(3), dr.BatchNorm(), dr.Flatten()], COST, (6, 2)),
)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_steps_are_the_steps_of_a_whole_sequence(network):
    assert is_stepwise(network)
    params, x = network.init(1), np.random.default_rng(1).normal(size=(4, 6, 2))
    params = [{name: leaf + 0.3 for name, leaf in p.items()} for p in params]
    states, found = start_states(network, params, 4), []
    for t in range(6):
        z, states = advance(network, params, x[:, t], states)
        found.append(z)
    np.testing.assert_allclose(np.concatenate(found, axis=1), network.forward(params, x)[0], rtol=0, atol=1e-12)


def test_states_pass_on_and_are_not_changed():
    network = NETWORKS[2]
    params, x = network.init(1), np.ones((1, 2))
    first = start_states(network, params, 1)
    assert [[s.shape for s in state] for state in first] == [[(1, 3)] * 2, [(1, 4)], [(1, 2)] * 2]
    z, second = advance(network, params, x, first)
    again, _ = advance(network, params, x, first)
    later, _ = advance(network, params, x, second)
    assert np.array_equal(z, again)
    assert not np.allclose(z, later)


@pytest.mark.parametrize(
    "layers",
    [
        [dr.LSTM(3), dr.LastStep(), dr.Dense(2)],
        [dr.LSTM(3), dr.Flatten(), dr.Dense(12)],
        [dr.LSTM(3), dr.MeanOverSteps(), dr.Flatten()],
    ],
    ids=str,
)
def test_networks_that_mix_steps_are_not_stepwise(layers):
    assert not is_stepwise(dr.Network(layers, COST, (6, 2)))
