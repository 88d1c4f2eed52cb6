"""Layers as ONNX operators: a small function for each type of layer, and a table of them.

deltarule's images have the shape (rows, columns, channels), ONNX's (channels, rows, columns). A :class:`Signal`
remembers the order in which a tensor of the graph is, so that transpositions stand only where an operator needs one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.activations import ELU, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.windows import pair
from deltarule.errors import DivergedError, InvalidArgument
from deltarule.exchange.onnx_graph import Graph


@dataclass(frozen=True)
class Signal:
    """A tensor of the graph: a mini-batch of examples of ``shape``, whose last axis stands first if channels_first.

    ``lengths`` is the name of the tensor with the lengths of sequences, if the graph has one.
    """

    name: str
    shape: Shape
    channels_first: bool = False
    lengths: str = ""


Export: TypeAlias = Callable[[Graph, Any, Params, Signal, str], Signal]
"""Add a layer to a graph. The text is the name of the layer, which begins the names of its tensors."""


def export_layer(graph: Graph, layer: Layer, params: Params, signal: Signal, name: str) -> Signal:
    """Add a layer to the graph. Raises :class:`InvalidArgument`, with its name, for a layer of the user's own."""
    if type(layer) not in LAYERS:
        raise InvalidArgument(
            f"expected a layer of deltarule, which ONNX has operators for ({', '.join(k.__name__ for k in LAYERS)}), "
            f"got {layer}",
            position=name,
            argument="model",
            value=layer,
            remedy="build the network of these layers, or save it with model.save(path)",
        )
    changed = LAYERS[type(layer)](graph, layer, params, signal, name)
    return replace(changed, shape=layer.output_shape(signal.shape))


def to_float32(values: Any, name: str) -> np.ndarray:
    """Convert parameters to float32. Raises :class:`DivergedError` for numbers beyond its range."""
    with np.errstate(over="ignore"):
        array = np.asarray(values).astype(np.float32)
    if not np.isfinite(array).all():
        raise DivergedError("expected parameters within the range of float32, which ONNX stores", position=name)
    return array


def _export_dense(graph: Graph, layer: Dense, params: Params, signal: Signal, name: str) -> Signal:
    w = graph.add_constant(f"{name}/w", to_float32(params["w"], f"{name}, w"))
    b = graph.add_constant(f"{name}/b", to_float32(params["b"], f"{name}, b"))
    return replace(signal, name=graph.add("Gemm", signal.name, w, b, name=name, transB=1))


def _export_conv(graph: Graph, layer: Conv, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_first(graph, signal, name)
    kernels = np.moveaxis(to_float32(params["w"], f"{name}, w"), 3, 1)  # to (maps, channels, rows, columns)
    w = graph.add_constant(f"{name}/w", kernels)
    b = graph.add_constant(f"{name}/b", to_float32(params["b"], f"{name}, b"))
    window: dict[str, Any] = {"kernel_shape": pair(layer.kernel), "strides": pair(layer.stride)}
    return replace(signal, name=graph.add("Conv", signal.name, w, b, name=name, **window))


def _export_max_pool(graph: Graph, layer: MaxPool, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_first(graph, signal, name)
    window: dict[str, Any] = {"kernel_shape": pair(layer.size), "strides": layer.step}
    return replace(signal, name=graph.add("MaxPool", signal.name, name=name, **window))


def _export_l2_pool(graph: Graph, layer: L2Pool, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_first(graph, signal, name)
    window: dict[str, Any] = {"kernel_shape": pair(layer.size), "strides": layer.step, "p": 2}
    return replace(signal, name=graph.add("LpPool", signal.name, name=name, **window))


def _export_batch_norm(graph: Graph, layer: BatchNorm, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_first(graph, signal, name)
    names = ("scale", "shift", "mean", "variance")
    constants = [graph.add_constant(f"{name}/{one}", to_float32(params[one], f"{name}, {one}")) for one in names]
    settings: dict[str, Any] = {"epsilon": layer.epsilon, "momentum": layer.momentum}
    return replace(signal, name=graph.add("BatchNormalization", signal.name, *constants, name=name, **settings))


def _export_dropout(graph: Graph, layer: Dropout, params: Params, signal: Signal, name: str) -> Signal:
    # without the input training_mode it drops nothing
    p = graph.add_constant(f"{name}/p", np.float32(layer.p))
    return replace(signal, name=graph.add("Dropout", signal.name, p, name=name))


def _export_flatten(graph: Graph, layer: Flatten, params: Params, signal: Signal, name: str) -> Signal:
    if len(signal.shape) == 1:
        return signal
    signal = move_channels_last(graph, signal, name)
    return Signal(graph.add("Flatten", signal.name, name=name, axis=1), signal.shape)


def _export_elementwise(operator: str, **fields: str) -> Export:
    """Return the function for an operator whose attributes are fields of the layer."""

    def export(graph: Graph, layer: Any, params: Params, signal: Signal, name: str) -> Signal:
        attributes: dict[str, Any] = {attribute: float(getattr(layer, own)) for attribute, own in fields.items()}
        return replace(signal, name=graph.add(operator, signal.name, name=name, **attributes))

    return export


def _export_shifted_sigmoid(graph: Graph, layer: ShiftedSigmoid, params: Params, signal: Signal, name: str) -> Signal:
    scale = graph.add_constant(f"{name}/scale", np.float32(layer.scale))
    shift = graph.add_constant(f"{name}/shift", np.float32(layer.shift))
    scaled = graph.add("Mul", graph.add("Sigmoid", signal.name, name=f"{name}/sigmoid"), scale, name=f"{name}/scaled")
    return replace(signal, name=graph.add("Add", scaled, shift, name=name))


def _export_linear(graph: Graph, layer: Linear, params: Params, signal: Signal, name: str) -> Signal:
    return replace(signal, name=graph.add("Identity", signal.name, name=name))


LAYERS: dict[type[Layer], Export] = {
    Dense: _export_dense,
    Conv: _export_conv,
    MaxPool: _export_max_pool,
    L2Pool: _export_l2_pool,
    BatchNorm: _export_batch_norm,
    Dropout: _export_dropout,
    Flatten: _export_flatten,
    Sigmoid: _export_elementwise("Sigmoid"),
    ShiftedSigmoid: _export_shifted_sigmoid,
    Tanh: _export_elementwise("Tanh"),
    ReLU: _export_elementwise("Relu"),
    LeakyReLU: _export_elementwise("LeakyRelu", alpha="a"),
    ELU: _export_elementwise("Elu", alpha="a"),
    Linear: _export_linear,
}
"""The function for each type of layer; :mod:`deltarule.exchange.onnx_memory` adds those of sequences."""


def move_channels_first(graph: Graph, signal: Signal, name: str) -> Signal:
    """Transpose a tensor to channels first, as ONNX's operators on images need it."""
    rank = len(signal.shape)
    if signal.channels_first or rank == 1:
        return signal
    moved = graph.add("Transpose", signal.name, name=f"{name}/channels first", perm=[0, rank, *range(1, rank)])
    return replace(signal, name=moved, channels_first=True)


def move_channels_last(graph: Graph, signal: Signal, name: str) -> Signal:
    """Transpose a tensor to channels last, the order of deltarule."""
    rank, channels = len(signal.shape), signal.shape[-1]
    if not signal.channels_first:
        return signal
    if channels == 1 or prod(signal.shape) == channels:  # the numbers are in the same order either way
        return replace(signal, channels_first=False)
    moved = graph.add("Transpose", signal.name, name=f"{name}/channels last", perm=[0, *range(2, rank + 1), 1])
    return replace(signal, name=moved, channels_first=False)
