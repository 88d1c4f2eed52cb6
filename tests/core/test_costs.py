"""Costs: values of the book by hand, the proofs of chapter 3 in numbers, and stability far out."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from deltarule.core.activations import Linear, Sigmoid, Tanh
from deltarule.core.costs import COSTS as BY_NAME
from deltarule.core.costs import CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.errors import InvalidArgument

from .measures import agree, differences
from .table import COSTS, TARGETS

each_cost = pytest.mark.parametrize("cost", COSTS, ids=str)


def test_quadratic_by_hand():
    z = np.asarray([[0.0, log(3)], [log(3), 0.0]])  # a = (1/2, 3/4), (3/4, 1/2)
    y = np.asarray([[1.0, 0.0], [0.75, 0.5]])
    assert Quadratic().value(z, y) == pytest.approx((0.25 + 0.5625) / 2 / 2)
    np.testing.assert_allclose(Quadratic().delta(z, y), [[-0.5 / 4, 0.75 * 3 / 16], [0.0, 0.0]], atol=1e-16)


def test_quadratic_with_linear_outputs_does_not_slow_down():
    z, y = np.asarray([[10.0, -3.0]]), np.asarray([[0.0, -1.0]])
    assert Quadratic(Linear()).value(z, y) == 52.0
    assert Quadratic(Linear()).delta(z, y).tolist() == [[10.0, -2.0]]
    assert abs(Quadratic(Sigmoid()).delta(z, y)).max() < 0.05


def test_quadratic_with_tanh_outputs():
    z, y = np.asarray([[log(3) / 2]]), np.asarray([[1.0]])  # a = 1/2, a' = 3/4
    assert Quadratic(Tanh()).value(z, y) == pytest.approx(0.125)
    assert Quadratic(Tanh()).delta(z, y) == pytest.approx(np.asarray([[-0.375]]))


def test_cross_entropy_by_hand():
    z = np.asarray([[log(3), 0.0], [-log(3), 0.0]])  # a = (3/4, 1/2), (1/4, 1/2)
    y = np.asarray([[1.0, 0.0], [0.0, 0.5]])
    by_hand = (-log(0.75) - log(0.5) - log(0.75) - log(0.5)) / 2
    assert CrossEntropy().value(z, y) == pytest.approx(by_hand)
    np.testing.assert_allclose(CrossEntropy().delta(z, y), [[-0.25, 0.5], [0.25, 0.0]], atol=1e-16)


def test_cross_entropy_has_its_minimum_the_binary_entropy_at_a_equals_y():
    a = np.linspace(0.01, 0.99, 99)
    z = np.log(a / (1 - a))[:, None]
    values = [float(CrossEntropy().value(np.asarray([[log(0.3 / 0.7)]]), np.asarray([[0.3]])))]
    values += [float(CrossEntropy().value(row[None, :], np.asarray([[0.3]]))) for row in z]
    assert min(values) == pytest.approx(-(0.3 * log(0.3) + 0.7 * log(0.7)))
    assert a[int(np.argmin(values[1:]))] == pytest.approx(0.3)


def test_the_error_of_cross_entropy_does_not_depend_on_the_slope():
    # the single neuron of chapter 3 from (2, 2): a = 0.982, and the quadratic cost sees 55 times less of it
    z, y = np.asarray([[4.0]]), np.asarray([[0.0]])
    assert CrossEntropy().delta(z, y).item() == pytest.approx(0.9820, abs=5e-5)
    assert Quadratic().delta(z, y).item() == pytest.approx(0.9820 * 0.9820 * 0.0180, abs=5e-5)


def test_softmax_of_the_books_four_inputs():
    z = np.asarray([[2.5, -1.0, 3.2, 0.5]])
    e = [12.18249, 0.36788, 24.53253, 1.64872]  # from a table of exponentials; they sum to 38.73162
    np.testing.assert_allclose(LogLikelihood().activation(z), [[v / 38.73162 for v in e]], rtol=1e-5)
    np.testing.assert_allclose(LogLikelihood().activation(z), [[0.315, 0.009, 0.633, 0.043]], atol=6e-4)


def test_softmax_is_monotone_and_not_local():
    z = np.asarray([[2.5, -1.0, 3.2, 0.5]])
    more = LogLikelihood().activation(z + np.asarray([[0.0, 0.0, 0.1, 0.0]])) - LogLikelihood().activation(z)
    assert more[0, 2] > 0
    assert (np.delete(more[0], 2) < 0).all()
    assert more.sum() == pytest.approx(0, abs=1e-15)


def test_log_likelihood_by_hand():
    z = np.log(np.asarray([[1.0, 2.0, 5.0], [4.0, 3.0, 1.0]]))  # a = (1, 2, 5)/8, (4, 3, 1)/8
    y = np.asarray([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert LogLikelihood().value(z, y) == pytest.approx((log(8 / 5) + log(2)) / 2)
    np.testing.assert_allclose(LogLikelihood().delta(z, y), [[0.125, 0.25, -0.375], [-0.5, 0.375, 0.125]], atol=1e-15)
    smooth = np.asarray([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
    by_hand = -(0.1 * log(1 / 8) + 0.1 * log(1 / 4) + 0.8 * log(5 / 8) + 0.8 * log(1 / 2)) / 2
    by_hand -= (0.1 * log(3 / 8) + 0.1 * log(1 / 8)) / 2
    assert LogLikelihood().value(z, smooth) == pytest.approx(by_hand)


@each_cost
def test_delta_is_the_slope_of_value(cost):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(4, 3))
    y = TARGETS[type(cost)](rng, (4, 3))
    # value is the mean of the four, delta the error of each on its own
    agree(cost.delta(z, y) / 4, differences(lambda v: cost.value(v, y), z), 1e-6, "delta")


@each_cost
def test_float32_stays_float32(cost):
    z, y = np.ones((2, 3), dtype=np.float32), np.full((2, 3), 1 / 3, dtype=np.float32)
    assert {a.dtype for a in (cost.value(z, y), cost.delta(z, y), cost.activation(z))} == {np.dtype("float32")}


FAR = np.float32(1e4)


@pytest.mark.parametrize(
    ("cost", "z", "y", "value", "delta"),
    [
        (CrossEntropy(), [FAR, -FAR], [1, 0], 0, [0, 0]),
        (CrossEntropy(), [FAR, -FAR], [0, 1], 2e4, [1, -1]),
        (CrossEntropy(), [100, -100], [0.5, 0.5], 100, [0.5, -0.5]),
        (LogLikelihood(), [FAR, -FAR, 0], [1, 0, 0], 0, [0, 0, 0]),
        (LogLikelihood(), [FAR, -FAR, 0], [0, 1, 0], 2e4, [1, -1, 0]),
        (LogLikelihood(), [FAR, FAR, FAR], [0, 1, 0], log(3), [1 / 3, -2 / 3, 1 / 3]),
        (LogLikelihood(), [-FAR, -FAR], [0, 1], log(2), [0.5, -0.5]),
        (Quadratic(), [FAR, -FAR], [1, 0], 0, [0, 0]),
        (Quadratic(), [FAR, -FAR], [0, 1], 1, [0, 0]),
        (Quadratic(Tanh()), [FAR, -FAR], [-1, 1], 4, [0, 0]),
        (Quadratic(Linear()), [FAR, -FAR], [0, 0], 1e8, [FAR, -FAR]),
    ],
    ids=str,
)
def test_right_limits_in_float32_far_out(cost, z, y, value, delta):
    z, y = np.asarray([z], dtype=np.float32), np.asarray([y], dtype=np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert cost.value(z, y) == pytest.approx(value, rel=1e-6)
        np.testing.assert_allclose(cost.delta(z, y), [delta], atol=1e-7)
        assert np.isfinite(cost.activation(z)).all()


@each_cost
@pytest.mark.parametrize("far", [1.0, 30.0, 90.0, 1e3, 1e4])
def test_float32_agrees_with_float64_far_out(cost, far):
    rng = np.random.default_rng(int(far))
    z = rng.uniform(-far, far, size=(50, 4)).astype(np.float32)
    y = TARGETS[type(cost)](rng, (50, 4)).astype(np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, delta = cost.value(z, y), cost.delta(z, y)
    exact = cost.value(z.astype(np.float64), y.astype(np.float64))
    np.testing.assert_allclose(value, exact, rtol=1e-5)
    np.testing.assert_allclose(delta, cost.delta(z.astype(np.float64), y.astype(np.float64)), rtol=1e-4, atol=1e-6)


def test_nothing_of_a_small_cost_is_lost_to_rounding():
    # ln(1 + e^-40) is e^-40, which no logarithm of a rounded activation could say
    for z, y in [(40.0, 1.0), (-40.0, 0.0)]:
        value = CrossEntropy().value(np.asarray([[z]]), np.asarray([[y]]))
        np.testing.assert_allclose(value, exp(-40), rtol=1e-12)
    np.testing.assert_allclose(
        LogLikelihood().value(np.asarray([[0.0, -30.0]]), np.asarray([[1.0, 0.0]])), exp(-30), rtol=1e-2
    )


SMOOTHED = [
    (0.2, [[0.0, 1.0, 0.0, 0.0]], [[0.05, 0.85, 0.05, 0.05]]),
    (0.5, [[1.0], [0.0]], [[0.75], [0.25]]),
    (0.0, [[0.0, 1.0]], [[0.0, 1.0]]),
]


@pytest.mark.parametrize(("epsilon", "y", "smooth"), SMOOTHED)
def test_smoothed_labels_by_hand(epsilon, y, smooth):
    z = np.arange(4.0)[None, : len(y[0])] + np.zeros((len(y), 1)) - 1
    for cost in (CrossEntropy(), Quadratic(), LogLikelihood()):
        smoothing = LabelSmoothing(cost, epsilon)
        np.testing.assert_allclose(smoothing.value(z, np.asarray(y)), cost.value(z, np.asarray(smooth)), rtol=1e-15)
        np.testing.assert_allclose(smoothing.delta(z, np.asarray(y)), cost.delta(z, np.asarray(smooth)), rtol=1e-15)
        np.testing.assert_array_equal(smoothing.activation(z), cost.activation(z))


def test_the_least_smoothed_cost_is_where_the_outputs_are_the_smoothed_labels():
    cost, y = LabelSmoothing(LogLikelihood(), 0.1), np.eye(10)[[3]]
    z = np.log(np.where(y == 1, 0.91, 0.01))
    np.testing.assert_allclose(cost.delta(z, y), 0, atol=1e-15)
    assert cost.value(z, y) == pytest.approx(-0.91 * log(0.91) - 0.09 * log(0.01))
    assert cost.value(2 * z, y) > cost.value(z, y) < cost.value(z / 2, y)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: LabelSmoothing(CrossEntropy(), 1.0), "epsilon"),
        (lambda: LabelSmoothing(CrossEntropy(), -0.1), "epsilon"),
        (lambda: LabelSmoothing("cross-entropy"), "cost"),
        (lambda: LabelSmoothing(CrossEntropy), "cost"),
        (lambda: Quadratic(Linear), "output"),
    ],
)
def test_invalid_arguments_are_refused(make, argument):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert error.value.argument == argument


def test_names():
    assert {"quadratic": Quadratic(), "cross-entropy": CrossEntropy(), "log-likelihood": LogLikelihood()} == BY_NAME
