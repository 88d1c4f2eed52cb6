"""The numbers of figures by verdict, and of the misses to expect by chance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cli.coin import COIN

from deltarule.experiments.comparison import compare_result
from deltarule.experiments.records import Published
from deltarule.experiments.report.counts import count_after_book, count_book, count_by_part, group_missed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.result import Result
from deltarule.experiments.verdict import Comparison, compare

PERCENT = Published("accuracy", "last", 95.0, "chapter 1", unit="%")
RUNS = {
    "reproduced": [94.9, 95.0, 95.1],
    "lower": [94.0, 94.1, 94.2],
    "undecided": [94.0, 95.0, 96.0],
    "one run": [95.0],
    "not measured": [],
}


def build_entry(*verdicts: str) -> Entry:
    compared: list[Comparison] = [compare(PERCENT, RUNS[verdict]) for verdict in verdicts]
    assert [one.verdict for one in compared] == list(verdicts)
    return Entry(COIN, Result(COIN.id), tuple(compared), ())


def test_each_figure_is_counted_once_by_its_verdict():
    counts = count_book([build_entry(*RUNS), build_entry("reproduced", "undecided")])
    numbers = (counts.reproduced, counts.missed, counts.undecided, counts.one_run, counts.not_measured)
    assert numbers == (2, 1, 2, 1, 1)
    assert sum(numbers) == counts.published == 7


def test_one_in_twenty_decided_figures_is_expected_to_miss():
    counts = count_book([build_entry(*["reproduced"] * 37, *["lower"] * 3, *["undecided"] * 9)])
    assert (counts.by_interval, counts.expected_misses, counts.interval_misses) == (40, pytest.approx(2.0), 3)


def test_open_figures_are_listed_apart_from_missed_ones():
    entry = build_entry(*RUNS)
    assert [one.verdict for one in entry.open_figures] == ["undecided", "one run"]
    assert [one.verdict for one in entry.missed_figures] == ["lower"]
    assert [len(group.figures) for group in group_missed([entry])] == [1]
    assert not [one for one in compare_result(Result(COIN.id), COIN) if one.is_open]


def test_what_comes_after_the_book_is_counted_apart():
    entry, after = build_entry(*RUNS), replace(build_entry("reproduced"), experiment=replace(COIN, id="memory/coin"))
    assert (count_book([entry, after]).published, count_after_book([entry, after]).published) == (5, 1)
    assert [counts.part.name for counts in count_by_part([after, entry])] == ["ch1", "memory"]
