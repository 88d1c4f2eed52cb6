"""Gibbs sampling with a trained model: its machine, clamped units, chains, and the units of raw examples."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.belief_network import BeliefLayer, DeepBeliefNet
from deltarule.core.boltzmann import draw, gibbs, hidden_probabilities, visible_probabilities
from deltarule.core.constraints import whole
from deltarule.core.latent import Latent
from deltarule.core.layer import Array, Key, Params
from deltarule.core.network import Network
from deltarule.core.rbm import RBM
from deltarule.core.trees import map_leaves
from deltarule.data.dataset import Dataset
from deltarule.engines.numpy_engine import limit_blas_threads
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.inputs import prepare_inputs
from deltarule.models.parameters import check_finite

if TYPE_CHECKING:
    from deltarule.models.predictor import TrainedNetwork


def find_latent(network: Network) -> int | None:
    """Return the position of the last :class:`Latent` layer; None if there is none."""
    return max((i for i, layer in enumerate(network.layers) if isinstance(layer, Latent)), default=None)


def decode(model: TrainedNetwork, codes: Any) -> np.ndarray:
    """Run the layers after the last :class:`Latent` layer of a model, and bring the outputs to the units of inputs."""
    network, latent = model.network, find_latent(model.network)
    if latent is None:
        raise InvalidArgument(argument="model", expected="a variational autoencoder, with a Latent layer", value=model)
    shape = network.shapes[latent + 1]
    try:
        z = np.asarray(codes, np.float64)
    except (TypeError, ValueError):
        raise ShapeError(
            argument="codes", expected=f"numbers, an array of shape (n, {shape[0]})", value=codes
        ) from None
    if z.ndim != 2 or z.shape[1:] != shape:
        raise ShapeError(argument="codes", expected=f"an array of shape (n, {shape[0]})", value=z.shape)
    if not np.isfinite(z).all():
        raise InvalidArgument(argument="codes", expected="finite numbers, without NaN and infinity", value=z)
    outputs = network.cost.activation(run_layers(model, z, latent + 1, len(network.layers)))
    return restore_units(model, np.asarray(outputs))


def run_layers(model: TrainedNetwork, x: np.ndarray, start: int, stop: int) -> Array:
    """Run the layers from ``start`` to before ``stop``. Raises :class:`DivergedError` for parameters not finite."""
    check_finite(model.params)
    for layer, p in zip(model.network.layers[start:stop], model.params[start:stop], strict=True):
        x, _ = layer.forward(p, x)
    return x


def find_machine(model: TrainedNetwork, deep: bool = False) -> tuple[RBM, Params]:
    """Return a model's Boltzmann machine with its parameters; if ``deep``, also the top machine of a deep belief net.

    Raises :class:`InvalidArgument` for other models.
    """
    network = model.network
    if deep and isinstance(network, DeepBeliefNet):
        check_finite(model.params)
        below, above = network.sizes[-2:]
        return RBM(below, above, network.n_labels), map_leaves(np.asarray, model.params)[-1]
    if not isinstance(network, RBM):
        raise InvalidArgument(
            argument="model",
            expected="a Boltzmann machine" + (", a deep belief net or a variational autoencoder" if deep else ""),
            value=model,
            remedy="train one: fit(RBM(784, 500), train)",
        )
    check_finite(model.params)
    return network, map_leaves(np.asarray, model.params)[0]


def generate_downwards(model: TrainedNetwork, found: np.ndarray, key: Key) -> np.ndarray:
    """Draw the states below the top machine of a deep belief net, down to the probabilities of the inputs."""
    layers = [each for each in zip(model.network.layers, model.params, strict=True) if isinstance(each[0], BeliefLayer)]
    for i, (layer, p) in reversed(list(enumerate(layers))):
        assert isinstance(layer, BeliefLayer)
        found = np.asarray(layer.generate(p, draw(random.fold(key, i), found)))
    return found


def prepare_states(
    model: TrainedNetwork, machine: RBM, x: np.ndarray | Dataset, mask: np.ndarray | None = None
) -> np.ndarray:
    """Prepare raw inputs as states of visible units, (n, n_visible). Raises :class:`DataError` outside 0 … 1."""
    dtype = model.params[0]["w"].dtype
    examples = prepare_inputs(x, machine, model.preprocessing, dtype)
    v = np.asarray(examples.x.astype(dtype) / dtype.type(examples.scale) - dtype.type(examples.mean or 0))
    if mask is not None and len(mask) not in (1, len(v)):
        raise ShapeError(argument="known", expected=f"one mask, or {len(v)}, one for each example", value=len(mask))
    outside = ((v < 0) | (v > 1)) & (True if mask is None else mask)
    if outside.any():
        at = tuple(int(i) for i in np.argwhere(outside)[0])
        raise DataError(
            f"expected inputs from 0 to {examples.scale:g}, got {v[at] * examples.scale:g}",
            argument="x",
            position=f"example {at[0]}",
            remedy=f"use inputs like those of the training set, which are divided by {examples.scale:g}",
        )
    return v


def read_mask(known: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Convert a mask of one example or several to (masks, n_visible). Raises :class:`ShapeError` for other shapes."""
    mask = np.asarray(known)
    if mask.dtype != bool:
        raise InvalidArgument(argument="known", expected="an array of True and False", value=known)
    if mask.shape in (shape, (prod(shape),)):
        return mask.reshape(1, -1)
    if mask.ndim < 2 or prod(mask.shape[1:]) != prod(shape):
        raise ShapeError(argument="known", expected=f"a mask of shape {shape} or (n, …)", value=mask.shape)
    return mask.reshape(len(mask), -1)


