"""The book's first program: stochastic gradient descent with backpropagation, equations (20), (21) and BP1 to BP4.

Everything in :data:`PRINTED` may be replaced, as the exercises ask: in a subclass, on an object or in this module.
With the book's functions a mini-batch is one matrix. If ``backprop``, ``cost_derivative``, ``sigmoid`` or
``sigmoid_prime`` is the reader's own, the network trains example by example, as in the listing, with that function.
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

    ``weights`` is a list of arrays (n_out, n_in) and ``biases`` a list of columns (n_out, 1), one for each layer
    after the inputs. ``np.random.randn`` draws all of them from N(0, 1), first the biases, then the weights. Both may
    be changed at any time.

    Raises:
        InvalidArgument: ``sizes`` are not two or more whole numbers of at least 1.

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
        """Compute the outputs (n_out, 1) for an input ``a`` (n_in, 1), or (n_out, m) for m inputs, (n_in, m)."""
        return columns.feedforward(self.weights, self.biases, Neuron(sigmoid, sigmoid_prime), a)

    @columns.use_one_thread()
    def SGD(
        self,
        training_data: Iterable[Any],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[Any] | None = None,
    ) -> None:
        """Train by mini-batch stochastic gradient descent on ``training_data``, a list of pairs (x, y) of columns.

        Before each epoch ``random.shuffle`` shuffles the list in place. After each epoch one line is printed, with the
        number of correctly classified ``test_data``, pairs of x and a digit, if there are any.
        """
        training_data = columns.to_list(training_data, "training_data")
        test_data = None if test_data is None else columns.to_list(test_data, "test_data")
        columns.check_sgd(training_data, epochs, mini_batch_size)
        for j in range(epochs):
            random.shuffle(training_data)
            cost = self._printed_cost if _are_printed(self.update_mini_batch) else None
            steps.train_epoch(self, training_data, mini_batch_size, cost, lambda m: self.update_mini_batch(m, eta), eta)
            if test_data:
                print(f"Epoch {j}: {self.evaluate(test_data)} / {len(test_data)}", flush=True)
            else:
                print(f"Epoch {j} complete", flush=True)

    def update_mini_batch(self, mini_batch: columns.Pairs, eta: float) -> None:
        """Take one step of gradient descent with a list of pairs: w → w − η/m Σ ∂C_x/∂w, and the same for b."""
        steps.train_mini_batch(self, mini_batch, self._printed_cost, eta)

    def backprop(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """Compute ``(nabla_b, nabla_w)``, the gradient of C_x, in the shapes of ``biases`` and ``weights``.

        For several columns of x and y, compute the sum of their gradients.
        """

        def delta(z: Any, a: Any, y: Any) -> Any:
            return self.cost_derivative(a, y) * sigmoid_prime(z)  # BP1

        return steps.compute_gradient(self, Neuron(sigmoid, sigmoid_prime), delta, x, y)

    @columns.use_one_thread()
    def evaluate(self, test_data: Iterable[Any]) -> int:
        """Count the pairs (x, digit) for which the output of the digit has the highest activation."""
        pairs = columns.to_list(test_data, "test_data")
        return steps.count_recognized(self, pairs, at_once=_are_printed(self.feedforward, sigmoid))

    def cost_derivative(self, output_activations: Any, y: Any) -> Any:
        """Compute ∂C_x/∂a for the output activations: a − y for the quadratic cost."""
        return output_activations - y

    @property
    def _printed_cost(self) -> Cost | None:
        """The core's cost if all functions that compute the gradient are the book's, else None."""
        printed = _are_printed(self.backprop, self.cost_derivative, sigmoid, sigmoid_prime)
        return QUADRATIC if printed else None


def sigmoid(z: Any) -> Any:
    """Compute σ(z) = 1 / (1 + e⁻ᶻ), elementwise (equation (3)), without overflow.

    >>> float(sigmoid(0.0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """
    return activations.sigmoid(np.asarray(z, dtype=float))


def sigmoid_prime(z: Any) -> Any:
    """Compute σ′(z) = σ(z) (1 − σ(z)), elementwise.

    >>> float(sigmoid_prime(0.0))
    0.25
    """
    return sigmoid(z) * (1 - sigmoid(z))


PRINTED = frozenset(
    {
        *(Network.feedforward, Network.update_mini_batch, Network.backprop, Network.cost_derivative),
        *(sigmoid, sigmoid_prime),
    }
)
"""The book's own functions, to recognize what the reader has replaced."""


def _are_printed(*functions: Any) -> bool:
    return steps.are_among(PRINTED, *functions)
