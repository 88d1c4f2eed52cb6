"""The verdicts, checked on examples computed by hand."""

from __future__ import annotations

import pytest

from deltarule.experiments.records import Published
from deltarule.experiments.verdict import compare, find_bests


def published(value, **more) -> Published:
    return Published("a figure", "figure", value, **more)


@pytest.mark.parametrize(
    ("figure", "ours", "verdict"),
    [
        (published(95.0, unit="%"), [94.5], "reproduced"),  # half a point is allowed
        (published(95.0, unit="%"), [94.49], "lower"),
        (published(95.0, unit="%"), [95.51], "higher"),
        (published(95.0, unit="%"), [90.0, 95.1], "reproduced"),  # within the spread
        (published(95.0, unit="%"), [90.0, 94.9], "lower"),
        (published(95.0, unit="%"), [], "not measured"),
        (published(95.0, unit="%", best_of=3), [90.0, 90.0, 95.0], "reproduced"),  # the best of the three
        (published(90.0, unit="%", best_of=3), [90.0, 91.0, 95.0], "higher"),  # not their lowest
        (published(0.339), [0.355], "reproduced"),  # 5 % of 0.339 is 0.017
        (published(0.339), [0.357], "higher"),
        (published(100.0, relation="about"), [50.0], "reproduced"),
        (published(100.0, relation="about"), [49.0], "lower"),
        (published(100.0, relation="about"), [201.0], "higher"),
        (published(98.5, unit="%", relation="at least"), [98.4], "lower"),
        (published(98.5, unit="%", relation="at least"), [98.5], "reproduced"),
        (published(1e-8, relation="at most"), [1e-9], "reproduced"),
        (published(1e-8, relation="at most"), [2e-8], "higher"),
        (published(True), [True, True], "reproduced"),
        (published(True), [True, False], "fails"),
        (published(False), [False], "reproduced"),
        (published(95.0, unit="%"), [float("nan")], "no number"),  # NaN reproduces nothing
        (published(1e-8, relation="at most"), [float("nan")], "no number"),
    ],
)
def test_verdict_of_an_example(figure, ours, verdict):
    assert compare(figure, ours).verdict == verdict


def test_find_bests_of_every_choice():
    assert sorted(find_bests([1, 2, 3, 4], 3)) == [3, 4, 4, 4]
    assert find_bests([1, 2], 3) == [2]
