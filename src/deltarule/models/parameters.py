"""Checks that a network can use parameters from a file or from training, without trusting any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.core.belief_network import DeepBeliefNet
from deltarule.core.convolution import Conv
from deltarule.core.initializers import INITIALIZERS, Gaussian, Identity, Orthogonal, Zeros
from deltarule.core.layer import Key, Layer, Params, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.pooling import Pool
from deltarule.core.rbm import RBM
from deltarule.core.recurrent import RecurrentLayer
from deltarule.core.steps import EachStep
from deltarule.core.trees import Tree, leaves, map_leaves
from deltarule.core.windows import pair
from deltarule.data.arrays import find_non_finite, to_native
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.description import DAMAGE


def read_parameters(prefix: str, tensors: Mapping[str, np.ndarray], network: Network) -> Tree:
    """Build the parameters of a network from named tensors.

    Raises :class:`FileError` unless their names and shapes are those of the network's initial parameters.
    """
    params = files.unflatten(prefix, tensors, len(network.layers))
    check_parameters(network, params)
    return params


def check_parameters(network: Network, params: Tree) -> None:
    """Raise :class:`FileError` unless names and shapes are those of the network's initial parameters.

    First an example of zeros goes through the layers, so that a damaged size, such as 10¹² neurons, is found before
    initial parameters of that size are allocated.
    """
    if prod(network.input_shape) > limits.INPUTS:
        expected = f"a network with {limits.INPUTS:,} inputs or fewer"
        raise FileError(
            f"expected {expected}, got inputs of shape {network.input_shape}",
            expected=expected,
            remedy=limits.describe_remedy("INPUTS"),
        )
    if kinds := {str(leaf.dtype) for leaf in leaves(params) if leaf.dtype.kind != "f"}:
        raise FileError(f"expected parameters that are real numbers, got {', '.join(sorted(kinds))}")
    x = np.zeros((1, *network.input_shape), np.float32)
    before = network.shapes  # computed anew each time that it is read
    for i, (layer, p, shape) in enumerate(zip(network.layers, params, before[1:], strict=True)):
        if (numbers := _count_patches(layer, before[i])) > limits.PATCH_NUMBERS:
            problem = f"expected patches of {limits.PATCH_NUMBERS:,} numbers at most, got {numbers:,} of {layer}"
            raise FileError(
                problem,
                position=f"layer {i}",
                remedy=limits.describe_remedy("PATCH_NUMBERS", "use a larger stride, or smaller regions"),
            )
        try:
            with np.errstate(all="ignore"):
                x, _ = layer.forward(p, x)
        except DAMAGE:
            shapes = " and ".join(f"{name} {leaf.shape}" for name, leaf in p.items()) or "no parameters"
            problem = f"expected parameters that fit {layer}, got {shapes}"
            raise FileError(problem, position=f"layer {i}", remedy=files.REMEDY) from None
        if x.shape != (1, *shape):
            problem = f"expected parameters that give {shape}, got {x.shape[1:]}"
            raise FileError(problem, position=f"layer {i}", remedy=files.REMEDY)
    network.cost.activation(x)
    for i, (want, have) in enumerate(zip(list_initial_shapes(network), _list_shapes(params), strict=True)):
        if want != have:
            names = " and ".join(f"{name} {shape}" for name, shape in want.items())
            expected = f"the parameters {names}" if names else "no parameters"
            wrong = [f"no {name}" for name in want if name not in have]
            wrong += [f"{name} {shape}" for name, shape in have.items() if want.get(name, shape) != shape]
            wrong += [f"also {name} {shape}" for name, shape in have.items() if name not in want]
            problem = f"expected {expected}, got {' and '.join(wrong)}"
            raise FileError(problem, position=f"layer {i}", remedy=files.REMEDY)


def _count_patches(layer: Layer, input_shape: Shape) -> int:
    """Count the numbers of the patches that a window takes from one image; 0 for layers without a window."""
    if not isinstance(layer, (Conv, Pool)):
        return 0
    window = pair(layer.kernel if isinstance(layer, Conv) else layer.size)
    return prod(layer.output_shape(input_shape)[:2]) * prod(window) * input_shape[2]


def check_structure(network: Network, params: Any) -> None:
    """Raise :class:`InvalidArgument` unless the parameters are a dictionary of numbers for each layer."""
    expected = f"a list of {len(network.layers)} dictionaries of arrays, one per layer, as network.init(seed) returns"
    listed = isinstance(params, (list, tuple)) and all(isinstance(layer, Mapping) for layer in params)
    if not listed or len(params) != len(network.layers):
        raise InvalidArgument(argument="params", owner="Model", expected=expected, value=params)
    for i, layer in enumerate(params):
        for name, leaf in layer.items():
            if not _is_numeric(leaf):
                raise InvalidArgument(
                    argument=f"params[{i}][{name!r}]", owner="Model", expected="an array of numbers", value=leaf
                )


def _is_numeric(leaf: Any) -> bool:
    try:
        return np.asarray(leaf).dtype.kind in "fiu"
    except ValueError:  # rows of different lengths
        return False


def check_finite(params: Tree) -> None:
    """Raise :class:`DivergedError`, with the layer, for NaN and infinity: the network would still give outputs."""
    for i, layer in enumerate(params):
        for name, leaf in layer.items():
            if (at := find_non_finite(leaf)) is not None:
                raise DivergedError(
                    f"expected finite parameters, got {leaf[at]} in {name} at {list(at)}",
                    position=f"layer {i}",
                    remedy="train again with a smaller eta; if you loaded the model from a damaged file, use a "
                    "backup copy",
                )


_BUILT_IN = (Zeros, Gaussian, Orthogonal, Identity, *map(type, INITIALIZERS.values()))


def list_initial_shapes(network: Network) -> list[dict[str, tuple[int, ...]]]:
    """List the shapes of the initial parameters, without drawing those of the initializers that are built in."""
    if isinstance(network, (RBM, DeepBeliefNet)):
        return network.parameter_shapes
    return _list_shapes(replace(network, layers=[_leave_undrawn(layer) for layer in network.layers]).init(0))


def _leave_undrawn(layer: Layer) -> Layer:
    if isinstance(layer, EachStep):
        return replace(layer, layer=_leave_undrawn(layer.layer))
    if not isinstance(layer, (Dense, Conv, RecurrentLayer)):
        return layer
    names = ("initializer", "recurrent_initializer")
    drawing = [name for name in names if isinstance(getattr(layer, name, None), _BUILT_IN)]
    return replace(layer, **dict.fromkeys(drawing, _initialize_undrawn))  # type: ignore[type-var] # all are dataclasses


def _initialize_undrawn(rng: Key, shape: Shape, n_in: int) -> Params:
    """Return parameters of the shapes that every initializer gives them, in the memory of one number."""
    return {"w": np.broadcast_to(0.0, shape), "b": np.broadcast_to(0.0, shape[:1])}


def _list_shapes(tree: Tree) -> list[dict[str, tuple[int, ...]]]:
    return map_leaves(lambda leaf: leaf.shape, tree)


def convert_parameter(leaf: Any) -> np.ndarray:
    """Convert a parameter to an array in this machine's byte order, and whole numbers to float64.

    >>> convert_parameter([1, 2]).dtype
    dtype('float64')
    """
    found = to_native(np.asarray(leaf))
    return found.astype(np.float64) if found.dtype.kind in "iu" else found
