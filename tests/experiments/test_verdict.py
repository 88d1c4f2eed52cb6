"""The verdicts: each word on an example, and the properties that keep more runs from buying an agreement."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deltarule.experiments.prediction import find_bounds, find_chance, find_factors, predict_interval
from deltarule.experiments.ranges import find_bests, judge_by_range
from deltarule.experiments.records import Published
from deltarule.experiments.verdict import (
    FEWEST,
    MOST,
    compare,
    count_more_seeds,
    find_last_place,
    find_tolerance,
)


def published(value, **more) -> Published:
    return Published("a figure", "figure", value, **more)


def spread(centre: float, half: float, n: int = 3) -> list[float]:
    """Runs around a centre whose 95 % interval has this half-width."""
    steps = np.linspace(-1, 1, n)
    return list(centre + steps * half / (find_factors(n)[1] * steps.std(ddof=1)))


PERCENT = published(95.0, unit="%")
COST = published(0.339)
ABOUT = published(100.0, relation="about")
LEAST, MOSTLY = (published(90.0, unit="%", relation=relation) for relation in ("at least", "at most"))
BEATS = published(True, beats=("a", "b"))


@pytest.mark.parametrize(
    ("figure", "ours", "verdict"),
    [
        (PERCENT, [], "not measured"),
        (PERCENT, [95.0], "one run"),
        (PERCENT, [95.0, 95.0], "one run"),
        (PERCENT, [20.0, 20.0], "one run"),
        (PERCENT, spread(94.3, 0.79), "reproduced"),
        (PERCENT, spread(94.3, 0.81), "undecided"),  # it contains 95, but is too wide
        (PERCENT, spread(80.0, 0.81), "undecided"),  # it does not contain 95, and is too wide
        (PERCENT, spread(94.3, 0.69), "lower"),
        (PERCENT, spread(95.7, 0.69), "higher"),
        (PERCENT, [95.0, float("nan"), 95.0], "no number"),
        (PERCENT, [float("inf")], "no number"),
        (published(98.5, unit="%"), spread(98.4, 0.31), "undecided"),  # from 98 % on, 0.3 points
        (published(98.5, unit="%"), spread(98.4, 0.29), "reproduced"),
        (published(85.0, unit="%", images=1000), spread(86.0, 2.4), "reproduced"),
        (published(85.0, unit="%", images=1001), spread(86.0, 2.4), "undecided"),
        (published(100.0, unit="%"), [100.0] * 3, "reproduced"),  # an interval without width
        (COST, spread(0.35, 0.016), "reproduced"),  # 5 % of 0.339 is 0.017
        (COST, spread(0.35, 0.018), "undecided"),
        (COST, spread(0.36, 0.016), "higher"),
        (ABOUT, spread(80, 20), "reproduced"),
        (ABOUT, spread(80, 41), "undecided"),  # the interval begins below half of the mean
        (ABOUT, spread(60, 20), "undecided"),  # a part of it is below 50
        (ABOUT, spread(40, 5), "lower"),
        (ABOUT, spread(250, 20), "higher"),
        (LEAST, [91.0, 91.1, 91.2], "reproduced"),
        (LEAST, [89.0, 91.1, 93.2], "undecided"),
        (LEAST, [88.0, 88.1, 88.2], "lower"),
        (MOSTLY, [88.0, 88.1, 88.2], "reproduced"),
        (MOSTLY, [91.0, 91.1, 91.2], "higher"),
        (published(True), [True] * 4, "undecided"),
        (published(True), [True] * 5, "reproduced"),
        (published(True), [True] * 2, "one run"),
        (published(True), [True] * 4 + [False], "undecided"),
        (published(True), [True] * 7 + [False], "reproduced"),  # 9 of 256 is below one in twenty
        (published(True), [False] * 5, "fails"),
        (published(False), [False] * 5, "reproduced"),
        (BEATS, [0.2, 0.3, 0.4], "reproduced"),
        (BEATS, [-0.1, 0.3, 0.4], "undecided"),
        (BEATS, [-0.2, -0.3, -0.4], "fails"),
        (published(True, exact=True), [True], "reproduced"),
        (published(True, exact=True), [True, False], "fails"),
        (published(False, exact=True), [False], "reproduced"),
        (published(0.82, exact=True), [0.8176], "reproduced"),  # in both printed digits
        (published(0.82, exact=True), [0.814], "lower"),
        (published(94.35, unit="%", exact=True), [94.36], "higher"),
        (published(1 / 6, exact=True), [0.1666667], "reproduced"),
        (published(150, relation="about", exact=True), [179.0], "reproduced"),
        (published(150, relation="about", exact=True), [301.0], "higher"),
        (published(0.4, relation="at most", exact=True), [0.36], "reproduced"),
        (published(40, relation="at least", exact=True), [39.0], "lower"),
    ],
)
def test_verdict_of_an_example(figure, ours, verdict):
    assert compare(figure, ours).verdict == verdict


def test_groups_of_verdicts():
    groups = {"reproduced": spread(95, 0.5), "lower": spread(90, 0.5), "undecided": spread(95, 3), "one run": [95.0]}
    found = {name: compare(PERCENT, ours) for name, ours in groups.items()}
    assert [name for name, one in found.items() if one.is_reproduced] == ["reproduced"]
    assert [name for name, one in found.items() if one.is_missed] == ["lower"]
    assert [name for name, one in found.items() if one.is_open] == ["undecided", "one run"]
    assert [name for name, one in found.items() if one.is_by_interval] == ["reproduced", "lower"]
    assert not compare(LEAST, [91.0, 91.1, 91.2]).is_by_interval
    assert found["one run"].interval is None
    assert found["lower"].interval == pytest.approx((89.5, 90.5))


@pytest.mark.parametrize("n", range(2, 31))
def test_interval_of_one_run_against_scipy(n):
    values = np.random.default_rng(n).normal(95, 0.3, n)
    exact = stats.t.interval(0.95, n - 1, loc=values.mean(), scale=values.std(ddof=1) * sqrt(1 + 1 / n))
    assert predict_interval(list(values)) == pytest.approx(exact, abs=1e-10)
    bound = stats.ttest_1samp(values, 0).confidence_interval(0.90)
    assert find_bounds(list(values)) == pytest.approx((bound.low, bound.high), abs=1e-10)


@pytest.mark.parametrize(("held", "runs"), [(5, 5), (4, 5), (0, 7), (7, 8), (11, 20)])
def test_chance_of_a_claim_against_scipy(held, runs):
    assert find_chance(held, runs) == pytest.approx(stats.binomtest(held, runs, alternative="greater").pvalue)


@pytest.mark.parametrize("n", [3, 10])
def test_the_best_of_three_lies_in_its_interval_in_95_of_100_cases(n):
    """Simulate both the book's three runs and ours, from the same normal distribution."""
    rng = np.random.default_rng(7)
    ours = rng.normal(size=(40_000, n))
    low, high = find_factors(n, 3)
    scores = (rng.normal(size=(40_000, 3)).max(axis=1) - ours.mean(axis=1)) / ours.std(axis=1, ddof=1)
    assert np.mean((low <= scores) & (scores <= high)) == pytest.approx(0.95, abs=0.005)
    assert np.mean(scores < low) == pytest.approx(0.025, abs=0.004)


