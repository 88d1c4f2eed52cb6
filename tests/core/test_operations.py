"""Named operations: every form computes the same, and the choice ends with its block."""

from __future__ import annotations

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import deltarule.engines.compiled  # noqa: F401 # whose forms they are
from deltarule.core.operations import choose, scan, scan_backwards, sum_of_outer_products


def by_hand(d, a):
    return np.einsum("nj,nk->jk", d, a)


@pytest.mark.parametrize("examples", [1, 2, 10, 32, 33])
@pytest.mark.parametrize("form", [None, *sum_of_outer_products.forms])
def test_sum_of_outer_products(form, examples):
    rng = np.random.default_rng(0)
    d, a = rng.normal(size=(examples, 3)), rng.normal(size=(examples, 5))
    with choose(*filter(None, [form])):
        np.testing.assert_allclose(sum_of_outer_products(d, a), by_hand(d, a), rtol=1e-12, atol=1e-13)
        strict = sum_of_outer_products(array_api_strict.asarray(d), array_api_strict.asarray(a))
        np.testing.assert_allclose(np.asarray(strict), by_hand(d, a), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("form", ["", "compiled loop"])
def test_scans(form):
    """Check the loop over time against a sum by hand, in both directions, with two arrays of states and no mask."""
    x = np.random.default_rng(0).normal(size=(5, 2, 3))

    def step(state, xs):
        total, count = state
        (x, nothing) = xs
        assert nothing is None
        total = 2 * total + x
        return (total, count + 1), (total, count * x)

    for operation, order in ((scan, range(5)), (scan_backwards, range(4, -1, -1))):
        with jax.enable_x64(True), choose(form):
            xp = jnp if form else np
            assert (form in operation.forms) == bool(form)
            last, found = operation(step, (xp.zeros((2, 3)), xp.zeros(())), (xp.asarray(x), None))
            (total, steps), (totals, counted) = map(np.asarray, last), map(np.asarray, found)
        expected = np.zeros((2, 3))
        for count, t in enumerate(order):
            expected = 2 * expected + x[t]
            np.testing.assert_allclose(totals[t], expected, rtol=1e-14)
            np.testing.assert_allclose(counted[t], count * x[t], rtol=1e-14)
        np.testing.assert_allclose(total, expected, rtol=1e-14)
        assert steps == 5


def test_the_first_form_that_there_is_serves_until_the_block_ends():
    calls = []
    forms = sum_of_outer_products.forms
    assert set(forms) == {"unrolled"}
    forms["counted"] = lambda d, a: calls.append("counted")
    one = np.ones((1, 1))
    try:
        with choose("unheard-of", "counted", "unrolled"):
            sum_of_outer_products(one, one)
            with choose():
                assert sum_of_outer_products(one, one).tolist() == [[1.0]]
            sum_of_outer_products(one, one)
        assert sum_of_outer_products(one, one).tolist() == [[1.0]]
    finally:
        del forms["counted"]
    assert calls == ["counted", "counted"]


def test_the_choice_ends_when_the_block_breaks():
    def broken():
        raise RuntimeError

    sum_of_outer_products.forms["broken"] = lambda d, a: broken()
    one = np.ones((1, 1))
    try:
        with pytest.raises(RuntimeError), choose("broken"):
            sum_of_outer_products(one, one)
        assert sum_of_outer_products(one, one).tolist() == [[1.0]]
    finally:
        del sum_of_outer_products.forms["broken"]
