"""Network files: to_toml and read reverse each other, and an error names the path and the line."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

from deltarule import limits
from deltarule.core.activations import Sigmoid
from deltarule.core.distortions import Shift
from deltarule.core.optimizers import Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Exponential
from deltarule.data.order import AsGiven
from deltarule.errors import FileError
from deltarule.recipes import RECIPES, Output, Recipe, read, to_toml
from deltarule.recipes.file import find_line
from deltarule.training.training import Training


def file_of(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", RECIPES)
def test_read_reverses_to_toml(name, tmp_path):
    assert read(file_of(tmp_path, to_toml(RECIPES[name]))).recipe == RECIPES[name]


def test_read_reverses_to_toml_for_text_with_quotes(tmp_path):
    recipe = Recipe(RECIPES["best"].layers, about='"a\\b"\n[[layers]]\tδ')
    assert read(file_of(tmp_path, to_toml(recipe))).recipe == recipe


def test_numpy_numbers_are_written_as_python_numbers(tmp_path):
    of_numpy = Training(epochs=np.int64(3), eta=np.float32(0.5), regularizer=L2(np.float64(0.25)))
    text = to_toml(Recipe([Output()], training=of_numpy))
    same = Recipe([Output()], training=Training(epochs=3, eta=0.5, regularizer=L2(0.25)))
    assert (text, read(file_of(tmp_path, text)).recipe) == (to_toml(same), same)


def test_read_reverses_to_toml_for_every_setting_of_a_training(tmp_path):
    other = Training(
        epochs=3, batch_size=7, eta=Exponential(0.5, 0.9), optimizer=Momentum(0.8), regularizer=L1(2.0),
        augmentation=Shift(2), order=AsGiven(), seed=4, validate_every=5, keep_best=True, stop_if_not_finite=False,
        dtype="float64",
    )  # fmt: skip
    usual = Training()
    assert [field.name for field in fields(Training) if getattr(other, field.name) == getattr(usual, field.name)] == []
    recipe = Recipe([Output()], training=other)
    assert read(file_of(tmp_path, to_toml(recipe))).recipe == recipe


def test_tables_and_text_give_the_same_recipe(tmp_path):
    tables = 'eta = 0.1\n[[layers]]\ntype = "Conv"\nmaps = 2\nkernel = [3, 5]\n[[layers]]\ntype = "Output"\n'
    inline = 'eta = 0.1\nlayers = [{ type = "Conv", maps = 2, kernel = [3, 5] }, "Output"]\n'
    short = 'eta = 0.1\nlayers = ["Conv(2, (3, 5))", "Output"]\n'
    recipes = [read(file_of(tmp_path, text)).recipe for text in (tables, inline, short, "\ufeff" + short)]
    assert recipes[0] == recipes[1] == recipes[2] == recipes[3]


def test_find_line_finds_values_in_tables_lists_and_text():
    text = '''\
about = """
[[layers]]
kernel = 3
"""
eta = 0.1  # layers

[[layers]]
type = "Dense"
# a remark
n_out = 3

[[layers]]
type = "Output"
optimizer.type = "SGD"
'''
    wanted = {("about",): 1, ("eta",): 5, ("layers",): 7, ("layers", 0, "n_out"): 10, ("layers", 1): 12}
    wanted[("layers", 1, "optimizer", "type")] = 14
    assert {where: find_line(text, where) for where in wanted} == wanted
    assert find_line('epochs = 1\nlayers = [\n\n  # first\n  "A",\n  "B"]\n', ["layers", 1]) == 6


MISTAKES = {
    "a layer's name": (
        'eta = 1\nlayers = [\n  "Dense(3)",\n  "Sigmod",\n]',
        "line 4, layer 1",
        {"remedy": "did you mean Sigmoid?"},
    ),
    "a layer's value": ('layers = [\n  "Dense(x)",\n]', "line 2, layer 0", {"argument": "n_out", "owner": "Dense"}),
    "a field": (
        '[[layers]]\ntype = "Conv"\nmaps = 2\n\nkernel = "x"',
        "line 5, layer 0",
        {"argument": "kernel", "owner": "Conv", "value": "x"},
    ),
    "a field of a field": (
        'epochs = 3\n[[layers]]\ntype = "Dense"\nn_out = 3\ninitializer.type = "FanOut"\n\ninitializer.pool = "x"',
        "line 7, layer 0",
        {"argument": "pool", "owner": "FanOut", "value": "x"},
    ),
    "an unknown field": ('[[layers]]\ntype = "ReLU"\n\nslope = 1', "line 4, layer 0", {"value": "slope"}),
    "a missing field": (
        'eta = 1\n\n[[layers]]\ntype = "Conv"',
        "line 3, layer 0",
        {"problem": "expected Conv(maps, kernel, stride=1, initializer=Default), got no maps and no kernel"},
    ),
    "a setting too low down": (
        '[[layers]]\ntype = "Output"\nepochs = 3',
        "line 3, layer 0",
        {"value": "epochs", "remedy": "move epochs, a setting of the whole network, above the first [[layers]]"},
    ),
    "an unknown setting": (
        'layers = ["Output"]\n\nepoch = 3',
        "line 3",
        {"value": "epoch", "remedy": "did you mean epochs?"},
    ),
    "a number": ('layers = ["Output"]\nepochs = 0', "line 2", {"argument": "epochs", "owner": "Training", "value": 0}),
    "a kind": (
        'layers = ["Output"]\nepochs = "3"',
        "line 2",
        {"argument": "epochs", "expected": "a whole number", "value": "3"},
    ),
    "another kind": (
        'layers = ["Output"]\noptimizer = "L2(1)"',
        "line 2",
        {
            "argument": "optimizer",
            "expected": "one of Adam, ClipNorm, ExponentialMovingAverage, Momentum, Nesterov, SGD",
        },
    ),
    "η": ('layers = ["Output"]\neta = "fast"', "line 2", {"argument": "eta"}),
    "η below 0": (
        'layers = ["Output"]\nepochs = 3\neta = -0.5',
        "line 3",
        {"argument": "eta", "owner": "Training", "value": -0.5},
    ),
    "η without end": ('layers = ["Output"]\neta = 1e400', "line 2", {"argument": "eta", "value": math.inf}),
    "a whole η without end": (
        'layers = ["Output"]\neta = 1' + 400 * "0",
        "line 2",
        {"argument": "eta", "value": 10**400},
    ),
    "a value": (
        'layers = ["Output"]\nregularizer = "L2(-1)"',
        "line 2",
        {"argument": "lmbda", "owner": "L2", "value": -1},
    ),
    "a table": (
        'layers = ["Output"]\n[regularizer]\ntype = "L2"\nlambda = 1',
        "line 4",
        {"argument": "regularizer", "value": "lambda", "remedy": "did you mean lmbda?"},
    ),
    "TOML": (
        'layers = [\n  "Dense(3)"\n  "Output"\n]',
        "line 3",
        {"problem": "expected valid TOML, got 'Unclosed array'"},
    ),
    "the end": ('layers = [\n  "Output",\n', "line 2", {}),
    "a setting twice": ('epochs = 1\nlayers = ["Output"]\n\nepochs = 2', "line 4", {"argument": "epochs"}),
    "layers twice": ('layers = ["Output"]\nlayers = [\n  "Dense(3)",\n]', "line 2", {"argument": "layers"}),
    "a text of layers": ('eta = 1\nlayers = "Output"', "line 2", {"argument": "layers", "value": "Output"}),
    "the last layer": (
        'layers = [\n  "Dense(30)",\n  "Output",\n  "Sigmoid",\n]\nepochs = 3',
        "line 4, layer 2",
        {"expected": "Output or Dense as the last layer", "value": Sigmoid()},
    ),
    "no layer": ("eta = 1\nlayers = []", "line 2", {"argument": "layers", "value": []}),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_an_error_names_the_line(case, tmp_path):
    text, position, fields = MISTAKES[case]
    with pytest.raises(FileError, check=has(path="my.toml", position=position, **fields)):
        read(file_of(tmp_path, text))


def test_an_eta_that_is_no_number_is_refused(tmp_path):
    with pytest.raises(FileError, check=has(position="line 2", argument="eta")) as error:
        read(file_of(tmp_path, 'layers = ["Output"]\neta = nan'))
    assert math.isnan(error.value.value)


def test_a_file_without_layers_is_refused(tmp_path):
    with pytest.raises(FileError, check=has(path="my.toml", position="", argument="layers")):
        read(file_of(tmp_path, ""))


def test_an_error_about_a_layer_that_does_not_fit_the_data_names_its_line(tmp_path):
    file = read(file_of(tmp_path, 'layers = [\n  "Conv(2, 3)",\n  "MaxPool(4)",\n  "Flatten",\n  "Output",\n]'))
    with pytest.raises(FileError, match="height 6", check=has(path="my.toml", position="line 3, layer 1")):
        file.network((8, 8), 10)
    assert file.network((10, 10), 10).n_out == 10
    file = read(file_of(tmp_path, 'layers = [\n  "Dense(1000000000000)",\n  "Output",\n]'))
    with pytest.raises(FileError, match="268,435,456 weights", check=has(path="my.toml", position="line 2, layer 0")):
        file.network((8, 8), 10)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    path = tmp_path / "my.toml"
    with pytest.raises(FileError, match="No such file", check=has(path="my.toml")):
        read(path)
    with pytest.raises(FileError, match="Is a directory", check=has(path=tmp_path)):
        read(tmp_path)
    path.write_bytes(b'layers = ["Output"]\nabout = "\xff"')
    with pytest.raises(FileError, match="UTF-8", check=has(path="my.toml", position="line 2")):
        read(path)
    path.write_bytes(b"#" * (limits.RECIPE_BYTES + 1))
    with pytest.raises(FileError, match="100,000 bytes", check=has(path="my.toml")):
        read(path)
    path.write_text("a = " + "[" * 5000)
    with pytest.raises(FileError, match="nested at most 64 deep", check=has(path="my.toml")):
        read(path)
