"""Exported scripts of both libraries: the same outputs and labels as the model, for every layer, cost and kind of data.

They run with the parts of PyTorch and Keras that they use, written in NumPy, and with the libraries (``peers``).
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.exchange import models, numpy_keras, numpy_torch
from tests.exchange.models import (
    MODELS,
    build_encoded,
    build_model,
    build_recipe,
    build_table,
    check_equal,
    draw_pixels,
    list_labels,
)
from tests.fields import has

import deltarule as dr
from deltarule.data.encodings import OneHot
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.exchange.keras import save_keras
from deltarule.exchange.pytorch import save_pytorch
from deltarule.models.ensemble import Ensemble
from deltarule.models.model import Model
from deltarule.recipes.builtin import RECIPES

Export = Callable[[Model], dict[str, Any]]
"""Export a model, run the script, and return what it defines."""

SAVE = {"pytorch": save_pytorch, "keras": save_keras}
each_library = pytest.mark.parametrize("save", SAVE.values(), ids=SAVE)


@pytest.fixture(
    params=[
        ("pytorch", numpy_torch.build_modules()),
        ("keras", numpy_keras.build_modules()),
        pytest.param(("pytorch", {}), marks=pytest.mark.peers),
        pytest.param(("keras", {}), marks=pytest.mark.peers),
    ],
    ids=lambda param: f"{param[0]}{' in NumPy' if param[1] else ''}",
)
def export(request, tmp_path, monkeypatch) -> Iterator[Export]:
    library, modules = request.param
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    if library == "pytorch":
        yield lambda model: runpy.run_path(str(save_pytorch(model, tmp_path / "mine.py")[0]))
        return
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with nullcontext() if modules else allow_float64():
        yield lambda model: runpy.run_path(str(save_keras(model, tmp_path / "mine.py")[0]))


@contextmanager
def allow_float64() -> Iterator[None]:
    """Let JAX compute in float64, which it does not by default, and keep to float32 afterwards."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_and_cost_gives_the_same_outputs(export, name):
    model = MODELS[name]
    x = draw_pixels(model)
    found = export(model)
    for examples in (x, x[:1], x[:0]):
        check_equal(found["outputs"](examples), model.outputs(x)[: len(examples)])
    assert found["predict"](x) == list_labels(model, x)
    np.testing.assert_allclose(found["predict_proba"](x), model.predict_proba(x), rtol=1e-4, atol=1e-5)


@given(models.build_networks())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_network_gives_the_same_outputs(export, network):
    model = build_model(network)
    x = draw_pixels(model)
    check_equal(export(model)["outputs"](x), model.outputs(x))


@pytest.mark.parametrize("name", models.ENCODINGS)
def test_every_encoding_gives_the_same_labels(export, name):
    model = build_encoded(name)
    x = draw_pixels(model, 300)
    np.testing.assert_allclose(export(model)["outputs"](x), model.outputs(x), rtol=1e-5, atol=1e-5)
    found = export(model)["predict"](x)
    if model.predict(x).dtype.kind == "f":
        np.testing.assert_allclose(found, model.predict(x), rtol=1e-4, atol=1e-4)
    else:
        assert list(map(np.ndarray.tolist, map(np.asarray, found))) == list_labels(model, x)
        assert len(np.unique(model.predict(x))) > 1


def test_a_table_of_numbers_is_given_by_name_or_in_order(export):
    model = build_table(models.NUMBERS)
    rows = np.array([[35.0, 1e6], [61.0, np.nan], [20.0, 1e6 + 7]])
    found = export(model)
    assert found["COLUMNS"] == ("age", 'a "b" \\')
    table = {'a "b" \\': [1e6, None, 1e6 + 7], "other": "abc", "age": [35, 61, 20]}
    for given_as in (rows, rows.tolist(), table):
        check_equal(found["outputs"](given_as), model.outputs(rows))
    for wrong in (np.nan, np.inf):
        with pytest.raises(ValueError, match="missing values or infinity"):
            found["outputs"]([[wrong, 1e6]])
    with pytest.raises(KeyError):
        found["outputs"]({"age": [3]})


