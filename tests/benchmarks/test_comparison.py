"""The comparison of tables with scikit-learn: paired splits, the rule of the verdict, and the page."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from benchmarks.comparison import ITERATIONS, Table, build_made_up, build_tables, compare, measure
from benchmarks.comparison_text import format_page

from benchmarks import comparison

CLASSES = Table("two clouds", ("a", "b"), np.zeros((4, 2)), ("target",), np.array(["x", "y", "x", "y"]))
NUMBERS = Table("numbers", ("a",), np.zeros((4, 1)), ("target",), np.arange(4.0))
FIRST, SECOND = ITERATIONS


@pytest.mark.parametrize(
    ("table", "ours", "theirs", "verdict"),
    [
        (CLASSES, [0.94, 0.96], [0.95, 0.97], "target met"),
        (CLASSES, [0.94, 0.96], [0.95, 0.98], "missed"),
        (NUMBERS, [0.48, 0.50], [0.50, 0.52], "target met"),
        (NUMBERS, [0.48, 0.49], [0.50, 0.52], "missed"),
        (Table("few", ("a",), NUMBERS.x, ("t",), NUMBERS.y, is_judged=False), [0.1], [0.9], "reported only"),
    ],
)
def test_the_verdict_compares_with_the_better_of_the_two(table, ours, theirs, verdict):
    poor = [-1.0] * len(theirs)
    for first, second in ((theirs, poor), (poor, theirs)):
        found = compare({"deltarule": ours, FIRST: first, SECOND: second}, table)
        assert found["verdict"] == verdict
        assert found["difference"] == pytest.approx(np.mean(ours) - np.mean(theirs))


def test_the_seven_tables():
    tables = {table.name: table for table in build_tables()}
    assert list(tables) == ["iris", "wine", "breast cancer", "digits", "diabetes", "made-up", "linnerud"]
    assert [name for name, table in tables.items() if not table.is_judged] == ["linnerud"]
    assert [name for name, table in tables.items() if table.options] == ["linnerud"]
    assert tables["made-up"].x.shape == (20_000, 8)
    train, test = tables["iris"].split(3)
    assert sorted([*train, *test]) == list(range(150))
    assert np.array_equal(train, tables["iris"].split(3)[0])
    assert not np.array_equal(train, tables["iris"].split(4)[0])


def test_the_same_rows_by_command_and_by_scikit_learn(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "ITERATIONS", {FIRST: 20, SECOND: 40})
    table = build_made_up(rows=60)
    found = measure(table, [5], tmp_path)
    train, test = table.split(5)
    for name, rows in (("train", train), ("test", test)):
        text = (tmp_path / "made-up-5" / f"{name}.csv").read_text(encoding="utf-8")
        lines = list(csv.reader(text.splitlines()))
        assert lines[0] == [*table.columns, "target"]
        assert np.array_equal(np.array(lines[1:], dtype=float), np.column_stack([table.x, table.y])[rows])
    ours, *theirs = (runs[0] for runs in found["runs"].values())
    assert ours["score"] <= 1
    assert ours["epochs"] > 30
    assert [run["epochs"] for run in theirs] == [20, 40]
    conditions = comparison.describe_conditions(
        ["benchmarks.comparison"], comparison.parse_options(["--seeds", "1"], ["made-up"]), 0.5
    )
    page = format_page(conditions, [found])
    assert conditions["command"] in page
    assert f"| made-up | 60 × 8 | R² | {ours['score']:.3f} ± 0.000 |".replace(" -", " −") in page
