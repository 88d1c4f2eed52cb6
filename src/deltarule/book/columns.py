"""The book's columns, lists and pairs (x, y), and the core's rows: a' = σ(w a + b), equation (22), for many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import index
from typing import Any, TypeAlias

import numpy as np

from deltarule.core import operations
from deltarule.core.activations import Activation, Sigmoid
from deltarule.core.constraints import Constraint, check, list_of, whole
from deltarule.core.costs import Cost, Quadratic
from deltarule.core.layer import Array, Layer, Params
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.engines.numpy_engine import blas_threads
from deltarule.errors import ShapeError

Arrays: TypeAlias = list[np.ndarray]
Pairs: TypeAlias = list[tuple[Any, Any]]

SIZES = list_of(whole(1), "two or more whole numbers from 1, such as [784, 30, 10]", least=2)
"""The numbers of neurons in the layers of a network, inputs first."""

SOME = Constraint("a list of one pair (x, y) or more (a zip can be read only once: list(zip(...)))", bool)
"""The pairs to learn from, or to measure on."""

AT_ONCE = 1000
"""How many examples are put into one matrix: enough to be fast, and some megabytes."""


@dataclass(frozen=True)
class Neuron(Activation):
    """An activation function and its derivative as the book's modules define them: two functions of z."""

    sigma: Callable[[Any], Any]
    prime: Callable[[Any], Any]

    def function(self, z: Array) -> Array:
        return self.sigma(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return self.prime(z)


@dataclass(frozen=True)
class OutputError(Cost):
    """A cost known by its error alone: ``of(z, a, y)`` gives δᴸ (BP1) for columns z, a = σ(z) and y."""

    neuron: Activation
    of: Callable[[Any, Any, Any], Any]

    def activation(self, z: Array) -> Array:
        return self.neuron.function(z)

    def value(self, z: Array, y: Array) -> Array:
        raise NotImplementedError("a cost known by its error alone")

    def delta(self, z: Array, y: Array) -> Array:
        return self.of(z.T, self.activation(z).T, y.T).T


class First(Dense):
    """The layer after the inputs: nobody asks for the error of an image, so BP2 stops here."""

    def backward(self, params: Params, a: Array, delta: Array) -> tuple[Array, Params]:
        return None, {"w": operations.sum_of_outer_products(delta, a), "b": delta.sum(axis=0)}  # BP4 and BP3


def chain(widths: Sequence[int], neuron: Activation, cost: Cost) -> Network:
    """The core's network of these numbers of neurons, inputs first.

    >>> from deltarule.core.activations import Sigmoid
    >>> from deltarule.core.costs import Quadratic
    >>> chain([784, 30, 10], Sigmoid(), Quadratic()).shapes
    [(784,), (30,), (30,), (10,)]
    """
    layers: list[Layer] = [First(index(widths[1]))]
    for n in widths[2:]:
        layers += [neuron, Dense(index(n))]
    return Network(layers, cost, (widths[0],))


SIGMOID = Sigmoid()


@lru_cache
def sigmoid_chain(widths: tuple[int, ...], cost: Cost) -> Network:
    """A chain of sigmoid neurons, built once."""
    return chain(widths, SIGMOID, cost)


def widths(weights: Sequence[np.ndarray]) -> tuple[int, ...]:
    """How many neurons each layer has, by the weights as they are now, which anybody may have changed."""
    return (weights[0].shape[1], *(w.shape[0] for w in weights))


def params(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Tree:
    """The parameters of a chain: the lists' own arrays, not copies, and nothing for the activations between."""
    tree: list[Params] = []
    for w, b in zip(weights, biases, strict=True):
        tree += [{"w": w, "b": b[:, 0]}, {}]
    return tree[:-1]


def feedforward(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], neuron: Activation, a: Any) -> np.ndarray:
    """The outputs, (n_out, m), for the columns ``a``, (n_in, m). Raises :class:`ShapeError` for anything else."""
    a, n_in = np.asarray(a), weights[0].shape[1]
    if a.ndim != 2 or len(a) != n_in:
        expected = f"columns, ({n_in}, 1) or ({n_in}, m)"
        remedy = f"reshape it, as a.reshape({n_in}, 1)"
        raise ShapeError(argument="shape of a", expected=expected, value=a.shape, remedy=remedy)
    network = chain(widths(weights), neuron, Quadratic(neuron))
    return np.asarray(network.outputs(params(weights, biases), a.T)).T


def gradient(network: Network, tree: Tree, x: np.ndarray, y: np.ndarray, rate: float = 1.0) -> tuple[Arrays, Arrays]:
    """``(nabla_b, nabla_w)``, ``rate`` times the sum over the rows of x and y of the gradients of C_x.

    A gradient is linear in the error δᴸ, so the few numbers of δᴸ are multiplied by ``rate``, not each weight's.
    """
    z, caches = network.forward(tree, x)
    _, grads = network.backward(tree, caches, rate * network.cost.delta(z, y))  # BP1, then BP2 to BP4
    return [g["b"][:, None] for g in grads if g], [g["w"] for g in grads if g]


def rows(pairs: Pairs, n_in: int, n_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (m, n_in) and desired outputs (m, n_out) of pairs of columns, in float64.

    Raises :class:`ShapeError` for the first x or y that is no column of its size.
    """
    return stack("x", [x for x, _ in pairs], n_in), stack("y", [y for _, y in pairs], n_out)


def mini_batches(pairs: Pairs, m: int, n_in: int, n_out: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The :func:`rows` of one mini-batch of m pairs after another; the last may be short."""
    for part in parts(pairs, max(1, AT_ONCE // m) * m):
        x, y = rows(part, n_in, n_out)
        for k in range(0, len(part), m):
            yield x[k : k + m], y[k : k + m]


def parts(pairs: Pairs, size: int = AT_ONCE) -> Iterator[Pairs]:
    """The pairs, so many at a time."""
    return (pairs[k : k + size] for k in range(0, len(pairs), size))


def summed(backprop: Callable[[Any, Any], Any], mini_batch: Pairs, rate: float) -> tuple[Arrays, Arrays]:
    """What :func:`gradient` gives, by a ``backprop(x, y)`` of the reader's own, one example after another."""
    gradients = [backprop(x, y) for x, y in mini_batch]
    return tuple([rate * sum(layer) for layer in zip(*kind, strict=True)] for kind in zip(*gradients, strict=True))  # type: ignore[return-value] # a pair, as gradients are


def digit(y: Any) -> int:
    """The digit of a desired output, its highest component.

    Raises :class:`ShapeError` if it has several highest, as that of several labels: they are no digit.

    >>> digit(vectorized_result(7))
    7
    """
    y = np.asarray(y)
    if y.size > 1 and np.sum(y == y.max()) > 1:
        raise ShapeError(
            argument="y",
            expected="one highest component, which is that of the digit",
            value=y.ravel().tolist(),
            remedy="for several labels compare each output with a half yourself, (net.feedforward(x) > 0.5) == y",
        )
    return int(np.argmax(y))


def vectorized_result(j: int) -> np.ndarray:
    """The desired output for the digit j: a column (10, 1) with 1 at j and 0 elsewhere.

    >>> vectorized_result(2)[:4].tolist()
    [[0.0], [0.0], [1.0], [0.0]]
    """
    e = np.zeros((10, 1))
    e[j] = 1.0
    return e


@contextmanager
def one_thread() -> Iterator[None]:
    """Run matrix products on one thread: several get into each other's way with matrices so small."""
    with blas_threads(1):
        yield


def as_list(data: Iterable[Any], name: str) -> Pairs:
    """``data`` itself if it is a list, otherwise a list of it, such as of a ``zip``, which can be read only once.

    Raises :class:`InvalidArgument` if nothing comes out of it.
    """
    pairs = data if isinstance(data, list) else list(data)
    if pairs is not data:
        check(name, pairs, SOME)
    return pairs


def digits(ys: Sequence[Any]) -> np.ndarray:
    """The labels of evaluation data, (n,); raises :class:`ShapeError` for desired outputs in their place."""
    labels = np.asarray(ys)
    if labels.ndim != 1:
        raise ShapeError(
            argument="shape of y",
            expected="(), as that of a digit",
            value=np.shape(ys[0]),
            remedy="give pairs of x and a digit, as mnist_loader's validation_data and test_data; the digit of y is "
            f"int(np.argmax(y)), {digit(ys[0])} for the first",
        )
    return labels


def check_sgd(training_data: Pairs, epochs: int, mini_batch_size: int) -> None:
    """Raises :class:`InvalidArgument` unless there is something to learn from, in mini-batches of 1 or more."""
    check("training_data", training_data, SOME)
    check("epochs", epochs, whole(0))
    check("mini_batch_size", mini_batch_size, whole(1))


def stack(name: str, columns: Sequence[Any], n: int) -> np.ndarray:
    """Stack columns (n, 1) as the rows of a matrix; raises :class:`ShapeError` for the first of another shape."""
    try:
        stacked = np.array(columns, dtype=np.float64)
    except (ValueError, TypeError):  # of several shapes, or no numbers
        stacked = np.empty(0)
    if stacked.shape != (len(columns), n, 1):
        i, shape = next(((i, np.shape(c)) for i, c in enumerate(columns) if np.shape(c) != (n, 1)), (0, None))
        remedy = "vectorized_result(y) makes a column of a digit" if name == "y" and shape == () else "reshape it"
        expected = f"numbers in the shape ({n}, 1)"
        raise ShapeError(
            position=f"example {i}", argument=f"shape of {name}", expected=expected, value=shape, remedy=remedy
        )
    return stacked.reshape(len(columns), n)
