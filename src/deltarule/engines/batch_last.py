"""A network in a form that compiles well on the CPU: images batch last, and pooling before the activation.

Every layer keeps its place in the list, and so do parameters, gradients and random keys; only
the computation differs. A layer that has no form of its own here gets its images batch
first, as it expects them: any layer works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import MaxPool
from deltarule.core.windows import pair
from deltarule.engines.phases import Axis, choose_convolution, materialize, max_over_phases


def to_batch_last(network: Network) -> Network:
    """Return an equivalent network with the same parameters and keys; a network without convolution stays unchanged.

    >>> from deltarule import Dense, Flatten, LogLikelihood
    >>> layers = [Conv(2, 3), ReLU(), MaxPool(2), Flatten(), Dense(3)]
    >>> [type(layer).__name__ for layer in to_batch_last(Network(layers, LogLikelihood(), (8, 8, 1))).layers]
    ['ConvPool', 'Identity', 'Identity', 'BatchFirst', 'Dense']
    """
    if len(network.input_shape) != 3 or not any(isinstance(layer, Conv) for layer in network.layers):
        return network
    layers: list[Layer] = []
    while len(layers) < len(network.layers):
        layers += _rewrite_first(network.layers[len(layers) :], network.shapes[len(layers)])
    return BatchLast(layers, network.cost, network.input_shape)


def _rewrite_first(layers: Sequence[Layer], input_shape: Shape) -> list[Layer]:
    """Return the replacement of the first of these layers, and of those after it that are merged into it."""
    match list(layers[:3]):
        case [Conv() as conv, MaxPool() as pool, *_] if _is_side_by_side(pool):
            return [ConvPool(conv, Linear(), pool), Identity()]
        case [Conv() as conv, Activation() as activation, MaxPool() as pool] if _is_side_by_side(
            pool
        ) and _is_increasing(activation):
            return [ConvPool(conv, activation, pool), Identity(), Identity()]
        case [Conv() as conv, *_]:
            return [ConvPool(conv, Linear(), MaxPool(1))]
        case [BatchNorm() as layer, *_] if len(input_shape) == 3:
            return [FeaturesFirst(layer)]
        case [layer, *_]:
            elementwise = isinstance(layer, Activation) or len(input_shape) != 3
            return [layer if elementwise else BatchFirst(layer)]
    raise AssertionError("there is a first layer")


def _is_side_by_side(pool: MaxPool) -> bool:
    return pool.stride is None or pair(pool.stride) == pair(pool.size)


def _is_increasing(activation: Activation) -> bool:
    """Tell whether a larger z never has a smaller a, so that the largest a is that of the largest z."""
    match activation:
        case ReLU() | Sigmoid() | Tanh() | Linear():
            return True
        case ShiftedSigmoid(scale=factor) | LeakyReLU(a=factor) | ELU(a=factor):
            return factor >= 0
    return False


@dataclass(frozen=True)
class BatchLast(Network):
    """A network of such layers, which transposes its inputs on the way in and ∂C/∂x on the way back."""

    def forward(self, params: Any, x: Array, rng: Key | None = None) -> tuple[Array, list[Any]]:
        return super().forward(params, _swap_batch_axis(x), rng)

    def backward(self, params: Any, caches: Sequence[Any], d: Array) -> tuple[Array, Any]:
        d_x, grads = super().backward(params, caches, d)
        return _swap_batch_axis(d_x), grads


@dataclass(frozen=True)
class ConvPool(Layer):
    """Convolution, max-pooling and activation in one layer; pooling first saves work for bias and activation.

    The result is the same: the activation is increasing, so the largest a is that of the largest z, and the
    bias is the same for all places.
    """

    conv: Conv
    activation: Activation
    pool: MaxPool
    weights = ("w",)

    def output_shape(self, input_shape: Shape) -> Shape:
        return self.pool.output_shape(self.conv.output_shape(input_shape))

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        sizes = zip(*map(pair, (self.conv.kernel, self.conv.stride, self.pool.size)), strict=True)
        rows, columns = (Axis(*each) for each in sizes)
        form = choose_convolution(rows, columns, channels=len(x))
        z, cache = form.forward(params["w"], x)
        pooled, which = max_over_phases(form.phases(z))
        a, of_activation = self.activation.forward({}, pooled + params["b"][:, None, None])
        shape = (len(a), rows.count_outputs(x.shape[1]), columns.count_outputs(x.shape[2]), x.shape[3])
        return materialize(a).reshape(shape), (form, cache, which, of_activation)

    def backward(self, params: Params, cache: Any, d_a: Array) -> tuple[Array, Params]:
        form, of_convolution, which, of_activation = cache
        delta, _ = self.activation.backward({}, of_activation, materialize(d_a).reshape(which.shape))
        d_b = delta.sum(axis=(1, 2))  # BP3, summed over places and examples
        d_x, d_w = form.backward(of_convolution, form.route_errors(delta, which))
        return d_x, {"w": d_w, "b": d_b}


@dataclass(frozen=True)
class Identity(Layer):
    """The placeholder of a layer that was merged into the one before it."""

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, None]:
        return x, None

    def backward(self, params: Params, cache: None, d_y: Array) -> tuple[Array, Params]:
        return d_y, {}


@dataclass(frozen=True)
class FeaturesFirst(Layer):
    """Batch normalization where the features are the first of four axes: its parameters get four axes too."""

    layer: BatchNorm

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        return self.layer.forward(_four_axes(params), x, rng)

    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        d_x, grads = self.layer.backward(_four_axes(params), cache, d_y)
        return d_x, _one_axis(grads)

    def after_step(self, params: Params, cache: Any) -> Params:
        return _one_axis(self.layer.after_step(_four_axes(params), cache))


def _four_axes(params: Params) -> Params:
    return {name: leaf[:, None, None, None] for name, leaf in params.items()}


def _one_axis(params: Params) -> Params:
    return {name: leaf[:, 0, 0, 0] for name, leaf in params.items()}


@dataclass(frozen=True)
class BatchFirst(Layer):
    """A layer that takes its images batch first, among layers that have them batch last."""

    layer: Layer

    @property
    def weights(self) -> tuple[str, ...]:  # type: ignore[override] # as the layer within has them
        return self.layer.weights

    def output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.output_shape(input_shape)

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        y, cache = self.layer.forward(params, _swap_batch_axis(x), rng)
        return _swap_batch_axis(y), cache

    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        d_x, grads = self.layer.backward(params, cache, _swap_batch_axis(d_y))
        return _swap_batch_axis(d_x), grads

    def after_step(self, params: Params, cache: Any) -> Params:
        return self.layer.after_step(params, cache)


def _swap_batch_axis(x: Array) -> Array:
    """Transpose images (examples, height, width, channels) to (channels, height, width, examples), or back."""
    return materialize(jnp.transpose(materialize(x), (3, 1, 2, 0))) if x.ndim == 4 else materialize(x)
