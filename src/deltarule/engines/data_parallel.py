"""A mini-batch divided over devices: each passes its own examples through the network, and the gradients are averaged.

C is a mean over the mini-batch, so ∇C is the mean of the ∇C of parts of equal size. All devices
have all parameters and take the same step. They are the accelerators of a machine, those of several
machines, or the threads of a CPU, each made a device of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from deltarule.core.convolution import Conv
from deltarule.core.layer import Array, Key, Layer, Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.trees import Tree
from deltarule.engines.jax_setup import AXIS


def is_divisible(network: Network) -> bool:
    """Whether every layer is known to do with a part of a mini-batch what it does with the whole.

    A layer of somebody's own may look at other examples, or draw its own numbers for each.

    >>> from deltarule.core.costs import CrossEntropy
    >>> is_divisible(Network([Dense(3), BatchNorm(), Dropout(0.5), Dense(2)], CrossEntropy(), (4,)))
    True
    >>> class Noisy(Dense):
    ...     "What its forward does cannot be known here."
    >>> is_divisible(Network([Noisy(3), Dense(2)], CrossEntropy(), (4,)))
    False
    """
    return all(type(layer) in _INDEPENDENT_LAYERS or type(layer) in _LAYERS_OF_PARTS for layer in network.layers)


def divide_mini_batches(network: Network, form: Callable[[Network], Network]) -> Network:
    """The same network, its mini-batches divided; ``form`` gives the form in which it is computed."""
    parts = [
        _LAYERS_OF_PARTS[type(layer)](**vars(layer)) if type(layer) in _LAYERS_OF_PARTS else layer
        for layer in network.layers
    ]
    part = form(replace(network, layers=parts))
    return DividedNetwork(network.layers, network.cost, network.input_shape, form(network), part)


@dataclass(frozen=True)
class DividedNetwork(Network):
    """A network that learns from mini-batches by parts; those that cannot be divided evenly, all devices take whole."""

    whole: Network
    part: Network

    def forward(self, params: Tree, x: Array, rng: Key | None = None) -> tuple[Array, list[Any]]:
        return self.whole.forward(params, x, rng)

    def backward(self, params: Tree, caches: Any, d: Array) -> tuple[Array, Tree]:
        return self.whole.backward(params, caches, d)

    def backpropagation(self, params: Tree, x: Array, y: Array, rng: Key | None = None) -> tuple[Tree, list[Any]]:
        if x.shape[0] % lax.axis_size(AXIS):
            return self.whole.backpropagation(params, x, y, rng)
        grads, caches = self.part.backpropagation(params, take_part(x), take_part(y), rng)
        return average_over_devices(grads), caches

    def after_step(self, params: Tree, caches: Any) -> Tree:
        return self.whole.after_step(params, caches)


def take_part(examples: Array) -> Array:
    """This device's part of them."""
    size = examples.shape[0] // lax.axis_size(AXIS)
    return lax.dynamic_slice_in_dim(examples, lax.axis_index(AXIS) * size, size)


def gather_parts(examples: Array) -> Array:
    """The parts of all devices, in their order: :func:`take_part` undone."""
    return lax.all_gather(examples, AXIS, tiled=True)


def average_over_devices(grads: Tree) -> Tree:
    """The mean over the devices.

    Of all gradients as one vector: whenever something is exchanged, the devices wait for each other.
    """
    barrier = lax.optimization_barrier
    leaves, structure = jax.tree.flatten(barrier(grads))  # as parts of a vector they would be computed number by number
    starts = [sum(leaf.size for leaf in leaves[:i]) for i in range(len(leaves) + 1)]
    vector = jnp.zeros(starts[-1], jnp.result_type(*leaves))
    for start, leaf in zip(starts, leaves, strict=False):  # on a CPU, a concatenation takes XLA far longer
        vector = lax.dynamic_update_slice(vector, leaf.reshape(-1) / lax.axis_size(AXIS), (start,))
    mean = barrier(lax.psum(barrier(vector), AXIS))
    parts = [mean[start : start + leaf.size].reshape(leaf.shape) for start, leaf in zip(starts, leaves, strict=False)]
    return structure.unflatten(parts)  # type: ignore[no-any-return] # JAX forgets what it flattened


class BatchNormOfPart(BatchNorm):
    """Means and variances are those of the whole mini-batch."""

    def over_all(self, here: Any) -> Any:
        return lax.psum(here, AXIS)


class DropoutOfPart(Dropout):
    """The mask is this part's of the one that is drawn for the whole mini-batch."""

    def mask(self, rng: Key, shape: Shape) -> Array:
        return take_part(super().mask(rng, (shape[0] * lax.axis_size(AXIS), *shape[1:])))


_INDEPENDENT_LAYERS = {Conv, Dense, Flatten, L2Pool, MaxPool, *map(type, ACTIVATIONS.values())}
"""Layers that look at one example at a time, and draw nothing."""

_LAYERS_OF_PARTS: dict[type, type[Layer]] = {BatchNorm: BatchNormOfPart, Dropout: DropoutOfPart}
"""Layers for which a part of a mini-batch is not the whole, and what stands for them."""
