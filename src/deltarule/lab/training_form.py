"""The form on the page Train: its choices, and the job that they describe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

from deltarule.core.activations import Linear
from deltarule.core.constraints import check, whole
from deltarule.core.costs import Cost, CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.layer import Layer
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer
from deltarule.data import Splits, find, load
from deltarule.data.encodings import Encoding, Real, Standardized
from deltarule.errors import InvalidArgument
from deltarule.lab.learner import Job
from deltarule.preprocessing import Preprocessing
from deltarule.recipes import RECIPES
from deltarule.recipes.notation import format_object, parse_object
from deltarule.recipes.recipe import Misfit, Output, Recipe

DATA = "DELTARULE_LAB_DATA"
"""The environment variable with the path of the user's data (``deltarule lab --data``)."""

PRESETS: dict[str, list[str]] = {
    "no hidden layer": ["Output"],
    "30 hidden neurons": ["Dense(30)", "Sigmoid", "Output"],
    "100 hidden neurons, dropout": ["Dense(100)", "Sigmoid", "Dropout(0.5)", "Output"],
    "three hidden layers": ["Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Dense(30)", "Sigmoid", "Output"],
    "small convolution": ["Conv(8, 3)", "ReLU", "MaxPool(2)", "Flatten", "Dense(30)", "ReLU", "Output"],
}
NETWORKS = {**PRESETS, **{name: [format_object(layer) for layer in recipe.layers] for name, recipe in RECIPES.items()}}
"""The layers of networks to start from, by name."""

LAYER_CHOICES = (
    "Dense(30)", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Dropout(0.5)", "BatchNorm", "Conv(8, 3)", "MaxPool(2)",
    "Flatten",
)  # fmt: skip
"""The layers with an "add" button; an added layer can be edited."""

COSTS: dict[str, Cost] = {"cross-entropy": CrossEntropy(), "quadratic": Quadratic(), "softmax": LogLikelihood()}
OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": SGD(), "momentum 0.9": Momentum(0.9), "Nesterov 0.9": Nesterov(0.9), "Adam": Adam(),
}  # fmt: skip
ETAS = tuple(round(m * 10.0**e, 6) for e in range(-4, 2) for m in (1, 1.5, 2, 3, 5, 7))
"""The values of the learning-rate slider, six per power of ten."""

LAMBDAS = (0.0, *(m * 10.0**e for e in range(-2, 3) for m in (1, 2, 5)))
"""The values of the weight-decay slider."""


def list_sources() -> dict[str, str]:
    """List the data sets: their names on the page, and their names for ``load``."""
    sources = {"small digits (8 × 8)": "digits"}
    if find("auto").name == "mnist":
        sources = {"MNIST (28 × 28)": "mnist", **sources}
    if own := os.environ.get(DATA):
        sources["my own"] = own
    return sources


@cache
def load_splits(source: str) -> Splits:
    """Load the training, validation and test data; later calls return the same."""
    return load(source)


def add_layer(layers: Sequence[str], text: str) -> list[str]:
    """Return the layers with one more, at the end or before a final ``Output``.

    >>> add_layer(["Dense(30)", "Output"], "Sigmoid"), add_layer(["Dense(30)"], "Sigmoid")
    (['Dense(30)', 'Sigmoid', 'Output'], ['Dense(30)', 'Sigmoid'])
    """
    ended = bool(layers) and layers[-1].split("(")[0].strip() == "Output"
    end = len(layers) - ended
    return [*layers[:end], text, *layers[end:]]


def choose_cost(name: str, encoding: Encoding) -> Cost:
    """Choose the cost of this name for these labels: for real numbers the quadratic cost has linear outputs.

    Raises :class:`InvalidArgument` for another cost of real numbers.

    >>> choose_cost("quadratic", Standardized(1))
    Quadratic(output=Linear())
    """
    if not isinstance(encoding, (Standardized, Real)):
        return COSTS[name]
    if name != "quadratic":
        raise InvalidArgument(argument="cost", expected="quadratic, as the data have a target of numbers", value=name)
    return Quadratic(Linear())


def build_network(layers: Sequence[str], cost: str, source: str) -> Network:
    """Build the network of the layers in the boxes of the form, for these data; empty boxes are ignored.

    Raises:
        InvalidArgument: A box holds no layer; the position is the box, counted from 1. Or the data do not allow the
            cost.
        Misfit: A layer does not fit; the position is its box.
    """
    boxes = {i: text.strip() for i, text in enumerate(layers, start=1) if text.strip()}
    built: list[Layer | Output] = []
    for i, text in boxes.items():
        try:
            built.append(parse_object(text, Layer | Output))
        except InvalidArgument as error:
            error.with_fields(position=f"layer {i}")
            raise
    fitted = Preprocessing.fit(load_splits(source)[0])
    try:
        return Recipe(built, choose_cost(cost, fitted.encoding)).network(fitted.input_shape, fitted.encoding.n_out)
    except Misfit as error:
        i, text = list(boxes.items())[error.layer]
        error.with_fields(position=f"layer {i}, {text}")
        raise


def build_job(
    source: str, layers: Sequence[str], cost: str, optimizer: str, batch_size: int, seed: int, epochs: int = 1000
) -> Job:
    """Build the job of the form.

    Raises:
        InvalidArgument: The network cannot be built, or a number is invalid; the argument is its name on the page.
    """
    for name, number, least in (("mini-batch", batch_size, 1), ("seed", seed, 0)):
        check(name, number, whole(least))
    train, validation, _ = load_splits(source)
    built = build_network(layers, cost, source)
    return Job(built, train, validation, batch_size, OPTIMIZERS[optimizer], seed, epochs)
