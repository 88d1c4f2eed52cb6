"""deltarule evaluate on data that the run was not trained on: what carries over, and what is said about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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
