"""Tables fit the width: they show fewer columns in a narrow window or a pipe, and never cut a value."""

from __future__ import annotations

import json
import shutil
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from rich.text import Text
from tests.slow import with_slow

from deltarule.cli import console
from deltarule.cli.evaluation_report import build_confusion_table
from deltarule.cli.tables import Column, build_table, choose_columns, measure_table

from .conftest import at_a_terminal, elsewhere

COLUMNS = [Column("run"), Column("state", 2), Column("η", 3, "right"), Column("accuracy", 1, "right")]
ROWS = [["runs/first", "finished", "0.5", "95.49 %"], ["runs/a much longer name", "unfinished", "3", "–"]]
WIDTHS = [60, 80, 100, 200]


def render(columns, rows, width: int, monkeypatch) -> list[str]:
    """Return the lines of a table at a width."""
    monkeypatch.setattr(console.out, "width", width)
    with console.out.capture() as capture:
        console.out.print(build_table(columns, rows))
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize(
    ("width", "headings"),
    [(200, "run state η accuracy"), (48, "run state accuracy"), (40, "run accuracy"), (24, "run"), (10, "run")],
)
def test_columns_of_the_highest_rank_are_left_out_first(monkeypatch, width, headings):
    lines = render(COLUMNS, ROWS, width, monkeypatch)
    assert lines[0].split() == headings.split()
    assert max(map(len, lines)) <= width


def test_a_table_has_all_its_columns_at_the_width_that_it_needs(monkeypatch):
    needed = measure_table(COLUMNS, ROWS)
    assert len(choose_columns(COLUMNS, ROWS, needed)) == len(COLUMNS)
    assert len(choose_columns(COLUMNS, ROWS, needed - 1)) == len(COLUMNS) - 1
    assert max(map(len, render(COLUMNS, ROWS, needed, monkeypatch))) == needed


def test_a_value_that_is_wider_than_the_window_is_folded_and_not_cut(monkeypatch):
    lines = render(COLUMNS, ROWS, 10, monkeypatch)
    assert "".join(lines[2:]).replace(" ", "") == "".join(row[0] for row in ROWS).replace(" ", "")


def test_a_column_with_fold_folds_at_spaces(monkeypatch):
    columns = [Column("name"), Column("description", 1, fold=12)]
    rows = [["a", "one two three four five"], ["b", Text("six")]]
    assert measure_table(columns, rows) == 4 + 2 + 12
    assert render(columns, rows, 18, monkeypatch)[2:] == [
        "a     one two",
        "      three four",
        "      five",
        "b     six",
    ]
    assert len(render(columns, rows, 40, monkeypatch)) == 4
    assert measure_table([Column("", fold=3)], [["a word-that-stays"]]) == len("word-that-stays")


def test_markup_and_wide_characters_are_measured_as_they_are_shown():
    assert measure_table([Column("")], [["[bold]mean[/] 数字"]]) == len("mean ") + 4


def test_an_empty_row_separates_sections(monkeypatch):
    lines = render([Column("id"), Column("title", 1)], [["1", "one"], [], ["2"]], 80, monkeypatch)
    assert lines == ["id  title", "─────────", "1   one", "", "2"]


@pytest.fixture
def five(kept) -> Path:
    """A folder with five runs."""
    notes = json.loads((kept / "run.json").read_text())
    for i, name in enumerate(["first", "b", "c", "d", "e"]):
        shutil.copytree(kept, f"runs/{name}")
        others = {**notes, "result": {**notes["result"], "test_accuracy": i / 100}}
        Path(f"runs/{name}/run.json").write_text(json.dumps(others))
    return Path("runs")


COMMANDS = [
    "runs", "compare runs/first runs/b runs/c runs/d runs/e", "show runs/first", "evaluate runs/first", "data", "nets",
    "experiments", "experiments show ch1/first-network", "find-eta --data digits --engine numpy",
]  # fmt: skip


def find_tables(text: str) -> list[str]:
    """Find the lines of the tables: from a heading to the next empty line."""
    lines = [line.rstrip() for line in text.splitlines()]
    tables: list[str] = []
    for i, line in enumerate(lines[1:], 1):
        if line and set(line) == {"─"}:
            end = next((j for j in range(i, len(lines)) if not lines[j]), len(lines))
            tables += lines[i - 1 : end]
    return tables


@pytest.mark.parametrize(("words", "width"), with_slow(product(COMMANDS, WIDTHS), *product(COMMANDS[-1:], WIDTHS[1:])))
def test_the_tables_of_each_command_fit_the_width(deltarule, five, monkeypatch, words, width):
    monkeypatch.setattr("deltarule.training.eta_range.SEEDS", 1)
    monkeypatch.setattr(console.out, "width", width)
    ran = deltarule(*words.split())
    assert ran.code == 0
    tables = find_tables(ran.out)
    assert tables or words.startswith("show")
    assert max(map(len, tables)) <= width
    assert "…" not in ran.out
    if words.startswith(("runs", "compare")):
        assert all(f"{i}.00 %" in ran.out for i in range(5))
    if words == "runs":
        assert ran.out.count("CrossEntropy") == 5  # on one line each


@pytest.mark.parametrize("words", ["runs", "nets", "experiments --chapter 1"])
def test_tables_have_100_columns_at_most_in_a_pipe(five, words):
    ran = elsewhere(*words.split())
    assert (ran.code, ran.err) == (0, "")
    assert 60 < max(map(len, find_tables(ran.out))) <= 100


def test_tables_use_the_width_of_a_terminal(five):
    command = [sys.executable, "-m", "deltarule.cli", "runs"]
    wide, narrow = (at_a_terminal(*command, columns=columns).out for columns in (150, 70))
    assert "training" in wide
    assert "training" not in narrow


def test_the_confusion_matrix_of_many_classes_is_a_list_of_mistakes(monkeypatch):
    counts = np.eye(1000, dtype=int) * 50
    counts[3, 700], counts[999, 0], counts[5, 6] = 4, 9, 4
    monkeypatch.setattr(console.out, "width", 100)
    with console.out.capture() as capture:
        console.out.print(build_confusion_table(counts, [f"c{i}" for i in range(1000)])[0])
    lines = [line.split() for line in capture.get().splitlines()]
    assert lines[3:] == [["c999", "c0", "9"], ["c3", "c700", "4"], ["c5", "c6", "4"]]
