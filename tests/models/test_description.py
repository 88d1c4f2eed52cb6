"""Descriptions name classes and never import them."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule.core.activations import ELU, LeakyReLU, ReLU, Sigmoid, Tanh
from deltarule.core.costs import CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.initializers import Default, He, Large
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum, Nesterov
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau
from deltarule.data.encodings import Bits, OneHot, OneVsRest, Real
from deltarule.errors import FileError
from deltarule.models.description import build, describe

THINGS = (
    Network([Dropout(0.3), Dense(4, Large()), ELU(2.0), Dense(3, He())], Quadratic(Tanh()), (5,)),
    Network([Dense(4, Default()), LeakyReLU(0.1), Dense(3)], LogLikelihood(), (5,)),
    Network.dense([2, 3, 1]),
    Network.dense([2, 3], cost=LabelSmoothing(CrossEntropy(), 0.2)),
    *(SGD(), Momentum(0.5), Nesterov(0.25), Adam(0.7, 0.9, 0.1), ExponentialMovingAverage(Momentum(0.5), 0.9)),
    *(L1(0.1), L2(0.1), Constant(0.3), Exponential(1.0, 0.9), ReduceOnPlateau(0.5, 3, 0.25), OneCycle(0.1, 0.4)),
    *(OneHot(3), Bits(4), OneVsRest(9), Real(), None),
)


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: type(thing).__name__)
def test_build_reverses_describe_through_json(thing):
    assert build(json.loads(json.dumps(describe(thing)))) == thing


@given(
    st.lists(st.sampled_from([Sigmoid(), ReLU(), Tanh()]) | st.floats(0, 0.99).map(Dropout), max_size=4),
    st.integers(1, 50),
    st.sampled_from([CrossEntropy(), LogLikelihood(), Quadratic()]),
)
@settings(max_examples=50)
def test_build_reverses_describe_for_any_network(layers, n, cost):
    network = Network([*layers, Dense(n)], cost, (7,))
    assert build(json.loads(json.dumps(describe(network)))) == network


@pytest.mark.parametrize(
    "name", ["os.system", "eval", "__import__", "Path", "field", "Protocol", "Cost", "deltarule.core.layers.Dense", ""]
)
def test_build_refuses_the_names_of_other_classes(name):
    before = set(sys.modules)
    with pytest.raises(
        FileError,
        match="custom=",
        check=has(expected="the name of a class of this version of deltarule", value=name),
    ):
        build({"type": name})
    assert set(sys.modules) == before


def test_a_custom_class_hides_the_librarys_class_of_the_same_name():
    class Dense:
        def __init__(self, n_out):
            self.n_out = n_out

    assert type(build({"type": "Dense", "n_out": 3}, [Dense])) is Dense


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ({"type": "Dense"}, "description of Dense: expected the fields"),
        ({"type": "Dense", "n_out": 0}, "description of Dense: n_out of Dense: expected"),
        ({"type": "Dense", "n_out": "3"}, "description of Dense: n_out of Dense: expected"),
        ({"type": "Momentum", "mu": 2.0}, "description of Momentum: mu of Momentum: expected"),
        ({"type": "OneHot", "n_out": 3, "import": "os"}, "description of OneHot: expected the fields"),
        (
            {"type": "LabelSmoothing", "cost": 3},
            "description of LabelSmoothing: cost of LabelSmoothing: expected a cost of one answer",
        ),
        (
            {"type": "ExponentialMovingAverage", "optimizer": {"type": "L2", "lmbda": 1}},
            "description of ExponentialMovingAverage: optimizer of ExponentialMovingAverage: expected",
        ),
        ({"type": 3}, "got 3"),
        ({"type": None}, "got None"),
    ],
)
def test_build_refuses_fields_that_do_not_fit_the_class(description, said):
    with pytest.raises(FileError, match=said):
        build(description)
