"""Conversion of the book's pairs (x, y) of columns into the core's rows, for a′ = σ(w a + b), equation (22)."""

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
from deltarule.engines.numpy_engine import limit_blas_threads
from deltarule.errors import InvalidArgument, ShapeError

Arrays: TypeAlias = list[np.ndarray]
Pairs: TypeAlias = list[tuple[Any, Any]]

SIZES = list_of(whole(1), "two or more whole numbers of at least 1, such as [784, 30, 10]", least=2)
"""The numbers of neurons of a network, inputs first."""

NON_EMPTY = Constraint("a list of one pair (x, y) or more (a zip can be read only once: list(zip(...)))", bool)
"""The training or evaluation data."""

BLOCK_SIZE = 1000
"""Examples in one matrix: enough for speed, and only some megabytes."""


@dataclass(frozen=True)
class Neuron(Activation):
    """An activation function and its derivative as in the book's modules: two functions of z."""

    sigma: Callable[[Any], Any]
    prime: Callable[[Any], Any]

    def function(self, z: Array) -> Array:
        return self.sigma(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return self.prime(z)


@dataclass(frozen=True)
class DeltaCost(Cost):
    """A cost without a value: ``compute_delta(z, a, y)`` gives δᴸ (BP1) for columns z, a = σ(z) and y."""

    neuron: Activation
    compute_delta: Callable[[Any, Any, Any], Any]

    def activation(self, z: Array) -> Array:
        return self.neuron.function(z)

    def value(self, z: Array, y: Array) -> Array:
        raise NotImplementedError("this cost has only a delta")

    def delta(self, z: Array, y: Array) -> Array:
        return self.compute_delta(z.T, self.activation(z).T, y.T).T


class FirstDense(Dense):
    """The first layer after the inputs; BP2 stops here, since the error of the inputs is not needed."""

    def backward(self, params: Params, a: Array, delta: Array) -> tuple[Array, Params]:
        return None, {"w": operations.sum_of_outer_products(delta, a), "b": delta.sum(axis=0)}  # BP4 and BP3


def build_network(sizes: Sequence[int], neuron: Activation, cost: Cost) -> Network:
    """Build the core's network with these numbers of neurons, inputs first.

    >>> from deltarule.core.activations import Sigmoid
    >>> from deltarule.core.costs import Quadratic
    >>> build_network([784, 30, 10], Sigmoid(), Quadratic()).shapes
    [(784,), (30,), (30,), (10,)]
    """
    layers: list[Layer] = [FirstDense(index(sizes[1]))]
    for n in sizes[2:]:
        layers += [neuron, Dense(index(n))]
    return Network(layers, cost, (sizes[0],))


SIGMOID = Sigmoid()


@lru_cache
def build_sigmoid_network(sizes: tuple[int, ...], cost: Cost) -> Network:
    """Build a network of sigmoid neurons; later calls return the same."""
    return build_network(sizes, SIGMOID, cost)


def get_sizes(weights: Sequence[np.ndarray]) -> tuple[int, ...]:
    """Return the numbers of neurons, inputs first, from the current weights, which the reader may have changed."""
    return (weights[0].shape[1], *(w.shape[0] for w in weights))


def build_params(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Tree:
    """Build the parameters of the core's network from the lists; the arrays are not copied."""
    tree: list[Params] = []
    for w, b in zip(weights, biases, strict=True):
        tree += [{"w": w, "b": b[:, 0]}, {}]
    return tree[:-1]


def feedforward(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], neuron: Activation, a: Any) -> np.ndarray:
    """Compute the outputs, (n_out, m), for the columns ``a``, (n_in, m); raise :class:`ShapeError` for other shapes."""
    a, n_in = np.asarray(a), weights[0].shape[1]
    if a.ndim != 2 or len(a) != n_in:
        expected = f"columns, ({n_in}, 1) or ({n_in}, m)"
        remedy = f"reshape it, as a.reshape({n_in}, 1)"
        raise ShapeError(argument="shape of a", expected=expected, value=a.shape, remedy=remedy)
    network = build_network(get_sizes(weights), neuron, Quadratic(neuron))
    return np.asarray(network.outputs(build_params(weights, biases), a.T)).T


def backpropagate(
    network: Network, tree: Tree, x: np.ndarray, y: np.ndarray, rate: float = 1.0
) -> tuple[Arrays, Arrays]:
    """Compute ``(nabla_b, nabla_w)``: ``rate`` times the sum of the gradients of C_x over the rows of x and y.

    The gradients are linear in δᴸ, so it is enough to multiply the few numbers of δᴸ by ``rate``.
    """
    z, caches = network.forward(tree, x)
    _, grads = network.backward(tree, caches, rate * network.cost.delta(z, y))  # BP1, then BP2 to BP4
    return [g["b"][:, None] for g in grads if g], [g["w"] for g in grads if g]


def to_rows(pairs: Pairs, n_in: int, n_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Convert pairs of columns into inputs (m, n_in) and desired outputs (m, n_out), float64.

    Raise :class:`ShapeError` for the first x or y of another shape.
    """
    return stack("x", [x for x, _ in pairs], n_in), stack("y", [y for _, y in pairs], n_out)


def iterate_mini_batches(pairs: Pairs, m: int, n_in: int, n_out: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield :func:`to_rows` of each mini-batch of m pairs; the last may be smaller."""
    for part in split(pairs, max(1, BLOCK_SIZE // m) * m):
        x, y = to_rows(part, n_in, n_out)
        for k in range(0, len(part), m):
            yield x[k : k + m], y[k : k + m]


def split(pairs: Pairs, size: int = BLOCK_SIZE) -> Iterator[Pairs]:
    """Yield the pairs in lists of ``size``; the last may be smaller."""
    return (pairs[k : k + size] for k in range(0, len(pairs), size))


def sum_gradients(backprop: Callable[[Any, Any], Any], mini_batch: Pairs, rate: float) -> tuple[Arrays, Arrays]:
    """Compute the result of :func:`backpropagate` with the reader's ``backprop(x, y)``, example by example."""
    gradients = [backprop(x, y) for x, y in mini_batch]
    return tuple([rate * sum(layer) for layer in zip(*kind, strict=True)] for kind in zip(*gradients, strict=True))  # type: ignore[return-value] # a pair, as gradients are


def get_digit(y: Any) -> int:
    """Return the digit of a desired output: the position of its highest component.

    Raise :class:`ShapeError` if several components are highest, as for several labels.

    >>> get_digit(vectorized_result(7))
    7
    """
    y = np.asarray(y)
    if y.size > 1 and np.sum(y == y.max()) > 1:
        raise ShapeError(
            argument="y",
            expected="a column in which one number, that of the right digit, is larger than all others",
            value=y.ravel().tolist(),
            remedy="for several labels, compare each output with 0.5: (net.feedforward(x) > 0.5) == y",
        )
    return int(np.argmax(y))


def vectorized_result(j: int) -> np.ndarray:
    """Build the desired output for the digit j: a column (10, 1) with 1 at j and 0 elsewhere.

    >>> vectorized_result(2)[:4].tolist()
    [[0.0], [0.0], [1.0], [0.0]]
    """
    e = np.zeros((10, 1))
    e[j] = 1.0
    return e


@contextmanager
def use_one_thread() -> Iterator[None]:
    """Run matrix products on one thread, which is faster for such small matrices."""
    with limit_blas_threads(1):
        yield


def to_list(data: Iterable[Any], name: str) -> Pairs:
    """Return ``data`` if it is a list, or a list of it, such as of a ``zip``, which can be read only once.

    Raise :class:`InvalidArgument` if that list is empty.
    """
    pairs = data if isinstance(data, list) else list(data)
    if pairs is not data:
        check(name, pairs, NON_EMPTY)
    return pairs


def get_labels(ys: Sequence[Any]) -> np.ndarray:
    """Return the labels of evaluation data, (n,); raise :class:`ShapeError` for desired outputs instead."""
    labels = np.asarray(ys)
    if labels.ndim != 1:
        raise ShapeError(
            argument="shape of y",
            expected="(), the shape of a digit",
            value=np.shape(ys[0]),
            remedy="use pairs of x and a digit, like mnist_loader's validation_data and test_data; the digit of y is "
            f"int(np.argmax(y)), {get_digit(ys[0])} for the first",
        )
    return labels


def check_sgd(training_data: Pairs, epochs: int, mini_batch_size: int) -> None:
    """Raise :class:`InvalidArgument` for empty training data, or an invalid number of epochs or mini-batch size."""
    check("training_data", training_data, NON_EMPTY)
    check_whole("epochs", epochs, 0)
    check_whole("mini_batch_size", mini_batch_size, 1)


def check_whole(argument: str, value: Any, least: int) -> None:
    """Raise :class:`InvalidArgument` unless a value is a whole number; for a float, the remedy is ``//``.

    >>> check_whole("m", 7 / 2, 1)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: m: expected a whole number of at least 1, got 3.5; write // in place of /
    """
    try:
        check(argument, value, whole(least))
    except InvalidArgument as error:
        if isinstance(value, float):
            error.with_fields(remedy="write // in place of /")
        raise


def stack(name: str, columns: Sequence[Any], n: int) -> np.ndarray:
    """Stack columns (n, 1) as the rows of a matrix; raise :class:`ShapeError` for the first of another shape."""
    try:
        stacked = np.array(columns, dtype=np.float64)
    except (ValueError, TypeError):  # different shapes, or not numbers
        stacked = np.empty(0)
    if stacked.shape != (len(columns), n, 1):
        i, shape = next(((i, np.shape(c)) for i, c in enumerate(columns) if np.shape(c) != (n, 1)), (0, None))
        remedy = "reshape it"
        if name == "y" and shape == ():
            by_hand = "write y as a column with 1 at the class and 0 elsewhere"
            remedy = "convert the digit: vectorized_result(y)" if n == 10 else by_hand
        expected = f"numbers in the shape ({n}, 1)"
        raise ShapeError(
            position=f"example {i}", argument=f"shape of {name}", expected=expected, value=shape, remedy=remedy
        )
    return stacked.reshape(len(columns), n)
