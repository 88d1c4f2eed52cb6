"""The protocol of what answers for examples: a model, or an ensemble of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Protocol

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Encoding
from deltarule.data.photo import Style
from deltarule.models.history import History


class Predictor(Protocol):
    """Answer for examples.

    Where ``x`` may be an array or a :class:`Dataset`, an array (n, ...) holds inputs in the units of the training
    data, which are divided by ``scale``, and a data set's inputs are divided by its own scale.
    """

    @property
    def encoding(self) -> Encoding:
        """How labels become desired outputs, and outputs labels."""
        ...

    @property
    def scale(self) -> float:
        """The number by which inputs are divided."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, 2, …"""
        ...

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of an example in its file, (28, 28) for MNIST whatever the network takes."""
        ...

    @property
    def style(self) -> Style | None:
        """How digits lay in the pictures of the training data; None: pictures are taken as they are."""
        ...

    @property
    def picture_style(self) -> Style:
        """How the ink of a digit is laid in the field: as in the training data, or as is usual for its size."""
        ...

    @property
    def history(self) -> History:
        """The numbers recorded during training."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the training."""
        ...

    @property
    def best(self) -> Predictor | None:
        """The same after the epoch of the highest validation accuracy, where ``fit`` was asked to keep it."""
        ...

    @property
    def models(self) -> Sequence[TrainedNetwork]:
        """The networks that answer together, or the one that answers alone."""
        ...

    @property
    def parameters_sha256(self) -> str:
        """A fingerprint of the parameters: equal if and only if every bit of them is."""
        ...

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute aᴸ for each example, shape (n, n_out)."""
        ...

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the share of each class for each example, shape (n, n_out)."""
        ...

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label of each example, shape (n,)."""
        ...

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute ``accuracy`` (of labels that are classes) and ``cost``."""
        ...

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the share of examples whose label is right, 0 to 1."""
        ...

    def cost(self, dataset: Dataset) -> float:
        """Compute C, the mean cost over the examples, without regularization."""
        ...

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Count how often label i (row) was read as label j (column), shape (classes, classes)."""
        ...

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to one ``.safetensors`` file."""
        ...


class TrainedNetwork(Predictor, Protocol):
    """A predictor of one network."""

    @property
    def network(self) -> Network:
        """The network."""
        ...

    @property
    def params(self) -> Tree:
        """Its parameters, one dict a layer."""
        ...