def test_a_data_frame_is_a_table(export):
    import pandas as pd
    import polars as pl

    model = build_table(models.WORDS)
    columns = {"tree": ["oak", "elm"], "age": [30.0, None], "soil": [None, "1"]}
    wanted = model.outputs(np.array([[30.0, 0, 1], [33.0, 2, 0]]))
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns), columns):
        check_equal(export(model)["outputs"](frame), wanted)


def test_words_are_matched_by_their_text(export):
    import pandas as pd

    model = build_table(models.WORDS)
    found = export(model)
    rows = [[35, " clay ", "oak"], ["", 'the "sand"', "elm"], [20, pd.NA, "oak"], [20.0, 1.0, "oak"]]
    wanted = model.outputs(np.array([[35.0, 0, 1], [33.0, 1, 0], [20.0, 0, 1], [20.0, 2, 1]]))
    check_equal(found["outputs"](rows), wanted)
    for wrong in ("ash", None, float("nan")):
        with pytest.raises(ValueError, match="column 'tree': expected one of"):
            found["outputs"]([[35, "clay", wrong]])


def test_unknown_words_have_no_input_where_the_model_says_so(export):
    model = build_table(models.give_zeros(models.WORDS))
    found, inputs = export(model), model.preprocessing.transform(np.array([[35.0, 0, 1]]))
    inputs[0, 1:4] = 0
    np.testing.assert_allclose(found["prepare"]([[35, "mud", "oak"]]), inputs, rtol=1e-6)
    with pytest.raises(ValueError, match="got None"):
        found["outputs"]([[35, "clay", None]])


REFUSED = {"rows-lstm": "LSTM", "boltzmann": "LabelEnergies"}
"""The recipes with a layer that scripts do not have, and its name."""


@each_library
@pytest.mark.parametrize(("name", "layer"), REFUSED.items())
def test_a_recipe_with_other_layers_is_refused_by_the_name_of_the_layer(save, tmp_path, name, layer):
    with pytest.raises(InvalidArgument, match=f"knows .*, got {layer}"):
        save(build_recipe(name), tmp_path / "mine.py")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [name for name in RECIPES if name not in REFUSED])
def test_every_other_recipe_gives_the_same_outputs(export, name, mnist):
    model = build_recipe(name)
    x = mnist[2].x[:20] if mnist[2].x.shape[1:] == (28, 28) else draw_pixels(model, 20)
    found = export(model)
    check_equal(found["outputs"](x), model.outputs(x))
    assert found["predict"](x) == list_labels(model, x)


@dataclass(frozen=True)
class Double(dr.Layer):
    def forward(self, params, x, rng=None):
        return 2 * x, None

    def backward(self, params, cache, d_y):
        return 2 * d_y, {}


@dataclass(frozen=True)
class OwnReLU(dr.ReLU):
    """A layer of one's own on the base of a built-in one."""


@dataclass(frozen=True)
class OwnCost(dr.Quadratic):
    pass


class Signs:
    n_out = 1

    def encode(self, labels):
        return np.where(labels == 1, 1.0, -1.0)[:, None]

    def decode(self, outputs):
        return (outputs[:, 0] > 0).astype(int)


@each_library
@pytest.mark.parametrize("layer", [Double(), OwnReLU()], ids=repr)
def test_a_layer_of_ones_own_is_refused_by_name(save, tmp_path, layer):
    model = build_model(dr.Network([dr.Dense(3), layer, dr.Dense(3)], dr.CrossEntropy(), (2,)))
    with pytest.raises(InvalidArgument, match=str(layer).split("(")[0], check=has(position="layer 1", value=layer)):
        save(model, tmp_path / "mine.py")
    assert list(tmp_path.iterdir()) == []


@each_library
@pytest.mark.parametrize("cost", [OwnCost(), dr.LabelSmoothing(OwnCost()), dr.Quadratic(OwnReLU())], ids=repr)
def test_a_cost_of_ones_own_is_refused(save, tmp_path, cost):
    with pytest.raises(InvalidArgument):
        save(build_model(dr.Network.dense([2, 3], cost=cost)), tmp_path / "mine.py")
    assert list(tmp_path.iterdir()) == []


