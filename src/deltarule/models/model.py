"""A model: a network with the parameters it learned, and how it learned them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from deltarule.core.constraints import Constraints, instance, number, validate
from deltarule.core.network import Network
from deltarule.core.trees import Tree, leaves, map_leaves
from deltarule.data.arrays import find_non_finite, to_native
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding, OneHot
from deltarule.data.photo import Style, choose_style
from deltarule.engines.base import Examples
from deltarule.engines.choice import choose_evaluator
from deltarule.engines.inputs import as_inputs
from deltarule.errors import DataError, DivergedError, FileError, InvalidArgument, ShapeError
from deltarule.models import files
from deltarule.models.description import build, describe, list_versions
from deltarule.models.files import Content
from deltarule.models.history import History
from deltarule.models.metrics import check_dataset, compute_accuracy, count_confusions, evaluate_outputs
from deltarule.models.parameters import check_finite, check_structure, read_parameters
from deltarule.models.summary import summarize
from deltarule.models.targets import check_targets


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

    kind: ClassVar[str] = "model"
    constraints: ClassVar[Constraints] = {
        "network": instance(Network, "a Network such as Network.dense([784, 30, 10])"),
        "encoding": instance(Encoding, "an Encoding such as OneHot(10)"),
        "scale": number(above=0),
    }

    def __post_init__(self) -> None:
        validate(self)
        check_structure(self.network, self.params)
        object.__setattr__(self, "params", map_leaves(_real, self.params))

    def __repr__(self) -> str:
        return f"Model({summarize(self.network)}; {len(self.history)} epochs)"

    @property
    def models(self) -> tuple[Model, ...]:
        """The model itself, which answers alone."""
        return (self,)

    @property
    def picture_style(self) -> Style:
        """How the ink of a digit is laid in the field: as in the training data, or as is usual for its size."""
        return self.style or choose_style(self.example_shape)  # type: ignore[arg-type] # asked of images alone

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute aᴸ for each example, shape (n, n_out).

        ``x`` is a :class:`Dataset`, or an array of shape (n, ...), each example with as many numbers as the
        network has inputs; a single example may come without its first axis. Raises :class:`ShapeError` if x
        does not fit, :class:`InvalidArgument` if it holds no numbers, :class:`DataError` if it holds
        NaN or infinity, and :class:`DivergedError` if a parameter does, or numbers overflow on the way.
        """
        return np.asarray(self.network.cost.activation(self._weighted_inputs(self._examples(x))))

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the share of each class for each example, shape (n, n_out): the outputs, scaled to sum to 1.

        Softmax's stay as they are. Raises :class:`InvalidArgument` for networks without an output for each class,
        whose outputs are no shares, and what :meth:`outputs` raises.
        """
        if not isinstance(self.encoding, OneHot) or self.encoding.n_out < 2:
            problem = f"expected outputs that are shares among classes, got outputs encoded by {self.encoding}"
            raise InvalidArgument(problem, argument="encoding", value=self.encoding, remedy="use outputs(x)")
        return _shares(self.outputs(x))

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label of each example, shape (n,). Raises what :meth:`outputs` raises."""
        return self.encoding.decode(self.outputs(x))

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute ``accuracy`` (of labels that are classes) and ``cost``, by one pass through the network.

        Raises :class:`InvalidArgument` for what is no :class:`Dataset`, for one without examples, and for desired
        outputs that the cost cannot have.
        """
        check_dataset(dataset)
        examples = self._examples(dataset)
        if not len(dataset):
            problem = f"expected examples to evaluate on, got no examples in {dataset.name}"
            raise InvalidArgument(problem, argument="dataset", value=dataset)
        check_targets(self.network.cost, dataset=dataset)
        return evaluate_outputs(self.network, self._weighted_inputs(examples), examples.y, dataset)

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the share of examples whose label is right, 0 to 1.

        Raises :class:`InvalidArgument` for labels that are real numbers, and what :meth:`evaluate` raises.
        """
        return compute_accuracy(self, dataset)

    def cost(self, dataset: Dataset) -> float:
        """Compute C, the mean cost over the examples, without regularization. Raises what :meth:`evaluate` raises."""
        return self.evaluate(dataset)["cost"]

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Count how often label i (row) was read as label j (column), shape (classes, classes).

        Larger where the encoding can name more labels than there are classes, and one of those was
        named. Raises :class:`InvalidArgument` if the labels are real numbers.
        """
        return count_confusions(self, dataset)

    @property
    def parameters_sha256(self) -> str:
        """A fingerprint of the parameters: equal if and only if every bit of them is."""
        return files.fingerprint(files.flatten("params", self.params))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one ``.safetensors`` file: parameters, and all else as JSON inside.

        The file is whole at every moment. Raises :class:`FileError` if it cannot be written.
        """
        files.write(files.expand_path(path), *pack_model(self))

    def _examples(self, x: np.ndarray | Dataset) -> Examples:
        if isinstance(x, Dataset):
            return Examples.of(x, self.network, self._dtype)
        batch = as_inputs(_as_batch(_as_numbers(x), self.network.input_shape), self.scale, self._dtype, "x")
        return Examples(batch, np.empty((len(batch), 0)), self.scale)

    @property
    def _dtype(self) -> np.dtype:
        return np.result_type(np.float32, *(leaf.dtype for leaf in leaves(self.params)))

    def _weighted_inputs(self, examples: Examples) -> np.ndarray:
        check_finite(self.params)
        name = self.settings.get("engine", "numpy")
        program = choose_evaluator(name, self.network, self.params, self._dtype, len(examples))
        z = program.weighted_inputs(program.params(self.params), program.place(examples))
        if (at := find_non_finite(z)) is not None:
            raise DivergedError(
                f"expected finite weighted inputs, got {z[at]} for output neuron {at[1]}",
                position=f"example {at[0]}",
                remedy=f"give inputs of a size like those it was trained on, which are divided by {self.scale:g}",
            )
        return z


