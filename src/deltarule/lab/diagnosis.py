"""The errors of a trained network, and the image patches that excite its feature maps."""

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
from deltarule.lab.drawing import get_class_names
from deltarule.models.predictor import Predictor

CHUNK = 250
"""Images in one forward pass."""

MOST = 2000
"""The most test images that are evaluated."""


@dataclass(frozen=True)
class Evaluation:
    """The predictions for a data set: ``probabilities`` (examples, classes), and the true ``labels`` (examples,)."""

    probabilities: np.ndarray
    labels: np.ndarray

    @property
    def predictions(self) -> np.ndarray:
        """The most probable class of each example, (examples,)."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def confusion(self, n: int) -> np.ndarray:
        """Count how often label i (row) was predicted as j (column), for n classes."""
        counts = np.zeros((n, n), int)
        np.add.at(counts, (self.labels, self.predictions), 1)
        return counts

    def find(self, label: int, prediction: int) -> np.ndarray:
        """Return the indices of the examples of a label with this prediction, the most probable first."""
        indices = np.flatnonzero((self.labels == label) & (self.predictions == prediction))
        return indices[np.argsort(-self.probabilities[indices, prediction], kind="stable")]

    def find_most_confused(self, n: int) -> tuple[int, int]:
        """Return the most frequent mistake, (label, prediction); (0, 0) if there is none."""
        mistakes = self.confusion(n)
        np.fill_diagonal(mistakes, 0)
        label, prediction = divmod(int(mistakes.argmax()), n)
        return label, prediction

    @property
    def misclassified(self) -> np.ndarray:
        """The indices of the misclassified examples, the most certain of the wrong class first."""
        wrong = np.flatnonzero(self.predictions != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")]


def find_test_images(model: Predictor) -> Dataset | None:
    """Find test images with the model's shape and classes, in the user's data, MNIST or the small digits."""
    own = os.environ.get(training_form.DATA)
    for splits in (*([training_form.load_splits(own)] if own else []), load_images("any"), load_images("digits")):
        if _is_suitable(splits[2], model):
            return splits[2].take(slice(MOST))
    return None


def _is_suitable(test: Dataset, model: Predictor) -> bool:
    """Return True if a data set has the model's shape and classes, and its units if they are stated."""
    if test.x.shape[1:] != model.example_shape or list(test.classes) != get_class_names(model):
        return False
    return test.scale is None or (test.scale == model.scale and not model.preprocessing.is_dark_on_light)


def evaluate(model: Predictor, dataset: Dataset) -> Evaluation:
    """Predict the class probabilities of a data set."""
    return Evaluation(model.predict_proba(dataset), np.asarray(dataset.labels))


def find_convolutions(network: Network) -> list[int]:
    """Return the positions of the convolutional layers."""
    return [i for i, layer in enumerate(network.layers) if isinstance(layer, Conv)]


def compute_receptive_field(network: Network, layer: int) -> tuple[int, int]:
    """Compute the side of a neuron's receptive field after this layer, and its distance to the next field, in pixels.

    >>> from deltarule import LogLikelihood, MaxPool, Flatten, Dense
    >>> network = Network([Conv(4, 5), MaxPool(2), Conv(4, 3), Flatten(), Dense(10)], LogLikelihood(), (28, 28, 1))
    >>> compute_receptive_field(network, 0), compute_receptive_field(network, 2)
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


def find_exciting_patches(model: Predictor, images: np.ndarray, layer: int, count: int = 9) -> list[list[np.ndarray]]:
    """Find, for each map of a convolutional layer, the ``count`` image patches that excite it most, one per image."""
    network, params = model.models[0].network, model.models[0].params
    size, jump = compute_receptive_field(network, layer)
    tops: list[np.ndarray] = []
    places: list[np.ndarray] = []
    for start in range(0, len(images), CHUNK):
        a = model.preprocessing.transform(images[start : start + CHUNK]).astype(np.float32)
        a = a.reshape(len(a), *network.input_shape)
        for one, weights in zip(network.layers[: layer + 1], params, strict=False):
            a, _ = one.forward(weights, a)
        flat = np.asarray(a).reshape(len(a), -1, a.shape[-1])
        tops.append(flat.max(axis=1))
        places.append(flat.argmax(axis=1))
    top, place = np.concatenate(tops), np.concatenate(places)
    columns = network.shapes[layer + 1][1]
    patches = []
    for m in range(top.shape[1]):
        of_map = []
        for i in np.argsort(-top[:, m], kind="stable")[:count]:
            row, column = divmod(int(place[i, m]), columns)
            of_map.append(images[i, row * jump : row * jump + size, column * jump : column * jump + size])
        patches.append(of_map)
    return patches
