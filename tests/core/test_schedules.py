"""Schedules by hand: values at chosen steps, halvings for made-up histories."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest

from deltarule.core.schedules import Clock, Constant, Exponential, OneCycle, ReduceOnPlateau
from deltarule.errors import InvalidArgument

CLOCK = Clock(steps_per_epoch=10, epochs=8)


def history(*accuracies: float) -> list[dict[str, float]]:
    return [{"epoch": i, "validation_accuracy": a} for i, a in enumerate(accuracies)]


def at(schedule, *steps: int, clock: Clock = CLOCK, records=()) -> list[float]:
    return schedule.eta(np.asarray(steps), clock, records).tolist()


def test_clock():
    assert CLOCK.steps == 80


def test_constant():
    assert at(Constant(0.5), 0, 7, 79) == [0.5, 0.5, 0.5]
    assert not Constant(0.5).is_finished(history(0.9, 0.1))


def test_exponential_by_hand():
    # 3 · 0.25^t, t = 0, 1/2, 1, 3 epochs
    assert at(Exponential(3.0, 0.25), 0, 5, 10, 30) == pytest.approx([3.0, 1.5, 0.75, 3 / 64])
    assert at(Exponential(3.0, 1.0), 0, 79) == [3.0, 3.0]
    assert not Exponential(3.0, 0.5).is_finished(history(0.9, 0.1))


@pytest.mark.parametrize(
    ("accuracies", "halvings"),
    [
        ([], 0),
        ([0.5], 0),
        ([0.5, 0.5], 0),  # no gain once
        ([0.5, 0.5, 0.4], 1),  # twice
        ([0.5, 0.4, 0.6, 0.5], 0),  # a new best between starts the count anew
        ([0.5, 0.4, 0.45, 0.49], 1),  # better than the last is not better than the best
        ([0.5, 0.4, 0.4, 0.4, 0.4], 2),  # the count starts anew at each halving
        ([0.5, 0.4, 0.4, 0.6, 0.4], 1),
        ([0.5, 0.4, 0.4, 0.6, 0.4, 0.6], 2),  # as good as the best is no gain
        ([0.0, 0.0, 0.0], 1),
    ],
)
def test_halvings_for_histories_made_up(accuracies, halvings):
    schedule = ReduceOnPlateau(0.8, patience=2)
    assert at(schedule, 0, 50, records=history(*accuracies)) == [0.8 / 2**halvings] * 2


def test_halve_on_plateau_comes_to_its_end():
    schedule = ReduceOnPlateau(1.0, patience=1, stop_at=1 / 4)
    assert [schedule.is_finished(history(0.5, *[0.5] * n)) for n in range(5)] == [False, False, True, True, True]
    default = ReduceOnPlateau(1.0, patience=1)
    assert not default.is_finished(history(0.5, *[0.5] * 6))
    assert default.is_finished(history(0.5, *[0.5] * 7))  # 1/128 is seven halvings
    assert ReduceOnPlateau(1.0).patience == 10


def test_halve_on_plateau_needs_validation():
    with pytest.raises(InvalidArgument) as error:
        ReduceOnPlateau(1.0).eta(np.asarray([0]), CLOCK, [{"epoch": 0}])
    assert error.value.argument == "validation"


def test_one_cycle_by_hand():
    schedule = OneCycle(2.0, rise=0.25)
    low, end = 2 / 25, 2 / 1e4
    expected = [low, (low + 2) / 2, 2.0, (2 + end) / 2, end]  # half-way along a half cosine is half-way up
    assert at(schedule, 0, 10, 20, 50, 80) == pytest.approx(expected, rel=1e-12)
    third = low + (2 - low) / 4  # a third of the way, (1 − cos 60°)/2 of it
    assert at(OneCycle(2.0, rise=0.75), 20) == pytest.approx([third], rel=1e-12)
    assert not schedule.is_finished(history(0.9, 0.1))


def test_one_cycle_stretches_with_the_training():
    schedule = OneCycle(0.3, rise=0.4)
    short = at(schedule, *range(80))
    longer = at(schedule, *range(0, 400, 5), clock=Clock(10, 40))
    finer = at(schedule, *range(0, 800, 10), clock=Clock(100, 8))
    assert longer == pytest.approx(short, rel=1e-12)
    assert finer == pytest.approx(short, rel=1e-12)
    assert max(short) == pytest.approx(0.3)
    assert np.argmax(short) == 32
    assert (np.diff(short[:33]) > 0).all()
    assert (np.diff(short[32:]) < 0).all()


@pytest.mark.parametrize(
    "schedule", [Constant(0.5), Exponential(1.0, 0.5), ReduceOnPlateau(1.0), OneCycle(1.0)], ids=str
)
def test_one_eta_a_step_in_float64_and_in_the_standard(schedule):
    found = schedule.eta(np.arange(80), CLOCK, history(0.5))
    assert found.shape == (80,)
    assert found.dtype == np.float64
    strict = schedule.eta(array_api_strict.arange(80), CLOCK, history(0.5))
    np.testing.assert_array_equal(np.asarray(strict), found)
    # asking for a stretch of steps gives that stretch
    np.testing.assert_array_equal(schedule.eta(np.arange(30, 40), CLOCK, history(0.5)), found[30:40])


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Constant(-1.0), "value"),
        (lambda: Constant(float("inf")), "value"),
        (lambda: Exponential(float("nan"), 0.5), "start"),
        (lambda: Exponential(1.0, 0.0), "rate"),
        (lambda: Exponential(1.0, 1.5), "rate"),
        (lambda: ReduceOnPlateau(-1.0), "start"),
        *[(lambda n=n: ReduceOnPlateau(1.0, n), "patience") for n in (0, 1.5, 2.0, True, "3")],
        (lambda: ReduceOnPlateau(1.0, stop_at=0.0), "stop_at"),
        (lambda: OneCycle(-1.0), "peak"),
        (lambda: OneCycle(1.0, rise=1.0), "rise"),
        (lambda: OneCycle(1.0, rise=0.0), "rise"),
    ],
)
def test_invalid_arguments_are_refused(make, argument):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert error.value.argument == argument
