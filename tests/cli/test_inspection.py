"""deltarule evaluate, show, runs and compare: their figures are right, and their errors are clear."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import deltarule as dr
from deltarule.cli.console import out as console
from deltarule.core.windows import pair
from deltarule.data import load
from deltarule.models import files

from .conftest import predict_by_hand

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def first(kept) -> Path:
    """A copy of the run, to write into or to damage."""
    shutil.copytree(kept, "runs/first")
    return Path("runs/first")


@pytest.fixture(scope="module")
def digits():
    return load("digits")[2]


def test_evaluate_prints_the_right_counts(deltarule, first, digits):
    read = predict_by_hand(first, digits.x, 16)
    found = deltarule("evaluate", first, "--json").json
    assert (found["data"], found["part"], found["examples"]) == ("digits", "test", 300)
    assert found["accuracy"] == pytest.approx((read == digits.y).mean(), abs=1e-9)
    assert found["confusion"][5][3] == ((digits.y == 5) & (read == 3)).sum()
    assert np.sum(found["confusion"], axis=1).tolist() == np.bincount(digits.y).tolist()
    assert found["classes"] == list("0123456789")
    assert found["cost"] > 0
    assert found["pictures"] == [f"runs/first/{name}-test.png" for name in ("confusion", "misclassified")]
    assert all(Path(picture).read_bytes().startswith(PNG) for picture in found["pictures"])
    ran = deltarule("evaluate", first)
    right = int((read == digits.y).sum())
    assert f"{right} / 300 right" in ran.out
    row = next(line for line in ran.out.splitlines() if line.startswith("7 "))
    assert [cell.replace("·", "0") for cell in row.split()[1:11]] == [str(n) for n in found["confusion"][7]]
    assert "Data: digits, 300 test images" in ran.err


def test_evaluate_reads_other_parts_and_the_best_epoch(deltarule, first):
    validation = deltarule("evaluate", first, "--part", "validation", "--json", "--pictures", "p q").json
    notes = json.loads((first / "run.json").read_text())["result"]
    assert validation["accuracy"] == notes["validation_accuracy"]
    assert validation["pictures"][0] == "p q/confusion-validation.png"
    best = deltarule("evaluate", first, "--best", "--json").json
    assert best["accuracy"] == notes["best_test_accuracy"]


def test_evaluate_prints_its_result_even_if_no_figure_can_be_saved(deltarule, first):
    Path("file").write_text("text")
    words = ["evaluate", first, "--pictures", "file"]
    found, ran = deltarule(*words, "--json"), deltarule(*words)
    assert (found.code, ran.code, found.json["pictures"]) == (1, 1, [])
    assert f"{round(300 * found.json['accuracy'])} / 300 right" in ran.out
    assert "Figures" not in ran.out
    assert "file is not a folder; name another folder with --pictures" in ran.err


def test_a_model_file_without_a_run_may_need_data(deltarule, first):
    model = dr.load(first)
    model.save("lone.safetensors")
    assert deltarule("evaluate", "lone.safetensors", "--json").json["examples"] == 300
    replace(model, settings={**model.settings, "training_data": "pictures training"}).save("lone.safetensors")
    ran = deltarule("evaluate", "lone.safetensors", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "--data" in ran.err
    assert deltarule("evaluate", "lone.safetensors", "--data", "digits", "--json").json["examples"] == 300


def test_evaluate_reads_data_of_your_own(deltarule, first, digits):
    from PIL import Image

    x, y = digits.x[:100], digits.y[:100]
    np.savez("mine.npz", x=x, y=y)
    Path("mine.csv").write_text(
        "".join(f"{k},{','.join(map(str, image.flat))}\n" for image, k in zip(x, y, strict=True))
    )
    for i, (image, k) in enumerate(zip(x, y, strict=True)):
        below = Path(f"my [bold] digits/{k}")
        below.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15).astype(np.uint8)).save(below / f"{i}.png")
    for data in ("mine.npz", "mine.csv", "my [bold] digits"):
        ran = deltarule("evaluate", first, "--data", data, "--json")
        assert ran.json["data"] == Path(data).stem
        assert ran.json["accuracy"] > 0.8, data
        assert f"Data: {Path(data).stem}, all 100 " in ran.err


def test_evaluate_matches_the_classes_by_name(deltarule, first, digits):
    np.savez("numbers.npz", x=digits.x, y=digits.y)
    np.savez("names.npz", x=digits.x, y=digits.y.astype(str))
    numbers, names = (deltarule("evaluate", first, "--data", f"{n}.npz", "--json").json for n in ("numbers", "names"))
    assert (numbers["confusion"], numbers["cost"]) == (names["confusion"], names["cost"])
    some = np.isin(digits.y, [3, 5])  # two of the ten classes
    np.savez("some.npz", x=digits.x[some], y=digits.y[some])
    found = deltarule("evaluate", first, "--data", "some.npz", "--json").json
    assert {k for k, row in enumerate(found["confusion"]) if sum(row)} == {3, 5}
    assert found["accuracy"] > 0.6
    np.savez("words.npz", x=digits.x, y=np.array(WORDS)[digits.y])
    ran = deltarule("evaluate", first, "--data", "words.npz")
    assert (ran.code, ran.out) == (1, "")
    assert "expected one of the classes 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 that the model knows, got 'seven'" in ran.err


@pytest.mark.parametrize(
    ("shape", "classes", "said"),
    [
        ((400, 7, 7), 10, "image 0: expected 8 pixels or more in each direction"),
        ((400, 8, 8), 12, "that the model knows, got '11'"),
    ],
)
def test_evaluate_refuses_data_that_do_not_fit(deltarule, first, shape, classes, said):
    np.savez("other.npz", x=np.arange(np.prod(shape)).reshape(shape) % 17, y=np.arange(400) % classes)
    ran = deltarule("evaluate", first, "--data", "other.npz", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


def test_evaluate_and_show_work_without_images(deltarule):
    rng = np.random.default_rng(1)
    rows = [(k, *rng.normal(k, 0.3, 3)) for k in range(3) for _ in range(30)]
    Path("points.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    ran = deltarule("train", "--data", "points.csv", "--epochs", 3, "--engine", "numpy", "--out", "run")
    assert "on rows it never saw" in ran.out
    assert deltarule("evaluate", "run", "--json").json["pictures"] == ["run/confusion-test.png"]
    assert deltarule("show", "run", "--json").json["pictures"] == ["run/curves.png"]
    ran = deltarule("predict", "run", "any.png", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "this model predicts examples of shape (3,), not pictures" in ran.err


def test_evaluate_prints_a_list_of_mistakes_if_the_matrix_is_too_wide(deltarule, first, monkeypatch):
    monkeypatch.setattr(console, "width", 40)
    ran = deltarule("evaluate", first)
    assert "the most frequent mistakes" in ran.out
    assert "…" not in ran.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("evaluate runs/first --part some", 2, "validation"),
        ("evaluate runs/first --data nowhere", 2, "nowhere"),
        ("evaluate nowhere", 1, "nowhere"),
        ("evaluate", 2, "Missing argument"),
        ("show nowhere", 1, "nowhere"),
        ("show file", 1, "file"),
        ("runs file", 1, "file: expected a folder of runs"),
        ("runs nowhere", 1, "deltarule train"),
        ("compare runs/first", 2, "two runs"),
        ("compare runs/first runs/../runs/first", 2, "RUN: expected different runs"),
        ("compare runs/first nowhere", 1, "nowhere"),
        ("compare runs/first runs/second --picture curves.txt", 2, "curves.txt"),
    ],
)
def test_errors_leave_stdout_empty(deltarule, first, words, code, said):
    shutil.copytree(first, "runs/second")
    Path("file").write_text("text")
    ran = deltarule(*words.split(), "--json")
    assert (ran.code, ran.out) == (code, "")
    assert said in " ".join(ran.err.split())


def test_best_needs_a_run_with_keep_best(deltarule):
    deltarule("train", "--data", "digits", "--epochs", 1, "--engine", "numpy", "--out", "plain")
    ran = deltarule("evaluate", "plain", "--best", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "--keep-best" in ran.err


def test_show_prints_layers_settings_and_history(deltarule, first):
    shown = deltarule("show", first, "--json").json
    assert [layer["layer"] for layer in shown["layers"]] == ["Dense", "Sigmoid", "Dense"]
    assert shown["layers"][0]["shapes"] == {"w": [30, 64], "b": [30]}
    assert shown["parameters"] == 64 * 30 + 30 + 30 * 10 + 10
    assert [record["epoch"] for record in shown["history"]] == list(range(12))
    assert shown["settings"]["regularizer"] == {"type": "L2", "lmbda": 0.1}
    assert shown["pictures"] == ["runs/first/curves.png", "runs/first/weights.png"]
    assert all(Path(picture).read_bytes().startswith(PNG) for picture in shown["pictures"])
    ran = deltarule("show", first)
    assert "2,260" in ran.out
    assert "L2(0.1)" in ran.out
    assert ran.err == ""


def test_show_accepts_other_records_of_monitors(deltarule):
    watch = dr.callbacks.Monitor(layer_cost=lambda model: [1, 2], training_cost=lambda model: "low")
    dr.fit(dr.Network.dense([64, 10]), load("digits")[0], epochs=1, callbacks=[watch, dr.callbacks.Checkpoint("own")])
    shown = deltarule("show", "own", "--json").json
    assert (shown["history"][0]["layer_cost"], shown["history"][0]["training_cost"]) == ([1, 2], "low")
    assert shown["pictures"] == ["own/curves.png", "own/weights.png"]
    tensors, description = files.read(Path("own/model.safetensors"))
    description["history"]["records"][0]["validation_cost"] = "low"
    files.write(Path("own/model.safetensors"), tensors, description)
    assert "error: own: the file is damaged: " in deltarule("show", "own").err


@pytest.mark.parametrize(("kernel", "pictures"), [((3, 2), ["kernels/weights.png"]), (1, [])])
def test_show_draws_the_kernels_of_a_convolution(deltarule, kernel, pictures):
    layers = [dr.Conv(4, kernel), dr.BatchNorm(), dr.ReLU(), dr.Flatten(), dr.Dense(10)]
    network = dr.Network(layers, dr.LogLikelihood(), (8, 8, 1))
    params = [{name: leaf.astype("float32") for name, leaf in layer.items()} for layer in network.init(1)]
    model = dr.Model(network, params, dr.preprocessing.Preprocessing(dr.encodings.OneHot(10), example_shape=(8, 8)))
    model.save("conv.safetensors")
    shown = deltarule("show", "conv.safetensors", "--pictures", "kernels", "--json").json
    h, w = pair(kernel)
    assert shown["layers"][0]["shapes"] == {"w": [4, h, w, 1], "b": [4]}
    assert shown["layers"][1]["parameters"] == 16
    assert shown["pictures"] == pictures
    ran = deltarule("show", "conv.safetensors")
    assert f"{9 - h}×{9 - w}×4" in ran.out
    assert "mean 4, scale 4, shift 4, variance 4" in " ".join(ran.out.split())


def test_runs_lists_valid_and_damaged_runs(deltarule, first):
    notes = json.loads((first / "run.json").read_text())
    for name in ("cut short", "no model", "bad notes", "on its way", "odd [bold]"):
        shutil.copytree(first, f"runs/{name}")
    content = (first / "model.safetensors").read_bytes()
    Path("runs/cut short/model.safetensors").write_bytes(content[: len(content) // 2])
    Path("runs/no model/model.safetensors").unlink()
    Path("runs/bad notes/run.json").write_text("{")
    tensors, description = files.read(Path("runs/on its way/model.safetensors"))
    position = {**description["position"], "finished": False}
    files.write(Path("runs/on its way/model.safetensors"), tensors, {**description, "position": position})
    Path("runs/odd [bold]/run.json").write_text(json.dumps({**notes, "result": {"test_accuracy": "high"}}))
    ran = deltarule("runs")
    assert ran.code == 0
    rows = {line.split("  ")[0]: line for line in ran.out.splitlines() if line.startswith("runs/")}
    assert rows.keys() == {"runs/first", "runs/on its way", "runs/odd [bold]"}
    assert f"{100 * notes['result']['test_accuracy']:.2f} %" in rows["runs/first"]
    assert "12 / 12" in rows["runs/first"]
    assert "unfinished" in rows["runs/on its way"]
    assert "deltarule train --resume 'runs/on its way'" in ran.out
    assert ran.err.count("error:") == 3
    assert all(f"runs/{name}" in ran.err for name in ("cut short", "no model", "bad notes"))
    listed = deltarule("runs", "--json").json["runs"]
    by_name = {row["run"]: row for row in listed}
    assert len(listed) == 6
    assert by_name["runs/first"]["test_accuracy"] == notes["result"]["test_accuracy"]
    assert by_name["runs/first"]["network"] == "64-30-10, Sigmoid, CrossEntropy"
    assert "error" in by_name["runs/cut short"]
    assert {row["run"] for row in listed if row.get("go_on")} == {"runs/on its way"}


def test_runs_of_an_empty_folder_is_empty(deltarule):
    Path("runs").mkdir()
    assert "No runs" in deltarule("runs").out
    assert deltarule("runs", "--json").json == {"folder": "runs", "runs": []}


def test_compare_prints_the_differences(deltarule, first):
    train = "train --data digits --engine numpy --seed 1 --epochs 2 --eta 0.25"
    deltarule(*train.split(), "--out", "runs/slow")
    deltarule(*train.split(), "--cost", "quadratic", "--net", "64-10", "--out", "runs/flat")
    two = deltarule("compare", "runs/first", "runs/slow", "--json").json
    assert {"eta", "epochs", "regularizer", "test_accuracy"} <= set(two["differ"])
    assert not {"network", "seed", "batch_size", "data"} & set(two["differ"])
    assert (two["runs"]["runs/first"]["eta"], two["runs"]["runs/slow"]["eta"]) == ("Constant(0.5)", "Constant(0.25)")
    assert two["runs"]["runs/slow"]["epochs"] == 2
    assert Path(two["picture"]).read_bytes().startswith(PNG)
    three = deltarule("compare", "runs/first", "runs/slow", "runs/flat", "--picture", "a b/three.svg")
    heading, _, *rows = three.out.splitlines()
    assert heading.split() == ["first", "slow", "flat"]
    assert next(row for row in rows if row.startswith("network")).rstrip().split("  ")[-1].strip() == "64-10, Quadratic"
    assert not any(row.startswith("seed ") for row in rows)
    assert b"<svg" in Path("a b/three.svg").read_bytes()


def test_show_and_compare_print_even_if_no_figure_can_be_saved(deltarule, first):
    shutil.copytree(first, "runs/second")
    Path("file").write_text("text")
    show = ["show", first, "--pictures", "file/below"]
    compare = ["compare", "runs/first", "runs/second", "--picture", "file/curves.png"]
    cases = (
        (show, {"pictures": []}, "2,260", "could not be written"),
        (compare, {"picture": None}, "The runs have the same settings and results", "file is not a folder"),
    )
    for words, none, text, reason in cases:
        found, ran = deltarule(*words, "--json"), deltarule(*words)
        assert (found.code, ran.code) == (1, 1)
        assert none.items() <= found.json.items()
        assert text in ran.out
        assert "Figure" not in ran.out
        assert reason in ran.err


def test_compare_says_if_runs_are_equal(deltarule, first):
    shutil.copytree(first, "runs/second")
    assert "The runs have the same settings and results" in deltarule("compare", "runs/first", "runs/second").out


def test_a_constant_eta_is_a_number_for_people_and_a_schedule_in_json(deltarule, first):
    shutil.copytree(first, "runs/second")
    for words in ("runs", "show runs/first"):
        ran = deltarule(*words.split())
        assert "Constant" not in ran.out
        assert re.search(r"\b0\.5\b", ran.out)
    assert deltarule("runs", "--json").json["runs"][0]["eta"] == "Constant(0.5)"
    assert deltarule("show", "runs/first", "--json").json["settings"]["eta"] == {"type": "Constant", "value": 0.5}


def test_the_best_epoch_is_counted_from_1_for_people_and_from_0_in_json(deltarule):
    words = ["train", "--data", "digits", "--epochs", "4", "--engine", "numpy", "--keep-best", "--out"]
    best = deltarule(*words, "one", "--json").json["best_epoch"]
    accuracies = [record["validation_accuracy"] for record in deltarule("show", "one", "--json").json["history"]]
    assert best == accuracies.index(max(accuracies))
    assert f"with the parameters of epoch {best + 1}, the best" in deltarule(*words, "two").out
