"""What is typed on the page Train becomes a job, or is answered by the names that stand there."""

from __future__ import annotations

import pytest

from deltarule.errors import InvalidArgument
from deltarule.lab import training_form

WRONG = {
    "a layer that does not fit": (["Conv(8, 3)", "Sigmoid", "Output"], "layer 3, Output: .*expected a flat shape"),
    "below an empty box": (["", "Conv(8, 3)", "Output(He)"], r"layer 3, Output\(He\): .*expected a flat shape"),
    "the first": (["MaxPool(100)", "Flatten", "Output"], r"layer 1, MaxPool\(100\): .*got \(8, 8, 1\)"),
    "no end": (["Dense(30)", "Sigmoid"], "layer 2, Sigmoid: Sigmoid comes last"),
    "no layer": (["Dense(30)", "Foo", "Output"], "layer 2: 'Foo' is not known"),
    "two in a box": (
        ["Dense(30), Sigmoid", "Output"],
        r"layer 1: \[Dense\(30\), Sigmoid\] is a list, where one belongs",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_box_at_fault_is_named(case: str) -> None:
    layers, said = WRONG[case]
    with pytest.raises(InvalidArgument, match=f"^{said}"):
        training_form.network(layers, "softmax", "digits")


@pytest.mark.parametrize(
    ("batch_size", "seed", "argument"),
    [(None, 1, "mini-batch"), (2.5, 1, "mini-batch"), (0, 1, "mini-batch"), (10, None, "seed"), (10, -1, "seed")],
)
def test_a_number_that_cannot_be_meant_is_named_as_on_the_page(batch_size, seed, argument) -> None:
    with pytest.raises(InvalidArgument) as error:
        training_form.job("digits", ["Output"], "softmax", "SGD", batch_size, seed)
    assert error.value.argument == argument


def test_layers_are_added_before_the_output_alone() -> None:
    layers: list[str] = []
    for text in ("Dense(30)", "Sigmoid"):
        layers = training_form.with_layer(layers, text)
    assert layers == ["Dense(30)", "Sigmoid"]
    for output in ("Output", "Output(He)"):
        assert training_form.with_layer([*layers, output], "Tanh") == [*layers, "Tanh", output]
    assert training_form.with_layer([*layers, "Dense(10)"], "Tanh")[-1] == "Tanh"
