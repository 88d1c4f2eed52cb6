"""Targets outside a cost's range are refused before the first step, all others accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.data import Bits, OneHot, OneVsRest, Real

X = np.random.default_rng(0).random((40, 3), dtype=np.float32)
SIGMOID, SOFTMAX = dr.CrossEntropy(), dr.LogLikelihood()
LINEAR, RELU, TANH = dr.Quadratic(dr.Linear()), dr.Quadratic(dr.ReLU()), dr.Quadratic(dr.Tanh())


def real(low: float, high: float) -> dr.Dataset:
    return dr.Dataset(X, np.linspace(low, high, len(X)), "prices", encoding=Real())


def labels(encoding) -> dr.Dataset:
    return dr.Dataset(X, np.arange(len(X)) % 4, "labels", encoding=encoding)


def fit(cost, data, **more):
    return dr.fit(dr.Network.dense([3, data.targets.shape[1]], cost=cost), data, epochs=1, engine="numpy", **more)


REFUSED = [
    (SIGMOID, real(1, 300), r"targets from 0 to 1, as CrossEntropy\(\) needs, got 1 to 300 in prices; scale"),
    (SIGMOID, real(-1, 1), "got -1 to 1 in prices"),
    (
        dr.LabelSmoothing(SIGMOID),
        real(0, 2),
        r"as LabelSmoothing\(cost=CrossEntropy\(\), epsilon=0.1\) needs, got 0 to",
    ),
    (dr.Quadratic(), real(0, 1.5), r"as Quadratic\(output=Sigmoid\(\)\) needs, .*, or use Quadratic\(Linear\(\)\)"),
    (TANH, real(-3, 0), "targets from -1 to 1, "),
    (dr.Quadratic(dr.ShiftedSigmoid(2, -1)), real(-3, 0), "targets from -1 to 1, "),
    (dr.Quadratic(dr.ShiftedSigmoid(-1, 1)), real(-1, 1), "targets from 0 to 1, "),
    (RELU, real(-1, 5), "targets of 0 or more, .* got -1 to 5"),
    (dr.Quadratic(dr.LeakyReLU(0)), real(-1, 5), "targets of 0 or more, "),
    (dr.Quadratic(dr.ELU(0.5)), real(-1, 5), "targets of -0.5 or more, "),
    (
        SOFTMAX,
        labels(Bits(2)),
        r"sum to 1, as LogLikelihood\(\) needs, got a sum of 0 in example 0 .* CrossEntropy\(\)",
    ),
    (SOFTMAX, labels(OneVsRest(0)), "got a sum of 0 in example 1 of labels"),
]


@pytest.mark.parametrize(("cost", "data", "message"), REFUSED, ids=str)
def test_targets_outside_a_costs_range_are_refused(cost, data, message):
    network = dr.Network.dense([3, data.targets.shape[1]], cost=cost)
    for train in (
        fit,
        lambda *given: dr.find_eta(network, data),
        lambda *given: dr.fit_many(network, data, [dr.Training()]),
    ):
        with pytest.raises(dr.errors.InvalidArgument, match=message, check=has(argument="train")):
            train(cost, data)


def test_targets_of_the_validation_set_are_checked():
    with pytest.raises(dr.errors.InvalidArgument, match="1 to 2 in prices", check=has(argument="validation")):
        fit(SIGMOID, real(0, 1), validation=real(1, 2))


@pytest.mark.parametrize(
    ("cost", "data"),
    [
        *((cost, real(0, 1)) for cost in (SIGMOID, dr.Quadratic(), LINEAR, RELU, TANH, dr.LabelSmoothing(SIGMOID))),
        *((cost, labels(OneHot(4))) for cost in (SIGMOID, SOFTMAX, dr.LabelSmoothing(SOFTMAX), LINEAR, RELU, TANH)),
        *((cost, labels(Bits(2))) for cost in (SIGMOID, dr.Quadratic(), LINEAR)),
        (LINEAR, real(-1e6, 1e6)),
        (dr.Quadratic(dr.LeakyReLU()), real(-5, 5)),
        (TANH, real(-1, 1)),
        (SIGMOID, real(0, 1.0005)),
    ],
    ids=str,
)
def test_targets_within_a_costs_range_are_accepted(cost, data):
    assert len(fit(cost, data, eta=1e-12).history) == 1


def test_a_users_cost_accepts_any_targets():
    @dataclass(frozen=True)
    class Absolute(dr.Cost):
        def activation(self, z):
            return z

        def value(self, z, y):
            return abs(z - y).sum() / len(z)

        def delta(self, z, y):
            return np.sign(z - y)

    fit(Absolute(), real(-5, 500))
