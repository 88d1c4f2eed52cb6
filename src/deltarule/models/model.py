"""A model: a network with the parameters it learned, and how it learned them."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree, leafwise, leaves
from deltarule.data.arrays import first_not_finite, native
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style, style_of
from deltarule.engines.base import Examples
from deltarule.engines.choice import choose_evaluator
from deltarule.engines.inputs import as_inputs
from deltarule.errors import DivergedError, FileError, InvalidArgument, ShapeError
from deltarule.models import files
from deltarule.models.check import check_finite, checked, fits
from deltarule.models.description import DAMAGE, build, describe, own_classes
from deltarule.models.given import a_dataset, numbers
from deltarule.models.history import History
from deltarule.models.metrics import measured
from deltarule.models.words import in_words


@dataclass(frozen=True, eq=False)
class Model:
    """``network`` and ``params`` (NumPy arrays, one dict a layer), as :func:`deltarule.fit` returns them.

    ``encoding``, ``scale``, ``classes``, ``example_shape`` and ``style`` come from the training data: inputs
    to :meth:`predict` are in its units (0 to 255 for MNIST) and are divided by ``scale``; the shape is
    that of an example in its file, (28, 28) for MNIST whatever the network takes; the style says how a picture
    of a digit is prepared for it, or by None that pictures are taken as they are. ``history`` is what was
    measured on the way, ``settings`` how it was trained. ``best`` is the model with the highest
    validation accuracy, where ``fit`` was asked to keep it. Parameters that are whole numbers become
    float64, as which they are saved.

    >>> import numpy as np
    >>> from deltarule.data import OneHot
    >>> network = Network.dense([2, 1])
    >>> nand = Model(network, [{"w": np.array([[-20.0, -20.0]]), "b": np.array([30.0])}], OneHot(1))
    >>> nand.outputs(np.array([[0, 0], [0, 1], [1, 1]])).round().tolist()
    [[1.0], [1.0], [0.0]]
    >>> nand
    Model(2-1, CrossEntropy; 0 epochs)
    """

    network: Network
    params: Tree
    encoding: Encoding
    scale: float = 1.0
    classes: tuple[str, ...] = ()
    example_shape: tuple[int, ...] = ()
    history: History = History()
    settings: Mapping[str, Any] = field(default_factory=dict)
    best: Model | None = None
    style: Style | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", leafwise(_real, self.params))

    def __repr__(self) -> str:
        return f"Model({in_words(self.network)}; {len(self.history)} epochs)"

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """aᴸ for each example, shape (n, n_out).

        Raises :class:`ShapeError` if x does not fit, :class:`InvalidArgument` if it is no array of numbers,
        :class:`DataError` if it holds NaN or infinity, and :class:`DivergedError` if a parameter does, or
        numbers overflow on the way.
        ``x`` has shape (n, ...), each example with as many numbers as the network has inputs; a
        single example may come without its first axis.
        """
        return self.network.cost.activation(self._weighted_inputs(self._examples(x)))

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """The outputs scaled to sum to 1, shape (n, n_out): softmax's own as they are, others as shares.

        Raises :class:`InvalidArgument` for networks without an output for each class, whose outputs are no shares.
        """
        if not isinstance(self.encoding, OneHot) or self.encoding.n_out < 2:
            raise InvalidArgument(f"outputs encoded by {self.encoding} are no shares among classes: use outputs(x)")
        return _shares(self.outputs(x))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The label for each example, shape (n,)."""
        return self.encoding.decode(self.outputs(x))

    def predictions(self, dataset: Dataset) -> np.ndarray:
        """The label for each example of a data set, by that data set's own scale, shape (n,)."""
        return self.encoding.decode(self.network.cost.activation(self._weighted_inputs(self._of(dataset))))

    def shares(self, dataset: Dataset) -> np.ndarray:
        """What :meth:`probabilities` are, for the examples of a data set, by that data set's own scale."""
        return _shares(self.network.cost.activation(self._weighted_inputs(self._of(dataset))))

    def accuracy(self, dataset: Dataset) -> float:
        """The share of examples whose label is right, 0 to 1.

        Raises :class:`InvalidArgument` for labels that are real numbers, and for a data set without examples.
        """
        found = self.measure(dataset)
        if "accuracy" not in found:
            raise InvalidArgument(
                f"{dataset.name}: its labels are real numbers, which have no accuracy; see cost(dataset)"
            )
        return found["accuracy"]

    def cost(self, dataset: Dataset) -> float:
        """C, the mean cost over the examples, without regularization."""
        return self.measure(dataset)["cost"]

    def measure(self, dataset: Dataset) -> dict[str, float]:
        """``accuracy`` (of labels that are classes) and ``cost``, by one pass through the network.

        Raises :class:`InvalidArgument` for what is no :class:`Dataset`, and for one without examples.
        """
        examples = self._of(dataset)
        if not len(dataset):
            raise InvalidArgument(f"{dataset.name} holds no examples to measure on")
        return measured(self.network, self._weighted_inputs(examples), examples.y, dataset)

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """How often label i (row) was read as label j (column), shape (classes, classes).

        Larger where the encoding can name more labels than there are classes, and one of those was
        named. Raises :class:`InvalidArgument` if the labels are real numbers.
        """
        found, labels = self.predictions(dataset), dataset.labels
        if found.dtype.kind not in "iu" or labels.dtype.kind not in "iu":
            raise InvalidArgument(f"{dataset.name}: a confusion matrix needs labels that are classes, not real numbers")
        n = max(len(self.classes), self.network.n_out, *(int(some.max(initial=0)) + 1 for some in (labels, found)))
        counts = np.zeros((n, n), dtype=np.int64)
        np.add.at(counts, (labels, found), 1)
        return counts

    @property
    def parameters_sha256(self) -> str:
        """A fingerprint of the parameters: equal if and only if every bit of them is."""
        return files.fingerprint(files.flatten("params", self.params))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the model to one ``.safetensors`` file: parameters, and all else as JSON inside.

        The file is whole at every moment. Raises :class:`FileError` if it cannot be written.
        """
        files.write(files.expanded(path), *model_content(self))

    def _of(self, dataset: Dataset) -> Examples:
        return Examples.of(a_dataset(dataset), self.network, self._dtype)

    def _examples(self, x: np.ndarray) -> Examples:
        x, shape = numbers(x), self.network.input_shape
        size = int(np.prod(shape))
        if x.size == size and (x.ndim <= len(shape) or x.shape[0] != 1):
            x = x[None]
        if x.ndim < 2 or int(np.prod(x.shape[1:])) != size:
            raise ShapeError(f"x of shape {x.shape} does not fit: the network takes (n, {', '.join(map(str, shape))})")
        x = as_inputs(x.reshape(len(x), *shape), self.scale, self._dtype, "x")
        return Examples(x, np.empty((len(x), 0)), self.scale)

    @property
    def _dtype(self) -> np.dtype:
        return np.result_type(np.float32, *(leaf.dtype for leaf in leaves(self.params)))

    def _weighted_inputs(self, examples: Examples) -> np.ndarray:
        check_finite(self.params)
        name = self.settings.get("engine", "numpy")
        program = choose_evaluator(name, self.network, self.params, self._dtype, len(examples))
        z = program.weighted_inputs(program.params(self.params), program.place(examples))
        if (at := first_not_finite(z)) is not None:
            raise DivergedError(
                f"example {at[0]}: the weighted input of output neuron {at[1]} is {z[at]}; numbers overflow on "
                f"the way through the network. Expected are inputs of a size like those it was trained on, divided "
                f"by its scale, {self.scale:g}"
            )
        return z


def load(path: str | PathLike[str], custom: Iterable[type] = ()) -> Model:
    """The model in a file that :meth:`Model.save` or a checkpoint wrote, or in a run's folder.

    An :class:`Ensemble` where the file holds one.

    ``custom`` are layers, costs or initializers of your own that the model names: files name
    things, they never import them. Raises :class:`FileError` if there is no such file, or it is
    damaged, foreign, or names something unknown, and :class:`InvalidArgument` if ``custom`` is no list of
    classes.
    """
    path, custom = files.expanded(path), own_classes(custom)
    return loaded(path, *content(path), custom)


def content(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The tensors and the description in a model file, or in that of a run's folder. Raises :class:`FileError`."""
    return files.read(path / MODEL_FILE if path.is_dir() else path)


