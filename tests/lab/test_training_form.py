"""The form of the page Train: jobs, and errors with the names on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Linear, Sigmoid
from deltarule.core.costs import Quadratic
from deltarule.errors import InvalidArgument
from deltarule.lab import memory, progress, training_figures, training_form
from deltarule.lab.learner import Learner, Rates
from deltarule.lab.run_views import describe_curves
from deltarule.recipes import RECIPES
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


def test_a_network_that_does_not_fit_in_memory_is_refused_before_anything_is_allocated(monkeypatch) -> None:
    monkeypatch.setattr(memory, "find_free_memory", lambda: 4 * 10**9)
    monkeypatch.setattr("deltarule.core.random.normal", lambda *_: pytest.fail("it draws weights"))
    layers = ["Dense(15000)", "Sigmoid", "Dense(15000)", "Sigmoid", "Output"]
    with pytest.raises(
        InvalidArgument, match=r"226,1\d\d,\d{3} parameters.* 4\.0 GB are free", check=has(argument="network")
    ):
        training_form.build_job("digits", layers, "softmax", "Adam", 10, 1)
    monkeypatch.setattr(memory, "find_free_memory", lambda: 10**6)
    with pytest.raises(InvalidArgument, check=has(argument="network")):
        training_form.build_job("digits", ["Dense(1000)", "Sigmoid", "Output"], "softmax", "SGD", 10, 1)
    monkeypatch.setattr(memory, "find_free_memory", lambda: None)
    training_form.build_job("digits", ["Dense(1000)", "Sigmoid", "Output"], "softmax", "SGD", 10, 1)


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_are_counted_without_allocating_them(name: str) -> None:
    network = RECIPES[name].network((28, 28), 10)
    assert memory.count_parameters(network) == sum(leaf.size for layer in network.init(0) for leaf in layer.values())


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], str]:
    """A function that writes a table with words and this target, and returns its path."""

    def write(target: str) -> str:
        random, path = np.random.default_rng(1), tmp_path / f"{target}.csv"
        widths = random.normal(3, 1, 60)
        targets = [f"{20 * w + 0.125:.3f}" if target == "price" else "wide" if w > 3 else "slim" for w in widths]
        rows = (f"{y},{soil},{w}" for y, soil, w in zip(targets, 20 * ["clay", "sand", "peat"], widths, strict=True))
        path.write_text("\n".join([f"{target},soil,width", *rows]) + "\n")
        return str(path)

    return write


def test_a_network_for_a_table_takes_the_prepared_columns(table) -> None:
    network = training_form.build_network(["Dense(5)", "Sigmoid", "Output"], "softmax", table("kind"))
    assert network.shapes == [(4,), (5,), (5,), (2,)]  # three words and a width
    learner = Learner(training_form.build_job(table("kind"), ["Output"], "softmax", "SGD", 10, 1, epochs=2))
    learner.start()
    snapshot = learner.wait()
    assert (snapshot.status, snapshot.problem) == ("done", "")
    assert "best validation accuracy" in progress.format_best(snapshot.records)


def test_a_target_of_numbers_needs_the_quadratic_cost_and_shows_r2(table) -> None:
    for cost in ("softmax", "cross-entropy"):
        with pytest.raises(InvalidArgument, check=has(argument="cost", value=cost)):
            training_form.build_job(table("price"), ["Output"], cost, "SGD", 10, 1)
    job = training_form.build_job(table("price"), ["Output"], "quadratic", "SGD", 10, 1, epochs=9)
    assert job.network.cost == Quadratic(Linear())
    learner = Learner(job, Rates(0.1))
    learner.start()
    snapshot = learner.wait()
    assert "best validation R² 0.9" in progress.format_best(snapshot.records)
    assert describe_curves("run", 0, snapshot.records)["unit"] == "R²"
    assert "blue above 0" in training_figures.render_first_weights(snapshot.model)


def test_layers_are_added_before_the_output() -> None:
    layers: list[str] = []
    for text in ("Dense(30)", "Sigmoid"):
        layers = training_form.add_layer(layers, text)
    assert layers == ["Dense(30)", "Sigmoid"]
    for output in ("Output", "Output(He)"):
        assert training_form.add_layer([*layers, output], "Tanh") == [*layers, "Tanh", output]
    assert training_form.add_layer([*layers, "Dense(10)"], "Tanh")[-1] == "Tanh"
