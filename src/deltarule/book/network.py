"""The book's first program: stochastic gradient descent by backpropagation, equations (20), (21) and BP1 to BP4.

Whatever stands in :data:`PRINTED` may be replaced, as the exercises ask: in a subclass, on an object
or in this module. While all of it is as the book prints it, a mini-batch is learned from as one
matrix; as soon as ``backprop``, ``cost_derivative``, ``sigmoid`` or ``sigmoid_prime`` is the
reader's own, example by example as in the listing, through whatever is theirs.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deltarule.book import columns, steps
from deltarule.book.columns import Arrays, Neuron
from deltarule.core import activations
from deltarule.core.constraints import check
from deltarule.core.costs import Cost, Quadratic

QUADRATIC = Quadratic()


class Network:
    """A network of sigmoid neurons with the quadratic cost; ``sizes`` are its numbers of neurons, inputs first.

    ``weights`` are a list of arrays (n_out, n_in) and ``biases`` of columns (n_out, 1), one for each layer
    after the inputs, all drawn from N(0, 1) by ``np.random.randn``: first the biases, then the weights. Both
    may be changed at any time. Raises :class:`InvalidArgument` for sizes that make no network.

    >>> np.random.seed(0)
    >>> net = Network([2, 3, 1])
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 2), (1, 3)], [(3, 1), (1, 1)])
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        check("sizes", list(sizes), columns.SIZES)
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.biases, self.weights = steps.draw_normal(sizes)

    def feedforward(self, a: Any) -> np.ndarray:
        """The outputs, (n_out, 1), for an input ``a``, (n_in, 1); or of m inputs at once, the columns of ``a``."""
        return columns.feedforward(self.weights, self.biases, Neuron(sigmoid, sigmoid_prime), a)

    @columns.one_thread()
    def SGD(
        self,
        training_data: Iterable[Any],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[Any] | None = None,
    ) -> None:
        """Learns for ``epochs`` passes over ``training_data``, a list of pairs (x, y) of columns.

        The list is shuffled in place by ``random.shuffle`` before each epoch. After it one line is printed,
        with the number of ``test_data``, pairs of x and a digit, that are recognized, if any are given.
        """
        training_data = columns.as_list(training_data, "training_data")
        test_data = None if test_data is None else columns.as_list(test_data, "test_data")
        columns.check_sgd(training_data, epochs, mini_batch_size)
        for j in range(epochs):
            random.shuffle(training_data)
            cost = self._printed_cost if _as_printed(self.update_mini_batch) else None
            steps.train_epoch(self, training_data, mini_batch_size, cost, lambda m: self.update_mini_batch(m, eta), eta)
            if test_data:
                print(f"Epoch {j}: {self.evaluate(test_data)} / {len(test_data)}", flush=True)
            else:
                print(f"Epoch {j} complete", flush=True)

    def update_mini_batch(self, mini_batch: columns.Pairs, eta: float) -> None:
        """One step of gradient descent by a list of pairs: w → w − η/m Σ ∂C_x/∂w, and so for b."""
        steps.train_mini_batch(self, mini_batch, self._printed_cost, eta)

    def backprop(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """``(nabla_b, nabla_w)``, the gradient of C_x, in the shapes of ``biases`` and ``weights``.

        If x and y have several columns, the sum of their gradients.
        """

        def delta(z: Any, a: Any, y: Any) -> Any:
            return self.cost_derivative(a, y) * sigmoid_prime(z)  # BP1

        return steps.compute_gradient(self, Neuron(sigmoid, sigmoid_prime), delta, x, y)

    @columns.one_thread()
    def evaluate(self, test_data: Iterable[Any]) -> int:
        """For how many pairs (x, digit) the output with the highest activation is that of the digit."""
        pairs = columns.as_list(test_data, "test_data")
        return steps.count_recognized(self, pairs, at_once=_as_printed(self.feedforward, sigmoid))

    def cost_derivative(self, output_activations: Any, y: Any) -> Any:
        """∂C_x/∂a for the output activations: a − y for the quadratic cost."""
        return output_activations - y

    @property
    def _printed_cost(self) -> Cost | None:
        """The core's cost, if whatever makes the gradient is as the book prints it."""
        printed = _as_printed(self.backprop, self.cost_derivative, sigmoid, sigmoid_prime)
        return QUADRATIC if printed else None


def sigmoid(z: Any) -> Any:
    """σ(z) = 1 / (1 + e⁻ᶻ), elementwise (equation (3)); nothing overflows.

    >>> float(sigmoid(0.0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """
    return activations.sigmoid(np.asarray(z, dtype=float))


def sigmoid_prime(z: Any) -> Any:
    """σ′(z) = σ(z) (1 − σ(z)), elementwise."""
    return sigmoid(z) * (1 - sigmoid(z))


PRINTED = frozenset(
    {
        *(Network.feedforward, Network.update_mini_batch, Network.backprop, Network.cost_derivative),
        *(sigmoid, sigmoid_prime),
    }
)
"""What is as the book prints it. Nothing is ever added: what a reader puts in its place is not in it."""


def _as_printed(*functions: Any) -> bool:
    return steps.are_among(PRINTED, *functions)
