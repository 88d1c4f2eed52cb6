"""Keras's names and layouts of the parameters; fresh processes, and training, with Keras itself (``peers``)."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.exchange.models import build_model, build_recipe, check_equal, draw_pixels, list_labels

import deltarule as dr
from deltarule.exchange.keras import save_keras
from deltarule.recipes.builtin import RECIPES


@pytest.mark.peers
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_fresh_process_runs_the_scripts(tmp_path, backend):
    code = ["import sys, numpy as np", "x = np.load('x.npy')"]
    written = {name: build_recipe(name) for name in RECIPES}
    x = draw_pixels(next(iter(written.values())), 50)
    np.save(tmp_path / "x.npy", x)
    for i, model in enumerate(written.values()):
        save_keras(model, tmp_path / f"mine{i}.py")
        code += [f"import mine{i}", f"np.save('y{i}.npy', mine{i}.outputs(x))", f"print(*mine{i}.predict(x), sep='|')"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for i, (model, line) in enumerate(zip(written.values(), done.stdout.splitlines(), strict=True)):
        check_equal(np.load(tmp_path / f"y{i}.npy"), model.outputs(x))
        assert line.split("|") == list_labels(model, x)


@pytest.mark.peers
def test_the_network_trains_on_in_keras(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    import keras

    layers = [dr.Conv(2, 2), dr.BatchNorm(), dr.Flatten(), dr.Dense(3)]
    model = build_model(dr.Network(layers, dr.LogLikelihood(), (3, 4, 1)))
    found = runpy.run_path(str(save_keras(model, tmp_path / "mine.py")[0]))
    x, y = draw_pixels(model, 60), np.arange(60) % 3
    network = found["network"]
    network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = network.fit(found["prepare"](x), y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_the_parameters_have_the_names_and_layouts_of_keras(tmp_path):
    network = dr.Network([dr.Conv(5, (2, 3)), dr.BatchNorm(), dr.Flatten(), dr.Dense(3)], dr.CrossEntropy(), (3, 4, 2))
    model = build_model(network)
    script, weights = save_keras(model, str(tmp_path / "mine.py"))
    assert (script, weights) == (tmp_path / "mine.py", tmp_path / "mine.safetensors")
    tensors = load_file(weights)
    assert {name: one.shape for name, one in tensors.items()} == {
        "0.kernel": (2, 3, 2, 5),
        "0.bias": (5,),
        **{f"1.{name}": (5,) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
        "3.kernel": (20, 3),
        "3.bias": (3,),
    }
    w = model.params[0]["w"]  # (maps, height, width, channels)
    assert tensors["0.kernel"][0, 2, 1, 4] == w[4, 0, 2, 1]
    assert np.array_equal(tensors["3.kernel"], model.params[3]["w"].T)
    assert np.array_equal(tensors["1.moving_variance"], model.params[1]["variance"])
