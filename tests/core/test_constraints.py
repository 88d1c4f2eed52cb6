"""Constraints: an error names every invalid argument with its value."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from deltarule.core.activations import ELU, LeakyReLU, ShiftedSigmoid
from deltarule.core.constraints import number, whole
from deltarule.core.convolution import Conv
from deltarule.core.costs import CrossEntropy, LabelSmoothing
from deltarule.core.distortions import Affine, Elastic, Shift
from deltarule.core.initializers import FanOut
from deltarule.core.layers import Dense, Dropout
from deltarule.core.newton import newton_step
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum, Nesterov
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau
from deltarule.errors import InvalidArgument

NUMBERS = {
    "p": [Dropout],
    "mu": [Momentum, Nesterov],
    "beta1": [Adam],
    "beta2": [partial(Adam, 0.9)],
    "epsilon": [partial(Adam, 0.9, 0.9), BatchNorm, partial(LabelSmoothing, CrossEntropy())],
    "momentum": [partial(BatchNorm, 1e-5)],
    "decay": [partial(ExponentialMovingAverage, SGD())],
    "value": [Constant],
    "start": [partial(Exponential, rate=0.5), ReduceOnPlateau],
    "peak": [OneCycle],
    "rate": [partial(Exponential, 1.0)],
    "rise": [partial(OneCycle, 1.0)],
    "stop_at": [partial(ReduceOnPlateau, 1.0, 10)],
    "lmbda": [L1, L2],
    "a": [LeakyReLU, ELU],
    "scale": [ShiftedSigmoid],
    "shift": [partial(ShiftedSigmoid, 1.0), partial(Affine, 1.0)],
    "rotation": [Affine],
    "sigma": [partial(Elastic, 1.0)],
    "damping": [partial(newton_step, lambda p: p, [{"w": np.ones(1)}])],
}


@pytest.mark.parametrize("value", ["0.9", None, True, 0.5j, [0.5]])
@pytest.mark.parametrize(("name", "make"), [(name, make) for name, makes in NUMBERS.items() for make in makes])
def test_values_that_are_not_numbers_are_refused(name, make, value):
    with pytest.raises(InvalidArgument) as raised:
        make(value)
    assert (raised.value.argument, raised.value.value) == (name, value)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int64(1)])
def test_number_accepts_every_numeric_type(value):
    assert number().accepts(value)


WHOLE = [Dense, partial(Conv, kernel=3), partial(Conv, 3), MaxPool, partial(MaxPool, 2), L2Pool, FanOut, Shift]


@pytest.mark.parametrize("value", [True, 1.0, "2", (True, 2)])
@pytest.mark.parametrize("make", WHOLE)
def test_values_that_are_not_whole_numbers_are_refused(make, value):
    with pytest.raises(InvalidArgument) as raised:
        make(value)
    assert raised.value.value == value
    assert raised.value.expected.startswith("a whole number ")


def test_whole_numbers():
    assert whole(1).accepts(10**300)
    assert not whole(1).accepts(10**5000)
    assert whole(1).accepts(np.uint8(1))
    assert not whole(0).accepts(np.int64(-1))
    assert not whole(0).accepts(np.bool_(True))
    assert not whole(0).accepts(np.float64(1))
    assert not whole(1).accepts(0)
    assert not whole(0, 2**64 - 1).accepts(2**64)


def test_expected_shows_the_bounds_exactly():
    assert whole(1, 10**7).expected == "a whole number from 1 to 10000000"
