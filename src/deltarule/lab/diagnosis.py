"""What a trained network gets wrong, and what its feature maps answer to."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from deltarule.core.convolution import Conv
from deltarule.core.network import Network
from deltarule.core.pooling import Pool
from deltarule.core.windows import pair
from deltarule.data.dataset import Dataset
from deltarule.data.fallback import load_images
from deltarule.lab import training_form
from deltarule.lab.drawing import names
from deltarule.models.predictor import Predictor

CHUNK = 250
"""Images whose activations are held at once."""

MOST = 2000
"""Test images that are looked at."""


@dataclass(frozen=True)
class Read:
    """How a model read a data set: the shares of each class, one row an example, and its ``labels``."""

    shares: np.ndarray
    labels: np.ndarray

    @property
    def answers(self) -> np.ndarray:
        """The likeliest class of each example."""
        return np.asarray(self.shares.argmax(axis=1))

    def counts(self, n: int) -> np.ndarray:
        """How often label i (row) was read as j (column)."""
        found = np.zeros((n, n), int)
        np.add.at(found, (self.labels, self.answers), 1)
        return found

    def of(self, label: int, answer: int) -> np.ndarray:
        """The examples of a label that were read as ``answer``, the most certain first."""
        found = np.flatnonzero((self.labels == label) & (self.answers == answer))
        return found[np.argsort(-self.shares[found, answer], kind="stable")]

    def most_confused(self, n: int) -> tuple[int, int]:
        """The label and the answer that are mistaken for each other most often; 0 and 0 where nothing is misread."""
        mistakes = self.counts(n)
        np.fill_diagonal(mistakes, 0)
        label, answer = divmod(int(mistakes.argmax()), n)
        return label, answer

    @property
    def worst(self) -> np.ndarray:
        """The misread examples, the most certain of what is wrong first."""
        wrong = np.flatnonzero(self.answers != self.labels)
        return wrong[np.argsort(-self.shares[wrong].max(axis=1), kind="stable")]


def images_for(model: Predictor) -> Dataset | None:
    """Test images of the model's shape and classes: of the data that the lab was started with, or of its own."""
    own = os.environ.get(training_form.DATA)
    for splits in (*([training_form.splits(own)] if own else []), load_images("any"), load_images("digits")):
        if splits[2].x.shape[1:] == model.example_shape and list(splits[2].classes) == names(model):
            return splits[2].take(slice(MOST))
    return None


def read(model: Predictor, dataset: Dataset) -> Read:
    """Reads the data set."""
    return Read(model.predict_proba(dataset), np.asarray(dataset.labels))


def convolutions(network: Network) -> list[int]:
    """The positions of the convolutional layers."""
    return [i for i, layer in enumerate(network.layers) if isinstance(layer, Conv)]


def receptive_field(network: Network, layer: int) -> tuple[int, int]:
    """How many pixels a side a neuron after this layer sees, and by how many the next one's field is moved.

    >>> from deltarule import LogLikelihood, MaxPool, Flatten, Dense
    >>> network = Network([Conv(4, 5), MaxPool(2), Conv(4, 3), Flatten(), Dense(10)], LogLikelihood(), (28, 28, 1))
    >>> receptive_field(network, 0), receptive_field(network, 2)
    ((5, 1), (10, 2))
    """
    size, jump = 1, 1
    for one in network.layers[: layer + 1]:
        if isinstance(one, (Conv, Pool)):
            window = one.kernel if isinstance(one, Conv) else one.size
            stride = one.stride if one.stride is not None else window
            size += (pair(window)[0] - 1) * jump
            jump *= pair(stride)[0]
    return size, jump


def exciting(model: Predictor, images: np.ndarray, layer: int, most: int = 9) -> list[list[np.ndarray]]:
    """For each map of a convolutional layer the pieces of images that it answers to most, one an image."""
    network, params = model.models[0].network, model.models[0].params
    size, jump = receptive_field(network, layer)
    tops: list[np.ndarray] = []
    places: list[np.ndarray] = []
    for start in range(0, len(images), CHUNK):
        a = (images[start : start + CHUNK] / np.float32(model.scale)).astype(np.float32)
        a = a.reshape(len(a), *network.input_shape)
        for one, own in zip(network.layers[: layer + 1], params, strict=False):
            a, _ = one.forward(own, a)
        flat = np.asarray(a).reshape(len(a), -1, a.shape[-1])
        tops.append(flat.max(axis=1))
        places.append(flat.argmax(axis=1))
    top, place = np.concatenate(tops), np.concatenate(places)
    columns = network.shapes[layer + 1][1]
    found = []
    for m in range(top.shape[1]):
        pieces = []
        for i in np.argsort(-top[:, m], kind="stable")[:most]:
            row, column = divmod(int(place[i, m]), columns)
            pieces.append(images[i, row * jump : row * jump + size, column * jump : column * jump + size])
        found.append(pieces)
    return found
