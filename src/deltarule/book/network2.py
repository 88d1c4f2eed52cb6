"""The book's second program: cross-entropy (57), weight decay (95), better first weights, and monitoring.

What of it may be replaced, and what follows, is as in :mod:`deltarule.book.network`; here it is ``delta``
of the cost that BP1 is taken from, and ``fn`` that the cost is.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from deltarule.book import columns, network2_files, steps
from deltarule.book.columns import Arrays, Neuron, Pairs, vectorized_result
from deltarule.book.network import sigmoid, sigmoid_prime
from deltarule.core.constraints import check, number
from deltarule.core.costs import Cost, CrossEntropy, Quadratic
from deltarule.errors import ShapeError

__all__ = ["CrossEntropyCost", "Network", "QuadraticCost", "load", "sigmoid", "sigmoid_prime", "vectorized_result"]


class QuadraticCost:
    """C_x = ½ ‖a − y‖², equation (6)."""

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """C_x for an output a and a desired output y."""
        return 0.5 * float(np.sum((a - y) ** 2))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """δᴸ = (a − y) ⊙ σ′(z), BP1."""
        return (a - y) * sigmoid_prime(z)


class CrossEntropyCost:
    """C_x = −Σ [y ln a + (1 − y) ln(1 − a)], equation (63)."""

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """C_x for an output a and a desired output y; 0 ln 0 is 0, and what is infinite the largest number."""
        with np.errstate(all="ignore"):
            return float(np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a))))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """δᴸ = a − y, equation (66)."""
        return a - y


class Network:
    """A network of sigmoid neurons; ``sizes`` are its numbers of neurons, ``cost`` a class with ``fn`` and ``delta``.

    ``weights`` and ``biases`` are as in the first program, and drawn by :meth:`default_weight_initializer`.

    >>> net = Network([2, 3, 1], cost=QuadraticCost)
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 2), (1, 3)], [(3, 1), (1, 1)])
    """

    biases: Arrays
    weights: Arrays

    def __init__(self, sizes: Sequence[int], cost: Any = CrossEntropyCost) -> None:
        check("sizes", list(sizes), columns.SIZES)
        self.num_layers = len(sizes)
        self.sizes = sizes
        self.default_weight_initializer()
        self.cost = cost

    def default_weight_initializer(self) -> None:
        """Draws biases from N(0, 1), then weights from N(0, 1/n_in), n_in the inputs of the neuron."""
        self.biases, weights = steps.draw_normal(self.sizes)
        self.weights = [w / np.sqrt(w.shape[1]) for w in weights]

    def large_weight_initializer(self) -> None:
        """Draws biases and then weights from N(0, 1), as the first program does."""
        self.biases, self.weights = steps.draw_normal(self.sizes)

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
        lmbda: float = 0.0,
        evaluation_data: Iterable[Any] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        early_stopping_n: int = 0,
    ) -> tuple[list[float], list[int], list[float], list[int]]:
        """Learns as the first program does, with weight decay λ = ``lmbda``; prints and returns what is monitored.

        Returned are four lists with a number for each epoch, empty where the flag is not set: the cost on
        the evaluation data and how many of them are recognized, and the same of the training data. With
        ``early_stopping_n`` above 0 it stops after so many epochs in a row without a better accuracy on
        the evaluation data. Raises :class:`InvalidArgument` if evaluation data are wanted and not given.
        """
        training_data = columns.as_list(training_data, "training_data")
        evaluation_data = [] if evaluation_data is None else columns.as_list(evaluation_data, "evaluation_data")
        columns.check_sgd(training_data, epochs, mini_batch_size)
        if monitor_evaluation_cost or monitor_evaluation_accuracy or early_stopping_n:
            check("evaluation_data", evaluation_data, columns.SOME)
        n, n_data = len(training_data), len(evaluation_data)
        of_training = (monitor_training_cost, monitor_training_accuracy)
        of_evaluation = (monitor_evaluation_cost, monitor_evaluation_accuracy)
        training: tuple[list[float], list[int]] = ([], [])
        evaluation: tuple[list[float], list[int]] = ([], [])
        best, since = -1, 0

        def update(mini_batch: Pairs) -> None:
            self.update_mini_batch(mini_batch, eta, lmbda, n)

        for j in range(epochs):
            random.shuffle(training_data)
            cost = self._printed_cost if _as_printed(self.update_mini_batch) else None
            decay = 1 - eta * (lmbda / n)
            steps.train_epoch(self, training_data, mini_batch_size, cost, update, eta, decay)
            print(f"Epoch {j} training complete")
            self._monitor("training", training_data, lmbda, of_training, training)
            self._monitor("evaluation", evaluation_data, lmbda, of_evaluation, evaluation)
            print(flush=True)
            if early_stopping_n:
                accuracy = evaluation[1][-1] if monitor_evaluation_accuracy else self.accuracy(evaluation_data)
                best, since = (accuracy, 0) if accuracy > best else (best, since + 1)
                if since == early_stopping_n:
                    print(f"Stopped early: {since} epochs without more than {best} / {n_data}", flush=True)
                    break
        return *evaluation, *training

    def update_mini_batch(self, mini_batch: Pairs, eta: float, lmbda: float = 0.0, n: int | None = None) -> None:
        """One step by a list of pairs: w → (1 − ηλ/n) w − η/m Σ ∂C_x/∂w, equation (95), and b without decay.

        ``n`` is the size of the training set, needed with λ alone.
        """
        if lmbda:
            check("n", n, TRAINING_SIZE)
        decay = 1 - eta * (lmbda / n) if n else 1.0
        steps.train_mini_batch(self, mini_batch, self._printed_cost, eta, decay)

    def backprop(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """``(nabla_b, nabla_w)``, the gradient of C_x, in the shapes of ``biases`` and ``weights``.

        If x and y have several columns, the sum of their gradients.
        """
        return steps.compute_gradient(self, Neuron(sigmoid, sigmoid_prime), self.cost.delta, x, y)

    @columns.one_thread()
    def accuracy(self, data: Iterable[Any], convert: bool = False) -> int:
        """For how many pairs the output with the highest activation is the right one.

        They are (x, digit), or with ``convert`` (x, y) as the training data are, y the desired output.
        """
        pairs = columns.as_list(data, "data")
        if convert:
            pairs = [(x, columns.digit(y)) for x, y in pairs]
        return steps.count_recognized(self, pairs, at_once=_as_printed(self.feedforward, sigmoid))

    @columns.one_thread()
    def total_cost(self, data: Iterable[Any], lmbda: float, convert: bool = False) -> float:
        """The mean cost of pairs (x, y) and λ/2n Σ w², n their number (equation (87)).

        With ``convert`` they are (x, digit), as evaluation data are.
        """
        pairs = columns.as_list(data, "data")
        if convert:
            pairs = [(x, vectorized_result(y)) for x, y in pairs]
            if (made := len(pairs[0][1])) != (n_out := steps.get_ends(self)[1]):
                raise ShapeError(
                    argument="outputs",
                    expected=f"{made}, of which vectorized_result makes one for each digit",
                    value=n_out,
                    remedy="give pairs of x and the desired output without convert, or put a vectorized_result of "
                    "your own into deltarule.book.network2",
                )
        decay = 0.5 * (lmbda / len(pairs)) * sum(float(np.sum(w**2)) for w in self.weights)
        return self._mean_cost(pairs) + decay

    def save(self, filename: Any) -> None:
        """Writes the network into a JSON file of the book's form, which :func:`load` reads."""
        network2_files.write(filename, self.sizes, self.weights, self.biases, self.cost)

    def _monitor(
        self, name: str, data: Pairs, lmbda: float, wanted: tuple[bool, bool], measured: tuple[list[float], list[int]]
    ) -> None:
        """Measure and print cost and accuracy, where wanted; y is the desired output in training data alone."""
        of_training = name == "training"
        if wanted[0]:
            measured[0].append(self.total_cost(data, lmbda, convert=not of_training))
            print(f"Cost on {name} data: {measured[0][-1]}")
        if wanted[1]:
            measured[1].append(self.accuracy(data, convert=of_training))
            print(f"Accuracy on {name} data: {measured[1][-1]} / {len(data)}")

    @property
    def _core_cost(self) -> Cost | None:
        """The core's cost, if the error is that of one that the book prints."""
        return CORE_COSTS.get(self.cost.delta)

    @property
    def _printed_cost(self) -> Cost | None:
        """The core's cost, if whatever makes the gradient is as the book prints it."""
        return self._core_cost if _as_printed(self.backprop, sigmoid, sigmoid_prime) else None

    def _mean_cost(self, pairs: Pairs) -> float:
        cost = self._core_cost
        if not cost or not _as_printed(self.feedforward, self.cost.fn, self.cost.delta, sigmoid):
            return float(sum(self.cost.fn(self.feedforward(x), y) for x, y in pairs) / len(pairs))
        sizes, tree = columns.widths(self.weights), columns.params(self.weights, self.biases)
        network = columns.sigmoid_chain(sizes, cost)
        parts = (columns.rows(part, sizes[0], sizes[-1]) for part in columns.parts(pairs))
        return sum(float(network.value(tree, x, y)) * len(x) for x, y in parts) / len(pairs)


def load(filename: Any) -> Network:
    """The network in a JSON file that :meth:`Network.save` or the book's own program wrote.

    Its cost is looked up by name in this module; put a cost of your own there first. Raises
    :class:`FileError` naming the file, the field and what is wrong with it.
    """
    sizes, weights, biases, cost = network2_files.read(filename, globals())
    net = Network(sizes, cost=cost)
    net.weights, net.biases = weights, biases
    return net


TRAINING_SIZE = number(above=0)
"""The size of the training set, by which λ is divided."""

CORE_COSTS = {QuadraticCost.delta: Quadratic(), CrossEntropyCost.delta: CrossEntropy()}
PRINTED = frozenset(
    {
        *(Network.feedforward, Network.update_mini_batch, Network.backprop, sigmoid, sigmoid_prime),
        *(QuadraticCost.fn, QuadraticCost.delta, CrossEntropyCost.fn, CrossEntropyCost.delta),
    }
)
"""What is as the book prints it. Nothing is ever added: what a reader puts in its place is not in it."""


def _as_printed(*functions: Any) -> bool:
    return steps.are_among(PRINTED, *functions)
