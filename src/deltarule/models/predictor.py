"""The protocol that models and ensembles share."""

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
from deltarule.models.confidence import Confidence
from deltarule.models.history import History
from deltarule.preprocessing import Preprocessing


class Predictor(Protocol):
    """A model or an ensemble: it predicts labels, is evaluated on data sets, and is saved to a file.

    ``x`` is an array (n, ...) of raw inputs in the units of the training data, or a :class:`Dataset`; both are prepared
    by ``preprocessing``.

    >>> from deltarule import Model, Network
    >>> from deltarule.data import OneHot
    >>> def count_predictions(predictor: Predictor, x: np.ndarray) -> list[int]:
    ...     return np.bincount(predictor.predict(x), minlength=predictor.encoding.n_out).tolist()
    >>> own = Preprocessing(OneHot(2))
    >>> zero = Model(Network.dense([4, 2]), [{"w": np.zeros((2, 4)), "b": np.array([0.0, 1.0])}], own)
    >>> count_predictions(zero, np.eye(4))
    [0, 4]
    """

    @property
    def preprocessing(self) -> Preprocessing:
        """The transforms of raw inputs and labels, fitted on the training set."""
        ...

    @property
    def encoding(self) -> Encoding:
        """The encoding of labels as desired outputs."""
        ...

    @property
    def scale(self) -> float:
        """The number that inputs are divided by."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, 2, …"""
        ...

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of an example in the data set, such as (28, 28) for MNIST, even if the network takes another."""
        ...

    @property
    def style(self) -> Style | None:
        """The scaling and centring of digits in the training images; None: new pictures are not cropped or centred."""
        ...

    @property
    def picture_style(self) -> Style:
        """The style for a new picture, ``style`` or the default for this image size."""
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
        """The model of the epoch with the highest validation accuracy, if ``fit`` kept it, or None."""
        ...

    @property
    def confidence(self) -> Confidence | None:
        """The numbers by which the predictor says how sure it is, or None."""
        ...

    @property
    def models(self) -> Sequence[TrainedNetwork]:
        """The members of an ensemble, or the model alone."""
        ...

    @property
    def parameters_sha256(self) -> str:
        """The SHA-256 of the parameters, the same only if all parameters are bitwise equal."""
        ...

    def outputs(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute aᴸ for each example, shape (n, n_out)."""
        ...

    def predict_proba(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the probability of each class for each example, shape (n, n_out)."""
        ...

    def energies(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the energy of each example, shape (n,), which is high for examples unlike those of the training."""
        ...

    def predict_with_energies(self, x: np.ndarray | Dataset) -> tuple[np.ndarray, np.ndarray]:
        """Compute what :meth:`predict_proba` and :meth:`energies` return, in one forward pass."""
        ...

    def predict(self, x: np.ndarray | Dataset) -> np.ndarray:
        """Predict the label of each example, shape (n,)."""
        ...

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Compute the ``cost`` and the metrics of the labels, for classes the ``accuracy``."""
        ...

    def accuracy(self, dataset: Dataset) -> float:
        """Compute the accuracy: the fraction of examples that are classified correctly, 0 to 1."""
        ...

    def cost(self, dataset: Dataset) -> float:
        """Compute C, the mean cost over the examples, without regularization and the penalties of layers."""
        ...

    def confusion(self, dataset: Dataset) -> np.ndarray:
        """Compute the confusion matrix: how many examples of class i (row) were classified as class j (column)."""
        ...

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model or ensemble to one ``.safetensors`` file."""
        ...


class TrainedNetwork(Predictor, Protocol):
    """A predictor of one network."""

    @property
    def network(self) -> Network:
        """The network."""
        ...

    @property
    def params(self) -> Tree:
        """The parameters, one dict per layer."""
        ...
