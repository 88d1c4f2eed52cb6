"""Data parallelism: each device computes the gradients of its part of a mini-batch, and the gradients are averaged.

C is a mean over the mini-batch, so ∇C is the mean of the ∇C of parts of equal size. All devices
have all parameters and take the same step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from deltarule.core.convolution import Conv
from deltarule.core.gru import GRU
from deltarule.core.layer import Array, Key, Layer, Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.recurrent import Recurrent
from deltarule.core.sequences import Sequences
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.core.trees import Tree
from deltarule.engines.jax_setup import AXIS


def is_divisible(network: Network) -> bool:
    """Tell whether every layer is known to give the same for a part of a mini-batch as for the whole.

    A user's layer may depend on other examples, or draw different random numbers for each.

    >>> from deltarule.core.costs import CrossEntropy
    >>> is_divisible(Network([Dense(3), BatchNorm(), Dropout(0.5), Dense(2)], CrossEntropy(), (4,)))
    True
    >>> class Noisy(Dense):
    ...     "A subclass, whose forward is unknown."
    >>> is_divisible(Network([Noisy(3), Dense(2)], CrossEntropy(), (4,)))
    False
    """
    return len(_make_parts(network)) == len(network.layers)


def divide_mini_batches(network: Network) -> Network:
    """Return the network in a form that divides its mini-batches."""
    part = replace(network, layers=_make_parts(network))
    return DividedNetwork(network.layers, network.cost, network.input_shape, part)


@dataclass(frozen=True)
class DividedNetwork(Network):
    """A network that trains on parts of mini-batches; if one cannot be divided evenly, all devices take the whole."""

    part: Network

    def backpropagation(
        self, params: Tree, x: Array | Sequences, y: Array, rng: Key | None = None, weights: Array | None = None
    ) -> tuple[Tree, list[Any]]:
        if x.shape[0] % lax.axis_size(AXIS):
            return super().backpropagation(params, x, y, rng, weights)
        part = take_part(x), take_part(y), rng, None if weights is None else take_part(weights)
        grads, caches = self.part.backpropagation(params, *part)
        return average_over_devices(grads), caches

    estimate_gradient = backpropagation


def take_part(examples: Any) -> Any:
    """Return this device's part of the examples: an array, or sequences with their lengths."""

    def take(array: Array) -> Array:
        size = array.shape[0] // lax.axis_size(AXIS)
        return lax.dynamic_slice_in_dim(array, lax.axis_index(AXIS) * size, size)

    return jax.tree.map(take, examples)


def fill_parts(examples: Any) -> Any:
    """Add examples of zeros until all devices have parts of one size."""

    def fill(array: Array) -> Array:
        missing = -array.shape[0] % lax.axis_size(AXIS)
        return jnp.concatenate([array, jnp.zeros((missing, *array.shape[1:]), array.dtype)])

    return jax.tree.map(fill, examples)


def gather_parts(examples: Array) -> Array:
    """Gather the parts of all devices, in their order, the inverse of :func:`take_part`."""
    return lax.all_gather(examples, AXIS, tiled=True)


def average_over_devices(grads: Tree) -> Tree:
    """Average gradients over the devices.

    All gradients travel as one vector, since the devices wait for each other at every exchange.
    """
    barrier = lax.optimization_barrier
    leaves, structure = jax.tree.flatten(barrier(grads))  # without it XLA would compute the vector element by element
    starts = [sum(leaf.size for leaf in leaves[:i]) for i in range(len(leaves) + 1)]
    vector = jnp.zeros(starts[-1], jnp.result_type(*leaves))
    for start, leaf in zip(starts, leaves, strict=False):  # on a CPU, a concatenation takes XLA far longer
        vector = lax.dynamic_update_slice(vector, leaf.reshape(-1) / lax.axis_size(AXIS), (start,))
    mean = barrier(lax.psum(barrier(vector), AXIS))
    parts = [mean[start : start + leaf.size].reshape(leaf.shape) for start, leaf in zip(starts, leaves, strict=False)]
    return structure.unflatten(parts)  # type: ignore[no-any-return] # JAX forgets what it flattened


class BatchNormOfPart(BatchNorm):
    """Batch normalization of a part, with the means and variances of the whole mini-batch."""

    def over_all(self, here: Any) -> Any:
        return lax.psum(here, AXIS)


class DropoutOfPart(Dropout):
    """Dropout of a part, with its part of the mask of the whole mini-batch."""

    def mask(self, rng: Key, shape: Shape) -> Array:
        return take_part(super().mask(rng, (shape[0] * lax.axis_size(AXIS), *shape[1:])))


_INDEPENDENT_LAYERS = {
    *(Conv, Dense, Flatten, L2Pool, MaxPool, *map(type, ACTIVATIONS.values())),
    *(Recurrent, LSTM, GRU, LastStep, MeanOverSteps),
}
"""Layers that compute each example separately, without random numbers."""

_LAYERS_OF_PARTS: dict[type, type[Layer]] = {BatchNorm: BatchNormOfPart, Dropout: DropoutOfPart}
"""Layers for which a part of a mini-batch differs from the whole, and their replacements."""


def _make_parts(network: Network) -> list[Layer]:
    """Return the layers for a part of a mini-batch, without those for which none is known."""
    return [part for part in map(_make_part, network.layers) if part is not None]


def _make_part(layer: Layer) -> Layer | None:
    """Return the layer that does for a part of a mini-batch as ``layer`` for the whole; None if none is known."""
    if type(layer) is EachStep:
        part = _make_part(layer.layer)
        return None if part is None else replace(layer, layer=part)
    if type(layer) in _LAYERS_OF_PARTS:
        return _LAYERS_OF_PARTS[type(layer)](**vars(layer))
    if type(layer) is Recurrent and _make_part(layer.activation) is None:
        return None
    return layer if type(layer) in _INDEPENDENT_LAYERS else None
