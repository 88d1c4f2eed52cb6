"""Regularization: gradients against finite differences of the values, and no effect on biases."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.activations import Sigmoid
from deltarule.core.layers import Dense
from deltarule.core.regularizers import L1, L2, add_penalty_gradients, penalty
from deltarule.errors import InvalidArgument

from .measures import agree, differences, freeze

W = np.asarray([[1.0, -2.0, 0.5], [3.0, -0.25, 4.0]])
LAYERS = (Dense(2), Sigmoid(), Dense(1))
PARAMS = [{"w": W, "b": np.asarray([5.0, 6.0])}, {}, {"w": np.asarray([[2.0, -1.0]]), "b": np.asarray([7.0])}]
freeze(PARAMS)


def test_values_by_hand():
    # Σw² = 1 + 4 + 1/4 + 9 + 1/16 + 16 and Σ|w| = 10.75
    assert L2(5.0).value(W, 50) == pytest.approx(30.3125 * 5 / 100)
    assert L1(5.0).value(W, 50) == pytest.approx(10.75 * 5 / 50)


def test_gradients_by_hand():
    np.testing.assert_allclose(L2(5.0).gradient(W, 50), [[0.1, -0.2, 0.05], [0.3, -0.025, 0.4]])
    np.testing.assert_allclose(L1(5.0).gradient(W, 50), [[0.1, -0.1, 0.1], [0.1, -0.1, 0.1]])


def check_gradient(regularizer) -> None:
    agree(regularizer.gradient(W, 20), differences(lambda w: regularizer.value(w, 20), W), 1e-6, "w")


@pytest.mark.parametrize("regularizer", [L2(5.0), L1(5.0)], ids=str)
def test_gradient_is_the_slope_of_the_value(regularizer):
    check_gradient(regularizer)


def test_the_sign_of_zero_is_zero():
    assert L1(1.0).gradient(np.asarray([0.0, -0.0, 2.0]), 1).tolist() == [0.0, 0.0, 1.0]


def check_biases_are_free() -> None:
    """Check the gradient of the whole cost: the penalty acts on the weights of both layers, not on the biases."""
    grads = [{"w": np.zeros((2, 3)), "b": np.asarray([1.0, 2.0])}, {}, {"w": np.ones((1, 2)), "b": np.asarray([3.0])}]
    found = add_penalty_gradients(L2(5.0), LAYERS, PARAMS, grads, 50)
    np.testing.assert_allclose(found[0]["w"], W / 10)
    np.testing.assert_allclose(found[2]["w"], [[1.2, 0.9]])
    assert [found[0]["b"].tolist(), found[1], found[2]["b"].tolist()] == [[1.0, 2.0], {}, [3.0]]
    assert penalty(L2(5.0), LAYERS, PARAMS, 50) == pytest.approx((30.3125 + 5) * 5 / 100)
    assert penalty(L1(5.0), LAYERS, PARAMS, 50) == pytest.approx((10.75 + 3) * 5 / 50)


def test_biases_are_free():
    check_biases_are_free()


def test_no_regularizer_changes_nothing():
    assert add_penalty_gradients(None, LAYERS, PARAMS, PARAMS, 50) is PARAMS
    assert penalty(None, LAYERS, PARAMS, 50) == 0


@pytest.mark.parametrize("lmbda", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", [L1, L2])
def test_lambda_is_a_number_from_0(kind, lmbda):
    with pytest.raises(InvalidArgument) as error:
        kind(lmbda)
    assert (error.value.argument, error.value.owner) == ("lmbda", kind.__name__)
