"""The book's third program: convolutional networks, equation (125), with pooling, softmax, ReLU and dropout.

::

    from network3 import Network, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer, load_data_shared
    training_data, validation_data, test_data = load_data_shared()
    net = Network([
        ConvPoolLayer(image_shape=(10, 1, 28, 28), filter_shape=(20, 1, 5, 5), poolsize=(2, 2)),
        FullyConnectedLayer(n_in=20*12*12, n_out=100),
        SoftmaxLayer(n_in=100, n_out=10)], 10)
    net.SGD(training_data, 60, 10, 0.1, validation_data, test_data)

``fit`` trains ``net.network``, a ``deltarule.Network``; ``net.model`` is its ``Model``. Differences:

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
short last mini-batch  left out, also in validation and test data        kept
dropout                on a layer's inputs; no factor while training,    ``Dropout``, a layer; divides by 1 − p while
                       (1 − p) w when predicting: it learns at another   training
                       speed, see ``PublishedDropout``
dropout's masks        the same in all layers and in every call of SGD   every layer and seed its own
ties in a pool         all the largest numbers get the whole error, as   the first one gets it: ``MaxPool``
                       in Theano: ``PublishedConvPool``
order of operations    convolution, pooling, bias, function              any; the same for increasing functions
filters                rotated by 180° (a convolution)                   not rotated (equation (125))
rows without a whole   left out                                          an error
pool
the best epoch         the last of those with equal accuracy             the first
=====================  ================================================  =========================================

Neither regularizes biases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from deltarule.book.columns import check_whole
from deltarule.book.network3_arrays import ReLU, Shared, linear, sigmoid, size, softmax, tanh
from deltarule.book.network3_data import drop_partial_batch, load_data_shared, prepare_dataset, with_scale
from deltarule.book.network3_files import read, write
from deltarule.book.network3_overrides import NETWORK_METHODS, check_overrides, record_definitions
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer, check_layers
from deltarule.book.network3_sgd import ProgressLines, find_overfitting_start, make_schedule, random_transforms
from deltarule.book.theano_names import NETWORK, WithoutSymbols
from deltarule.book.theano_stand_in import find_in_module
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
from deltarule.preprocessing import Preprocessing, Scaling
from deltarule.training.callbacks import EarlyStopping
from deltarule.training.fit import fit
from deltarule.training.training import Training

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "GPU", "ConvPoolLayer", "FullyConnectedLayer", "Network", "ReLU", "SoftmaxLayer", "linear", "load_data_shared",
    "np", "random_transforms", "sigmoid", "size", "softmax", "tanh",
]  # fmt: skip

__getattr__ = find_in_module
GPU = True
"""If True, compute in float32, as the program does on a GPU; if False, in float64, as it does on a processor.

