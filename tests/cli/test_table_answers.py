"""The answers for the rows of a table: their identifiers, shares and form."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from .conftest import COMMAND, at_a_terminal, here
from .table_cases import make_trees, read, write

TRAIN = ["train", "--engine", "numpy", "--epochs", 8, "--out", "run", "--data"]
TREES = make_trees(n=10)


def train(heading: str, rows: list[list[object]], *words: object) -> Path:
    table = write("table.csv", rows, heading)
    assert here(*TRAIN, table, *words).code == 0
    return table


def find_first(table: Path) -> str:
    """Return the heading of the column before the answers."""
    return here("predict", "run", table).out.split(",")[0]


@pytest.mark.parametrize(
    ("name", "values", "words", "first"),
    [
        ("id", [i + 100 for i in range(30)], [], "id"),
        ("TreeId", [f"T{i}" for i in range(30)], [], "TreeId"),
        ("code", [f"T{i}" for i in range(30)], ["--ignore", "code"], "code"),
        ("age", [i % 7 for i in range(30)], ["--ignore", "age"], "row"),
        ("mass", [i + 0.5 for i in range(30)], ["--ignore", "mass"], "row"),
        ("day", [f"2024-01-{i + 1:02}" for i in range(30)], [], "row"),
        ("forest_id", [i // 3 for i in range(30)], ["--group", "forest_id"], "row"),
    ],
)
def test_only_an_identifier_is_copied_before_the_answers(name, values, words, first):
    rows = [[value, *row] for value, row in zip(values, TREES, strict=True)]
    table = train(f"{name} species height width", rows, "--label", "species", *words)
    assert find_first(table) == first
    if first != "row":
        single = write("single.csv", rows[:1], f"{name} species height width")
        assert find_first(single) == ("row" if name == "code" else first)


def test_the_identifier_is_found_behind_other_ignored_columns():
    rows = [[f"remark {i}", *row, f"T{i}"] for i, row in enumerate(TREES)]
    assert find_first(train("remark species height width uuid", rows, "--label", "species")) == "uuid"


def test_one_output_for_two_classes_has_shares_of_both():
    table = train("species height width", make_trees(("oak", "ash")), "--net", "2-5-1")
    assert here("predict", "run", table, "--out", "answers.csv", "--shares").code == 0
    assert Path("answers.csv").read_text().startswith("row,species,ash,oak\n")
    answers = read("answers.csv")
    assert {row[1] for row in answers} == {"ash", "oak"}
    for _, label, ash, oak in answers:
        assert float(ash) + float(oak) == pytest.approx(1, abs=1e-5)
        assert label == ("ash" if float(ash) > float(oak) else "oak")


def test_a_pipe_gets_all_answers_as_csv_and_a_terminal_the_first():
    rows = [[f'tree "{i}", old', *row] for i, row in enumerate(TREES)]
    table = train("id species height width", rows, "--label", "species")
    ran = here("predict", "run", table)
    found = list(csv.reader(io.StringIO(ran.out)))
    assert [row[0] for row in found] == ["id", *(row[0] for row in rows)]
    assert "the first" not in ran.err
    shown = at_a_terminal(*COMMAND, "predict", "run", str(table)).out
    assert "the first 20 rows; all: --out answers.csv" in " ".join(shown.split())
    assert shown.count(", old") == 20


def test_rows_without_an_answer_are_not_counted_as_answers():
    rows = [[name, "" if i % 10 == 3 else h, w] for i, (name, h, w) in enumerate(TREES)]
    table = train("species height width", rows, "--missing", "drop")
    assert here("predict", "run", table, "--out", "some.csv").out == "30 rows, 27 answers: some.csv\n"
    full = write("full.csv", TREES, "species height width")
    assert here("predict", "run", full, "--out", "all.csv").out == "30 answers: all.csv\n"


def test_partial_files_of_ended_processes_are_removed_at_the_next_writing():
    table = train("species height width", TREES)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (f"answers.csv.{ended.pid}", f"answers.csv.{os.getppid()}", f"other.csv.{ended.pid}"):
        Path(f".{name}.part").touch()
        os.utime(f".{name}.part", (0, 0))  # nobody changed it for long
    assert here("predict", "run", table, "--out", "answers.csv").code == 0
    assert sorted(map(str, Path().glob(".*.part"))) == sorted(
        [f".answers.csv.{os.getppid()}.part", f".other.csv.{ended.pid}.part"]
    )


@pytest.mark.parametrize("name", ["table.csv", "link.csv", "run/model.safetensors", "answers.xlsx"])
def test_answers_replace_neither_the_table_nor_a_model(name):
    table = train("species height width", TREES)
    Path("link.csv").symlink_to(table)
    before = {path: path.read_bytes() for path in (table, Path("run/model.safetensors"))}
    ran = here("predict", "run", table, "--out", name)
    assert (ran.code, ran.err.startswith("error: --out: expected ")) == (2, True)
    assert {path: path.read_bytes() for path in before} == before
    assert not Path("answers.xlsx").exists()


@pytest.mark.parametrize(
    ("targets", "names"),
    [(2, ["row", "label 1", "label 2"]), (3, ["row", "y 1", "y 2", "y 3"])],
    ids=["numbers", "labels"],
)
def test_several_answers_for_arrays_have_a_name_each(targets, names):
    x = np.random.default_rng(0).normal(size=(40, 4))
    np.savez("arrays.npz", x=x, y=x[:, :2] if targets == 2 else (x[:, :3] > 0).astype(int))
    assert here(*TRAIN, "arrays.npz").code == 0
    found = list(csv.reader(io.StringIO(here("predict", "run", "arrays.npz").out)))
    assert found[0] == names
    assert {len(row) for row in found} == {len(names)}
    answers = here("predict", "run", "arrays.npz", "--json").json["answers"]
    assert [list(answer) for answer in answers] == [names] * 40
    shared = here("predict", "run", "arrays.npz", "--shares")
    assert shared.code == 2 * (targets == 2)
    assert shared.out.startswith(",".join([*names, "share of y 1"])) == (targets == 3)
