"""Evaluating a run on the rows that it was trained on, on changed rows, and on rows of both kinds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import deltarule as dr
from deltarule.cli.outcome import format_test
from deltarule.data import Dataset, load
from deltarule.data.schema import Column, Schema
from deltarule.training import Checkpoint
from deltarule.training.runs import write_notes

from .conftest import here
from .table_cases import make_trees, write

NAMES = "species height width"
ROWS = make_trees(n=20)
TRAIN = ["train", "--engine", "numpy", "--epochs", 2, "--out", "run", "--data"]


@pytest.fixture
def trees() -> Path:
    """Train a run on 60 trees."""
    table = write("trees.csv", ROWS, NAMES)
    assert here(*TRAIN, table).code == 0
    return table


def test_data_that_changed_since_the_training_are_refused_but_as_other_data(trees):
    write("trees.csv", [["oak", 0.5, 0.25], *ROWS], NAMES)
    for part in ([], ["--part", "train"]):
        ran = here("evaluate", "run", *part)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.endswith("trees.csv: the data have changed since the training; evaluate all rows as other data: "
                                "--part all\n")  # fmt: skip
    ran = here("evaluate", "run", "--part", "all", "--json")
    assert (ran.json["examples"], ran.json["repeated"]) == (61, 42)
    Path("run/fingerprints-2.npy").unlink()
    ran = here("evaluate", "run", "--part", "all", "--json")
    assert (ran.json["examples"], ran.json["repeated"]) == (61, None)
    assert "not compared with the training set (" in ran.err
    assert "the data have changed since the training" in ran.err


@pytest.mark.parametrize("words", [[], ["--class-weights", "balanced"], ["--net", "2-3-3"], ["--ensemble", 2]])
def test_unchanged_data_are_recognized_however_they_were_trained_on(words):
    write("trees.csv", ROWS, NAMES)
    assert here(*TRAIN, "trees.csv", *words).code == 0
    ran = here("evaluate", "run", "--json")
    assert (ran.code, ran.json["repeated"]) == (0, 0)


@pytest.mark.parametrize(("shape", "repeated"), [((30, 2), None), ((30, 2, 3), 0)])
def test_runs_of_earlier_versions_are_evaluated_as_before(shape, repeated):
    """They gave all data a scale, and no columns."""
    x = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    np.savez("mine.npz", x=x, y=np.arange(30) % 2)
    training, validation, _ = (replace(part, scale=59.0, schema=None) for part in load("mine.npz"))
    network = dr.Network.dense([x[0].size, 2])
    dr.fit(network, training, epochs=1, validation=validation, callbacks=[Checkpoint("earlier")])
    write_notes(Path("earlier"), {"data": str(Path("mine.npz").resolve())})
    ran = here("evaluate", "earlier", "--json")
    assert (ran.code, ran.json["repeated"]) == (0, repeated)


def test_a_copy_of_the_training_rows_is_recognized(trees):
    n = here("evaluate", "run", "--part", "train", "--json").json["examples"]
    write("copy.csv", [row[::-1] for row in [*ROWS, ["oak", 0.5, 0.25]]], "width height species")
    for words in (["--data", "copy.csv"], ["--part", "all"]):
        ran = here("evaluate", "run", *words, "--json")
        assert ran.json["repeated"] == n
        assert f"{n} of {ran.json['examples']} rows have the inputs of rows it was trained on" in ran.err
    trees.unlink()
    ran = here("evaluate", "run", "--data", "copy.csv", "--json")
    assert (ran.code, ran.json["repeated"]) == (0, n)
    Path("run/fingerprints-2.npy").unlink()
    ran = here("evaluate", "run", "--data", "copy.csv", "--json")
    assert (ran.code, ran.json["repeated"]) == (0, None)
    assert "not compared with the training set (" in ran.err


def test_training_images_in_another_folder_are_recognized():
    rng = np.random.default_rng(1)
    for folder in ("scans", "others"):
        for kind in ("light", "dark"):
            Path(folder, kind).mkdir(parents=True)
    for i in range(24):
        kind, pixels = ("light", "dark")[i % 2], rng.integers(0, 120, (6, 6), dtype=np.uint8)
        for folder in ("scans", "others"):
            Image.fromarray(pixels + np.uint8(120 * (i % 2 == 0))).save(f"{folder}/{kind}/{i}.png")
    assert here(*TRAIN, "scans").code == 0
    n = here("evaluate", "run", "--part", "train", "--json").json["examples"]
    ran = here("evaluate", "run", "--data", "others", "--json")
    assert (ran.json["part"], ran.json["repeated"]) == ("all", n)
    assert f"{n} of 24 images have the inputs of images it was trained on" in ran.err


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({}, "on rows it never saw"),
        ({"split": False}, "on the rows it was trained on"),
        ({"repeated": 4, "trained_on": 4}, "on the rows it was trained on"),
        ({"repeated": 4, "trained_on": 2}, "on rows it never saw, but 4 have the inputs of training rows"),
        ({"repeated": 1, "trained_on": 1}, "on rows it never saw, but 1 has the inputs of training rows"),
    ],
)
def test_the_result_says_if_the_rows_were_trained_on(result: dict[str, Any], said: str):
    test = Dataset(np.zeros((4, 1)), np.array([0, 1, 0, 1]), schema=Schema((Column("a"),)))
    assert format_test({"test_accuracy": 0.5, **result}, test) == f"Test: [bold]2 / 4[/]  50.00 %  {said}"


def test_rows_with_known_inputs_and_other_labels_were_not_trained_on():
    write("same.csv", [[i // 7 % 2, 1, 2] for i in range(70)], "y a b")
    ran = here(*TRAIN, "same.csv", "--json")
    assert ran.json["repeated"] == ran.json["trained_on"] == 10
    write("same.csv", [[i % 2, i * 3.7, 2] for i in range(80)], "y a b")
    write("other.csv", [[1 - i % 2, i * 3.7, 2] for i in range(20)], "y a b")
    words = ("--data", "same.csv", "--test", "other.csv")
    result = here("train", "--engine", "numpy", "--epochs", 1, *words, "--json").json
    assert result["repeated"] > result["trained_on"] == 0


def test_a_part_of_another_table_is_that_of_its_split(deltarule):
    write("mine.csv", make_trees(n=30), "species height width")
    assert deltarule("train", "--data", "mine.csv", "--epochs", 2, "--engine", "numpy", "--out", "run").code == 0
    Path("mine.csv").rename("other.csv")
    for part, n, known in (("test", 12, 0), ("train", 66, 66), ("all", 90, 66)):
        found = deltarule("evaluate", "run", "--data", "other.csv", "--part", part, "--json").json
        assert (found["part"], found["examples"], found["repeated"]) == (part, n, known)


def test_data_that_have_moved_are_named_with_the_way_on(deltarule):
    write("mine.csv", make_trees(n=30), "species height width")
    assert deltarule("train", "--data", "mine.csv", "--epochs", 1, "--engine", "numpy", "--out", "run").code == 0
    Path("mine.csv").rename("other.csv")
    for words in (("evaluate", "run"), ("train", "--resume", "run", "--epochs", 2)):
        ran = deltarule(*words)
        assert ran.code == 1
        assert "mine.csv: expected the data of the run, got nothing there; if they have moved" in ran.err
        assert deltarule(*words, "--data", "other.csv").code == 0
