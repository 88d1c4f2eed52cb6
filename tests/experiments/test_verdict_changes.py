"""The page of verdicts by both rules."""

from __future__ import annotations

from tests.cli.coin import COIN
from tools.verdict_changes import compare_rules, explain_verdict, render_page

from deltarule.experiments.records import Published
from deltarule.experiments.result import Result, Run
from deltarule.experiments.verdict import compare


def test_the_page_lists_each_change_with_its_reason():
    runs = [
        Run(name, seed, COIN.settings_of(name), {"heads": heads + seed, "fair": True})
        for seed in (1, 2)
        for name, heads in (("fair", 48), ("loaded", 80))
    ]
    changes = compare_rules(COIN, Result(COIN.id, tuple(runs)))
    assert [(one.old, one.comparison.verdict) for one in changes] == [
        ("reproduced", "one run"),
        ("higher", "one run"),
        ("reproduced", "reproduced"),
    ]
    page = render_page(changes)
    assert "Of 3 results, 3 are measured; 2 of these have another verdict now." in page
    row = "| `ch1/coin`: heads of a loaded coin | ≤ 70.00 % | 81.50 ± 0.71 % | 2 |  | ✗ ours is higher | ? one run |"
    assert f"{row} one or two runs |" in page
    assert "it falls" not in page


def test_the_reason_names_the_part_of_the_rule():
    def published(value, **more) -> Published:
        return Published("a figure", "figure", value, **more)

    percent = published(95.0, unit="%")
    for figure, ours, reason in [
        (percent, [], "no numbers"),
        (percent, [95.0, 95.1, 95.2], "inside the interval"),
        (percent, [94.0, 94.1, 94.2], "outside the interval"),
        (published(90.0, relation="at least"), [91.0, 91.1, 91.2], "bound of the mean"),
        (published(True, beats=("a", "b")), [0.1, 0.2, 0.3], "bound of the mean difference"),
        (published(True), [True, True, False], "2 of 3 runs, 5 needed"),
        (published(True), [True] * 5, "5 of 5 runs"),
        (published(3.0, exact=True), [3.0], "follows by calculation"),
    ]:
        assert explain_verdict(compare(figure, ours)) == reason, (figure, ours)
