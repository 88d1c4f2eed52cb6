"""Descriptions of networks for forward.js: layers by type, their sizes, and their arrays in base64."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import numpy as np

from deltarule.core.costs import LabelSmoothing, LogLikelihood
from deltarule.core.windows import pair
from deltarule.data.arrays import find_non_finite
from deltarule.errors import InvalidArgument
from deltarule.models.predictor import Predictor

OPERATIONS = (
    "Dense", "Conv", "MaxPool", "L2Pool", "BatchNorm", "Flatten", "Dropout", "Sigmoid", "ShiftedSigmoid", "Tanh",
    "Linear", "ReLU", "LeakyReLU", "ELU",
)  # fmt: skip
"""The layers that forward.js can compute."""

SIZES = ("kernel", "stride", "size")
"""Fields of layers that hold a number or a pair of numbers."""


def describe_network(model: Predictor) -> dict[str, Any]:
    """Describe the only network of a model: its ``layers``, the last for the activation of the outputs; its ``shape``.

    Raises:
        InvalidArgument: The model is an ensemble, or has a layer that is not in :data:`OPERATIONS`, or a parameter that
            is not finite.
    """
    if len(model.models) > 1:
        problem = f"expected one network, got an ensemble of {len(model.models)}"
        raise InvalidArgument(problem, argument="model", remedy="train one network")
    network, layers = model.models[0].network, []
    for i, (layer, params) in enumerate(zip(network.layers, model.models[0].params, strict=True)):
        kind = type(layer).__name__
        if kind not in OPERATIONS:
            raise InvalidArgument(
                position=f"layer {i}",
                expected=f"a layer that the page can compute: {', '.join(OPERATIONS)}",
                value=layer,
            )
        sizes: dict[str, Any] = {name: value for name, value in vars(layer).items() if name != "initializer"}
        sizes = {key: value for key, value in sizes.items() if isinstance(value, (int, float, tuple)) or value is None}
        for key in SIZES:
            if key in sizes:
                sizes[key] = list(pair(sizes[key] if sizes[key] is not None else sizes["size"]))
        layers.append({"type": kind, **sizes, **{key: _encode_array(i, key, value) for key, value in params.items()}})
    cost = network.cost.cost if isinstance(network.cost, LabelSmoothing) else network.cost
    if isinstance(cost, LogLikelihood):
        layers.append({"type": "Softmax"})
    else:
        output = getattr(cost, "output", None)
        layers.append({"type": "Sigmoid" if output is None else type(output).__name__})
    return {"layers": layers, "shape": list(network.input_shape)}


def summarize_network(model: Predictor) -> dict[str, str]:
    """Return the contents of the placeholders ``{{parameters}}`` and ``{{layers}}`` of a page."""
    from deltarule.recipes.measurements import count_parameters
    from deltarule.recipes.notation import format_object

    network = model.models[0].network
    layers = ", ".join(format_object(layer) for layer in network.layers)
    return {"{{parameters}}": f"{count_parameters(network):,}", "{{layers}}": escape(layers)}


def _encode_array(layer: int, name: str, value: np.ndarray) -> dict[str, str]:
    """Encode an array in float64 if it has that type, otherwise in float32."""
    array = value.astype("<f8" if value.dtype.itemsize > 4 else "<f4")
    if (at := find_non_finite(array)) is not None:
        raise InvalidArgument(
            position=f"layer {layer}, {name} at {list(at)}",
            expected="a finite number",
            value=value[at].item(),
            remedy="train the model again with a smaller eta",
        )
    return {"type": f"float{8 * array.itemsize}", "base64": base64.b64encode(array.tobytes()).decode()}