def test_a_single_further_run_by_simulation_is_the_formula():
    from deltarule.experiments import prediction

    simulated = prediction._simulate_best(5, 1)
    assert simulated == pytest.approx(find_factors(5), rel=0.02)


VALUES = st.lists(st.floats(90, 99.9), min_size=3, max_size=20)


@given(VALUES, st.sampled_from([1, 3]))
def test_the_verdict_does_not_depend_on_the_order_of_runs(values, best_of):
    figure = published(95.0, unit="%", best_of=best_of)
    assert compare(figure, values).verdict == compare(figure, sorted(values)).verdict


@given(VALUES, st.floats(80, 100), st.sampled_from([1, 3]))
def test_a_wide_interval_decides_nothing(values, value, best_of):
    one = compare(published(value, unit="%", best_of=best_of), values)
    low, high = one.interval
    wide = (high - low) / 2 > find_tolerance(one.published, one.mean)
    assert wide == (one.verdict == "undecided")


@given(st.integers(3, 19), st.floats(1e-3, 10), st.floats(0, 100))
def test_more_runs_with_the_same_spread_never_widen_the_interval(n, sd, centre):
    """Two sets of runs with the same mean and deviation, one larger."""
    steps = [np.linspace(-1, 1, number) for number in (n, n + 1)]
    few, many = (list(centre + sd * step / step.std(ddof=1)) for step in steps)
    low, high = predict_interval(few)
    lower, higher = predict_interval(many)
    assert low <= lower < higher <= high


