"""Contenders: the adapter to the earlier commit, plain JAX, and the environment of all processes."""

from __future__ import annotations

import ast
import json
import subprocess

import numpy as np
import pytest
from benchmarks.child import Request
from benchmarks.contenders import CONTENDERS, TODAY
from benchmarks.contenders.plain_jax import train
from benchmarks.contenders.task import Task
from benchmarks.measure import make_command, run
from benchmarks.processes import make_environment
from benchmarks.today import ADAPTER, TodayError, find_python, read_commit

from benchmarks import child
from deltarule import Adam, Conv, Dataset, Dense, Flatten, LogLikelihood, MaxPool, ReLU, Sigmoid, fit
from deltarule.core.costs import CrossEntropy, LabelSmoothing
from deltarule.recipes import Output, Recipe
from deltarule.training.training import Training

TREE = ast.parse(ADAPTER.read_text(encoding="utf-8"))


def test_the_adapter_gets_everything_that_it_reads():
    reads = {
        node.slice.value
        for node in ast.walk(TREE)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "request"
    }
    request = Request(TODAY, "784-30-10", threads=1, epochs=2, examples=0, seed=0, data=None)
    content = json.loads(request.to_adapter())
    assert {"recipe", "examples", "turns"} < reads <= set(content)
    assert "epochs = 2" in content["recipe"]


def test_the_adapter_imports_nothing_of_the_benchmarks():
    modules = {node.module for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(TREE) if isinstance(node, ast.Import) for name in node.names}
    assert "deltarule" in modules
    assert not any(name.startswith("benchmarks") for name in modules)


@pytest.mark.parametrize("made", [["git", "init", "-q"], ["true"]], ids=["another history", "no history"])
def test_a_history_without_the_commit_is_reported(made, tmp_path):
    subprocess.run(made, cwd=tmp_path, check=True)
    with pytest.raises(TodayError, match="expected commit 83234c5 in the history of this repository") as error:
        find_python(tmp_path, tmp_path / "today")
    assert "git fetch --unshallow" in error.value.remedy
    assert not (tmp_path / "today").exists()


def test_the_history_of_this_repository_has_the_commit():
    assert len(read_commit(ADAPTER.parent)) > 0


@pytest.mark.slow
def test_the_earlier_commit_trains_through_its_adapter(tmp_path, mnist):
    if not mnist[0].name.startswith("mnist"):
        pytest.skip("the earlier commit is measured on the real MNIST; DELTARULE_DATA does not name a folder with it")
    reply = run(Request(TODAY, "784-30-10", threads=1, epochs=2, examples=500, seed=0, data=None), tmp_path)
    assert (len(reply["seconds"]), reply["examples"]) == (2, 500)
    assert reply["accuracy"] > 0.3


def test_no_process_inherits_a_choice_of_kernels(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1024")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    made = make_environment()
    assert not {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"} & set(made)
    assert make_environment(2)["OMP_NUM_THREADS"] == "2"


def test_every_contender_but_the_earlier_commit_runs_in_this_environment(monkeypatch):
    monkeypatch.setattr("benchmarks.measure.find_python", lambda: "other")
    for contender in CONTENDERS:
        command = make_command(Request(contender.name, "conv-10", 1, 0, 0, 0, None))
        assert (command[0] == "other") == (contender.name == TODAY) == (contender.function == "")


def test_a_process_waits_before_each_epoch(monkeypatch):
    rng = np.random.default_rng(0)
    part = Dataset(rng.integers(0, 256, (50, 28, 28), dtype=np.uint8), np.arange(50) % 10, "noise", 255.0)
    monkeypatch.setattr(child.data, "load", lambda name, folder: (part, part, part))
    waits = []
    for contender in ("deltarule-numpy", "plain-jax", "book"):
        request = Request(contender, "784-30-10", 1, epochs=3, examples=0, seed=0, data=None, turns=True)
        found = child.answer(request, lambda: waits.append(1))
        assert (len(waits), len(found["seconds"])) == (3, 3)
        waits.clear()


CONVOLUTION = [Conv(4, 5), ReLU(), MaxPool(2), Flatten(), Dense(10), ReLU(), Output()]


@pytest.mark.parametrize(
    ("layers", "cost", "optimizer"),
    [
        ([Dense(12), Sigmoid(), Output()], CrossEntropy(), None),
        pytest.param(CONVOLUTION, LogLikelihood(), None, marks=pytest.mark.slow),
        (CONVOLUTION, LabelSmoothing(LogLikelihood(), 0.1), Adam(0.7, 0.9)),
    ],
    ids=["dense", "convolution", "adam"],
)
def test_plain_jax_trains_the_same_network(layers, cost, optimizer):
    """Train on all images in one mini-batch, so that the order does not matter."""
    images, labels = np.random.default_rng(1).integers(0, 60, (60, 12, 12), dtype=np.uint8), np.arange(60) % 10
    for image, label in zip(images, labels, strict=True):
        image[label : label + 3] += 150
    data = Dataset(images, labels, "stripes", 255.0)
    others = {} if optimizer is None else {"optimizer": optimizer}
    training = Training(eta=0.3 if optimizer is None else 0.01, epochs=30, batch_size=60, **others)
    recipe = Recipe(layers, cost, training)
    model = fit(recipe.network((12, 12), 10), data, training, seed=3, engine="numpy")
    outcome = train(Task(recipe, data, 3, 1))
    predicted = outcome.predict(data.x)
    assert len(set(predicted.tolist())) > 2
    assert (predicted == model.predict(data.x)).mean() > 0.97
