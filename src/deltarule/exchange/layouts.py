"""Layers in other libraries: the code that builds each, and its parameters in the layout that the library expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deltarule.core.activations import Activation, Sigmoid
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.layer import Layer, Shape
from deltarule.core.network import Network
from deltarule.core.trees import Tree, leaves
from deltarule.errors import InvalidArgument
from deltarule.models.model import Model
from deltarule.models.parameters import check_finite
from deltarule.models.predictor import Predictor


@dataclass(frozen=True)
class Part:
    """A layer in another library.

    Attributes:
        code: The Python expression that builds it.
        tensors: Its parameters, by the names and in the layouts of that library.
    """

    code: str
    tensors: Mapping[str, np.ndarray] = field(default_factory=dict)


Build = Callable[[Any, Mapping[str, Any], Shape], Part]
"""Build the part of a layer from the layer, its parameters and the shape of its inputs."""


def find_channels_first(shape: Shape) -> np.ndarray:
    """Find the place of each number of an example, flattened with its channels last, if they are first instead.

    A network here flattens (height, width, channels), PyTorch (channels, height, width): number k of PyTorch's row is
    number ``find_channels_first(shape)[k]`` of ours.

    >>> find_channels_first((1, 2, 3)).tolist()
    [0, 3, 1, 4, 2, 5]
    """
    return np.moveaxis(np.arange(np.prod(shape)).reshape(shape), -1, 0).ravel()


def check_model(model: Predictor) -> Model:
    """Return the model. Raises :class:`InvalidArgument` for an ensemble, and for an object of another kind.

    Raises :class:`DivergedError` for parameters that are not finite.
    """
    if len(getattr(model, "models", ())) > 1:
        problem = f"expected one network, got an ensemble of {len(model.models)}"
        raise InvalidArgument(problem, argument="model", remedy="give one of its networks: model.models[0]")
    if not isinstance(model, Model):
        raise InvalidArgument(argument="model", expected="a Model, as fit returns it", value=model)
    check_finite(model.params)
    return model


def choose_dtype(params: Tree) -> str:
    """Choose the type that a model computes in, "float32" or "float64".

    >>> choose_dtype([{"w": np.ones(2, np.float32)}, {"w": np.ones(2)}])
    'float64'
    """
    widest = np.result_type(np.float32, *(leaf.dtype for leaf in leaves(params)))
    return "float32" if widest == np.float32 else "float64"


def build_part(
    builders: Mapping[type, Build], layer: Layer, params: Mapping[str, Any], shape: Shape, position: str, library: str
) -> Part:
    """Build the part of a layer. Raises :class:`InvalidArgument` for a layer that no builder is for, as one's own."""
    build = builders.get(type(layer))
    if build is None:
        known = ", ".join(kind.__name__ for kind in builders)
        raise InvalidArgument(
            f"expected a layer that the export to {library} knows ({known}), got {layer}",
            position=position,
            argument="model",
            value=layer,
            remedy=f"replace the layer, or write it in {library} yourself and copy its parameters from model.params",
        )
    return build(layer, params, shape)


def find_output(cost: Cost) -> Activation | None:
    """Find the activation of the outputs, which belongs to the cost; None stands for softmax.

    Raises :class:`InvalidArgument` for a cost of one's own, whose activation no other library knows.

    >>> find_output(CrossEntropy()), find_output(LabelSmoothing(LogLikelihood())) is None
    (Sigmoid(), True)
    """
    if type(cost) is LabelSmoothing:
        return find_output(cost.cost)
    if type(cost) is Quadratic:
        return cost.output
    if type(cost) is CrossEntropy:
        return Sigmoid()
    if type(cost) is LogLikelihood:
        return None
    raise InvalidArgument(
        argument="cost",
        owner="Network",
        expected="a built-in cost, whose output activation other libraries have",
        value=cost,
        remedy="give the network a built-in cost with the same outputs, such as Quadratic(Linear()): "
        "dataclasses.replace(network, cost=...)",
    )


def name_tensors(parts: list[Part], dtype: str) -> dict[str, np.ndarray]:
    """Name the tensors of all parts ``0.weight``, ``0.bias``, …, and convert them to a type; whole numbers stay.

    >>> sorted(name_tensors([Part("", {"w": np.ones(2)}), Part("", {"n": np.array(0)})], "float32"))
    ['0.w', '1.n']
    """
    return {
        f"{i}.{name}": tensor if tensor.dtype.kind == "i" else tensor.astype(dtype)
        for i, part in enumerate(parts)
        for name, tensor in part.tensors.items()
    }


def list_layers(network: Network, params: Tree) -> list[tuple[str, Layer, Mapping[str, Any], Shape]]:
    """List the position, the layer, its parameters and the shape of its inputs, for each layer."""
    layers = zip(network.layers, params, network.shapes[:-1], strict=True)
    return [(f"layer {i}", layer, p, shape) for i, (layer, p, shape) in enumerate(layers)]
