"""The book's third program: convolutional networks, equation (125), with pooling, softmax, ReLU and dropout.

    from network3 import Network, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer, load_data_shared
    training_data, validation_data, test_data = load_data_shared()
    net = Network([
        ConvPoolLayer(image_shape=(10, 1, 28, 28), filter_shape=(20, 1, 5, 5), poolsize=(2, 2)),
        FullyConnectedLayer(n_in=20*12*12, n_out=100),
        SoftmaxLayer(n_in=100, n_out=10)], 10)
    net.SGD(training_data, 60, 10, 0.1, validation_data, test_data)

The arithmetic is the library's: a network becomes one of its own (``net.network``), ``fit`` trains it,
compiled where that is worth it, and ``net.model`` is what all the rest of the library takes.

What this program does otherwise than the library:

=====================  ================================================  =========================================
                       here, as in the book's program                    ``deltarule.fit``
=====================  ================================================  =========================================
λ                      C + ½ λ Σw² / (number of mini-batches):           C + λ/2n Σw², n the number of examples
                       ``lmbda`` is L2(lmbda · mini_batch_size) there
first weights          N(0, 1/n_out), n_out = maps · rows · columns /    N(0, 1/n_in): ``Default()``; these are
                       pool for convolutions; the softmax layer 0        ``FanOut(pool)`` and ``Zeros()``
pixels                 k/256, from 0 to 0.996, for a byte k              k/255, from 0 to 1
first biases           N(0, 1), 0 in the softmax layer                   N(0, 1)
drawn from             ``numpy.random``, when a layer is made            the seed of ``fit``
order of examples      as given, every epoch the same: ``AsGiven()``     ``Shuffled()``
short last mini-batch  left out, of validation and test data too         kept
dropout                on a layer's inputs; nothing made up for while    ``Dropout``, a layer; divides by 1 − p while
                       training, (1 − p) w in use: another pace of       training
                       learning, see ``PublishedDropout``
dropout's masks        all layers draw alike, every call of SGD again    every layer and seed its own
order of operations    convolution, pooling, bias, function              any; the same for functions that rise
filters                turned round over the image (a convolution)       as they are (equation (125))
rows that no pool      left out                                          an error
takes
the best epoch         the last of those with equal accuracy             the first
=====================  ================================================  =========================================

Neither regularizes biases. Pooling and bias may change places, for all places share the bias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from deltarule.book.network3_arrays import ReLU, Shared, linear, sigmoid, tanh
from deltarule.book.network3_data import dataset_for, load_data_shared, whole_batches
from deltarule.book.network3_files import read, write
from deltarule.book.network3_overrides import NETWORK_METHODS, check_overrides, defined
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer, check_layers
from deltarule.book.network3_sgd import Lines, random_transforms, schedule_of
from deltarule.core.augmentation import Augmentation
from deltarule.core.constraints import Constraint, check, number, whole
from deltarule.core.costs import LogLikelihood
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.network import Network as Chain
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Schedule
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.data.order import AsGiven
from deltarule.errors import Interrupted, ShapeError
from deltarule.models.history import History
from deltarule.models.model import Model
from deltarule.training.callbacks import EarlyStopping
from deltarule.training.fit import fit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "GPU",
    "ConvPoolLayer",
    "FullyConnectedLayer",
    "Network",
    "ReLU",
    "SoftmaxLayer",
    "linear",
    "load_data_shared",
    "random_transforms",
    "sigmoid",
    "tanh",
]

GPU = True
"""Whether to compute in float32, as the program does on a GPU; if False in float64, as it does on a processor.