This does not choose the device: the engine takes the one that it finds.
"""


class Network(WithoutSymbols):
    """A network of ``layers``, the last one a :class:`SoftmaxLayer`, for mini-batches of ``mini_batch_size``.

    The layers hold the weights: ``net.layers[0].w`` can be read and set at any time.

    Raises:
        ShapeError: A layer does not fit the one before it.
        InvalidArgument: An argument is invalid, or training would ignore a method of the reader's.

    >>> net = Network([FullyConnectedLayer(n_in=784, n_out=100), SoftmaxLayer(n_in=100, n_out=10)], 10)
    >>> [p.shape for p in net.params]
    [(784, 100), (100,), (100, 10), (10,)]
    """

    theano_names = NETWORK

    def __init__(self, layers: Sequence[BookLayer], mini_batch_size: int) -> None:
        check("mini_batch_size", mini_batch_size, whole(1))
        self.layers, self.mini_batch_size = check_layers(layers, mini_batch_size), int(mini_batch_size)
        self.history = History()
        self._chain_layers()  # finds layers that do not fit
        self._settings: dict[str, Any] = {"engine": "jax"}
        self._test: Dataset | None = None
        self._scale = 1.0

    @property
    def params(self) -> list[Shared]:
        """The weights and biases of all layers, ``[w, b, w, b, …]``."""
        return [p for layer in self.layers for p in layer.params]

    @property
    def network(self) -> Chain:
        """The library's network of these layers."""
        chained = self._chain_layers()
        incoming = chained[0][1]
        layers = [part for parts, _ in chained for part in parts]
        return Chain(layers, LogLikelihood(), (*incoming[1:], incoming[0]))  # maps last

    @property
    def model(self) -> Model:
        """The library's model with the current weights, for inputs in the units of the last SGD."""
        return self._build_model(self._scale)

    def _build_model(self, scale: float) -> Model:
        """Build the library's model for inputs to be divided by ``scale``: 256 for bytes, 1 for the book's numbers."""
        tree: list[Params] = []
        for layer, (parts, incoming) in zip(self.layers, self._chain_layers(), strict=True):
            tree += [layer.to_library_params(incoming) if part.weights else {} for part in parts]
        network = self.network
        preprocessing = Preprocessing(OneHot(network.n_out), Scaling(scale))
        return Model(network, tree, preprocessing, history=self.history, settings=self._settings)

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
        """Train for ``epochs`` passes over pairs (x, y), in mini-batches, without shuffling.

        The printed lines are the program's; ``test_data`` may be None. The last arguments solve the chapter's
        problems: ``eta`` may be a function of the epoch (from 0) or a schedule of the library; with ``es`` above 0,
        training stops after so many epochs without a better validation accuracy; a ``transform``, such as
        :func:`random_transforms`, varies the images anew for every mini-batch; and with ``monitor_training`` the
        training data are evaluated after every epoch, to see the overfitting. ``history`` holds all figures.

        After Ctrl-C the layers keep their weights so far.

        Raises:
            InvalidArgument: An argument is invalid.
            ShapeError: The examples do not fit the first layer.
            DataError: The data are too few, or do not hold what they should.
            DivergedError: Weights are no longer finite.
        """
        size = Constraint(f"{self.mini_batch_size}, the network's own", lambda m: m == self.mini_batch_size)
        check("mini_batch_size", mini_batch_size, size)
        check_whole("epochs", epochs, 1)
        check("es", es, whole(0))
        check("transform", transform, Training.constraints["augmentation"])
        check("lmbda", lmbda, number(0))
        regularizer = L2(float(lmbda) * mini_batch_size) if lmbda else None
        training = self._batches("training_data", training_data)
        validation = with_scale(self._batches("validation_data", validation_data), training.white)
        test = None if test_data is None else self._batches("test_data", test_data)
        self._test = None if test is None else with_scale(test, training.white)
        schedule = make_schedule(eta, epochs)
        lines = ProgressLines(schedule, self._test, training if monitor_training else None)
        try:
            model = fit(
                self._build_model(training.white),
                training,
                epochs=epochs,
                batch_size=mini_batch_size,
                eta=schedule,
                regularizer=regularizer,
                augmentation=transform,
                order=AsGiven(),
                validation=validation,
                dtype="float32" if GPU else "float64",
                callbacks=[lines, EarlyStopping(es)] if es else [lines],
            )
        except Interrupted as interrupted:
            self._take_model(interrupted.model)
            raise
        self._take_model(model)

    @property
    def past_accuracies(self) -> list[float]:
        """The validation accuracy after each epoch of the last SGD."""
        return self.history["validation_accuracy"] if len(self.history) else []

    def accuracy(self, data: Any) -> float:
        """Compute the accuracy, 0 to 1, on all examples of a pair (x, y)."""
        dataset = self._dataset("data", data)
        return self._build_model(dataset.white).accuracy(dataset)

    def predict(self, data: Any) -> np.ndarray:
        """Predict the label of each example of a pair (x, y), shape (n,)."""
        dataset = self._dataset("data", data)
        return self._build_model(dataset.white).predict(dataset)

    def test_mb_predictions(self, i: int) -> np.ndarray:
        """Predict the labels of mini-batch ``i`` of the test data of the last SGD."""
        m = self.mini_batch_size
        count = len(self._test or ()) // m
        one = Constraint(f"one of the {count} mini-batches of test data of the last SGD", lambda i: i in range(count))
        check("i", i, one, "test_mb_predictions")
        assert self._test is not None
        return self.model.predict(self._test.take(slice(i * m, (i + 1) * m)))

    def overfits_from(self) -> int | None:
        """Find the epoch, from 0, from which training accuracy stays above validation accuracy; None if there is none.

        Raise :class:`InvalidArgument` if the last SGD was without ``monitor_training``.
        """
        training, validation = self.history["training_accuracy"], self.history["validation_accuracy"]
        epoch = find_overfitting_start(training, validation)
        return epoch if epoch < len(training) else None

    def plot_overfitting(self) -> Figure:
        """Plot accuracy and cost on training and validation data by epoch; ``figure.savefig(name)`` saves it."""
        from deltarule.plotting import plot_curves

        start = self.overfits_from()
        title = "not better on its training data"
        if start is not None:
            title = f"better on its training data from epoch {start}"
        return plot_curves({"network3": self.history.records}, title)

    def save(self, name: str | Path) -> None:
        """Write the network, its weights and its history to one file, which contains no code."""
        write(Path(name), self.model, self.mini_batch_size)

    @classmethod
    def load(cls, name: str | Path, custom: Iterable[type] = ()) -> Self:
        """Load a network from a file of :meth:`save`; ``custom`` are the reader's own activations in it.

        Raise :class:`FileError` if the file is missing, damaged, or holds another kind of network.
        """
        layers, size, model = read(Path(name), custom, lambda layers, size: Network(layers, size).network)
        net = cls(layers, size)
        net._take_model(model)
        return net

    def _chain_layers(self) -> list[tuple[list[Layer], Shape]]:
        """Build, for each layer, the library's layers, and the shape of its input, maps first."""
        check_overrides(self, PUBLISHED, globals())
        first = self.layers[0]
        incoming = first.image_shape[1:] if isinstance(first, ConvPoolLayer) else (first.n_in,)
        chained: list[tuple[list[Layer], Shape]] = []
        for i, layer in enumerate(self.layers):
            try:
                chained.append((layer.to_library_layers(incoming), incoming))
            except ShapeError as error:
                error.with_fields(position=f"layer {i}")
                raise
            incoming = layer.n_out if isinstance(layer.n_out, tuple) else (layer.n_out,)
        return chained

    def _take_model(self, model: Any) -> None:
        """Take the weights, the history and the settings of the library's model."""
        tree: Tree = [p for p in model.params if p]
        for layer, p, (_, incoming) in zip(self.layers, tree, self._chain_layers(), strict=True):
            layer.set_from_library(p, incoming)
        self.history, self._settings, self._scale = model.history, dict(model.settings), model.preprocessing.scale

    def _dataset(self, name: str, data: Any) -> Dataset:
        last = self.layers[-1]
        assert isinstance(last, SoftmaxLayer)
        return prepare_dataset(name, data, self.layers[0], last.n_out)

    def _batches(self, name: str, data: Any) -> Dataset:
        return drop_partial_batch(name, self._dataset(name, data), self.mini_batch_size)


PUBLISHED = record_definitions(Network, NETWORK_METHODS)