def loaded(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model:
    """The model in a file's content, an :class:`Ensemble` where it holds one; ``path`` is named in errors."""
    if "members" in description:
        from deltarule.models.ensemble import ensemble_of  # which builds on this module

        return ensemble_of(path, tensors, description, custom)
    return model_of(path, tensors, description, custom)


MODEL_FILE = "model.safetensors"
"""The name of the model's file in a run's folder."""


def model_content(model: Model) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The tensors and the description that stand for a model in a file."""
    tensors = files.flatten("params", model.params)
    if model.best is not None:
        tensors |= files.flatten("best", model.best.params)
    description = {
        "network": describe(model.network),
        "data": {
            "encoding": describe(model.encoding),
            "scale": model.scale,
            "classes": list(model.classes),
            "shape": list(model.example_shape),
            "style": None if model.style is None else asdict(model.style),
        },
        "history": {"records": list(model.history.records), "within": list(model.history.within)},
        "settings": dict(model.settings),
        "best_epoch": len(model.best.history) - 1 if model.best else None,
        "versions": versions(),
    }
    return tensors, description


def model_of(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model:
    """The model that :func:`model_content` took apart; ``path`` is named in errors."""
    try:
        return _model_of(tensors, description, custom)
    except FileError as error:
        raise FileError(f"{path}: {error}") from None
    except DAMAGE as error:
        raise FileError(f"{path} is damaged: {type(error).__name__} {error}") from None


def _model_of(tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]) -> Model:
    network, data, history = build(description["network"], custom), description["data"], description["history"]
    if not isinstance(network, Network):
        raise FileError("it describes no network")
    model = Model(
        network,
        checked(network, files.unflatten("params", tensors, len(network.layers))),
        build(data["encoding"], custom),
        float(data["scale"]),
        tuple(_all(str, data["classes"])),
        tuple(_all(int, data["shape"])),
        History(tuple(_all(dict, history["records"])), tuple(_all(dict, history["within"]))),
        dict(description["settings"]),
        style=_style(data),
    )
    fits(model)
    best_epoch = description["best_epoch"]
    if best_epoch is None:
        return model
    if type(best_epoch) is not int or best_epoch < -1:
        raise FileError(f"it says that epoch {best_epoch!r} was the best")
    best = checked(network, files.unflatten("best", tensors, len(network.layers)))
    until = History(model.history.records[: best_epoch + 1])
    return replace(model, best=replace(model, params=best, history=until))


def _style(data: Mapping[str, Any]) -> Style | None:
    """How pictures are prepared; files of earlier versions, which say nothing, are of digits if of images at all."""
    if "style" in data:
        return None if data["style"] is None else Style(**data["style"])
    return style_of(tuple(data["shape"])) if len(data["shape"]) == 2 else None


def _all(kind: type, values: Any) -> list[Any]:
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise FileError(f"it has {str(values)[:60]!r} where a list belongs whose members are each a {kind.__name__}")
    return values


def _shares(outputs: np.ndarray) -> np.ndarray:
    shares = np.clip(outputs, 0, None)
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1])


def _real(leaf: Any) -> np.ndarray:
    """A parameter as an array of this machine's byte order, whole numbers as float64."""
    found = native(np.asarray(leaf))
    return found.astype(np.float64) if found.dtype.kind in "iu" else found


def versions() -> dict[str, str]:
    """The versions of what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in ("deltarule", "numpy", "jax", "jaxlib"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
