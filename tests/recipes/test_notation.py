"""The notation for objects: formatted text is parsed to an equal object, and an error names the field and the value."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from tests.fields import has

from deltarule.core.initializers import Initializer
from deltarule.core.network import Network
from deltarule.core.schedules import Clock
from deltarule.core.step_costs import SumOverSteps
from deltarule.data.encodings import Encoding
from deltarule.data.schema import Schema
from deltarule.data.step_labels import StepLabels
from deltarule.errors import InvalidArgument
from deltarule.models.description import describe, list_classes
from deltarule.recipes import RECIPES, Recipe
from deltarule.recipes.notation import _find_choices, format_object, parse_object
from deltarule.recipes.recipe import Part
from deltarule.training.training import Training

HINTS = get_type_hints(Recipe) | get_type_hints(Training)
LAYERS = Part


@pytest.mark.parametrize("setting", ["cost", "eta", "optimizer", "regularizer", "augmentation", "order"])
def test_format_object_reverses_parse_object(setting):
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
def test_descriptions_and_formatted_text_are_parsed_to_the_same_layer(layer):
    assert parse_object(describe(layer), LAYERS) == layer == parse_object(format_object(layer), LAYERS)


def test_every_class_is_a_choice_for_a_setting():
    """Check layers, costs, schedules, optimizers, regularizers, augmentations, orders and initializers."""
    settings = [HINTS[name] for name in ("cost", "eta", "optimizer", "regularizer", "augmentation", "order")]
    choices = set().union(*(_find_choices(hint) for hint in (LAYERS, Initializer, *settings)))
    data = (Encoding.__module__, StepLabels.__module__, Schema.__module__, "deltarule.preprocessing")
    of_data = {name for name, cls in list_classes().items() if cls.__module__.startswith(data)}
    machines = {"RBM", "DeepBeliefNet", "BeliefLayer", "MachineLayer", "Reconstruction", "LabelEnergies"}
    others = {Network.__name__, Clock.__name__, SumOverSteps.__name__}
    assert set(list_classes()) - choices == others | machines | of_data


KERNEL = "a whole number or a list of two, [height, width]"
LAYER_NAMES = "one of BatchNorm, BoltzmannMachine, Conv, Dense, Dropout, ELU, "
CONV = "Conv(maps, kernel, stride=1, initializer=Default)"
INITIALIZERS = "one of Default, FanOut, Gaussian, Glorot, He, Identity, Large, Orthogonal, Zeros"

WRONG = {
    "Dence(30)": {"expected": LAYER_NAMES, "value": "Dence(30)", "remedy": "did you mean Dense?"},
    "Adam": {"expected": LAYER_NAMES, "value": "Adam"},
    "Dense(30), Conv(20, kernel=5)": {"expected": LAYER_NAMES, "value": "[Dense(30), Conv(20, kernel=5)]"},
    "Conv(20, 5, rim=1)": {"expected": f"a field of {CONV}", "value": "'rim'", "remedy": ""},
    "Conv(20, 5, strid=1)": {"value": "'strid'", "remedy": "did you mean stride?"},
    "Conv(20, 5, maps=1)": {"argument": "maps", "owner": "Conv", "problem": "expected the field once, got it twice"},
    "Conv(20)": {"problem": f"expected {CONV}, got no kernel"},
    "ReLU(1)": {"expected": "ReLU without fields", "value": "ReLU(1)"},
    "Conv('a', 5)": {"argument": "maps", "owner": "Conv", "expected": "a whole number", "value": "'a'"},
    "Conv(20, 'a')": {"argument": "kernel", "owner": "Conv", "expected": KERNEL, "value": "'a'"},
    "Conv(20, [5, 2.5])": {"argument": "kernel", "owner": "Conv", "expected": "a whole number", "value": "2.5"},
    "Dense(True)": {"argument": "n_out", "owner": "Dense", "value": "True"},
    "Dense(true)": {"argument": "n_out", "owner": "Dense", "value": "true", "remedy": "write True"},
    "Dense(len('x'))": {"argument": "n_out", "owner": "Dense", "value": "len('x')"},
    "Dense(100, ReLU)": {"argument": "initializer", "owner": "Dense", "expected": INITIALIZERS, "value": "ReLU"},
    "Dense(30, [He, FanOut(2)])": {"argument": "initializer", "owner": "Dense", "value": "[He, FanOut(2)]"},
    "Dense(30, FanOut(rim=2))": {"argument": "initializer", "owner": "Dense", "value": "'rim'"},
    "Dropout(1.5)": {
        "argument": "p",
        "owner": "Dropout",
        "expected": "a number of at least 0 and below 1",
        "value": "1.5",
    },
}


@pytest.mark.parametrize("text", WRONG)
def test_an_error_has_the_field_the_value_and_the_remedy(text):
    with pytest.raises(InvalidArgument) as error:
        parse_object(text, LAYERS)
    check_fields(error.value, WRONG[text])


NOT_IN_THE_NOTATION = (
    "Conv(20, 5",
    "x.y()",
    "Conv(*[1, 2])",
    "Conv(**{'maps': 1})",
    "__import__('os').system('id')",
    "",
    "(" * 500,
)


@pytest.mark.parametrize("text", NOT_IN_THE_NOTATION)
def test_other_text_is_refused_with_an_example(text):
    with pytest.raises(InvalidArgument, check=has(expected='text such as "Conv(20, 5)"', value=text)):
        parse_object(text, LAYERS)


def test_a_value_that_would_have_to_be_computed_is_refused():
    with pytest.raises(InvalidArgument, check=has(value="Dense(1 + 1)")):
        parse_object("Dense(1 + 1)", LAYERS)


WRONG_TABLES = {
    "no type": ({"maps": 20}, {"expected": 'a table whose "type" is one of BatchNorm, ', "value": "{'maps': 20}"}),
    "a number": (3, {"expected": LAYER_NAMES, "value": "3"}),
    "an unknown field": ({"type": "Dense", "n": 3}, {"value": "'n'"}),
    "a type that is no text": ({"type": 3}, {"expected": LAYER_NAMES, "value": "3"}),
    "a list": (["Dense(3)"], {"expected": LAYER_NAMES, "value": "['Dense(3)']"}),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_an_error_in_a_table_has_the_value(case):
    source, fields = WRONG_TABLES[case]
    with pytest.raises(InvalidArgument) as error:
        parse_object(source, LAYERS)
    check_fields(error.value, fields)


def check_fields(error: InvalidArgument, fields: dict[str, str]) -> None:
    """Check the fields of an error: how its value is written, how ``expected`` begins, and the others as they are."""
    others = {name: value for name, value in fields.items() if name not in ("expected", "value")}
    assert {name: getattr(error, name) for name in others} == others
    assert error.expected.startswith(fields.get("expected", ""))
    assert "value" not in fields or repr(error.value) == fields["value"]


def test_a_name_of_the_commands_brings_the_name_of_the_class():
    with pytest.raises(InvalidArgument, check=has(value="cross-entropy", remedy="did you mean CrossEntropy?")):
        parse_object("cross-entropy", HINTS["cost"])
