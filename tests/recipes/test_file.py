"""Network files: what is printed reads as the same recipe, and every mistake is told with its line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from deltarule.core.distortions import Shift
from deltarule.core.optimizers import Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Exponential
from deltarule.data.order import AsGiven
from deltarule.errors import FileError
from deltarule.recipes import RECIPES, Output, Recipe, read, to_toml
from deltarule.recipes.file import LARGEST, line_of
from deltarule.training.training import Training


def file_of(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", RECIPES)
def test_there_and_back(name, tmp_path):
    assert read(file_of(tmp_path, to_toml(RECIPES[name]))).recipe == RECIPES[name]


def test_words_with_quotes_go_there_and_back(tmp_path):
    recipe = Recipe(RECIPES["best"].layers, about='"a\\b"\n[[layers]]\tδ')
    assert read(file_of(tmp_path, to_toml(recipe))).recipe == recipe


def test_numbers_of_numpy_go_there_and_back(tmp_path):
    of_numpy = Training(epochs=np.int64(3), eta=np.float32(0.5), regularizer=L2(np.float64(0.25)))
    text = to_toml(Recipe([Output()], training=of_numpy))
    same = Recipe([Output()], training=Training(epochs=3, eta=0.5, regularizer=L2(0.25)))
    assert (text, read(file_of(tmp_path, text)).recipe) == (to_toml(same), same)


def test_every_setting_of_a_training_goes_there_and_back(tmp_path):
    other = Training(
        epochs=3, batch_size=7, eta=Exponential(0.5, 0.9), optimizer=Momentum(0.8), regularizer=L1(2.0),
        augmentation=Shift(2), order=AsGiven(), seed=4, validate_every=5, keep_best=True, stop_if_not_finite=False,
        dtype="float64",
    )  # fmt: skip
    usual = Training()
    assert [field.name for field in fields(Training) if getattr(other, field.name) == getattr(usual, field.name)] == []
    recipe = Recipe([Output()], training=other)
    assert read(file_of(tmp_path, to_toml(recipe))).recipe == recipe


def test_both_forms_say_the_same(tmp_path):
    tables = 'eta = 0.1\n[[layers]]\ntype = "Conv"\nmaps = 2\nkernel = [3, 5]\n[[layers]]\ntype = "Output"\n'
    inline = 'eta = 0.1\nlayers = [{ type = "Conv", maps = 2, kernel = [3, 5] }, "Output"]\n'
    short = 'eta = 0.1\nlayers = ["Conv(2, (3, 5))", "Output"]\n'
    recipes = [read(file_of(tmp_path, text)).recipe for text in (tables, inline, short, "\ufeff" + short)]
    assert recipes[0] == recipes[1] == recipes[2] == recipes[3]


def test_lines_are_found_in_all_forms():
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
    assert {where: line_of(text, where) for where in wanted} == wanted
    assert line_of('epochs = 1\nlayers = [\n\n  # first\n  "A",\n  "B"]\n', ["layers", 1]) == 6


MISTAKES = {
    "a layer's name": ('eta = 1\nlayers = [\n  "Dense(3)",\n  "Sigmod",\n]', 4, r"layer 1: 'Sigmod' .* mean Sigmoid\?"),
    "a layer's value": ('layers = [\n  "Dense(x)",\n]', 2, "layer 0: n_out of Dense: 'x' is not known; give a whole"),
    "a field": ('[[layers]]\ntype = "Conv"\nmaps = 2\n\nkernel = "x"', 5, "layer 0: kernel of Conv: 'x' does not"),
    "an unknown field": ('[[layers]]\ntype = "ReLU"\n\nslope = 1', 4, "layer 0: ReLU has no 'slope'; it takes no"),
    "a missing field": ('eta = 1\n\n[[layers]]\ntype = "Conv"', 3, "layer 0: Conv needs maps and kernel"),
    "a setting too low down": (
        '[[layers]]\ntype = "Output"\nepochs = 3',
        3,
        r"no 'epochs'.*epochs of the whole network stands above the first \[\[layers\]\]",
    ),
    "a setting": (
        'layers = ["Output"]\n\nepoch = 3',
        3,
        r"there is no setting 'epoch', did you mean epochs\?; the sett",
    ),
    "a number": ('layers = ["Output"]\nepochs = 0', 2, "epochs of Training: expected a whole number from 1, got 0"),
    "a kind": ('layers = ["Output"]\nepochs = "3"', 2, "epochs: '3' does not belong here; give a whole number"),
    "another kind": (
        'layers = ["Output"]\noptimizer = "L2(1)"',
        2,
        "optimizer: L2 does not belong here; give one of A",
    ),
    "η": ('layers = ["Output"]\neta = "fast"', 2, "eta: 'fast' is not known; give one of Constant, .* or a number"),
    "η that is no number": (
        'layers = ["Output"]\neta = nan',
        2,
        "eta of Training: expected a number from 0, .* got nan",
    ),
    "η below 0": (
        'layers = ["Output"]\nepochs = 3\neta = -0.5',
        3,
        "eta of Training: expected a number from 0, .* got -0.5",
    ),
    "η without end": ('layers = ["Output"]\neta = 1e400', 2, "eta of Training: expected a number from 0, .* got inf"),
    "a whole η without end": (
        'layers = ["Output"]\neta = 1' + 400 * "0",
        2,
        "eta of Training: expected a number from 0, .* got 10+",
    ),
    "a value": ('layers = ["Output"]\nregularizer = "L2(-1)"', 2, "regularizer: lmbda of L2: expected .* got -1"),
    "a table": (
        'layers = ["Output"]\n[regularizer]\ntype = "L2"\nlambda = 1',
        4,
        r"regularizer: L2 has no 'lambda', did you mean lmbda\?",
    ),
    "TOML": ('layers = [\n  "Dense(3)"\n  "Output"\n]', 3, "this is not TOML: "),
    "the end": ('layers = [\n  "Output",\n', 2, "this is not TOML: "),
    "a setting twice": ('epochs = 1\nlayers = ["Output"]\n\nepochs = 2', 4, "epochs stands there twice: leave out one"),
    "layers twice": ('layers = ["Output"]\nlayers = [\n  "Dense(3)",\n]', 2, "layers stands there twice"),
    "a text of layers": ('eta = 1\nlayers = "Output"', 2, "layers is a list"),
    "the last layer": (
        'layers = [\n  "Dense(30)",\n  "Output",\n  "Sigmoid",\n]\nepochs = 3',
        4,
        "layer 2: Sigmoid comes last, where Output or Dense belongs; the outputs have their activation from the cost",
    ),
    "no layer": ("eta = 1\nlayers = []", 2, r"layers: expected one at least, .* got \[\]"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_its_line(case, tmp_path):
    text, line, said = MISTAKES[case]
    with pytest.raises(FileError, match=rf"my\.toml, line {line}: .*{said}"):
        read(file_of(tmp_path, text))


def test_no_layers_at_all(tmp_path):
    with pytest.raises(FileError, match=r"my\.toml: it names no layers; write such as layers = \["):
        read(file_of(tmp_path, ""))


def test_the_layer_that_does_not_fit_the_data_is_told_with_its_line(tmp_path):
    file = read(file_of(tmp_path, 'layers = [\n  "Conv(2, 3)",\n  "MaxPool(4)",\n  "Flatten",\n  "Output",\n]'))
    with pytest.raises(FileError, match=r"my\.toml, line 3: layer 1: .* in place of height 6 take 4 or 8"):
        file.network((8, 8), 10)
    assert file.network((10, 10), 10).n_out == 10
    file = read(file_of(tmp_path, 'layers = [\n  "Dense(1000000000000)",\n  "Output",\n]'))
    with pytest.raises(FileError, match=r"my\.toml, line 2: layer 0: with Dense.* weights; 268,435,456 are the most"):
        file.network((8, 8), 10)


def test_files_that_are_none(tmp_path):
    path = tmp_path / "my.toml"
    with pytest.raises(FileError, match=r"my\.toml cannot be read: No such file"):
        read(path)
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read(tmp_path)
    path.write_bytes(b'layers = ["Output"]\nabout = "\xff"')
    with pytest.raises(FileError, match=r"my\.toml, line 2: this is not text in UTF-8"):
        read(path)
    path.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(FileError, match="too large for a network file"):
        read(path)
    path.write_text("a = " + "[" * 5000)
    with pytest.raises(FileError, match=r"nested too deeply|not TOML"):
        read(path)
