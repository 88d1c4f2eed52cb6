"""What a network makes of a drawing: the image it sees, its answers, its activations, what would change them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.data.ink import find_window
from deltarule.data.photo import fit_to_field
from deltarule.digit_strings import Reading, load_reader, read_string
from deltarule.errors import DataError, InvalidArgument
from deltarule.lab.reader import FILE
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

MODEL = "DELTARULE_LAB_MODEL"
"""The environment's name for the model that the lab was started with."""


@cache
def load_model() -> Predictor:
    """The model that the lab reads with: the one it was started with, or the one that comes with it."""
    return load(os.environ.get(MODEL) or FILE)


def check_model(path: Path) -> None:
    """Raises :class:`InvalidArgument` for a model that cannot read drawings: one of other images, or not of classes."""
    found = load(path)
    if len(found.example_shape) != 2 or min(found.example_shape) < 4:
        raise InvalidArgument(
            path=path,
            expected="a model that reads images of 4 × 4 pixels or more, as drawings are",
            value=found.example_shape,
        )
    found.predict_proba(np.zeros((1, *found.example_shape)))


def get_class_names(model: Predictor) -> list[str]:
    """What its classes are called, one an output."""
    return list(model.classes) or [str(k) for k in range(model.encoding.n_out)]


def prepare_image(model: Predictor, picture: np.ndarray | None) -> np.ndarray:
    """The drawing as the network sees it, in the shape and units of its training images; empty without ink."""
    shape = (model.example_shape[0], model.example_shape[1])
    if picture is None:
        return np.zeros(shape, np.float32)
    ink = picture[find_window(picture > 0)].astype(np.float32) / 255
    return fit_to_field(ink, shape, 255, model.picture_style) * np.float32(model.scale / 255)


def predict_proba(model: Predictor, image: np.ndarray) -> np.ndarray:
    """The share of each class; nothing is drawn on an empty image, and none is more likely than others."""
    if not image.any():
        return np.full(model.encoding.n_out, 1 / model.encoding.n_out)
    return np.asarray(model.predict_proba(image[None])[0])


def read_number(picture: np.ndarray | None) -> Reading | str:
    """What is read in a row of digits, or why nothing is."""
    if picture is None:
        return "nothing is written yet"
    try:
        return read_string(255 - picture, _reader())
    except DataError as error:
        return str(error)


_reader = cache(load_reader)


def compute_activations(model: Predictor, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """What leaves each layer, by the layer's name: maps (height, width, maps), or neurons (n,)."""
    from deltarule.recipes.notation import format_object

    found = []
    network, params = _network(model)
    a = _input(model, image)
    for layer, own in zip(network.layers, params, strict=True):
        a, _ = layer.forward(own, a)
        found.append((format_object(layer), np.asarray(a[0])))
    return found


def compute_descent_direction(model: Predictor, image: np.ndarray, wish: int) -> np.ndarray:
    """−∂C/∂x for the answer ``wish``: where more ink (above 0) or less would bring the network nearer to it."""
    return np.asarray(-_gradient(*_network(model), _input(model, image), wish)[0].reshape(image.shape))


def move_to_class(
    model: Predictor, image: np.ndarray, wish: int, most: int = 200, pace: float = 0.05
) -> tuple[np.ndarray, int | None]:
    """The image moved down the gradient until it is read as ``wish``, and the steps that took (None: too many).

    Each step moves the pixel that moves most by ``pace`` of full ink, and leaves all between paper and ink.
    """
    network, params = _network(model)
    x = _input(model, image)
    for step in range(most):
        z, _ = network.forward(params, x)
        if int(np.argmax(z[0])) == wish:
            return _as_image(x, image, model.scale), step
        gradient = _gradient(network, params, x, wish)
        x = np.clip(x - pace * gradient / max(float(np.abs(gradient).max()), 1e-12), 0, 1).astype(x.dtype)
    return _as_image(x, image, model.scale), None


def _network(model: Predictor) -> tuple[Network, Tree]:
    """Return the network that is looked into, the first of an ensemble's, and its parameters."""
    return model.models[0].network, model.models[0].params


def _gradient(network: Network, params: Tree, x: np.ndarray, wish: int) -> np.ndarray:
    """∂C/∂x, the gradient that backpropagation hands on below the first layer."""
    z, caches = network.forward(params, x)
    y = np.zeros_like(z)
    y[0, wish] = 1
    d_x, _ = network.backward(params, caches, network.cost.delta(z, y))
    return np.asarray(d_x)


def _input(model: Predictor, image: np.ndarray) -> np.ndarray:
    return (image / np.float32(model.scale)).astype(np.float32).reshape(1, *_network(model)[0].input_shape)


def _as_image(x: np.ndarray, image: np.ndarray, scale: float) -> np.ndarray:
    return x.reshape(image.shape) * np.float32(scale)
