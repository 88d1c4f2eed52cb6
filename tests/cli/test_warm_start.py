"""deltarule train --from: a new run that starts from a model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

import deltarule as dr
from deltarule.data import load

from .table_cases import make_trees, write

BRIEF = ["--epochs", 1, "--engine", "numpy", "--json"]
TEST = load("digits")[2]


def draw(folder: str, digits: str, n: int = 12, names: dict[str, str] | None = None) -> None:
    """Draw test digits dark on light, enlarged, in a folder for each class."""
    for digit in digits:
        place = Path(folder, (names or {}).get(digit, digit))
        place.mkdir(parents=True)
        for i, ink in enumerate(TEST.x[TEST.y == int(digit)][:n]):
            page = np.pad(250 - 14 * np.kron(ink, np.ones((9, 9))), 15, constant_values=250)
            Image.fromarray(page.astype(np.uint8)).save(place / f"{i}.png")


def test_a_run_starts_where_the_model_stood(deltarule, kept):
    """With η = 0 the figures after the first epoch are those of the model."""
    ran = deltarule("train", "--from", kept, "--eta", 0, "--out", "run", *BRIEF)
    assert ran.code == 0, ran.err
    model, before = dr.load("run"), dr.load(kept)
    assert model.parameters_sha256 == before.parameters_sha256
    assert model.preprocessing == before.preprocessing
    stood = before.evaluate(load("digits")[1])
    first = model.history.records[0]
    assert (first["validation_cost"], first["validation_accuracy"]) == (stood["cost"], stood["accuracy"])
    assert f"parameters {before.parameters_sha256[:12]}; its preprocessing stays: inputs divided by 16" in ran.err
    origin = {"parameters_sha256": before.parameters_sha256, "epochs": 12}
    assert json.loads(Path("run/run.json").read_text())["from"] == {"path": str(kept), **origin}
    assert model.history.changes == ({"epoch": 0, "step": 0, **origin},)
    shown = "".join(deltarule("show", "run").out.split())  # a long path is broken over lines
    assert f"{kept},parameters{before.parameters_sha256[:12]}" in shown


def test_the_settings_of_the_model_stay_unless_options_change_them(deltarule, kept):
    ran = deltarule("train", "--from", kept, "--eta", 0.1, "--out", "run", *BRIEF)
    settings, before = dr.load("run").settings, dr.load(kept).settings
    changed = {name for name in before if settings[name] != before[name]}
    assert changed <= {"eta", "epochs", "engine_reason"}
    assert "0.1  (" in ran.err


def test_a_model_file_without_a_run_is_enough(deltarule, kept):
    """The remedy of --resume for a model file works as it is written."""
    dr.load(kept).save("model file.safetensors")
    ran = deltarule("train", "--resume", "model file.safetensors")
    assert ran.code == 1
    remedy = "deltarule train --from 'model file.safetensors'\n"
    assert ran.err.endswith(f"train it further in a new run: {remedy}")
    ran = deltarule("train", "--from", "model file.safetensors", "--out", "run", *BRIEF)
    assert (ran.code, ran.json["data"]) == (0, "digits")


@pytest.mark.slow
def test_a_model_is_trained_further_on_pictures_prepared_for_it(deltarule, kept):
    draw("mine", "378")
    ran = deltarule("train", "--from", kept, "--data", "mine", "--eta", 0, "--out", "run", *BRIEF)
    assert ran.code == 0, ran.err
    assert "in each picture the ink is found, centred in 8×8" in ran.err
    model = dr.load("run")
    assert model.classes == tuple("0123456789")
    assert model.preprocessing == dr.load(kept).preprocessing
    found = deltarule("evaluate", "run", "--part", "all", "--json").json
    direct = deltarule("evaluate", kept, "--data", "mine", "--json").json
    assert found["confusion"] == direct["confusion"]
    assert deltarule("evaluate", "run", "--json").json["accuracy"] == ran.json["test_accuracy"]
    longer = deltarule("train", "--resume", "run", "--eta", 0.1, "--epochs", 20, "--json")
    assert (longer.code, longer.json["epochs"]) == (0, 20)


def test_new_classes_are_an_error_with_the_way_on(deltarule, kept):
    draw("mine", "37", names={"7": "seven"})
    ran = deltarule("train", "--from", kept, "--data", "mine", "--out", "run", *BRIEF)
    assert (ran.code, ran.out, Path("run").exists()) == (1, "", False)
    assert "got seven" in ran.err
    assert "--new-output" in ran.err
    ran = deltarule("train", "--from", kept, "--data", "mine", "--new-output", "--out", "run", *BRIEF)
    assert ran.code == 0, ran.err
    model, tensors = dr.load("run"), load_file(Path(kept, "model.safetensors"))
    assert (model.classes, model.network.n_out) == (("3", "seven"), 2)
    assert model.params[2]["w"].shape == (2, 30)
    assert model.params[0]["w"].shape == tensors["params/0/w"].shape
    assert deltarule("evaluate", "run", "--json").json["examples"] == len(load_test(deltarule))


def load_test(deltarule) -> range:
    return range(sum(map(sum, deltarule("evaluate", "run", "--json").json["confusion"])))


def test_a_new_output_keeps_the_other_layers(deltarule, kept):
    np.savez("two.npz", x=TEST.x[TEST.y < 2], y=np.array(["nil", "one"])[TEST.y[TEST.y < 2]])
    words = ["train", "--from", kept, "--data", "two.npz", "--new-output", "--eta", 0, "--out", "run", *BRIEF]
    ran = deltarule(*words)
    assert ran.code == 0, ran.err
    before, after = dr.load(kept), dr.load("run")
    assert all(np.array_equal(before.params[0][name], after.params[0][name]) for name in ("w", "b"))
    assert after.classes == ("nil", "one")
    refused = deltarule("train", "--from", kept, "--data", "two.npz", *BRIEF)
    assert (refused.code, refused.out) == (1, "")
    assert "that the model knows, got " in refused.err
    assert "--new-output" in refused.err


@pytest.mark.parametrize(
    ("net", "said"),
    [
        ("64-40-10", "its layer 0 is Dense(30), not Dense(40)"),
        ("64-10", "its layer 0 is Dense(30), not Dense(10)"),
        ("64-30-20-10", "its layer 2 is Dense(10), not Dense(20)"),
    ],
)
def test_another_network_names_the_first_layer_that_differs(deltarule, kept, net, said):
    ran = deltarule("train", "--from", kept, "--net", net, "--out", "run", *BRIEF)
    assert (ran.code, ran.out, Path("run").exists()) == (2, "", False)
    assert f"--net: expected the layers of the model; {said}; leave it out" in ran.err


def test_another_activation_is_another_network(deltarule, kept):
    ran = deltarule("train", "--from", kept, "--net", "64-30-10", "--hidden", "relu", *BRIEF)
    assert "its layer 1 is Sigmoid, not ReLU" in ran.err
    assert deltarule("train", "--from", kept, "--hidden", "relu", *BRIEF).code == 2
    ran = deltarule("train", "--from", kept, "--net", "64-30-10", "--dropout", 0.1, "--eta", 0, "--out", "run", *BRIEF)
    assert ran.code == 0, ran.err
    layers = [type(layer).__name__ for layer in dr.load("run").network.layers]
    assert layers == ["Dense", "Sigmoid", "Dropout", "Dense"]
    stood = dr.load(kept).evaluate(load("digits")[1])
    assert dr.load("run").history.records[0]["validation_cost"] == stood["cost"]


def test_the_target_of_a_table_is_the_one_of_the_model(deltarule):
    write("old.csv", [[*row[1:], row[0]] for row in make_trees()], "height width species")
    write("new.csv", [[row[0], row[2], row[1]] for row in make_trees(seed=2)], "species width height")
    assert deltarule("train", "--data", "old.csv", "--label", "species", "--out", "old", *BRIEF).code == 0
    ran = deltarule("train", "--from", "old", "--data", "new.csv", "--eta", 0, "--out", "new", *BRIEF)
    assert ran.code == 0, ran.err
    assert dr.load("new").preprocessing == dr.load("old").preprocessing
    assert dr.load("new").parameters_sha256 == dr.load("old").parameters_sha256
    assert deltarule("train", "--resume", "new", "--epochs", 2, "--json").code == 0


def test_options_that_do_not_go_together_are_refused(deltarule, kept):
    for words in (["--from", kept, "--folds", 3], ["--new-output"], ["--resume", kept, "--from", kept]):
        ran = deltarule("train", *words)
        assert (ran.code, ran.out) == (2, "")
    dr.fit_ensemble(dr.Network.dense([64, 10]), TEST, members=2, epochs=1, folder="several")
    ran = deltarule("train", "--from", "several", *BRIEF)
    assert "expected one model, not an ensemble of 2" in ran.err
    exec("import deltarule; " + ran.err.partition("in Python: ")[2])  # the remedy
    assert deltarule("train", "--from", "one.safetensors", "--data", "digits", *BRIEF).code == 0


def test_an_ensemble_starts_from_one_model(deltarule, kept):
    ran = deltarule("train", "--from", kept, "--ensemble", 2, "--eta", 0, "--out", "run", *BRIEF)
    assert ran.code == 0, ran.err
    expected = dr.load(kept).parameters_sha256
    assert [model.parameters_sha256 for model in dr.load("run").models] == [expected] * 2