@each_library
def test_other_models_that_cannot_be_exported(save, tmp_path):
    model = build_model(dr.Network.dense([2, 3]))
    script = tmp_path / "mine.py"
    with pytest.raises(InvalidArgument, match="ensemble of 2", check=has(argument="model")):
        save(Ensemble([model, model]), script)
    with pytest.raises(InvalidArgument, check=has(argument="model", value="mine")):
        save("mine", script)
    with pytest.raises(InvalidArgument, check=has(argument="encoding")):
        save(build_model(dr.Network.dense([2, 1]), encoding=Signs(), classes=()), script)
    broken = replace(model, params=[{"w": np.full((3, 2), np.nan), "b": np.zeros(3)}])
    with pytest.raises(DivergedError):
        save(broken, script)
    assert list(tmp_path.iterdir()) == []


@each_library
@pytest.mark.parametrize("name", ["mine", "mine.pt", "", "folder.py", "a\0.py"])
def test_a_path_of_another_kind_is_refused(save, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("folder.py").mkdir()
    with pytest.raises((InvalidArgument, FileError)):
        save(MODELS["float64"], name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.py"]


@each_library
def test_an_export_replaces_an_older_one_and_nothing_else(save, tmp_path):
    model = build_model(dr.Network.dense([2, 3]))
    script, weights = save(model, tmp_path / "mine.py")
    before = weights.read_bytes()
    save(build_model(dr.Network.dense([2, 3]), seed=1), script)
    assert weights.read_bytes() != before
    model.save(tmp_path / "model.safetensors")
    saved = (tmp_path / "model.safetensors").read_bytes()
    with pytest.raises(FileError, check=has(path=tmp_path / "model.safetensors")):
        save(model, tmp_path / "model.py")
    (tmp_path / "train.py").write_text("import deltarule")
    with pytest.raises(FileError, check=has(path=tmp_path / "train.py")):
        save(model, tmp_path / "train.py")
    assert (tmp_path / "model.safetensors").read_bytes() == saved
    assert (tmp_path / "train.py").read_text() == "import deltarule"
    assert len(list(tmp_path.iterdir())) == 4


@each_library
@pytest.mark.parametrize("fails_at", ["mine.py", "mine.safetensors"])
def test_where_writing_fails_the_older_pair_stays(save, tmp_path, monkeypatch, fails_at):
    script, weights = save(MODELS["float64"], tmp_path / "mine.py")
    before = (script.read_bytes(), weights.read_bytes())
    real = open

    def full(path, mode="r", *more, **others):
        file = real(path, mode, *more, **others)
        if fails_at in str(path) and "w" in mode:
            file.close()
            raise OSError(28, "No space left on device")
        return file

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(FileError, match="No space left"):
        save(build_model(dr.Network.dense([2, 3])), script)
    assert (script.read_bytes(), weights.read_bytes()) == before
    assert len(list(tmp_path.iterdir())) == 2


@each_library
@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_kill_leaves_no_script_beside_the_parameters_of_another(save, tmp_path, monkeypatch, killed_at):
    script, weights = save(MODELS["float64"], tmp_path / "mine.py")
    times, real = [], os.replace

    def kill(*paths):
        times.append(paths)
        if len(times) == killed_at:
            raise SystemExit
        real(*paths)

    monkeypatch.setattr(os, "replace", kill)
    before = weights.read_bytes()
    with pytest.raises(SystemExit):
        save(build_model(dr.Network.dense([2, 3])), script)
    assert not script.exists()
    assert (weights.read_bytes() == before) == (killed_at == 1)
    monkeypatch.undo()
    assert save(MODELS["float64"], script) == (script, weights)


def test_text_of_the_user_is_never_code(export):
    names = ('"""', "'); raise SystemExit(1) #", "\\", "{0}", "{names}", "\n\r\t\x00", "\u2028", "\ud800")
    model = build_model(dr.Network.dense([2, len(names)]), classes=names, encoding=OneHot(len(names)))
    found = export(model)
    assert found["CLASSES"] == names
    assert found["predict"](draw_pixels(model)) == list_labels(model, draw_pixels(model))
