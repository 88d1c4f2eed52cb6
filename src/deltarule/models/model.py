"""Models: a network with trained parameters, the history and the settings of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, instance, validate
from deltarule.core.network import Network
from deltarule.core.trees import Tree, leaves, map_leaves
from deltarule.data.arrays import find_non_finite
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style, choose_style
from deltarule.engines.choice import choose_evaluator
from deltarule.engines.examples import Examples
from deltarule.errors import DivergedError, InvalidArgument
from deltarule.models import files
from deltarule.models.confidence import Confidence, compute_energies
from deltarule.models.description import describe, list_versions
from deltarule.models.figures import Figures
from deltarule.models.files import Content
from deltarule.models.generation import Generator
from deltarule.models.history import History
from deltarule.models.inputs import prepare_inputs
from deltarule.models.metrics import check_dataset, compute_accuracy, count_confusions, evaluate_outputs, normalize
from deltarule.models.parameters import check_finite, check_structure, convert_parameter
from deltarule.models.summary import summarize
from deltarule.models.targets import check_targets
from deltarule.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Model(Figures, Generator):
    """A trained network, as :func:`deltarule.fit` returns it.

    Args:
        network: The network.
        params: The parameters: a list with one dict of NumPy arrays per layer. Integer arrays become float64.
        preprocessing: The transforms of raw inputs and labels, fitted on the training set. Inputs to :meth:`predict`
            are raw, in the units of the training data, such as 0 to 255 for MNIST.
        history: The measurements during the training.
        settings: The settings of the training.
        best: The model of the epoch with the best validation result, if ``fit`` kept it, or None.
        confidence: The numbers by which the model says how sure it is (:func:`deltarule.models.calibrate`), or None.

    >>> import numpy as np
    >>> from deltarule.data import OneHot
    >>> network = Network.dense([2, 1])
    >>> params = [{"w": np.array([[-20.0, -20.0]]), "b": np.array([30.0])}]
    >>> nand = Model(network, params, Preprocessing(OneHot(1)))
    >>> nand.outputs(np.array([[0, 0], [0, 1], [1, 1]])).round().tolist()
    [[1.0], [1.0], [0.0]]
    >>> nand
    Model(2-1, CrossEntropy; 0 epochs)
    """

    network: Network
    params: Tree
    preprocessing: Preprocessing
    history: History = History()
    settings: Mapping[str, Any] = field(default_factory=dict)
    best: Model | None = None
    confidence: Confidence | None = None

    kind: ClassVar[str] = "model"
    constraints: ClassVar[Constraints] = {
        "network": instance(Network, "a Network such as Network.dense([784, 30, 10])"),
        "preprocessing": instance(Preprocessing, "a Preprocessing such as Preprocessing(OneHot(10))"),
    }

    def __post_init__(self) -> None:
        validate(self)
        check_structure(self.network, self.params)
        object.__setattr__(self, "params", map_leaves(convert_parameter, self.params))

    def __repr__(self) -> str:
        return f"Model({summarize(self.network)}; {len(self.history)} epochs)"

    def summary(self) -> str:
        """Return the network's layers as a table of plain text, to print: shapes, parameters, and FLOPs.

        The FLOPs are those of one example: a multiplication and an addition for each weight, wherever it is used.
        """
        from deltarule.notebook.summaries import write_summary

        return write_summary(self.network, self.params, repr(self))

    def _repr_html_(self) -> str:
        from deltarule.notebook.records import write_model

        return write_model(self)

    @property
    def models(self) -> tuple[Model, ...]:
        """A tuple with only this model, so that models and ensembles can be used alike."""
        return (self,)

    @property
    def encoding(self) -> Encoding:
        """The encoding of labels as desired outputs."""
        return self.preprocessing.encoding

    @property
    def scale(self) -> float:
        """The number that inputs are divided by; 1 for a table."""
        return self.preprocessing.scale

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, 2, …"""
        return self.preprocessing.classes

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of a raw example, such as (28, 28) for MNIST, even if the network takes another."""
        return self.preprocessing.example_shape

    @property
    def style(self) -> Style | None:
        """The scaling and centring of digits in the training images; None if new pictures are not centred."""
        return self.preprocessing.style

    @property
    def picture_style(self) -> Style:
        """The style for a new picture, ``style`` or the default for this image size."""
        return self.style or choose_style(self.example_shape)  # type: ignore[arg-type] # only used for images

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute aᴸ for each example, shape (n, n_out).

        Args:
            x: A :class:`Dataset`, or an array of shape (n, ...) of raw examples, as in the training set. For a single
                example you can leave out the first axis. For a model of a table also a data frame, whose columns are
                matched by name.

        Raises:
            ShapeError: If x does not fit the network.
            InvalidArgument: If x does not contain numbers.
            DataError: If x contains NaN or infinity.
            DivergedError: If a parameter is NaN or infinite, or numbers overflow.
        """
        return self._activate(self._forward(x))

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the probability of each class for each example, shape (n, n_out): the outputs, scaled to sum to 1.

        Softmax outputs stay as they are. Raises :class:`InvalidArgument` if the network does not have one output per
        class, and the same errors as :meth:`outputs`.
        """
        self._check_has_classes()
        return normalize(self.outputs(x))

    def energies(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the energy −ln Σ exp z of each example from its last weighted inputs z, shape (n,).

        It is high for examples unlike those of the training (Liu, Wang, Owens and Li, 2020). Outputs that are
        independent of each other, such as sigmoid's, have −Σ ln(1 + exp z).
        """
        return compute_energies(self.network, self._forward(x))

    def predict_with_energies(self, x: np.ndarray | Dataset) -> tuple[np.ndarray, np.ndarray]:
        """Compute what :meth:`predict_proba` and :meth:`energies` return, in one forward pass.

        Raises the same errors as :meth:`predict_proba`.
        """
        self._check_has_classes()
        z = self._forward(x)
        return normalize(self._activate(z)), compute_energies(self.network, z)

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label of each example, shape (n,). Raises the same errors as :meth:`outputs`."""
        return self.encoding.decode(self.outputs(x))

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute the ``cost`` and the metrics of the labels, in one forward pass.

        For classes that is the ``accuracy``; for several labels of each example, the share of examples with all labels
        right; for standardized real targets, ``rmse`` and ``r2``. Classes are matched by name.

        Raises :class:`InvalidArgument` if ``dataset`` is not a :class:`Dataset` with at least one example, or if the
        cost does not allow its desired outputs; and the same errors as :meth:`outputs`.
        """
        check_dataset(dataset)
        examples = Examples.from_dataset(dataset, self.network, self._dtype, self.preprocessing)
        check_targets(self.network.cost, self.preprocessing, dataset=dataset)
        z = self._weighted_inputs(examples)
        return evaluate_outputs(self.network, z, examples.y, dataset, self.preprocessing)

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the accuracy: the fraction of examples that are classified correctly, 0 to 1.

        Raises :class:`InvalidArgument` if the labels are real numbers, and the same errors as :meth:`evaluate`.
        """
        return compute_accuracy(self, dataset)

    def cost(self, dataset: Dataset) -> float:
        """Compute C, the mean cost over the examples, without regularization and the penalties of layers.

        Raises the same errors as :meth:`evaluate`.
        """
        return self.evaluate(dataset)["cost"]

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Compute the confusion matrix: how many examples of class i (row) were classified as class j (column).

        The shape is (classes, classes). If the network predicts a label that is not among the classes, the matrix has
        more rows and columns. Raises :class:`InvalidArgument` if the labels are real numbers.
        """
        return count_confusions(self, dataset)

    @property
    def parameters_sha256(self) -> str:
        """The SHA-256 of the parameters.

        Two models have the same value only if all their parameters are bitwise equal.
        """
        return files.fingerprint(files.flatten("params", self.params))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one ``.safetensors`` file: the parameters, and a description in JSON.

        An existing file is replaced only when the new file is complete. Raises :class:`FileError` if the file cannot be
        written.
        """
        files.write(files.expand_path(path), *pack_model(self))

    @property
    def _dtype(self) -> np.dtype:
        return np.result_type(np.float32, *(leaf.dtype for leaf in leaves(self.params)))

    def _check_has_classes(self) -> None:
        if not isinstance(self.encoding, OneHot) or self.encoding.n_out < 2:
            problem = f"expected one output per class, of two or more classes, got outputs encoded by {self.encoding}"
            raise InvalidArgument(problem, argument="encoding", value=self.encoding, remedy="use outputs(x)")

    def _activate(self, z: np.ndarray) -> np.ndarray:
        return np.asarray(self.network.cost.activation(z))

    def _forward(self, x: np.ndarray | Dataset) -> np.ndarray:
        return self._weighted_inputs(prepare_inputs(x, self.network, self.preprocessing, self._dtype))

    def _weighted_inputs(self, examples: Examples) -> np.ndarray:
        check_finite(self.params)
        name = self.settings.get("engine", "numpy")
        program = choose_evaluator(name, self.network, self.params, self._dtype, len(examples))
        z = program.weighted_inputs(program.params(self.params), program.place(examples))
        if (at := find_non_finite(z)) is not None:
            raise DivergedError(
                f"expected finite weighted inputs, got {z[at]} for output neuron {at[1]}",
                position=f"example {at[0]}",
                remedy=f"use inputs like those of the training set, which are divided by {self.scale:g}",
            )
        return z


def pack_model(model: Model) -> Content:
    """Build the content of a model's file: its tensors and its description."""
    tensors = files.flatten("params", model.params)
    if model.best is not None:
        tensors |= files.flatten("best", model.best.params)
    description = {
        "kind": Model.kind,
        "network": describe(model.network),
        "data": {
            "encoding": describe(model.encoding),
            "inputs": describe(model.preprocessing.inputs),
            "classes": list(model.classes),
            "shape": list(model.example_shape),
            "schema": describe(model.preprocessing.schema),
            "style": None if model.style is None else asdict(model.style),
            "greys": model.preprocessing.greys,
        },
        "history": {name: list(records) for name, records in vars(model.history).items()},
        "settings": dict(model.settings),
        "confidence": None if model.confidence is None else asdict(model.confidence),
        "best_epoch": len(model.best.history) - 1 if model.best else None,
        "versions": list_versions(),
    }
    return tensors, description
