"""The cost of each step by hand: steps after the end, and steps without a label, do not count."""

from __future__ import annotations

import numpy as np
import pytest

from deltarule.core.costs import CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.layers import Dense, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep
from deltarule.errors import InvalidArgument, ShapeError

Z = np.random.default_rng(0).normal(size=(2, 6))
Y = np.eye(2)[[[0, 1, 1], [1, 0, 0]]].reshape(2, 6)


each_cost = pytest.mark.parametrize("inner", [LogLikelihood(), CrossEntropy(), Quadratic()], ids=str)


@each_cost
def test_the_cost_of_a_sequence_is_the_sum_over_its_steps(inner):
    each = SumOverSteps(inner, 2)
    steps = [inner.value(Z[:, 2 * t : 2 * t + 2], Y[:, 2 * t : 2 * t + 2]) for t in range(3)]
    np.testing.assert_allclose(each.value(Z, Y), sum(steps), rtol=1e-14)
    for t in range(3):
        part = slice(2 * t, 2 * t + 2)
        np.testing.assert_allclose(each.delta(Z, Y)[:, part], inner.delta(Z[:, part], Y[:, part]), rtol=1e-14)
        np.testing.assert_allclose(each.activation(Z)[:, part], inner.activation(Z[:, part]), rtol=1e-14)
    weights = np.asarray([0.5, 3.0])
    alone = [each.value(Z[i : i + 1], Y[i : i + 1]) for i in range(2)]
    np.testing.assert_allclose(each.weighted_value(Z, Y, weights), weights @ alone / 2, rtol=1e-14)


@each_cost
def test_steps_after_the_end_do_not_count(inner):
    cost = SumOverSteps(inner, 2)
    y = cost.leave_out_padding(Y, np.asarray([1, 3]))
    assert np.isnan(y).tolist() == [[False, False, True, True, True, True], [False] * 6]
    np.testing.assert_allclose(
        cost.value(Z, y), (inner.value(Z[:1, :2], Y[:1, :2]) + cost.value(Z[1:], Y[1:])) / 2, rtol=1e-14
    )
    delta = cost.delta(Z, y)
    assert delta[0, 2:].tolist() == [0.0] * 4
    np.testing.assert_array_equal(delta[1], cost.delta(Z, Y)[1])
    np.testing.assert_array_equal(cost.leave_out_padding(Y, None), Y)


@each_cost
def test_a_step_without_a_label_does_not_count(inner):
    cost = SumOverSteps(inner, 2)
    y = Y.copy()
    y[0, 3] = np.nan
    assert cost.delta(Z, y)[0, 2:4].tolist() == [0.0, 0.0]
    left_out = inner.value(Z[:1, 2:4], Y[:1, 2:4]) / 2
    np.testing.assert_allclose(cost.value(Z, y), cost.value(Z, Y) - left_out, rtol=1e-13)


@pytest.mark.parametrize("inner", [LogLikelihood(), LabelSmoothing(LogLikelihood(), 0.2)], ids=str)
def test_a_number_of_outputs_that_does_not_divide_those_of_the_network_is_refused(inner):
    layers = [LSTM(3), EachStep(Dense(4)), Flatten()]
    assert Network(layers, SumOverSteps(inner, 4), (5, 2)).n_out == 20
    with pytest.raises(
        ShapeError, match="n_out of SumOverSteps: expected a divisor of the network's 20 outputs, got 3"
    ):
        Network(layers, SumOverSteps(inner, 3), (5, 2))


@pytest.mark.parametrize("outer", [LabelSmoothing, lambda cost: SumOverSteps(cost, 2)], ids=["smoothed", "summed"])
def test_a_sum_over_steps_goes_around_other_costs(outer):
    with pytest.raises(InvalidArgument, match="expected a cost of one answer, such as CrossEntropy"):
        outer(SumOverSteps(LogLikelihood(), 2))


@pytest.mark.parametrize(("settings", "argument"), [(("quadratic", 2), "cost"), ((CrossEntropy(), 0), "n_out")])
def test_invalid_settings_are_refused(settings, argument):
    with pytest.raises(InvalidArgument) as error:
        SumOverSteps(*settings)
    assert error.value.argument == argument
