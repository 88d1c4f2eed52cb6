"""A network applied to a drawing: input image, probabilities, activations, and changes towards another answer."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.data.ink import find_window
from deltarule.data.photo import fit_to_field
from deltarule.digit_strings import Reading, load_digit_reader, load_reader, read_string
from deltarule.errors import DataError, DeltaruleError, InvalidArgument
from deltarule.lab.reader import FILE
from deltarule.lab.run_store import find_run
from deltarule.models.loading import load
from deltarule.models.predictor import Predictor

MODEL = "DELTARULE_LAB_MODEL"
"""The environment variable with the path of the user's model (``deltarule lab --model``)."""


@cache
def load_model() -> Predictor:
    """Load the model that reads drawings: the user's (:data:`MODEL`), or the bundled one."""
    return load(os.environ.get(MODEL) or FILE)


def load_chosen_model(run: object) -> tuple[Predictor, str]:
    """Load the model of a kept run of the page Train by its key; without one, that of :func:`load_model`.

    Returns:
        The model, and the problem for which it is not that of the run, or "".
    """
    if not run:
        return load_model(), ""
    try:
        path = find_run(str(run))
        check_model(path)
        return load(path), ""
    except DeltaruleError as error:
        return load_model(), f"The address names a model that cannot be used ({error}). This is the lab's own instead."


def check_model(path: Path) -> None:
    """Check that a model can read drawings, or answers rows of a table (:func:`explain_unsuitable`).

    Raises:
        InvalidArgument: The model takes images of another kind than grey ones of 4 × 4 pixels or more, or does not
            predict classes.
    """
    model = load(path)
    if explain_unsuitable(model):
        return
    if len(model.example_shape) != 2 or min(model.example_shape) < 4:
        raise InvalidArgument(
            path=path,
            expected="a model for grey images of 4 × 4 pixels or more",
            value=model.example_shape,
        )
    model.predict_proba(np.zeros((1, *model.example_shape)))


def explain_unsuitable(model: Predictor) -> str:
    """Explain why a model that was trained on a table cannot read drawings; return "" for a model of images."""
    schema = model.preprocessing.schema
    if schema is None or len(model.example_shape) != 1:
        return ""
    columns = ", ".join(schema.names[:5]) + (", …" if len(schema.names) > 5 else "")
    return (
        f"This network answers the rows of a table (its columns: {columns}) and cannot read pictures, which this page "
        "needs: start the lab with a network that was trained on grey images."
    )


def get_class_names(model: Predictor) -> list[str]:
    """Return the names of the model's classes, one for each output."""
    return list(model.classes) or [str(k) for k in range(model.encoding.n_out)]


def prepare_image(model: Predictor, picture: np.ndarray | None) -> np.ndarray:
    """Scale and centre a drawing like the model's training images, in their shape and units; None gives empty paper.

    The ink is dark if that of the training images is dark.
    """
    shape = (model.example_shape[0], model.example_shape[1])
    if picture is None:
        return model.preprocessing.paint_ink(np.zeros(shape, np.uint8))
    ink = picture[find_window(picture > 0)].astype(np.float32) / 255
    return model.preprocessing.paint_ink(fit_to_field(ink, shape, 255, model.picture_style))


def measure_ink(model: Predictor, image: np.ndarray) -> np.ndarray:
    """Return the ink of images as in the training set, from 0 for paper to the model's scale."""
    return model.preprocessing.measure_ink(image)


def is_empty(model: Predictor, image: np.ndarray) -> bool:
    """Return True if an image has no ink."""
    return not measure_ink(model, image).any()


def predict_proba(model: Predictor, image: np.ndarray) -> np.ndarray:
    """Compute the probability of each class, (classes,); for an empty image all are equal."""
    if is_empty(model, image):
        return np.full(model.encoding.n_out, 1 / model.encoding.n_out)
    return np.asarray(model.predict_proba(image[None])[0])


def read_number(picture: np.ndarray | None) -> Reading | str:
    """Read a row of digits; return the reason as text if it cannot be read."""
    if picture is None:
        return "The strip is empty: write some digits."
    try:
        return read_string(255 - _soften(picture), _load_reader(), checker=_load_checker())
    except DataError as error:
        return str(error)


