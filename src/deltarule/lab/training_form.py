"""From what is chosen on the page Train to a job: data, layers written one a line, cost and optimizer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

from deltarule.core.constraints import check, whole
from deltarule.core.costs import Cost, CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.layer import Layer
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer
from deltarule.data import Splits, find, load
from deltarule.errors import InvalidArgument
from deltarule.lab.learner import Job
from deltarule.recipes import RECIPES
from deltarule.recipes.notation import format_object, parse_object
from deltarule.recipes.recipe import Misfit, Output, Recipe

DATA = "DELTARULE_LAB_DATA"
"""The environment's name for data of the user's own, which the lab was started with."""

PRESETS: dict[str, list[str]] = {
    "no hidden layer": ["Output"],
    "30 hidden neurons": ["Dense(30)", "Sigmoid", "Output"],
    "100 hidden neurons, dropout": ["Dense(100)", "Sigmoid", "Dropout(0.5)", "Output"],
    "three hidden layers": ["Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Output"],
    "small convolution": ["Conv(8, 3)", "ReLU", "MaxPool(2)", "Flatten", "Dense(30)", "ReLU", "Output"],
}
NETWORKS = {**PRESETS, **{name: [format_object(layer) for layer in recipe.layers] for name, recipe in RECIPES.items()}}
"""Layers to start from, by name."""

LAYER_CHOICES = ("Dense(30)", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Dropout(0.5)", "BatchNorm", "Conv(8, 3)", "MaxPool(2)",
           "Flatten")  # fmt: skip
"""Layers that a click adds; each can be edited then."""

COSTS: dict[str, Cost] = {"cross-entropy": CrossEntropy(), "quadratic": Quadratic(), "softmax": LogLikelihood()}
OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": SGD(), "momentum 0.9": Momentum(0.9), "Nesterov 0.9": Nesterov(0.9), "Adam": Adam(),
}  # fmt: skip
ETAS = tuple(round(m * 10.0**e, 6) for e in range(-4, 2) for m in (1, 1.5, 2, 3, 5, 7))
"""Learning rates of the slider, about six a power of ten."""

LAMBDAS = (0.0, *(m * 10.0**e for e in range(-2, 3) for m in (1, 2, 5)))
"""Weight decays of the slider."""


def list_sources() -> dict[str, str]:
    """The data one can choose, by their names on the page, and the names that ``load`` knows them by."""
    found = {"small digits (8 × 8)": "digits"}
    if find("auto").name == "mnist":
        found = {"MNIST (28 × 28)": "mnist", **found}
    if own := os.environ.get(DATA):
        found["my own"] = own
    return found


@cache
def load_splits(source: str) -> Splits:
    """Training, validation and test data; read once."""
    return load(source)


def add_layer(layers: Sequence[str], text: str) -> list[str]:
    """One layer more, at the end; before ``Output`` where that comes last.

    >>> add_layer(["Dense(30)", "Output"], "Sigmoid"), add_layer(["Dense(30)"], "Sigmoid")
    (['Dense(30)', 'Sigmoid', 'Output'], ['Dense(30)', 'Sigmoid'])
    """
    ended = bool(layers) and layers[-1].split("(")[0].strip() == "Output"
    end = len(layers) - ended
    return [*layers[:end], text, *layers[end:]]


def build_network(layers: Sequence[str], cost: str, source: str) -> Network:
    """The network of these layers, for these data; raises :class:`InvalidArgument` naming the box at fault, from 1.

    An empty box is no layer.
    """
    boxes = {i: text.strip() for i, text in enumerate(layers, start=1) if text.strip()}
    built: list[Layer | Output] = []
    for i, text in boxes.items():
        try:
            built.append(parse_object(text, Layer | Output))
        except InvalidArgument as error:
            error.with_fields(position=f"layer {i}")
            raise
    train, _, _ = load_splits(source)
    try:
        return Recipe(built, COSTS[cost]).network(train.x.shape[1:], train.targets.shape[1])
    except Misfit as error:
        i, text = list(boxes.items())[error.layer]
        raise InvalidArgument(error.reason, position=f"layer {i}, {text}") from None


def build_job(
    source: str, layers: Sequence[str], cost: str, optimizer: str, batch_size: int, seed: int, epochs: int = 1000
) -> Job:
    """The whole job; raises :class:`InvalidArgument` for what cannot be built, by its name on the page."""
    for name, number, least in (("mini-batch", batch_size, 1), ("seed", seed, 0)):
        check(name, number, whole(least))
    train, validation, _ = load_splits(source)
    built = build_network(layers, cost, source)
    return Job(built, train, validation, batch_size, OPTIMIZERS[optimizer], seed, epochs)