On which of them is not decided here: the engine takes the device that it finds.
"""


class Network:
    """A network of these ``layers``, the last a :class:`SoftmaxLayer`, for mini-batches of ``mini_batch_size``.

    The layers keep the weights: ``net.layers[0].w`` can be read and set at any time. Raises
    :class:`ShapeError` where a layer does not fit the one before it, and :class:`InvalidArgument` for
    an invalid argument, such as a method of yours that training would ignore.

    >>> net = Network([FullyConnectedLayer(n_in=784, n_out=100), SoftmaxLayer(n_in=100, n_out=10)], 10)
    >>> [p.shape for p in net.params]
    [(784, 100), (100,), (100, 10), (10,)]
    """

    def __init__(self, layers: Sequence[BookLayer], mini_batch_size: int) -> None:
        check("mini_batch_size", mini_batch_size, whole(1))
        self.layers, self.mini_batch_size = check_layers(layers, mini_batch_size), int(mini_batch_size)
        self.history = History()
        self._chained()  # so that layers that do not fit are found now
        self._settings: dict[str, Any] = {"engine": "jax"}
        self._test: Dataset | None = None

    @property
    def params(self) -> list[Shared]:
        """The weights and biases of all layers, ``[w, b, w, b, …]``."""
        return [p for layer in self.layers for p in layer.params]

    @property
    def network(self) -> Chain:
        """The library's network of these layers."""
        chained = self._chained()
        incoming = chained[0][1]
        layers = [part for parts, _ in chained for part in parts]
        return Chain(layers, LogLikelihood(), (*incoming[1:], incoming[0]))  # maps last

    @property
    def model(self) -> Model:
        """The library's model with the weights as they are now."""
        tree: list[Params] = []
        for layer, (parts, incoming) in zip(self.layers, self._chained(), strict=True):
            tree += [layer.to_library(incoming) if part.weights else {} for part in parts]
        network = self.network
        encoding = OneHot(network.n_out)
        return Model(network, tree, encoding, history=self.history, settings=self._settings)

    def SGD(
        self,
        training_data: Any,
        epochs: int,
        mini_batch_size: int,
        eta: float | Callable[[int], float] | Schedule,
        validation_data: Any,
        test_data: Any,
        lmbda: float = 0.0,
        es: int = 0,
        transform: Augmentation | None = None,
        monitor_training: bool = False,
    ) -> None:
        """Learns for ``epochs`` passes over pairs (x, y), by mini-batches in the order in which they are given.

        The lines printed are the program's; ``test_data`` may be None. Beyond it, as the chapter's
        problems ask: ``eta`` may be a function of the epoch (from 0), or a schedule of the library; with
        ``es`` above 0, early stopping when validation accuracy has not improved in so many epochs; a
        ``transform``, such as :func:`random_transforms` gives, varies the images anew for every
        mini-batch; and ``monitor_training`` measures the training data after every epoch, too, to see
        how far the network overfits. What was measured is in ``history``.

        Raises :class:`InvalidArgument`, :class:`ShapeError` or :class:`DataError` for what does not fit, and
        :class:`DivergedError` for weights that stop being finite. On Ctrl-C the layers keep what they
        have learned.
        """
        size = Constraint(f"{self.mini_batch_size}, as this network was made", lambda m: m == self.mini_batch_size)
        check("mini_batch_size", mini_batch_size, size)
        check("epochs", epochs, whole(1))
        check("es", es, whole(0))
        check("lmbda", lmbda, number(0))
        regularizer = L2(float(lmbda) * mini_batch_size) if lmbda else None
        given = {"training_data": training_data, "validation_data": validation_data}
        data = {name: self._batches(name, value) for name, value in given.items()}
        self._test = None if test_data is None else self._batches("test_data", test_data)
        schedule = schedule_of(eta, epochs)
        lines = Lines(schedule, self._test, data["training_data"] if monitor_training else None)
        try:
            learned = fit(
                self.model,
                data["training_data"],
                epochs=epochs,
                batch_size=mini_batch_size,
                eta=schedule,
                regularizer=regularizer,
                augmentation=transform,
                order=AsGiven(),
                validation=data["validation_data"],
                dtype="float32" if GPU else "float64",
                callbacks=[lines, EarlyStopping(es)] if es else [lines],
            )
        except Interrupted as interrupted:
            self._take(interrupted.model)
            raise
        self._take(learned)

    @property
    def past_accuracies(self) -> list[float]:
        """The validation accuracy after each epoch of the last SGD."""
        return self.history["validation_accuracy"] if len(self.history) else []

    def accuracy(self, data: Any) -> float:
        """The share, 0 to 1, of all examples of a pair (x, y) whose label is right."""
        return self.model.accuracy(self._dataset("data", data))

    def predict(self, data: Any) -> np.ndarray:
        """The label for each example of a pair (x, y), (n,)."""
        return self.model.predict(self._dataset("data", data))

    def test_mb_predictions(self, i: int) -> np.ndarray:
        """The labels for mini-batch ``i`` of the test data that SGD was given."""
        m = self.mini_batch_size
        count = len(self._test or ()) // m
        one = Constraint(f"one of the {count} mini-batches of test data that SGD had", lambda i: i in range(count))
        check("i", i, one, "test_mb_predictions")
        assert self._test is not None
        return self.model.predict(self._test.take(slice(i * m, (i + 1) * m)))

    def overfits_from(self) -> int | None:
        """The first epoch from which on training accuracy stays above validation accuracy; None if it does not.

        Raises :class:`InvalidArgument` unless the last SGD had ``monitor_training``.
        """
        training, validation = self.history["training_accuracy"], self.history["validation_accuracy"]
        epoch = ahead_from(training, validation)
        return epoch if epoch < len(training) else None

    def plot_overfitting(self) -> Figure:
        """Accuracy and cost on training and validation data by epoch; ``figure.savefig(name)`` keeps it."""
        from deltarule.plotting import plot_curves

        since = self.overfits_from()
        said = "not better on its training data" if since is None else f"better on its training data from epoch {since}"
        return plot_curves({"network3": self.history.records}, said)

    def save(self, name: str | Path) -> None:
        """Writes the network, its weights and its history to one file, which holds no code."""
        write(Path(name), self.model, self.mini_batch_size)

    @classmethod
    def load(cls, name: str | Path, custom: Iterable[type] = ()) -> Self:
        """The network in a file that :meth:`save` wrote; ``custom`` are activations of one's own in it.

        Raises :class:`FileError` if there is no such file, it is damaged, or holds another kind of network.
        """
        layers, size, model = read(Path(name), custom, lambda layers, size: Network(layers, size).network)
        net = cls(layers, size)
        net._take(model)
        return net

    def _chained(self) -> list[tuple[list[Layer], Shape]]:
        """For each layer the library's layers that it is, and the shape of what comes in, maps first."""
        check_overrides(self, PUBLISHED, globals())
        first = self.layers[0]
        incoming = first.image_shape[1:] if isinstance(first, ConvPoolLayer) else (first.n_in,)
        chained: list[tuple[list[Layer], Shape]] = []
        for i, layer in enumerate(self.layers):
            try:
                chained.append((layer.library(incoming), incoming))
            except ShapeError as error:
                error.with_fields(position=f"layer {i}")
                raise
            incoming = layer.n_out if isinstance(layer.n_out, tuple) else (layer.n_out,)
        return chained

    def _take(self, model: Any) -> None:
        """Takes over what the library has learned."""
        tree: Tree = [p for p in model.params if p]
        for layer, p, (_, incoming) in zip(self.layers, tree, self._chained(), strict=True):
            layer.from_library(p, incoming)
        self.history, self._settings = model.history, dict(model.settings)

    def _dataset(self, name: str, data: Any) -> Dataset:
        last = self.layers[-1]
        assert isinstance(last, SoftmaxLayer)
        return dataset_for(name, data, self.layers[0], last.n_out)

    def _batches(self, name: str, data: Any) -> Dataset:
        return whole_batches(name, self._dataset(name, data), self.mini_batch_size)


PUBLISHED = defined(Network, NETWORK_METHODS)


def ahead_from(training: Sequence[float], validation: Sequence[float]) -> int:
    """The epoch from which on training accuracy stays above validation accuracy; their number where it does not.

    >>> ahead_from([0.8, 0.9, 0.97, 0.99], [0.85, 0.92, 0.95, 0.96])
    2
    """
    below = [epoch for epoch, (t, v) in enumerate(zip(training, validation, strict=True)) if t <= v]
    return 1 + max(below, default=-1)
