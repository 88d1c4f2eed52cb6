"""Activation functions: values by hand, limits, and statements of the book."""

from __future__ import annotations

from math import e, exp, log

import numpy as np
import pytest

from deltarule.core.activations import ELU, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh, sigmoid
from deltarule.errors import InvalidArgument

from .table import ACTIVATIONS


@pytest.mark.parametrize(
    ("z", "a"),
    [
        (0.0, 0.5),
        (1.5, 0.8176),  # chapter 3: the neuron with w = 0.6, b = 0.9 and the input 1
        (4.0, 0.9820),  # and the one with w = 2, b = 2
        (log(3), 0.75),
        (-log(3), 0.25),
    ],
)
def test_sigmoid_by_hand(z, a):
    assert sigmoid(np.asarray(z)) == pytest.approx(a, abs=5e-5)


def test_sigmoid_is_exact_far_out():
    found = sigmoid(np.asarray([-700.0, -40.0, 40.0, 1e4, -1e4]))
    np.testing.assert_allclose(found, [exp(-700), exp(-40), 1.0, 1.0, 0.0], rtol=1e-15)


@pytest.mark.parametrize(
    ("activation", "z", "a", "slope"),
    [
        (Sigmoid(), log(3), 0.75, 0.1875),
        (ShiftedSigmoid(), log(3), 0.25, 0.1875),
        (ShiftedSigmoid(2, -1), log(3), 0.5, 0.375),
        (Tanh(), log(3) / 2, 0.5, 0.75),
        (Linear(), -7.0, -7.0, 1.0),
        (LeakyReLU(), -2.0, -0.02, 0.01),
        (LeakyReLU(0.25), -2.0, -0.5, 0.25),
        (LeakyReLU(0.25), 2.0, 2.0, 1.0),
        (ReLU(), -2.0, 0.0, 0.0),
        (ReLU(), 3.0, 3.0, 1.0),
        (ELU(), -1.0, 1 / e - 1, 1 / e),
        (ELU(2.0), -log(4), -1.5, 0.5),
        (ELU(2.0), 3.0, 3.0, 1.0),
    ],
    ids=str,
)
def test_value_and_slope_by_hand(activation, z, a, slope):
    z = np.asarray([z])
    assert activation.function(z) == pytest.approx([a], abs=1e-15)
    assert activation.derivative(z, activation.function(z)) == pytest.approx([slope], abs=1e-15)


@pytest.mark.parametrize(
    ("activation", "slope"), [(ReLU(), 0.0), (LeakyReLU(0.25), 0.25), (ELU(2.0), 2.0), (Sigmoid(), 0.25)], ids=str
)
def test_slope_at_zero(activation, slope):
    zero = np.asarray([0.0])
    assert activation.derivative(zero, activation.function(zero)).tolist() == [slope]


def test_the_slope_of_sigmoid_is_at_most_a_quarter():
    z = np.linspace(-50, 50, 100_001)
    slopes = Sigmoid().derivative(z, Sigmoid().function(z))
    assert slopes.max() == 0.25
    assert z[slopes.argmax()] == 0
    assert slopes.min() >= 0


def test_two_sigma_minus_one_is_tanh_of_half():
    z = np.linspace(-8, 8, 101)
    np.testing.assert_allclose(ShiftedSigmoid(2, -1).function(z), np.tanh(z / 2), atol=1e-15)


def test_backward_uses_the_caches_of_its_own_forward():
    a, cache = Tanh().forward({}, np.asarray([[log(3) / 2]]))
    d_z, grads = Tanh().backward({}, cache, np.asarray([[4.0]]))
    assert a == pytest.approx(np.asarray([[0.5]]))
    assert d_z == pytest.approx(np.asarray([[3.0]]))
    assert grads == {}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_far_out_values_are_finite_and_give_no_warning(activation, dtype):
    z = np.asarray([-1e4, -200, -100, 0, 100, 200, 1e4], dtype=dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a = activation.function(z)
        slope = activation.derivative(z, a)
    assert a.dtype == slope.dtype == dtype
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


@pytest.mark.parametrize("a", [-0.1, 1.0, float("nan")])
def test_leaky_relu_refuses_slopes_out_of_range(a):
    with pytest.raises(InvalidArgument) as error:
        LeakyReLU(a)
    assert (error.value.argument, error.value.owner) == ("a", "LeakyReLU")


@pytest.mark.parametrize("a", [0.0, -1.0, float("nan")])
def test_elu_refuses_a_of_0_or_below(a):
    with pytest.raises(InvalidArgument) as error:
        ELU(a)
    assert (error.value.argument, error.value.owner) == ("a", "ELU")


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
@pytest.mark.parametrize("argument", ["scale", "shift"])
def test_a_shifted_sigmoid_is_finite(argument, number):
    with pytest.raises(InvalidArgument) as error:
        ShiftedSigmoid(**{argument: number})
    assert error.value.argument == argument


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_bounds_hold_and_are_reached(activation):
    values = activation.function(np.asarray([-1e6, *np.linspace(-40, 40, 801), 1e6]))
    low, high = activation.bounds
    assert low <= values.min()
    assert values.max() <= high
    assert values.min() == pytest.approx(low) or (low == -np.inf and values.min() < -1e3)
    assert values.max() == pytest.approx(high) or (high == np.inf and values.max() > 1e3)
