"""The book's second program: cross-entropy (57), weight decay (95), better first weights, and monitoring.

The reader may replace its functions as in :mod:`deltarule.book.network`. A cost is a class with ``fn``, its value,
and ``delta``, the error δᴸ of BP1.
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

__all__ = [
    *("CrossEntropyCost", "Network", "QuadraticCost", "load", "sigmoid", "sigmoid_prime", "vectorized_result"),
    *("np", "random"),  # as an import of all names brings them in the book
]


class QuadraticCost:
    """The quadratic cost, C_x = ½ ‖a − y‖², equation (6).

    >>> a, y = np.array([[0.5]]), np.array([[1.0]])
    >>> QuadraticCost.fn(a, y), QuadraticCost.delta(np.array([[0.0]]), a, y).tolist()
    (0.125, [[-0.125]])
    """

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """Compute C_x for an output a and a desired output y."""
        return 0.5 * float(np.sum((a - y) ** 2))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """Compute δᴸ = (a − y) ⊙ σ′(z), BP1."""
        return (a - y) * sigmoid_prime(z)


class CrossEntropyCost:
    """The cross-entropy cost, C_x = −Σ [y ln a + (1 − y) ln(1 − a)], equation (63).

    >>> a, y = np.array([[0.5]]), np.array([[1.0]])
    >>> round(CrossEntropyCost.fn(a, y), 4), CrossEntropyCost.delta(None, a, y).tolist()
    (0.6931, [[-0.5]])
    """

    @staticmethod
    def fn(a: Any, y: Any) -> float:
        """Compute C_x for an output a and a desired output y, with 0 ln 0 = 0 and the largest number for infinity."""
        with np.errstate(all="ignore"):
            return float(np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a))))

    @staticmethod
    def delta(z: Any, a: Any, y: Any) -> Any:
        """Compute δᴸ = a − y, equation (66)."""
        return a - y


class Network:
    """A network of sigmoid neurons; ``sizes`` are its numbers of neurons, ``cost`` a class with ``fn`` and ``delta``.

    ``weights`` and ``biases`` are as in the first program; :meth:`default_weight_initializer` draws them.

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
        """Draw biases from N(0, 1), then weights from N(0, 1/n_in), with n_in inputs per neuron."""
        self.biases, weights = steps.draw_normal(self.sizes)
        self.weights = [w / np.sqrt(w.shape[1]) for w in weights]

    def large_weight_initializer(self) -> None:
        """Draw biases and then weights from N(0, 1), as the first program does."""
        self.biases, self.weights = steps.draw_normal(self.sizes)

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
        lmbda: float = 0.0,
        evaluation_data: Iterable[Any] | None = None,
        monitor_evaluation_cost: bool = False,
        monitor_evaluation_accuracy: bool = False,
        monitor_training_cost: bool = False,
        monitor_training_accuracy: bool = False,
        early_stopping_n: int = 0,
    ) -> tuple[list[float], list[int], list[float], list[int]]:
        """Train as the first program does, with weight decay λ = ``lmbda``; print and return the monitored figures.

        With ``early_stopping_n`` above 0, training stops after so many successive epochs without a better accuracy on
        the evaluation data.

        Returns:
            Four lists with a number for each epoch, empty without their flag: the cost on the evaluation data, the
            number of them classified correctly, and the same for the training data.

        Raises:
            InvalidArgument: A flag or early stopping needs evaluation data, and there are none.
        """
        training_data = columns.to_list(training_data, "training_data")
        evaluation_data = [] if evaluation_data is None else columns.to_list(evaluation_data, "evaluation_data")
        columns.check_sgd(training_data, epochs, mini_batch_size)
        if monitor_evaluation_cost or monitor_evaluation_accuracy or early_stopping_n:
            check("evaluation_data", evaluation_data, columns.NON_EMPTY)
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
            cost = self._printed_cost if _are_printed(self.update_mini_batch) else None
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
        """Take one step with a list of pairs: w → (1 − ηλ/n) w − η/m Σ ∂C_x/∂w, equation (95), and b without decay.

        ``n`` is the size of the training set; only a λ above 0 needs it.
        """
        if lmbda:
            check("n", n, TRAINING_SIZE)
        decay = 1 - eta * (lmbda / n) if n else 1.0
        steps.train_mini_batch(self, mini_batch, self._printed_cost, eta, decay)

    def backprop(self, x: Any, y: Any) -> tuple[Arrays, Arrays]:
        """Compute ``(nabla_b, nabla_w)``, the gradient of C_x, in the shapes of ``biases`` and ``weights``.

        For several columns of x and y, compute the sum of their gradients.
        """
        return steps.compute_gradient(self, Neuron(sigmoid, sigmoid_prime), self.cost.delta, x, y)

    @columns.use_one_thread()
    def accuracy(self, data: Iterable[Any], convert: bool = False) -> int:
        """Count the pairs (x, digit) for which the output of the digit has the highest activation.

        With ``convert`` the pairs are (x, y) as in the training data, y the desired output.
        """
        pairs = columns.to_list(data, "data")
        if convert:
            pairs = [(x, columns.get_digit(y)) for x, y in pairs]
        return steps.count_recognized(self, pairs, at_once=_are_printed(self.feedforward, sigmoid))

    @columns.use_one_thread()
    def total_cost(self, data: Iterable[Any], lmbda: float, convert: bool = False) -> float:
        """Compute the mean cost of n pairs (x, y) plus λ/2n Σ w² (equation (87)).

        With ``convert`` the pairs are (x, digit) as in the evaluation data.
        """
        pairs = columns.to_list(data, "data")
        if convert:
            pairs = [(x, vectorized_result(y)) for x, y in pairs]
            if (size := len(pairs[0][1])) != (n_out := steps.get_end_sizes(self)[1]):
                raise ShapeError(
                    argument="outputs",
                    expected=f"{size} outputs, because vectorized_result returns {size} numbers",
                    value=n_out,
                    remedy="call without convert, with pairs (x, desired output), or replace "
                    "deltarule.book.network2.vectorized_result",
                )
        decay = 0.5 * (lmbda / len(pairs)) * sum(float(np.sum(w**2)) for w in self.weights)
        return self._mean_cost(pairs) + decay

    def save(self, filename: Any) -> None:
        """Write the network to a JSON file in the book's format, which :func:`load` reads."""
        network2_files.write(filename, self.sizes, self.weights, self.biases, self.cost)

    def _monitor(
        self, name: str, data: Pairs, lmbda: float, wanted: tuple[bool, bool], measured: tuple[list[float], list[int]]
    ) -> None:
        """Compute and print cost and accuracy, if wanted; y is the desired output only in the training data."""
        of_training = name == "training"
        if wanted[0]:
            measured[0].append(self.total_cost(data, lmbda, convert=not of_training))
            print(f"Cost on {name} data: {measured[0][-1]}")
        if wanted[1]:
            measured[1].append(self.accuracy(data, convert=of_training))
            print(f"Accuracy on {name} data: {measured[1][-1]} / {len(data)}")

    @property
    def _core_cost(self) -> Cost | None:
        """The core's cost if ``delta`` is that of one of the book's costs, else None."""
        return CORE_COSTS.get(self.cost.delta)

    @property
    def _printed_cost(self) -> Cost | None:
        """The core's cost if all functions that compute the gradient are the book's, else None."""
        return self._core_cost if _are_printed(self.backprop, sigmoid, sigmoid_prime) else None

    def _mean_cost(self, pairs: Pairs) -> float:
        cost = self._core_cost
        if not cost or not _are_printed(self.feedforward, self.cost.fn, self.cost.delta, sigmoid):
            return float(sum(self.cost.fn(self.feedforward(x), y) for x, y in pairs) / len(pairs))
        sizes, tree = columns.get_sizes(self.weights), columns.build_params(self.weights, self.biases)
        network = columns.build_sigmoid_network(sizes, cost)
        parts = (columns.to_rows(part, sizes[0], sizes[-1]) for part in columns.split(pairs))
        return sum(float(network.value(tree, x, y)) * len(x) for x, y in parts) / len(pairs)


def load(filename: Any) -> Network:
    """Load a network from a JSON file of :meth:`Network.save` or of the book's own program.

    The cost is looked up by its name in this module; add your own cost to the module first.

    Raises:
        FileError: The file is missing or damaged; the error names the file and the field.

    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile(suffix=".json") as file:
    ...     Network([2, 3, 1], cost=QuadraticCost).save(file.name)
    ...     load(file.name).cost.__name__
    'QuadraticCost'
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
"""The book's own functions, to recognize what the reader has replaced."""


def _are_printed(*functions: Any) -> bool:
    return steps.are_among(PRINTED, *functions)
