"""What a constructor refuses: every number of the core that is none is told by its name and its value."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from deltarule.core.activations import ELU, LeakyReLU, ShiftedSigmoid
from deltarule.core.checks import check_numbers, is_whole
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
    "eta": [Constant, partial(Exponential, rate=0.5), ReduceOnPlateau, OneCycle],
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
def test_what_is_no_number(name, make, value):
    with pytest.raises(InvalidArgument) as raised:
        make(value)
    assert str(raised.value).endswith(f": {name} must be a number, not {value!r}")


@pytest.mark.parametrize("number", [1, 0.5, np.float32(0.5), np.int64(1)])
def test_numbers_of_every_kind(number):
    check_numbers("here", p=number)


WHOLE = [Dense, partial(Conv, kernel=3), partial(Conv, 3), MaxPool, partial(MaxPool, 2), L2Pool, FanOut, Shift]


@pytest.mark.parametrize("value", [True, 1.0, "2", (True, 2)])
@pytest.mark.parametrize("make", WHOLE)
def test_what_is_no_whole_number(make, value):
    with pytest.raises(InvalidArgument, match="whole number from") as raised:
        make(value)
    assert repr(value) in str(raised.value)


def test_whole_numbers():
    assert is_whole(2**70, 1)
    assert is_whole(np.uint8(1), 1)
    assert not is_whole(np.int64(-1), 0)
    assert not is_whole(np.bool_(True), 0)
    assert not is_whole(np.float64(1), 0)
    assert not is_whole(0, 1)
