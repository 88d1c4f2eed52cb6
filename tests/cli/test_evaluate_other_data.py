"""deltarule evaluate on data that the run was not trained on: what carries over, and what is said about them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deltarule.data import load

from .conftest import here
from .table_cases import make_trees, write

TRAIN = ["train", "--engine", "numpy", "--epochs", 1, "--out", "run", "--data"]
NAMES = "species height width"


def save_folder(folder: str, start: int, stop: int) -> str:
    """Save some of the small digits in a folder for each class."""
    training = load("digits")[0]
    for i in range(start, stop):
        Path(folder, str(training.y[i])).mkdir(parents=True, exist_ok=True)
        Image.fromarray((training.x[i] * 15).astype(np.uint8)).save(f"{folder}/{training.y[i]}/{i}.png")
    return folder


@pytest.mark.slow
def test_the_test_set_of_a_run_of_pictures_is_not_that_of_the_data_named():
    """Before, the images of the test set were measured under the name of the training folder."""
    mine, theirs = save_folder("mine", 0, 90), save_folder("theirs", 90, 130)
    assert here(*TRAIN, mine, "--test", theirs).code == 0
    for words, name, part, n in [
        ([], "theirs", "test", 40),
        (["--data", mine], "mine", "all", 90),
        (["--data", theirs], "theirs", "all", 40),
        (["--data", mine, "--part", "all"], "mine", "all", 90),
    ]:
        found = here("evaluate", "run", *words, "--json").json
        assert (found["data"], found["part"], found["examples"]) == (name, part, n)


def test_the_test_set_of_a_run_of_a_table_is_not_that_of_the_data_named():
    rows = make_trees(n=20)
    write("mine.csv", rows[:40], NAMES)
    write("theirs.csv", rows[40:], NAMES)
    assert here(*TRAIN, "mine.csv", "--test", "theirs.csv").code == 0
    for words, name, n in [([], "theirs", 20), (["--data", "mine.csv"], "mine", 40)]:
        found = here("evaluate", "run", *words, "--json").json
        assert (found["data"], found["examples"]) == (name, n)


def save_rows(target: str) -> str:
    """Save rows of three numbers with a target of words, of numbers, or of whole numbers."""
    random = np.random.default_rng(3)
    targets = {"words": ["oak", "ash", "elm"] * 20, "numbers": random.random(60), "whole": np.arange(60) % 3}
    np.savez(f"{target}.npz", x=random.random((60, 3)), y=np.array(targets[target]))
    lines = [f"{a:.3f},{b:.3f},{y}" for a, b, y in zip(*random.random((2, 60)), targets[target], strict=True)]
    Path(f"{target}.csv").write_text("\n".join(["a,b,kind", *lines]))
    return target


@pytest.mark.parametrize("mine", ["words", "numbers"])
def test_a_target_of_another_kind_has_a_remedy_of_the_command(mine):
    """Before, words were evaluated as numbers, and the advice was Real() or an option that evaluate lacks."""
    other = {"words": "numbers", "numbers": "words"}[save_rows(mine)]
    save_rows(other)
    for suffix, words in ((".npz", []), (".csv", ["--label", "kind"])):
        run = f"run{suffix}"
        assert here(*TRAIN[:-2], run, "--data", mine + suffix, *words).code == 0
        ran = here("evaluate", run, "--data", other + suffix)
        assert (ran.code, ran.out) == (1, "")
        assert "Real()" not in ran.err
        assert "--" not in ran.err
        assert ("train a model on these" if suffix == ".npz" else "leave") in ran.err


def test_whole_numbers_are_a_target_of_numbers():
    assert here(*TRAIN, save_rows("numbers") + ".npz").code == 0
    assert here("evaluate", "run", "--data", save_rows("whole") + ".npz").code == 0


def test_a_start_names_inputs_of_another_shape_first():
    """Before, the class was blamed, and the advice was --new-output, which could not help."""
    assert here(*TRAIN, "digits").code == 0
    for words in ([], ["--new-output"]):
        ran = here("train", "--from", "run", "--data", save_rows("words") + ".csv", "--out", "next", *words)
        assert ran.code == 1
        assert "expected examples of 64 numbers, shape (8, 8), as the model takes, got 2" in ran.err
        assert not Path("next").exists()


def test_a_start_from_numbers_takes_classes_with_a_new_output():
    assert here(*TRAIN, save_rows("numbers") + ".csv", "--label", "kind").code == 0
    start = ["train", "--from", "run", "--data", save_rows("words") + ".csv", "--out", "next"]
    assert here(*start).err.endswith("train a new last layer for classes: --new-output\n")
    assert here(*start, "--new-output").code == 0


def test_notes_about_a_split_are_left_out_where_all_rows_are_evaluated():
    random = np.random.default_rng(3)
    x = np.repeat(random.random((30, 3)), 2, axis=0)
    np.savez("mine.npz", x=random.random((60, 3)), y=np.arange(60) % 2)
    np.savez("other.npz", x=x, y=np.arange(60) % 2)
    np.savez("parts.npz", x_train=x, y_train=np.arange(60) % 2, x_test=x, y_test=np.arange(60) % 2)
    assert here(*TRAIN, "mine.npz").code == 0
    for data, note in (("other", "repeat others"), ("parts", " of 60 rows of the test set")):
        assert note in here("data", f"{data}.npz").out
        ran = here("evaluate", "run", "--data", f"{data}.npz")
        assert ran.code == 0
        assert note not in ran.err
        assert "one set" not in ran.err


def test_repeated_pictures_are_counted_and_named_in_one_line():
    folder = save_folder("mine", 0, 60)
    first = sorted(Path(folder).glob("*/*.png"))[0]
    Path(first.parent, "copy.png").write_bytes(first.read_bytes())
    text = here("data", folder).out
    name = f"{first.parent.name}/{first.name}"
    assert f"1 image repeats another: {name} = {first.parent.name}/copy.png; repeats stay in one set" in text
    assert "identical" not in text


def test_blank_pictures_have_no_columns():
    for i in range(40):
        Path("blank", "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        Image.new("L", (6, 6), 255).save(f"blank/{'ab'[i % 2]}/{i}.png")
    text = here("data", "blank").out
    assert "39 images repeat others, as all are the same: repeats may be in several sets" in text
    assert "columns" not in text.split("part")[0]


def test_a_run_given_as_data_is_named():
    assert here(*TRAIN, "digits").code == 0
    for path, kind, run in [
        ("run", "the folder of a run", "run"),
        ("run/run.json", "the record of a run", "run"),
        ("run/model.safetensors", "a model file", "run/model.safetensors"),
    ]:
        for words in (["data"], ["train", "--data"], ["evaluate", "run", "--data"]):
            ran = here(*words, path)
            assert ran.code == 1
            assert ran.err.endswith(f"{path}: expected data, got {kind}; to look at it: deltarule show {run}\n")


def test_a_pipe_given_as_data_is_named():
    os.mkfifo("pipe")
    assert "pipe: expected a file or a folder of data, got a device or a pipe" in here("data", "pipe").err


def test_rows_of_one_label_name_the_way_to_classes():
    np.savez("rows.npz", x=np.random.default_rng(1).random((30, 2)), y=np.eye(3)[np.arange(30) % 3])
    text = here("data", "rows.npz").out
    assert "they could be classes, if y.argmax(axis=1) is saved in place of y" in text
