"""The partition function of Boltzmann machines: counted, estimated, and its derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deltarule.core import boltzmann, partition, random
from deltarule.errors import ShapeError

from .machine_states import KEY, N_VISIBLE, binary, each_kind, make, visible_states
from .measures import agree, differences, gradient_by_jax


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
    (oracle,) = gradient_by_jax(cost, p)
    for name in p:
        agree(found[name], oracle[name], 1e-9, name)
        agree(found[name], differences(lambda leaf, n=name: cost({**p, n: leaf}), p[name]), 1e-6, name)


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
