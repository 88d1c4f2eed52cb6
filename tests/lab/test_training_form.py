"""The form of the page Train: jobs, and errors with the names on the page."""

from __future__ import annotations

import pytest
from tests.fields import has

from deltarule.core.activations import Sigmoid
from deltarule.errors import InvalidArgument
from deltarule.lab import training_form
from deltarule.recipes.recipe import Misfit

WRONG = {
    "a layer that does not fit": (["Conv(8, 3)", "Sigmoid", "Output"], "layer 3, Output", (6, 6, 8)),
    "below an empty box": (["", "Conv(8, 3)", "Output(He)"], "layer 3, Output(He)", (6, 6, 8)),
    "the first": (["MaxPool(100)", "Flatten", "Output"], "layer 1, MaxPool(100)", (8, 8, 1)),
    "no output": (["Dense(30)", "Sigmoid"], "layer 2, Sigmoid", Sigmoid()),
    "no layer": (["Dense(30)", "Foo", "Output"], "layer 2", "Foo"),
    "two in a box": (["Dense(30), Sigmoid", "Output"], "layer 1", "[Dense(30), Sigmoid]"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_names_the_box_and_the_value(case: str) -> None:
    layers, position, value = WRONG[case]
    with pytest.raises((InvalidArgument, Misfit), check=has(position=position)) as error:
        training_form.build_network(layers, "softmax", "digits")
    assert value == error.value.value or value == repr(error.value.value)


@pytest.mark.parametrize(
    ("batch_size", "seed", "argument"),
    [(None, 1, "mini-batch"), (2.5, 1, "mini-batch"), (0, 1, "mini-batch"), (10, None, "seed"), (10, -1, "seed")],
)
def test_an_invalid_number_has_its_name_on_the_page(batch_size, seed, argument) -> None:
    with pytest.raises(InvalidArgument) as error:
        training_form.build_job("digits", ["Output"], "softmax", "SGD", batch_size, seed)
    assert error.value.argument == argument


def test_layers_are_added_before_the_output() -> None:
    layers: list[str] = []
    for text in ("Dense(30)", "Sigmoid"):
        layers = training_form.add_layer(layers, text)
    assert layers == ["Dense(30)", "Sigmoid"]
    for output in ("Output", "Output(He)"):
        assert training_form.add_layer([*layers, output], "Tanh") == [*layers, "Tanh", output]
    assert training_form.add_layer([*layers, "Dense(10)"], "Tanh")[-1] == "Tanh"
