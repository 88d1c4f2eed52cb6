"""Recipes: the built-in ones are what they claim, and each makes its network for the data at hand."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

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
def test_every_recipe_makes_a_network_for_mnist(name):
    network = RECIPES[name].network(*MNIST)
    assert network.n_out == 10
    assert network.cost == RECIPES[name].cost
    assert RECIPES[name].about
    assert RECIPES[name].source


# chapter 6: (20 · 26 shared parameters), pools of 2 × 2, and the dense layers behind them
PARAMETERS = {
    "book-shallow": 784 * 100 + 100 + 100 * 10 + 10,
    "book-conv": 20 * 26 + 20 * 12 * 12 * 100 + 100 + 100 * 10 + 10,
    "book-two-conv": 20 * 26 + 40 * (20 * 25 + 1) + 40 * 4 * 4 * 100 + 100 + 100 * 10 + 10,
    "book-dropout": 20 * 26 + 40 * 501 + 640 * 1000 + 1000 + 1000 * 1000 + 1000 + 1000 * 10 + 10,
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_networks_of_the_book_have_its_numbers_of_parameters(name):
    assert count_parameters(RECIPES[name].network(*MNIST)) == PARAMETERS[name]


def test_the_books_lambda_in_the_librarys_sense():
    """The third program's gradient is λ w / (n/m); ours is λ w / n."""
    book, n, m = 0.1, 50_000, 10
    w = np.array([[3.0]])
    regularizer = RECIPES["book-relu"].training.regularizer
    assert regularizer is not None
    assert RECIPES["book-relu"].training.batch_size == m
    assert regularizer.gradient(w, n) == pytest.approx(book * w / (n / m))


def test_multiplications_by_hand():
    # a weight of a convolution multiplies at each of its 24 × 24 places; batch normalization has no weights
    layers = [Conv(20, 5), BatchNorm(), Sigmoid(), MaxPool(2), Flatten(), Dense(10)]
    network = Network(layers, RECIPES["book-conv"].cost, (28, 28, 1))
    assert count_multiplications(network) == 20 * 25 * 24 * 24 + 20 * 12 * 12 * 10


def test_images_enter_as_what_a_layer_asks_for():
    dense, conv = Recipe([Dense(5), Output()]), Recipe([Conv(2, 3), Flatten(), Output(Large())])
    assert dense.network((8, 8), 10).shapes == [(64,), (5,), (10,)]
    assert dense.network((7,), 2).shapes == [(7,), (5,), (2,)]
    assert conv.network((8, 8), 10).shapes == [(8, 8, 1), (6, 6, 2), (72,), (10,)]
    assert conv.network((8, 8, 3), 4).shapes == [(8, 8, 3), (6, 6, 2), (72,), (4,)]
    assert conv.network((8, 8), 10).layers[-1] == Dense(10, Large())


MISFITS = {
    "too small": (RECIPES["book-relu"].layers, (8, 8), 3, r"layer 3: kernel of Conv: .*\(2, 2\), got \(5, 5\)"),
    "no Flatten": ([Conv(2, 3), Output()], (8, 8), 1, "Flatten"),
    "no images": ([Conv(2, 3), Flatten(), Output()], (64,), 0, "these data are no images: take Dense layers instead"),
    "no pool": ([Dense(16), MaxPool(2), Flatten(), Output()], (64,), 1, "these data are no images"),
    "Conv after Dense": ([Dense(30), Conv(2, 3), Flatten(), Output()], (8, 8), 1, r"\(30,\): put it before .* Dense$"),
    "Conv after Flatten": ([Flatten(), Conv(2, 3), Output()], (8, 8), 1, r"\(64,\): put it before Flatten and Dense$"),
    "too many neurons": (
        [Dense(10**12), Output()],
        (8, 8),
        0,
        "with Dense.* has 64,000,000,000,000 weights; 268,435,456",
    ),
    "too many in all": ([Dense(2**21), Sigmoid(), Dense(70), Output()], (8, 8), 2, "with Dense.* 281,018,368 weights"),
    "too many maps": ([Conv(10**9, 3), Flatten(), Output()], (8, 8), 0, "with Conv.* 9,000,000,000 weights"),
    "other outputs": ([Dense(5), Dense(3)], (64,), 1, "gives 3 outputs, and the data have 10"),
}


@pytest.mark.parametrize("case", MISFITS)
def test_the_layer_that_does_not_fit_is_named(case):
    layers, shape, layer, said = MISFITS[case]
    with pytest.raises(Misfit, match=said) as error:
        Recipe(layers).network(shape, 10)
    assert error.value.layer == layer
    assert str(error.value).startswith(f"layer {layer}: ")


@pytest.mark.parametrize("last", [Sigmoid(), Conv(2, 3), Flatten(), Dropout(0.5)])
def test_what_cannot_be_the_last_layer(last):
    with pytest.raises(
        Misfit, match=rf"^layer 2: {type(last).__name__} comes last, where Output or Dense belongs"
    ) as error:
        Recipe([Dense(5), Output(), last])
    assert error.value.layer == 2


def test_schedules_stretch_with_the_epochs():
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
def test_numbers_out_of_range(owner, argument, value):
    make = {"Training": Training, "Recipe": partial(Recipe, [Output()])}[owner]
    with pytest.raises(InvalidArgument) as error:
        make(**{argument: value})
    assert (error.value.owner, error.value.argument, error.value.value) == (owner, argument, value)


@pytest.mark.parametrize(
    ("make", "argument", "remedy"),
    [
        (lambda: Recipe([Dense(3), Sigmoid, Output()]), "layer 1", "write Sigmoid()"),
        (lambda: Recipe([Output]), "layer 0", "write Output()"),
        (lambda: Recipe([Output()], CrossEntropy), "cost", "write CrossEntropy()"),
        (lambda: Output(Large), "initializer", "write Large()"),
    ],
)
def test_classes_without_their_parentheses(make, argument, remedy):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert error.value.argument == argument
    assert remedy in str(error.value)


def test_unknown_names_hear_what_is_near():
    with pytest.raises(
        InvalidArgument, match="'book_relu', did you mean book-relu\\?; the names: book-shallow, book-conv"
    ):
        recipe("book_relu")
    with pytest.raises(InvalidArgument, match="'zebra'; the names"):
        recipe("zebra")


@pytest.mark.parametrize("name", RECIPES)
def test_the_figures_that_were_measured_are_still_those_of_the_recipe(name):
    assert find_measurement(name, RECIPES[name]) is not None


def entry_of(recipe: Recipe) -> dict:
    took = ((1, 0.97, 2.0), (2, 0.99, 9.0))  # the second while something else ran
    runs = [{"seed": seed, "test_accuracy": share, "seconds": seconds} for seed, share, seconds in took]
    where = {"date": "2026-01-31", "command": "a command", "machine": {"processor": "A Processor", "cores": 2}}
    return {"recipe": format_settings(recipe), "runs": runs, **where}


def test_figures_are_those_of_the_very_recipe_that_was_measured(monkeypatch):
    one = RECIPES["book-conv"]
    monkeypatch.setattr("deltarule.recipes.measurements._measured", lambda: {"book-conv": entry_of(one)})
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
    with pytest.raises(InvalidArgument) as refused:
        Recipe(layers)
    assert (refused.value.argument, refused.value.owner) == ("layers", "Recipe")
