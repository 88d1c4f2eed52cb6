"""Measure two rules of max-pooling for ties: ``python -m tools.pooling_rules`` prints the table of docs/network3.md.

For each network and seed, both rules start from the same weights and take the same mini-batches of MNIST.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, ReLU, SoftmaxLayer, sigmoid, tanh
from deltarule.book.network3_arrays import ActivationFn
from deltarule.book.network3_layers import PublishedConvPool
from deltarule.core.convolution import Conv
from deltarule.core.pooling import MaxPool
from deltarule.data import load
from deltarule.data.order import AsGiven
from deltarule.models.model import Model
from deltarule.training.fit import fit

EPOCHS, SEEDS = 3, 5


def build_one(function: ActivationFn) -> Network:
    """Build the network of the page, with one convolution."""
    first = ConvPoolLayer((5, 1, 5, 5), (10, 1, 28, 28), (2, 2), function)
    return Network([first, FullyConnectedLayer(5 * 12 * 12, 30, function), SoftmaxLayer(30, 10)], 10)


def build_two(function: ActivationFn) -> Network:
    """Build a network with two convolutions; blank borders reach the second one."""
    first = ConvPoolLayer((5, 1, 5, 5), (10, 1, 28, 28), (2, 2), function)
    second = ConvPoolLayer((10, 5, 3, 3), (10, 5, 12, 12), (2, 2), function)
    return Network([first, second, FullyConnectedLayer(10 * 5 * 5, 30, function), SoftmaxLayer(30, 10)], 10)


NETWORKS: dict[str, tuple[Callable[[], Network], float]] = {
    "one convolution, sigmoid": (lambda: build_one(sigmoid), 0.1),
    "two convolutions, sigmoid": (lambda: build_two(sigmoid), 0.1),
    "two convolutions, tanh": (lambda: build_two(tanh), 0.03),
    "two convolutions, ReLU": (lambda: build_two(ReLU), 0.03),
}
"""Networks, and η."""


def use_library_rule(model: Model) -> Model:
    """Return the same model with the layers of the library: only the first of equal maxima gets the error."""
    layers, params = [], []
    for layer, p in zip(model.network.layers, model.params, strict=True):
        if isinstance(layer, PublishedConvPool):
            layers += [Conv(layer.maps, layer.kernel, initializer=layer.initializer), MaxPool(layer.pool)]
            params += [p, {}]
        else:
            layers, params = [*layers, layer], [*params, p]
    return replace(model, network=replace(model.network, layers=tuple(layers)), params=params)


def measure(build: Callable[[], Network], eta: float, epochs: int, seeds: int) -> np.ndarray:
    """Train with both rules, and return the test accuracies in percent, shape (seeds, 2)."""
    train, _, test = (replace(each, x=each.x / np.float32(256), scale=1.0) for each in load("mnist"))
    found = []
    for seed in range(seeds):
        np.random.seed(seed)
        model = build().model
        both = (model, use_library_rule(model))
        trained = [fit(each, train, epochs=epochs, batch_size=10, eta=eta, order=AsGiven()) for each in both]
        found.append([100 * each.accuracy(test) for each in trained])
    return np.asarray(found)


def print_table(epochs: int = EPOCHS, seeds: int = SEEDS) -> None:
    """Print, for each network, the mean and the standard deviation with each rule, and of the differences."""
    print("| network | all of them | the first | difference |")
    print("|---|---|---|---|")
    for name, (build, eta) in NETWORKS.items():
        found = measure(build, eta, epochs, seeds)
        columns = [*found.T, found[:, 0] - found[:, 1]]
        cells = [f"{column.mean():.2f} ± {column.std(ddof=1):.2f}" for column in columns]
        print(f"| {name}, η = {eta} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    print_table(*map(int, sys.argv[1:]))
