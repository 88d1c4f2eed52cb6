"""The common parts of the first and second program: first weights, backpropagation, steps, epochs.

A program is an object with ``weights`` and ``biases``, which the reader may change at any time. If all functions
that compute the gradient are the book's, ``cost`` is the core's, and a mini-batch is one matrix. If ``cost`` is
None, the program's own ``backprop`` is called for each example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from deltarule.book import columns
from deltarule.book.columns import Arrays, DeltaCost, Neuron, Pairs
from deltarule.core.costs import Cost
from deltarule.errors import InvalidArgument


class Program(Protocol):
    """A network of the book's first or second program."""

    weights: Arrays
    biases: Arrays

    def feedforward(self, a: Any) -> np.ndarray: ...
    def backprop(self, x: Any, y: Any) -> tuple[Arrays, Arrays]: ...


def draw_normal(sizes: Sequence[int]) -> tuple[Arrays, Arrays]:
    """Draw ``(biases, weights)`` from N(0, 1) by ``np.random.randn``, the biases of all layers first."""
    biases = [np.random.randn(n, 1) for n in sizes[1:]]
    return biases, [np.random.randn(n, n_in) for n_in, n in pairwise(sizes)]


def get_end_sizes(net: Program) -> tuple[int, int]:
    """Return the numbers of inputs and of outputs, from the current weights."""
    return net.weights[0].shape[1], net.weights[-1].shape[0]


def compute_gradient(
    net: Program, neuron: Neuron, delta: Callable[[Any, Any, Any], Any], x: Any, y: Any
) -> tuple[Arrays, Arrays]:
    """Compute ``(nabla_b, nabla_w)`` for columns x and y, with the given neurons and δᴸ = delta(z, a, y)."""
    network = columns.build_network(columns.get_sizes(net.weights), neuron, DeltaCost(neuron, delta))
    params = columns.build_params(net.weights, net.biases)
    return columns.backpropagate(network, params, np.asarray(x).T, np.asarray(y).T)


def train_epoch(
    net: Program, data: Pairs, m: int, cost: Cost | None, update: Callable[[Pairs], None], eta: float, decay: float = 1
) -> None:
    """Take a step for every m pairs, with the core's ``cost``, or with ``update(mini_batch)`` if ``cost`` is None."""
    if cost is None:
        for mini_batch in columns.split(data, m):
            update(mini_batch)
    else:
        for x, y in columns.iterate_mini_batches(data, m, *get_end_sizes(net)):
            take_step(net, cost, x, y, eta, decay)


def train_mini_batch(net: Program, mini_batch: Pairs, cost: Cost | None, eta: float, decay: float = 1) -> None:
    """Take one step with a list of pairs: w → decay · w − η/m Σ ∂C_x/∂w, and b without decay."""
    if cost is None:
        apply_step(net, *columns.sum_gradients(net.backprop, mini_batch, eta / len(mini_batch)), decay)
    else:
        take_step(net, cost, *columns.to_rows(mini_batch, *get_end_sizes(net)), eta, decay)


def take_step(net: Program, cost: Cost, x: np.ndarray, y: np.ndarray, eta: float, decay: float = 1) -> None:
    """Take one step with a mini-batch whose examples are the rows of x and y."""
    network = columns.build_sigmoid_network(columns.get_sizes(net.weights), cost)
    params = columns.build_params(net.weights, net.biases)
    apply_step(net, *columns.backpropagate(network, params, x, y, eta / len(x)), decay)


def apply_step(net: Program, step_b: Arrays, step_w: Arrays, decay: float = 1) -> None:
    """Set the weights to decay · w − step, and the biases to b − step."""
    # the result goes into the memory of the steps, since the reader may hold the old weights
    shrunk = net.weights if decay == 1 else [decay * w for w in net.weights]
    net.weights = [np.subtract(w, step, out=step) for w, step in zip(shrunk, step_w, strict=True)]
    net.biases = [np.subtract(b, step, out=step) for b, step in zip(net.biases, step_b, strict=True)]


def count_recognized(net: Program, pairs: Pairs, at_once: bool) -> int:
    """Count the pairs (x, digit) whose digit has the highest output: many in one matrix, or one after another.

    Raise :class:`InvalidArgument` for a network with only one output.
    """
    right, n_in = 0, get_end_sizes(net)[0]
    for part in columns.split(pairs, columns.BLOCK_SIZE if at_once else 1):
        xs, ys = zip(*part, strict=True)
        outputs = net.feedforward(columns.stack("x", xs, n_in).T if at_once else xs[0])
        if np.size(outputs) == len(part):
            raise InvalidArgument(
                argument="outputs",
                expected="one output per class, the highest of which is the prediction",
                value=1,
                remedy="compare it with 0.5: sum((net.feedforward(x)[0, 0] > 0.5) == y for x, y in data); or give the "
                f"network two outputs, such as sizes [{n_in}, 2], and y as columns [[1], [0]] and [[0], [1]]",
            )
        right += int(np.sum(np.argmax(outputs, axis=0 if at_once else None) == columns.get_labels(ys)))
    return right


def are_among(printed: frozenset[Any], *functions: Any) -> bool:
    """Return whether all functions and methods are the book's, and none is the reader's own."""
    return all(getattr(function, "__func__", function) in printed for function in functions)
