"""Recipes: the built-in ones match their descriptions, and each builds a network that fits the data."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Sigmoid
from deltarule.core.convolution import Conv
from deltarule.core.costs import CrossEntropy
from deltarule.core.initializers import Large
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import MaxPool
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Constant, Exponential, OneCycle
from deltarule.errors import InvalidArgument
from deltarule.recipes import RECIPES, Output, Recipe, recipe
from deltarule.recipes.measurements import (
    MNIST,
    count_multiplications,
    count_parameters,
    find_measurement,
    format_settings,
)
from deltarule.recipes.recipe import Misfit
from deltarule.training.training import Training


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_builds_a_network_for_mnist(name):
    network = RECIPES[name].network(*MNIST)
    assert network.n_out == 10
    assert network.cost == RECIPES[name].cost
    assert RECIPES[name].about
    assert RECIPES[name].source


# chapter 6: 20 · 26 shared parameters, pools of 2 × 2, and the dense layers after them
PARAMETERS = {
    "book-shallow": 784 * 100 + 100 + 100 * 10 + 10,
    "book-conv": 20 * 26 + 20 * 12 * 12 * 100 + 100 + 100 * 10 + 10,
    "book-two-conv": 20 * 26 + 40 * (20 * 25 + 1) + 40 * 4 * 4 * 100 + 100 + 100 * 10 + 10,
    "book-dropout": 20 * 26 + 40 * 501 + 640 * 1000 + 1000 + 1000 * 1000 + 1000 + 1000 * 10 + 10,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_networks_of_the_book_have_its_numbers_of_parameters(name):
    assert count_parameters(RECIPES[name].network(*MNIST)) == PARAMETERS[name]


def test_lambda_of_book_relu_gives_the_books_gradient():
    """Compare the third program's gradient λ w / (n/m) with the library's λ w / n."""
    book, n, m = 0.1, 50_000, 10
    w = np.array([[3.0]])
    regularizer = RECIPES["book-relu"].training.regularizer
    assert regularizer is not None
    assert RECIPES["book-relu"].training.batch_size == m
    assert regularizer.gradient(w, n) == pytest.approx(book * w / (n / m))


def test_count_multiplications_agrees_with_a_count_by_hand():
    # a weight of a convolution multiplies at each of its 24 × 24 places; batch normalization has no weights
    layers = [Conv(20, 5), BatchNorm(), Sigmoid(), MaxPool(2), Flatten(), Dense(10)]
    network = Network(layers, RECIPES["book-conv"].cost, (28, 28, 1))
    assert count_multiplications(network) == 20 * 25 * 24 * 24 + 20 * 12 * 12 * 10


def test_images_enter_with_channels_for_convolutions_and_flat_for_dense_layers():
    dense, conv = Recipe([Dense(5), Output()]), Recipe([Conv(2, 3), Flatten(), Output(Large())])
    assert dense.network((8, 8), 10).shapes == [(64,), (5,), (10,)]
    assert dense.network((7,), 2).shapes == [(7,), (5,), (2,)]
    assert conv.network((8, 8), 10).shapes == [(8, 8, 1), (6, 6, 2), (72,), (10,)]
    assert conv.network((8, 8, 3), 4).shapes == [(8, 8, 3), (6, 6, 2), (72,), (4,)]
    assert conv.network((8, 8), 10).layers[-1] == Dense(10, Large())


USE_DENSE = "use Dense layers: the data are not images"
PUT_BEFORE = "put it before Flatten and Dense"
MISFITS = {
    "too small": (RECIPES["book-relu"].layers, (8, 8), 3, {"argument": "kernel", "owner": "Conv", "value": (5, 5)}),
    "no Flatten": ([Conv(2, 3), Output()], (8, 8), 1, {"remedy": "put Flatten() before it"}),
    "no images": ([Conv(2, 3), Flatten(), Output()], (64,), 0, {"value": (64,), "remedy": USE_DENSE}),
    "no pool": ([Dense(16), MaxPool(2), Flatten(), Output()], (64,), 1, {"value": (16,), "remedy": USE_DENSE}),
    "Conv after Dense": (
        [Dense(30), Conv(2, 3), Flatten(), Output()],
        (8, 8),
        1,
        {"value": (30,), "remedy": PUT_BEFORE},
    ),
    "Conv after Flatten": ([Flatten(), Conv(2, 3), Output()], (8, 8), 1, {"value": (64,), "remedy": PUT_BEFORE}),
    "other outputs": ([Dense(5), Dense(3)], (64,), 1, {"problem": "expected 10 outputs, as in the data, got 3"}),
}


@pytest.mark.parametrize("case", MISFITS)
def test_a_misfit_names_the_layer(case):
    layers, shape, layer, fields = MISFITS[case]
    with pytest.raises(Misfit, check=has(layer=layer, position=f"layer {layer}", **fields)):
        Recipe(layers).network(shape, 10)


TOO_MANY_WEIGHTS = {
    "neurons": ([Dense(10**12), Output()], 0, "64,000,000,000,000"),
    "in all": ([Dense(2**21), Sigmoid(), Dense(70), Output()], 2, "281,018,368"),
    "maps": ([Conv(10**9, 3), Flatten(), Output()], 0, "9,000,000,000"),
}


@pytest.mark.parametrize("case", TOO_MANY_WEIGHTS)
def test_a_network_with_too_many_weights_is_refused(case):
    layers, layer, weights = TOO_MANY_WEIGHTS[case]
    with pytest.raises(Misfit, match=weights, check=has(layer=layer)):
        Recipe(layers).network((8, 8), 10)


@pytest.mark.parametrize("last", [Sigmoid(), Conv(2, 3), Flatten(), Dropout(0.5)])
def test_the_last_layer_is_output_or_dense(last):
    with pytest.raises(Misfit, check=has(layer=2, value=last, expected="Output or Dense as the last layer")):
        Recipe([Dense(5), Output(), last])


def test_for_epochs_stretches_schedules():
    falling = Recipe([Output()], training=Training(eta=Exponential(0.5, 0.9), epochs=30)).for_epochs(10).training
    assert falling.epochs == 10
    assert falling.schedule.start == 0.5
    assert falling.schedule.rate**10 == pytest.approx(0.9**30)
    for eta in (OneCycle(0.1), Constant(0.1)):
        assert Recipe([Output()], training=Training(eta=eta)).for_epochs(7).training.schedule == eta


@pytest.mark.parametrize(
    ("owner", "argument", "value"),
    [
        ("Training", "epochs", 0),
        ("Training", "batch_size", 0),
        ("Recipe", "shifts", -1),
        ("Training", "epochs", True),
        ("Training", "epochs", 1.5),
    ],
)
def test_numbers_out_of_range_are_refused(owner, argument, value):
    make = {"Training": Training, "Recipe": partial(Recipe, [Output()])}[owner]
    with pytest.raises(InvalidArgument, check=has(owner=owner, argument=argument, value=value)):
        make(**{argument: value})


@pytest.mark.parametrize(
    ("make", "argument", "remedy"),
    [
        (lambda: Recipe([Dense(3), Sigmoid, Output()]), "layer 1", "write Sigmoid()"),
        (lambda: Recipe([Output]), "layer 0", "write Output()"),
        (lambda: Recipe([Output()], CrossEntropy), "cost", "write CrossEntropy()"),
        (lambda: Output(Large), "initializer", "write Large()"),
    ],
)
def test_a_class_instead_of_an_object_is_refused(make, argument, remedy):
    with pytest.raises(InvalidArgument, check=has(argument=argument, remedy=remedy)):
        make()


@pytest.mark.parametrize(("name", "remedy"), [("book_relu", "did you mean book-relu?"), ("zebra", "")])
def test_an_unknown_name_is_refused_with_the_most_similar_one(name, remedy):
    with pytest.raises(InvalidArgument, match="book-conv", check=has(argument="name", value=name, remedy=remedy)):
        recipe(name)


@pytest.mark.parametrize("name", RECIPES)
def test_every_built_in_recipe_has_been_measured_as_it_is(name):
    assert find_measurement(name, RECIPES[name]) is not None


def entry_of(recipe: Recipe) -> dict:
    measured = ((1, 0.97, 2.0), (2, 0.99, 9.0))  # the second while something else ran
    runs = [{"seed": seed, "test_accuracy": accuracy, "seconds": seconds} for seed, accuracy, seconds in measured]
    where = {"date": "2026-01-31", "command": "a command", "machine": {"processor": "A Processor", "cores": 2}}
    return {"recipe": format_settings(recipe), "runs": runs, **where}


def test_find_measurement_finds_the_very_recipe_that_was_measured(monkeypatch):
    one = RECIPES["book-conv"]
    monkeypatch.setattr("deltarule.recipes.measurements._load_measurements", lambda: {"book-conv": entry_of(one)})
    found = find_measurement("book-conv", one)
    assert found is not None
    assert found["accuracy"] == pytest.approx(0.98)
    assert found["spread"] == pytest.approx(0.02 / 2**0.5)
    assert (found["seeds"], found["seconds"], found["on"]) == ([1, 2], 2.0, "A Processor, 2 cores")
    assert find_measurement("book-conv", replace(one, about="in other words")) == found
    assert find_measurement("book-conv", replace(one, training=replace(one.training, regularizer=L2(0.1)))) is None
    assert find_measurement("book-relu", RECIPES["book-relu"]) is None


@pytest.mark.parametrize("layers", [None, "Dense", 3, Dense])
def test_layers_are_a_list(layers):
    with pytest.raises(InvalidArgument, check=has(argument="layers", owner="Recipe")):
        Recipe(layers)
