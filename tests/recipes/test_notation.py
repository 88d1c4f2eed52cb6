"""What is written is read as the same, and what cannot be meant is answered with what would fit."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from deltarule.core.initializers import Initializer
from deltarule.core.layer import Layer
from deltarule.core.network import Network
from deltarule.core.schedules import Clock
from deltarule.data.encodings import Encoding
from deltarule.errors import InvalidArgument
from deltarule.models.description import describe, list_classes
from deltarule.recipes import RECIPES, Output, Recipe
from deltarule.recipes.notation import _choices, format_object, parse_object
from deltarule.training.training import Training

HINTS = get_type_hints(Recipe) | get_type_hints(Training)
LAYERS = Layer | Output


@pytest.mark.parametrize("setting", ["cost", "eta", "optimizer", "regularizer", "augmentation", "order"])
def test_there_and_back(setting):
    hint = HINTS[setting]
    texts = {
        "cost": ["Quadratic(Linear)", "LabelSmoothing(LogLikelihood, 0.2)", "CrossEntropy"],
        "eta": ["Exponential(0.5, 0.9)", "ReduceOnPlateau(0.5, 3, 0.25)", "OneCycle(0.1, 0.4)", "0.1"],
        "optimizer": ["SGD", "Momentum(0.5)", "ExponentialMovingAverage(Adam(0.7, 0.9, 1e-08), 0.99)", "Nesterov(0.9)"],
        "regularizer": ["L1(0.1)", "L2(5.0)"],
        "augmentation": [
            "Chain([Affine(rotation=10.0, shift=0.0, scale=0.0, skew=0.5), Elastic(34.0, 4.0)])",
            "Shift(2)",
        ],
        "order": ["AsGiven", "Shuffled"],
    }[setting]
    assert [format_object(parse_object(text, hint)) for text in texts] == texts


@pytest.mark.parametrize(
    "layer", dict.fromkeys(layer for recipe in RECIPES.values() for layer in recipe.layers), ids=format_object
)
def test_descriptions_are_tables(layer):
    assert parse_object(describe(layer), LAYERS) == layer == parse_object(format_object(layer), LAYERS)


def test_every_class_has_a_place():
    """Layers, costs, schedules, optimizers, regularizers, augmentations, orders, initializers: none is left out."""
    settings = [HINTS[name] for name in ("cost", "eta", "optimizer", "regularizer", "augmentation", "order")]
    placed = set().union(*(_choices(hint) for hint in (LAYERS, Initializer, *settings)))
    of_the_data = {name for name, cls in list_classes().items() if cls.__module__ == Encoding.__module__}
    assert set(list_classes()) - placed - of_the_data == {Network.__name__, Clock.__name__}


WRONG = {
    "Dence(30)": r"'Dence' is not known, did you mean Dense\?; give one of .*BatchNorm, Conv, .*Output",
    "Conv(20, 5": r"'Conv\(20, 5' cannot be read; write it as \"Conv\(20, 5\)\" is written",
    "Conv(20, 5, rim=1)": r"Conv has no 'rim'; it takes \(maps, kernel, stride=1, initializer=Default\)",
    "Conv(20, 5, strid=1)": r"Conv has no 'strid', did you mean stride\?",
    "Conv(20, 5, maps=1)": "Conv was given maps twice",
    "Conv(20)": "Conv needs kernel; it takes",
    "ReLU(1)": "ReLU takes no fields, and was given 1 values",
    "Conv('a', 5)": "maps of Conv: 'a' does not belong here; give a whole number",
    "Conv(20, 'a')": "kernel of Conv: 'a' does not belong here; give a whole number or a list",
    "Conv(20, [5, 2.5])": "kernel of Conv: 2.5 does not belong here; give a whole number",
    "Dense(True)": "n_out of Dense: True does not belong here",
    "Dense(100, ReLU)": "initializer of Dense: ReLU does not belong here; give one of Default, FanOut, He",
    "Dropout(1.5)": "below 1",
    "Dense(30), Conv(20, kernel=5)": r"^\[Dense\(30\), Conv\(20, kernel=5\)\] is a list, where one belongs",
    "Dense(30, [He, FanOut(2)])": r"^initializer of Dense: \[He, FanOut\(2\)\] is a list, where one belongs",
    "Adam": "Adam does not belong here; give one of",
    "x.y()": "cannot be read",
    "Conv(*[1, 2])": "cannot be read",
    "Conv(**{'maps': 1})": "cannot be read",
    "Dense(1 + 1)": "cannot be read",
    "Dense(len('x'))": "'len' is not known",
    "__import__('os').system('id')": "cannot be read",
    "": "cannot be read",
    "(" * 500: "cannot be read",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_meant(text):
    with pytest.raises(InvalidArgument, match=WRONG[text]):
        parse_object(text, LAYERS)


WRONG_TABLES = {
    "no type": ({"maps": 20}, "says no type; give one of"),
    "a number": (3, "3 does not belong here; give one of"),
    "a field": ({"type": "Dense", "n": 3}, r"Dense has no 'n'"),
    "a type": ({"type": 3}, "3 is not known"),
    "a list": (["Dense(3)"], r"\['Dense\(3\)'\] is a list, where one belongs; give one of"),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_tables_that_cannot_be_meant(case):
    given, said = WRONG_TABLES[case]
    with pytest.raises(InvalidArgument, match=said):
        parse_object(given, LAYERS)


def test_the_commands_own_names_are_told_the_classes():
    with pytest.raises(InvalidArgument, match=r"'cross-entropy' cannot be read, did you mean CrossEntropy\?"):
        parse_object("cross-entropy", HINTS["cost"])