def pack_model(model: Model) -> Content:
    """Take a model apart into the tensors and the description that stand for it in a file."""
    tensors = files.flatten("params", model.params)
    if model.best is not None:
        tensors |= files.flatten("best", model.best.params)
    description = {
        "kind": Model.kind,
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
        "versions": list_versions(),
    }
    return tensors, description


def unpack_model(
    path: Path, tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type] = ()
) -> Model:
    """Put the model together that :func:`pack_model` took apart; ``path`` is named in errors."""
    with files.reading(path):
        return _unpack(tensors, description, custom)


def _unpack(tensors: Mapping[str, np.ndarray], description: Mapping[str, Any], custom: Iterable[type]) -> Model:
    network, data, history = build(description["network"], custom), description["data"], description["history"]
    if not isinstance(network, Network):
        raise FileError(position="network", expected="the description of a Network", value=network)
    model = Model(
        network,
        read_parameters("params", tensors, network),
        build(data["encoding"], custom),
        float(data["scale"]),
        tuple(_list_of(str, "classes", data["classes"])),
        tuple(_list_of(int, "shape", data["shape"])),
        History(
            tuple(_list_of(dict, "records", history["records"])), tuple(_list_of(dict, "within", history["within"]))
        ),
        dict(description["settings"]),
        style=None if data["style"] is None else Style(**data["style"]),
    )
    if model.encoding.n_out != network.n_out:
        problem = f"expected labels encoded by {network.n_out} outputs, as the network has, got {model.encoding.n_out}"
        raise FileError(problem, position="encoding")
    best_epoch = description["best_epoch"]
    if best_epoch is None:
        return model
    if type(best_epoch) is not int or best_epoch < -1:
        raise FileError(position="best_epoch", expected="the number of an epoch", value=best_epoch)
    best = read_parameters("best", tensors, network)
    until = History(model.history.records[: best_epoch + 1])
    return replace(model, best=replace(model, params=best, history=until))


def _list_of(kind: type, position: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        expected = f"a list whose members are each a {kind.__name__}"
        raise FileError(f"expected {expected}, got {str(values)[:60]!r}", position=position, expected=expected)
    return values


def _as_numbers(x: Any) -> np.ndarray:
    """Return inputs as an array of finite numbers, in this machine's byte order and in C order."""
    try:
        found = np.asarray(x)
    except ValueError:  # of lists of unequal lengths
        found = np.asarray(x, dtype=object)
    if found.dtype.kind not in "biuf":
        expected = "an array of numbers, or a Dataset"
        raise InvalidArgument(f"expected {expected}, got {found.dtype}", argument="x", expected=expected, value=x)
    masked, at = np.ma.getmaskarray(x).sum() if np.ma.isMaskedArray(x) else 0, find_non_finite(found)
    if masked or at is not None:
        got = f"{masked:,} masked values" if masked else f"{found[at]} at {list(at or ())}"
        remedy = "remove or repair those examples"
        raise DataError(f"expected finite numbers, got {got}", argument="x", value=x, remedy=remedy)
    return to_native(found)


def _as_batch(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Reshape inputs to what a network takes, (n, *shape); a single example may come without its first axis."""
    size = int(np.prod(shape))
    if x.size == size and (x.ndim <= len(shape) or x.shape[0] != 1):
        x = x[None]
    if x.ndim < 2 or int(np.prod(x.shape[1:])) != size:
        expected = f"an array of shape (n, {', '.join(map(str, shape))})"
        raise ShapeError(f"expected {expected}, got {x.shape}", argument="x", value=x, expected=expected)
    return x.reshape(len(x), *shape)


def _shares(outputs: np.ndarray) -> np.ndarray:
    shares = np.clip(outputs, 0, None)
    total = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1]))


def _real(leaf: Any) -> np.ndarray:
    """A parameter as an array of this machine's byte order, whole numbers as float64."""
    found = to_native(np.asarray(leaf))
    return found.astype(np.float64) if found.dtype.kind in "iu" else found
