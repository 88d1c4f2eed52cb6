"""Published sets of images by the command: described, trained on, evaluated and predicted."""

from __future__ import annotations

import csv
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.slow import with_slow

from data.set_files import make_images, put, put_set
from deltarule.data import load

from .conftest import Ran, here
from .table_cases import make_patients, write

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def train(data: Path | str, *words: object) -> Ran:
    return here("train", "--engine", "numpy", "--data", data, "--epochs", 1, "--out", "run", *words)


def describe(*words: object) -> str:
    ran = here("data", *words)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_clothes_load_under_their_own_name():
    """A set with the names of MNIST's files was refused with the advice to fetch it again."""
    put_set(Path("clothes"), ending=".gz")
    ran = train("clothes")
    assert (ran.code, ran.err) == (0, "")
    assert "Data: clothes (" in ran.out
    assert "the files have the names of MNIST's, but another content" in ran.out
    assert here("evaluate", "run", "--json").json["examples"] == 60


def test_clothes_asked_for_as_mnist_say_how_to_use_them(monkeypatch):
    put_set(Path("clothes"), ending=".gz")
    monkeypatch.setenv("DELTARULE_DATA", "clothes")
    for name in ("mnist", "auto"):
        ran = train(name)
        assert (ran.code, ran.out) == (1, "")
        assert "load it by the path of its folder" in ran.err
    assert train("clothes").code == 0


def test_letters_are_upright_and_named():
    for part, n in (("train", 156), ("test", 52)):
        x, y = make_images(n, 26, seed=n)
        put(Path(f"letters/emnist-letters-{part}-images-idx3-ubyte.gz"), x.transpose(0, 2, 1))
        put(Path(f"letters/emnist-letters-{part}-labels-idx1-ubyte.gz"), y + 1)
    assert train("letters", "--json").json["data"] == "letters"
    result = here("evaluate", "run", "--json").json
    assert (tuple(result["classes"]), result["examples"]) == (LETTERS, 52)
    Image.fromarray(x[3]).save("d.png")
    ran = here("predict", "run", "d.png", "--json")
    assert f'"{LETTERS[3]}"' in ran.out, ran.err


def test_kaggles_tables_are_learned_and_answered():
    digits = load("digits")[0]
    images = np.kron(digits.x * 15, np.ones((3, 3), np.uint8))
    pixels = " ".join(f"pixel{i}" for i in range(576))
    rows = [[label, *image.ravel()] for image, label in zip(images, digits.y, strict=True)]
    write("kaggle_train.csv", rows[:900], f"label {pixels}")
    write("kaggle_test.csv", [row[1:] for row in rows[900:]], pixels)
    assert train("kaggle_train.csv", "--epochs", 10).code == 2  # an option may be given once
    ran = here("train", "--engine", "numpy", "--data", "kaggle_train.csv", "--epochs", 10, "--out", "run", "--json")
    assert ran.json["test_accuracy"] > 0.8
    assert here("predict", "run", "kaggle_test.csv", "--out", "answers.csv").code == 0
    with open("answers.csv", encoding="utf-8", newline="") as file:
        answers = [row[-1] for row in csv.reader(file)][1:]
    assert np.mean([int(found) == true for found, true in zip(answers, digits.y[900:], strict=True)]) > 0.8


@pytest.mark.parametrize("protocol", with_slow([2, 3, 5], 3, 5))
def test_a_pickle_of_python_3_is_learned_and_evaluated(protocol):
    x, y = make_images(180)
    parts = [(x[i] / np.float32(256), y[i].astype(np.int64)) for i in (slice(100), slice(100, 140), slice(140, 180))]
    flat = tuple((images.reshape(len(images), -1), labels) for images, labels in parts)
    Path("mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps(flat, protocol), mtime=0))
    result = train("mnist.pkl.gz", "--json").json
    assert result["data"] == "own mnist"
    assert here("evaluate", "run", "--json").json["examples"] == 40
    assert "without running it" in describe("mnist.pkl.gz")


def test_data_describes_a_set_with_a_figure():
    put_set(Path("clothes"))
    shown = describe("clothes")
    assert "clothes: IDX files (clothes)" in shown
    assert "Train on it:  deltarule train --data clothes" in shown
    found = here("data", "clothes", "--json", "--pictures", "figures").json
    assert [(part["part"], part["examples"]) for part in found["parts"]] == [
        ("training", 100), ("validation", 20), ("test", 60)
    ]  # fmt: skip
    assert found["parts"][0]["counts"]["3"] == 10
    assert found["train"] == ["deltarule", "train", "--data", "clothes"]
    assert found["pictures"] == ["figures/examples-clothes.png"]
    assert here("data", "--json", "clothes").json["name"] == "clothes"
    with Image.open("figures/examples-clothes.png") as figure:
        assert figure.width > 1000
    for path in Path().glob("examples-*"):
        assert path.name == "examples-clothes.png"


def test_data_describes_tables_and_keeps_what_is_stated():
    write("patients.csv", make_patients(("no", "yes"), 60), "age a b c d e f ill")
    shown = " ".join(describe("patients.csv", "--label", "ill").split())
    assert "patients: a table of text (patients.csv)" in shown
    assert "Train on it: deltarule train --data patients.csv --label ill" in shown
    assert "ill age a b c d e f" in shown
    assert list(Path().glob("*.png")) == []
    command = here("data", "--label", "ill", "patients.csv", "--json").json["train"]
    assert here(*command[1:], "--epochs", 1, "--engine", "numpy").code == 0


@pytest.mark.parametrize("format", ["arrays", "pictures", "numbers", "labels", "digits"])
def test_data_describes_every_format(format):
    rng = np.random.default_rng(0)
    x, y = make_images(60)
    if format == "arrays":
        np.savez("it.npz", x=rng.normal(size=(60, 3)), y=y)
    elif format == "numbers":
        write("it.npz", [[v, v * 2.5] for v in rng.normal(size=60)], "a b").rename("it.csv")
    elif format == "labels":
        write("it.csv", [[i % 2, i // 2 % 2, i] for i in range(60)], "red green x")
    elif format == "pictures":
        for i, (image, label) in enumerate(zip(x, y, strict=True)):
            Path(f"it/{label % 2}").mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(f"it/{label % 2}/{i}.png")
    else:
        assert describe("digits").startswith("digits: requested by name")
        return
    path = next(Path().glob("it*"))
    options = ["--label", "red,green"] if format == "labels" else []
    assert f"deltarule train --data {path}" in describe(path, *options)
    assert (Path("examples-it.png").exists(), format) in [(format == "pictures", format)]


def test_data_reports_errors_of_paths_and_files():
    assert "PATH" in here("data", "missing").err
    Path("train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    ran = here("data", "train-images-idx3-ubyte")
    assert (ran.code, ran.out) == (1, "")
    assert "labels" in ran.err