def clamp_label(model: TrainedNetwork, machine: RBM, label: int | str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return which visible units a label clamps, and their values, (n_visible + n_labels,) each.

    Raises :class:`InvalidArgument` for a label that the machine does not know.
    """
    known, values = (np.zeros(machine.n_visible + machine.n_labels, dtype) for dtype in (bool, np.float32))
    if label is None:
        return known, values
    if not machine.n_labels:
        raise InvalidArgument(
            argument="label",
            expected="no label, because the machine has no label units",
            value=label,
            remedy="train one with labels: RBM(784, 500, n_labels=10)",
        )
    names = model.classes or tuple(map(str, range(machine.n_labels)))
    number = names.index(label) if isinstance(label, str) and label in names else label
    if isinstance(number, str) or not whole(0, machine.n_labels - 1).accepts(number):
        raise InvalidArgument(
            argument="label", expected=f"one of {', '.join(names[:20])}, or its number from 0", value=label
        )
    known[machine.n_visible :], values[machine.n_visible + int(number)] = True, 1.0
    return known, values


def run_chains(
    machine: RBM, p: Params, start: Array, key: Key, steps: int, known: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Take steps of Gibbs sampling, and return the probabilities of the visible units after the last."""
    clamped = (known, values.astype(start.dtype)) if known.any() else None
    start = start if clamped is None else np.where(known, clamped[1], start)
    with limit_blas_threads(1):  # the products are small
        h = hidden_probabilities(p, start)
        if steps > 1:
            _, h = gibbs(p, h, random.fold(key, 0), steps - 1, machine.n_labels, clamped)
        found = visible_probabilities(p, draw(random.fold(key, 1), h), machine.n_labels)
    return np.asarray(found if clamped is None else np.where(known, clamped[1], found))


def restore_units(model: TrainedNetwork, prepared: np.ndarray) -> np.ndarray:
    """Bring prepared inputs back to raw examples, (n, \\*example_shape), such as 0 to 255 for MNIST."""
    preprocessing = model.preprocessing
    raw = (prepared + preprocessing.mean) * preprocessing.scale
    return np.asarray(raw.reshape(len(raw), *(model.example_shape or model.network.input_shape)))
