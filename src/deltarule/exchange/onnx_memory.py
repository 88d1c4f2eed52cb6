"""Layers of sequences as ONNX operators: RNN, LSTM and GRU, the last step, the mean of the steps, and each step.

ONNX's recurrent operators take sequences with the steps first, and their gates in orders of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, Sigmoid, Tanh
from deltarule.core.gru import GRU
from deltarule.core.layer import Layer, Params
from deltarule.core.lstm import LSTM
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.errors import InvalidArgument
from deltarule.exchange.onnx_graph import FLOAT32, INT32, Graph
from deltarule.exchange.onnx_layers import LAYERS, Export, Signal, export_layer, move_channels_last, to_float32

ACTIVATIONS: Mapping[type[Activation], str] = {
    Tanh: "Tanh",
    Sigmoid: "Sigmoid",
    ReLU: "Relu",
    LeakyReLU: "LeakyRelu",
    ELU: "Elu",
    Linear: "Affine",
}
"""The name of each activation in the operator RNN."""

_EXCHANGED = [1, 0, 2]
"""The permutation that exchanges the axes of examples and steps."""


def _export_recurrent(graph: Graph, layer: Recurrent, params: Params, signal: Signal, name: str) -> Signal:
    kind = type(layer.activation)
    if kind not in ACTIVATIONS:
        raise InvalidArgument(
            f"expected an activation that ONNX's RNN has ({', '.join(one.__name__ for one in ACTIVATIONS)}), "
            f"got {layer.activation}",
            position=name,
            argument="model",
            value=layer,
            remedy="use one of these, or save the model with model.save(path)",
        )
    settings: dict[str, Any] = {"activations": [ACTIVATIONS[kind]]}
    if kind in (LeakyReLU, ELU):
        settings["activation_alpha"] = [float(layer.activation.a)]  # type: ignore[attr-defined] # both have it
    if kind is Linear:  # alpha · z + beta
        settings |= {"activation_alpha": [1.0], "activation_beta": [0.0]}
    return _export_memory(graph, "RNN", layer, params, signal, name, [0], **settings)


def _export_lstm(graph: Graph, layer: LSTM, params: Params, signal: Signal, name: str) -> Signal:
    return _export_memory(graph, "LSTM", layer, params, signal, name, [0, 2, 1, 3])  # i, o, f, g of our i, f, o, g


def _export_gru(graph: Graph, layer: GRU, params: Params, signal: Signal, name: str) -> Signal:
    # k, r, g of our r, k, g; the reset gate multiplies the product
    return _export_memory(graph, "GRU", layer, params, signal, name, [1, 0, 2], linear_before_reset=1)


def _export_memory(
    graph: Graph,
    operator: str,
    layer: RecurrentLayer,
    params: Params,
    signal: Signal,
    name: str,
    gates: Sequence[int],
    **settings: Any,
) -> Signal:
    """Add a recurrent operator with its gates in this order; it gets the lengths if the graph has them."""
    rows = np.concatenate([np.arange(layer.n) + layer.n * gate for gate in gates])
    w, u, b = (to_float32(params[one], f"{name}, {one}")[rows] for one in ("w", "u", "b"))
    biases = np.concatenate([b, np.zeros_like(b)])  # ONNX has a second one, beside u
    constants = [graph.add_constant(f"{name}/{one}", array[None]) for one, array in (("w", w), ("u", u), ("b", biases))]
    lengths = [_convert_lengths(graph, signal, name, INT32)] if signal.lengths else []
    x = graph.add("Transpose", signal.name, name=f"{name}/steps first", perm=_EXCHANGED)
    states = graph.add(operator, x, *constants, *lengths, name=f"{name}/states", hidden_size=layer.n, **settings)
    axis = graph.add_constant(f"{name}/direction", np.array([1]))
    y = graph.add("Squeeze", states, axis, name=f"{name}/one direction")
    return replace(signal, name=graph.add("Transpose", y, name=name, perm=_EXCHANGED))


def _export_last_step(graph: Graph, layer: LastStep, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_last(graph, signal, name)
    if not signal.lengths:
        last = graph.add_constant(f"{name}/last", np.array(signal.shape[0] - 1))
        return replace(signal, name=graph.add("Gather", signal.name, last, name=name, axis=1))
    one, axis = graph.add_constant(f"{name}/one", np.array(1)), graph.add_constant(f"{name}/axis", np.array([1]))
    last = graph.add("Sub", signal.lengths, one, name=f"{name}/last")
    places = graph.add("Unsqueeze", last, axis, name=f"{name}/places")
    return replace(signal, name=graph.add("GatherND", signal.name, places, name=name, batch_dims=1))


def _export_mean(graph: Graph, layer: MeanOverSteps, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_last(graph, signal, name)
    if not signal.lengths:
        return replace(signal, name=graph.add("ReduceMean", signal.name, name=name, axes=[1], keepdims=0))
    rest = len(signal.shape) - 1
    axes = graph.add_constant(f"{name}/axes", np.arange(1, rest + 2))
    steps = graph.add_constant(f"{name}/steps", np.arange(signal.shape[0]).reshape(1, -1, *[1] * rest))
    ends = graph.add("Unsqueeze", signal.lengths, axes, name=f"{name}/ends")
    is_real = graph.add("Less", steps, ends, name=f"{name}/is real")
    zero = graph.add_constant(f"{name}/zero", np.float32(0))
    kept = graph.add("Where", is_real, signal.name, zero, name=f"{name}/kept")
    axis = graph.add_constant(f"{name}/axis", np.array([1]))
    total = graph.add("ReduceSum", kept, axis, name=f"{name}/total", keepdims=0)
    counts = _convert_lengths(graph, signal, name, FLOAT32)
    if rest:
        inner = graph.add_constant(f"{name}/inner axes", np.arange(1, rest + 1))
        counts = graph.add("Unsqueeze", counts, inner, name=f"{name}/counts")
    return replace(signal, name=graph.add("Div", total, counts, name=name))


def _export_each_step(graph: Graph, layer: EachStep, params: Params, signal: Signal, name: str) -> Signal:
    signal = move_channels_last(graph, signal, name)
    steps, *inner = signal.shape
    below = graph.add_constant(f"{name}/shape of a step", np.array([-1, *inner]))
    x = graph.add("Reshape", signal.name, below, name=f"{name}/steps")
    y = export_layer(graph, layer.layer, params, Signal(x, tuple(inner)), f"{name}/step")
    y = move_channels_last(graph, y, f"{name}/step")
    apart = graph.add_constant(f"{name}/shape", np.array([-1, steps, *y.shape]))
    return replace(signal, name=graph.add("Reshape", y.name, apart, name=name))


def _convert_lengths(graph: Graph, signal: Signal, name: str, kind: Any) -> str:
    return graph.add("Cast", signal.lengths, name=f"{name}/lengths", to=kind)


EXPORTS: Mapping[type[Layer], Export] = {
    Recurrent: _export_recurrent,
    LSTM: _export_lstm,
    GRU: _export_gru,
    LastStep: _export_last_step,
    MeanOverSteps: _export_mean,
    EachStep: _export_each_step,
}
"""The function for each type of layer of sequences."""

LAYERS.update(EXPORTS)
