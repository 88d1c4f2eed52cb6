"""What the first and the second program share: first weights, backpropagation, steps, passes over the data.

A program is an object with ``weights`` and ``biases``, which may be changed by anybody at any time. Where
whatever makes the gradient is as the book prints it, ``cost`` is the core's, and a mini-batch is one
matrix; where it is None, the program's own ``backprop`` is asked about one example after another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from deltarule.book import columns
from deltarule.book.columns import Arrays, Neuron, OutputError, Pairs
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


def get_ends(net: Program) -> tuple[int, int]:
    """Return the numbers of inputs and of outputs, by the weights as they are now."""
    return net.weights[0].shape[1], net.weights[-1].shape[0]


def compute_gradient(
    net: Program, neuron: Neuron, delta: Callable[[Any, Any, Any], Any], x: Any, y: Any
) -> tuple[Arrays, Arrays]:
    """Compute ``(nabla_b, nabla_w)`` for columns x and y, by the reader's neurons and error δᴸ = delta(z, a, y)."""
    network = columns.chain(columns.widths(net.weights), neuron, OutputError(neuron, delta))
    return columns.gradient(network, columns.params(net.weights, net.biases), np.asarray(x).T, np.asarray(y).T)


def train_epoch(
    net: Program, data: Pairs, m: int, cost: Cost | None, update: Callable[[Pairs], None], eta: float, decay: float = 1
) -> None:
    """Take a step for every m pairs: by the core's ``cost``, or without one by ``update(mini_batch)``."""
    if cost is None:
        for mini_batch in columns.parts(data, m):
            update(mini_batch)
    else:
        for x, y in columns.mini_batches(data, m, *get_ends(net)):
            step(net, cost, x, y, eta, decay)


def train_mini_batch(net: Program, mini_batch: Pairs, cost: Cost | None, eta: float, decay: float = 1) -> None:
    """Take one step by a list of pairs: w → decay · w − η/m Σ ∂C_x/∂w, and b without decay."""
    if cost is None:
        move(net, *columns.summed(net.backprop, mini_batch, eta / len(mini_batch)), decay)
    else:
        step(net, cost, *columns.rows(mini_batch, *get_ends(net)), eta, decay)


def step(net: Program, cost: Cost, x: np.ndarray, y: np.ndarray, eta: float, decay: float = 1) -> None:
    """Take one step by a mini-batch whose examples are the rows of x and y."""
    network = columns.sigmoid_chain(columns.widths(net.weights), cost)
    move(net, *columns.gradient(network, columns.params(net.weights, net.biases), x, y, eta / len(x)), decay)


def move(net: Program, step_b: Arrays, step_w: Arrays, decay: float = 1) -> None:
    """Set the weights to decay · w − step, and the biases to b − step."""
    # into the steps' own memory, which nobody else has; that of the weights may be the reader's
    shrunk = net.weights if decay == 1 else [decay * w for w in net.weights]
    net.weights = [np.subtract(w, step, out=step) for w, step in zip(shrunk, step_w, strict=True)]
    net.biases = [np.subtract(b, step, out=step) for b, step in zip(net.biases, step_b, strict=True)]


def count_recognized(net: Program, pairs: Pairs, at_once: bool) -> int:
    """Count the recognized pairs (x, digit): many of them as one matrix, or one after another.

    Raises :class:`InvalidArgument` for a network with one output, of which none can be the highest.
    """
    right, n_in = 0, get_ends(net)[0]
    for part in columns.parts(pairs, columns.AT_ONCE if at_once else 1):
        xs, ys = zip(*part, strict=True)
        outputs = net.feedforward(columns.stack("x", xs, n_in).T if at_once else xs[0])
        if np.size(outputs) == len(part):
            raise InvalidArgument(
                argument="outputs",
                expected="one for each digit, of which the highest answers",
                value=1,
                remedy="compare it with a half yourself, sum((net.feedforward(x)[0, 0] > 0.5) == y for x, y in data), "
                "or give the network two outputs, such as sizes [2, 2, 2] and y as columns [[1], [0]] and [[0], [1]]",
            )
        right += int(np.sum(np.argmax(outputs, axis=0 if at_once else None) == columns.digits(ys)))
    return right


def are_among(printed: frozenset[Any], *functions: Any) -> bool:
    """Return whether functions and methods are those that the book prints, and none is the reader's own."""
    return all(getattr(function, "__func__", function) in printed for function in functions)
