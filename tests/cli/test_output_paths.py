"""The files that a command writes never replace those that it reads, nor the data of the model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import here
from .table_cases import make_trees, write


@pytest.fixture
def table():
    path = write("table.csv", make_trees(n=10), "species height width")
    assert here("train", "--engine", "numpy", "--epochs", 1, "--out", "run", "--data", path).code == 0
    return path


def refuse(out: object, table: object) -> str:
    path = Path(str(out))
    before = path.read_bytes() if path.exists() else None
    ran = here("predict", "run", table, "--out", out)
    assert ran.code == 2
    assert (path.read_bytes() if path.exists() else None) == before
    return ran.err


def test_answers_never_replace_the_table_or_the_training_data(table):
    other = write("other.csv", make_trees(n=2), "species height width")
    os.symlink("other.csv", "link.csv")
    os.link("other.csv", "second.csv")
    for out in ("other.csv", "./other.csv", "link.csv", "second.csv"):
        assert "expected another file than an input of this command" in refuse(out, other)
    found = refuse(table, other)
    assert "--out: expected another file than the data that the model was trained on" in found
    assert "give table-answers.csv" in found
    for _ in range(2):  # older answers are replaced
        assert here("predict", "run", other, "--out", "answers.csv").code == 0


def test_damaged_notes_of_a_run_do_not_hinder_answers(table):
    Path("run/run.json").write_text("{")
    assert here("predict", "run", table, "--out", "answers.csv").code == 0


def test_a_figure_of_the_inputs_never_replaces_the_picture():
    Image.fromarray(np.full((28, 28), 255, np.uint8)).save("digit.png")
    before = Path("digit.png").read_bytes()
    ran = here("predict", "digit.png", "--seen", "digit.png")
    assert (ran.code, Path("digit.png").read_bytes()) == (2, before)
    assert "--seen: expected another file than an input of this command" in ran.err