def test_more_runs_never_widen_the_interval_for_the_best_of_three():
    widths = [high - low for low, high in (find_factors(n, 3) for n in range(FEWEST, MOST + 1))]
    assert widths == sorted(widths, reverse=True)


@given(VALUES, st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_the_number_of_seeds_knows_nothing_of_the_published_figure(values, one, other):
    first, second = (count_more_seeds(published(value, unit="%"), values) for value in (one, other))
    assert first == second
    assert 0 <= first <= MOST - len(values)


@given(st.integers(3, 19), st.floats(0.01, 1))
def test_the_missing_seeds_suffice_if_the_spread_stays(n, sd):
    steps = np.linspace(-1, 1, n)
    more = count_more_seeds(PERCENT, list(90 + sd * steps / steps.std(ddof=1)))
    assert n + more == MOST or find_factors(n + more)[1] * sd <= 0.8
    assert not more or find_factors(n + more - 1)[1] * sd > 0.8


@pytest.mark.parametrize(
    ("figure", "ours", "more"),
    [
        (PERCENT, [], 3),
        (published(True), [True] * 3, 2),
        (published(True), [True, False, True, False, True], 0),  # more runs could only buy it
        (BEATS, [0.1], 2),
        (BEATS, [-0.1, 0.3, 0.4], 0),
        (LEAST, [89.0, 91.1, 93.2], 0),
        (published(True, exact=True), [], 1),
        (published(3.0, exact=True), [3.0], 0),
        (PERCENT, [float("nan")] * 3, 0),
        (PERCENT, [90.0, 95.0] * 13, 0),
    ],
)
def test_missing_seeds_of_an_example(figure, ours, more):
    assert count_more_seeds(figure, ours) == more


def test_the_rule_of_ranges():
    for figure, ours, verdict in [
        (PERCENT, [94.5], "reproduced"),  # half a point is allowed
        (PERCENT, [94.49], "lower"),
        (PERCENT, [90.0, 95.1], "reproduced"),  # within the range
        (PERCENT, [90.0, 94.9], "lower"),
        (PERCENT, [], "not measured"),
        (published(95.0, unit="%", best_of=3), [90.0, 90.0, 95.0], "reproduced"),
        (published(90.0, unit="%", best_of=3), [90.0, 91.0, 95.0], "higher"),
        (COST, [0.357], "higher"),
        (ABOUT, [49.0], "lower"),
        (LEAST, [89.9], "lower"),
        (MOSTLY, [90.1], "higher"),
        (published(True), [True, False], "fails"),
        (PERCENT, [float("nan")], "no number"),
    ]:
        assert judge_by_range(figure, ours) == verdict, (figure, ours)
    assert sorted(find_bests([1, 2, 3, 4], 3)) == [3, 4, 4, 4]


def test_find_last_place():
    assert [find_last_place(value) for value in (3, 25.0, 0.339, -1.0)] == [1, 1, pytest.approx(0.001), 1]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_figures_that_are_no_numbers_have_no_spread(value):
    found = compare(PERCENT, [95.0, value, 95.1])
    assert (found.verdict, found.sd, found.interval) == ("no number", None, None)
