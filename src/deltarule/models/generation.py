"""Examples that a model writes itself: samples, completions and reconstructions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.core import random
from deltarule.core.boltzmann import draw, gibbs, hidden_probabilities, visible_probabilities
from deltarule.core.constraints import check, whole
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

COUNT, STEPS = whole(1, 1_000_000), whole(1, 10_000_000)


class Generator:
    """The methods of models that write examples."""

    def sample(
        self: TrainedNetwork, n: int = 100, seed: int = 0, steps: int = 1000, label: int | str | None = None
    ) -> np.ndarray:
        """Write n new examples like those of the training set, shape (n, \\*example_shape), in the units of its inputs.

        A Boltzmann machine starts from random states and takes ``steps`` steps of Gibbs sampling. A number of
        an example is the probability of its unit, given the last hidden states. A variational autoencoder decodes
        codes drawn from N(0, 1), in one step.

        Args:
            n: The number of examples.
            seed: The seed of the random numbers. The same seed gives the same examples.
            steps: The number of steps. With few, the examples are not yet like those of the training set.
            label: The class of the examples, by its name or number, if the machine has label units; None for any.

        Raises:
            InvalidArgument: If the model cannot write examples, does not know the label, or an argument is invalid.
            DivergedError: If a parameter is NaN or infinite.

        >>> import deltarule as dr
        >>> train = dr.data.load("digits")[0].take(slice(100))
        >>> model = dr.fit(dr.RBM(64, 20), train, epochs=2, eta=0.1)
        >>> model.sample(5, steps=10).shape
        (5, 8, 8)
        """
        check("n", n, COUNT)
        check("steps", steps, STEPS)
        if (latent := find_latent(self.network)) is not None:
            if label is not None:
                raise InvalidArgument(argument="label", expected="no label for an autoencoder", value=label)
            (codes,) = self.network.shapes[latent + 1]
            return decode(self, random.normal(random.key(seed), (n, codes)))
        machine, p = find_machine(self)
        known, values = clamp_label(self, machine, label)
        key = random.key(seed)
        # units that are on as often as their biases say, without their connections
        start = draw(random.fold(key, 0), np.tile(visible_probabilities(p, 0 * p["c"][None], machine.n_labels), (n, 1)))
        found = run_chains(machine, p, start, random.fold(key, 1), steps, known, values)
        return restore_units(self, found[:, : machine.n_visible])

    def complete(
        self: TrainedNetwork,
        x: np.ndarray | Dataset,
        known: Any,
        seed: int = 0,
        steps: int = 100,
        label: int | str | None = None,
    ) -> np.ndarray:
        """Complete examples of which only a part is known, shape (n, \\*example_shape), in the units of the inputs.

        The known inputs are clamped to their values during ``steps`` steps of Gibbs sampling; the unknown inputs of
        x do not count.

        Args:
            x: The examples, as for :meth:`outputs`.
            known: True for each known input: an array of the shape of one example or of x.
            seed: The seed of the random numbers.
            steps: The number of steps.
            label: The class of the examples, if it is known and the machine has label units.

        Raises:
            ShapeError: If x or ``known`` does not fit the model.
            DataError: If a known input is not from 0 to 1 in the units of the network.
            InvalidArgument, DivergedError: As for :meth:`sample`.

        >>> import deltarule as dr
        >>> train = dr.data.load("digits")[0].take(slice(100))
        >>> model = dr.fit(dr.RBM(64, 20), train, epochs=2, eta=0.1)
        >>> upper = np.arange(8)[:, None] < np.full(8, 4)  # the upper half
        >>> completed = model.complete(train.x[:3], upper)
        >>> bool((completed[:, :4] == train.x[:3, :4]).all())
        True
        """
        check("steps", steps, STEPS)
        machine, p = find_machine(self)
        mask = read_mask(known, self.example_shape or (machine.n_visible,))
        v = prepare_states(self, machine, x, mask)
        clamped, values = clamp_label(self, machine, label)
        labels = np.zeros((len(v), machine.n_labels), v.dtype)
        clamped = np.concatenate(
            [np.broadcast_to(mask, v.shape), np.tile(clamped[machine.n_visible :], (len(v), 1))], 1
        )
        values = np.concatenate([v, labels + values[machine.n_visible :]], axis=1)
        key = random.key(seed)
        start = np.where(clamped, values, draw(random.fold(key, 0), np.full_like(values, 0.5)))
        found = run_chains(machine, p, start, random.fold(key, 1), steps, clamped, values)
        return restore_units(self, found[:, : machine.n_visible])

    def reconstruct(self: TrainedNetwork, x: np.ndarray | Dataset) -> np.ndarray:
        """Reconstruct examples, shape (n, \\*example_shape), in the units of the inputs.

        A Boltzmann machine passes them to the hidden units and back, as probabilities; an autoencoder computes
        its outputs. Raises the same errors as :meth:`outputs`, and :class:`InvalidArgument` for other models.
        """
        if isinstance(self.network, RBM):
            machine, p = find_machine(self)
            v = prepare_states(self, machine, x)
            if machine.n_labels:  # most likely labels, given the inputs
                v = np.concatenate([v, self.outputs(x).astype(v.dtype)], axis=1)
            found = visible_probabilities(p, hidden_probabilities(p, v), machine.n_labels)
            return restore_units(self, found[:, : machine.n_visible])
        if prod(self.example_shape) != self.network.n_out:
            raise InvalidArgument(
                argument="model",
                expected="a Boltzmann machine or an autoencoder, whose outputs are as many as its inputs",
                value=self,
            )
        return restore_units(self, self.outputs(x))

    def decode(self: TrainedNetwork, codes: np.ndarray) -> np.ndarray:
        """Make examples of codes (n, size of the code) by the layers after :class:`Latent`, in the units of the inputs.

        Raises :class:`InvalidArgument` for models without such a layer, and :class:`ShapeError` for other codes.
        """
        return decode(self, codes)

    def hidden(self: TrainedNetwork, x: np.ndarray | Dataset) -> np.ndarray:
        """Compute the hidden representation of each example, (n, n_hidden).

        It is the probabilities of the hidden units of a Boltzmann machine, or the means μ of the codes of a
        variational autoencoder. Raises the same errors as :meth:`outputs`, and :class:`InvalidArgument` for other
        models.
        """
        if (latent := find_latent(self.network)) is not None:
            examples = prepare_inputs(x, self.network, self.preprocessing, np.dtype(np.float64))
            inputs = examples.x.astype(np.float64) / examples.scale - (examples.mean or 0)
            return np.asarray(run_layers(self, inputs, 0, latent + 1))
        machine, p = find_machine(self)
        v = prepare_states(self, machine, x)
        if machine.n_labels:
            v = np.concatenate([v, self.outputs(x).astype(v.dtype)], axis=1)
        return np.asarray(hidden_probabilities(p, v))


def find_latent(network: Network) -> int | None:
    """Return the position of the last :class:`Latent` layer; None if there is none."""
    return max((i for i, layer in enumerate(network.layers) if isinstance(layer, Latent)), default=None)


def decode(model: TrainedNetwork, codes: Any) -> np.ndarray:
    """Run the layers after the last :class:`Latent` layer of a model, and bring the outputs to the units of inputs."""
    network, latent = model.network, find_latent(model.network)
    if latent is None:
        raise InvalidArgument(argument="model", expected="a variational autoencoder, with a Latent layer", value=model)
    z, shape = np.asarray(codes, np.float64), network.shapes[latent + 1]
    if z.ndim != 2 or z.shape[1:] != shape:
        raise ShapeError(argument="codes", expected=f"an array of shape (n, {shape[0]})", value=z.shape)
    outputs = network.cost.activation(run_layers(model, z, latent + 1, len(network.layers)))
    return restore_units(model, np.asarray(outputs))


def run_layers(model: TrainedNetwork, x: np.ndarray, start: int, stop: int) -> Array:
    """Run the layers from ``start`` to before ``stop``. Raises :class:`DivergedError` for parameters not finite."""
    check_finite(model.params)
    for layer, p in zip(model.network.layers[start:stop], model.params[start:stop], strict=True):
        x, _ = layer.forward(p, x)
    return x


def find_machine(model: TrainedNetwork) -> tuple[RBM, Params]:
    """Return a model's Boltzmann machine with its parameters. Raises :class:`InvalidArgument` for other models."""
    if not isinstance(model.network, RBM):
        raise InvalidArgument(
            argument="model",
            expected="a Boltzmann machine",
            value=model,
            remedy="train one: fit(RBM(784, 500), train)",
        )
    check_finite(model.params)
    return model.network, map_leaves(np.asarray, model.params)[0]


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