_load_reader, _load_checker = cache(load_reader), cache(load_digit_reader)


def _soften(picture: np.ndarray) -> np.ndarray:
    """Blur the sharp edge of the pad's pen, so that the ink is like that of the images which the reader knows.

    With it ``python -m benchmarks.strip`` reads 95 of 100 rows, without it 87.
    """
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(1.5)))


def explain_probabilities(model: Predictor) -> str:
    """Explain in Markdown what a model's probabilities cannot say; return "" if there is nothing to say."""
    cost, texts = _get_network(model)[0].cost, []
    if isinstance(getattr(cost, "cost", cost), LogLikelihood):
        texts.append(
            "The outputs are a softmax: shares that always add up to 100 %. There is no share for *no digit*. So the "
            "network must answer something, also when you draw a cat: then it names the digit that looks most like it."
        )
    if isinstance(cost, LabelSmoothing):
        k = model.encoding.n_out
        right, other = (100 * (y * (1 - cost.epsilon) + cost.epsilon / k) for y in (1, 0))
        texts.append(
            f"It learned with label smoothing. Its target for the right answer was not 100 % but {right:.0f} %, and "
            f"{other:.0f} % for each other answer. So even a clean digit stays near this target, however "
            "well it is written."
        )
    return "\n\n".join(texts)


def compute_activations(model: Predictor, image: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Compute each layer's output, as (layer, array) pairs: maps (height, width, maps), or neurons (n,)."""
    from deltarule.recipes.notation import format_object

    outputs = []
    network, params = _get_network(model)
    a = _to_input(model, image)
    for layer, weights in zip(network.layers, params, strict=True):
        a, _ = layer.forward(weights, a)
        outputs.append((format_object(layer), np.asarray(a[0])))
    return outputs


def compute_descent_direction(model: Predictor, image: np.ndarray, target: int) -> np.ndarray:
    """Compute −∂C/∂(ink) for the class ``target``: above 0 where more ink lowers the cost, below 0 where less does."""
    gradient = _compute_input_gradient(*_get_network(model), _to_input(model, image), target)
    to_ink = 1 if model.preprocessing.is_dark_on_light else -1
    return np.asarray(to_ink * gradient[0].reshape(image.shape))


def move_to_class(
    model: Predictor, image: np.ndarray, target: int, max_steps: int = 200, step_size: float = 0.05
) -> tuple[np.ndarray, int | None]:
    """Change the image by gradient descent until the prediction is ``target``.

    Each step changes the pixel with the largest gradient by ``step_size`` of full ink, and keeps all pixels between
    paper and ink.

    Returns:
        The changed image and the number of steps, or None for the steps if ``max_steps`` were too few.
    """
    network, params = _get_network(model)
    x, low = _to_input(model, image), -model.preprocessing.mean
    for step in range(max_steps):
        z, _ = network.forward(params, x)
        if int(np.argmax(z[0])) == target:
            return _to_image(model, x, image.shape), step
        gradient = _compute_input_gradient(network, params, x, target)
        x = np.clip(x - step_size * gradient / max(float(np.abs(gradient).max()), 1e-12), low, low + 1).astype(x.dtype)
    return _to_image(model, x, image.shape), None


def _get_network(model: Predictor) -> tuple[Network, Tree]:
    """Return the network and its parameters, the first ones of an ensemble."""
    return model.models[0].network, model.models[0].params


def _compute_input_gradient(network: Network, params: Tree, x: np.ndarray, target: int) -> np.ndarray:
    """Compute ∂C/∂x, the gradient that backpropagation passes below the first layer."""
    z, caches = network.forward(params, x)
    y = np.zeros_like(z)
    y[0, target] = 1
    d_x, _ = network.backward(params, caches, network.cost.delta(z, y))
    return np.asarray(d_x)


def _to_input(model: Predictor, image: np.ndarray) -> np.ndarray:
    x = model.preprocessing.transform(image[None]).astype(np.float32)
    return x.reshape(1, *_get_network(model)[0].input_shape)


def _to_image(model: Predictor, x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    fitted = model.preprocessing
    return np.asarray((x.reshape(shape) + np.float32(fitted.mean)) * np.float32(fitted.scale))
