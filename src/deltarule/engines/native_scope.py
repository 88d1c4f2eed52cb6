"""The scope of the native library: the networks that it can compute, and the shapes that their parameters need.

A job is not checked again by the library, so everything is checked here.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from deltarule.core.activations import Linear
from deltarule.core.convolution import Conv
from deltarule.core.costs import Quadratic
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import Optimizer, State
from deltarule.core.rbm import RBM
from deltarule.core.recurrent import Recurrent, RecurrentLayer
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.core.steps import EachStep
from deltarule.core.trees import Tree
from deltarule.core.windows import pair
from deltarule.engines.native_job import (
    ACTIVATIONS,
    COSTS,
    KINDS,
    OF_EACH_STEP,
    OTHERS,
    RULES,
    STATES,
    describe_cost,
    find_answer,
    unwrap,
)
from deltarule.errors import ShapeError

MOST = 2**27
"""The most numbers of an example after a layer, and the most of a parameter: places are numbers of 32 bits."""


def find_obstacle(network: Network, optimizer: Optimizer | None = None, regularizer: Regularizer | None = None) -> str:
    """Return why the native engine cannot run a network, or train it so, in a few words; empty if it can.

    A subclass counts as your own, since its functions are unknown.

    >>> from deltarule.core.costs import CrossEntropy
    >>> find_obstacle(Network.dense([784, 30, 10]))
    ''
    >>> class Noisy(Dense):
    ...     "A subclass."
    >>> find_obstacle(Network([Noisy(3), Dense(2)], CrossEntropy(), (4,)))
    'layer 0, Noisy, is not built in'
    """
    if type(network) not in (Network, RBM):
        return f"{type(network).__name__} is not built in"
    if prod(network.input_shape) > MOST:
        return f"an input has more than {MOST:,} numbers"
    if isinstance(network, RBM):
        if max(prod(shape) for shapes in network.parameter_shapes for shape in shapes.values()) > MOST:
            return f"the machine has more than {MOST:,} numbers"
        return _find_obstacle_of_rule(optimizer, regularizer)
    for i, (layer, (before, after)) in enumerate(zip(network.layers, pairwise(network.shapes), strict=True)):
        if type(layer) is EachStep:
            if type(layer.layer) not in OF_EACH_STEP:
                inner = type(layer.layer).__name__
                return f"layer {i}, EachStep, has the layer {inner}, which is not built in for each step"
        elif type(layer) not in KINDS and type(layer) not in OTHERS:
            return f"layer {i}, {type(layer).__name__}, is not built in"
        if type(layer) in OTHERS and (reason := OTHERS[type(layer)].find_obstacle(layer, before)):
            return f"layer {i}, {type(layer).__name__}, {reason}"
        if isinstance(layer, Recurrent) and type(layer.activation) not in ACTIVATIONS:
            own = type(layer.activation).__name__
            return f"layer {i}, {type(layer).__name__}, has the activation {own}, which is not built in"
        sizes = [prod(after), *map(prod, _list_shapes(layer, before).values())]
        if isinstance(layer, RecurrentLayer):
            sizes.append(before[0] * 4 * _round_up(layer.n))
        if max(sizes) > MOST:
            return f"layer {i}, {type(layer).__name__}, has more than {MOST:,} numbers"
    plain, _, _ = describe_cost(*find_answer(network))
    output = plain.output if isinstance(plain, Quadratic) else Linear()
    return _find_unknown((plain, COSTS), (output, ACTIVATIONS)) or _find_obstacle_of_rule(optimizer, regularizer)


def _find_obstacle_of_rule(optimizer: Optimizer | None, regularizer: Regularizer | None) -> str:
    inner = None if optimizer is None else unwrap(optimizer)[0]
    return _find_unknown((inner, RULES), (regularizer, (L1, L2)))


def _find_unknown(*pairs: tuple[Any, Container[type]]) -> str:
    """Return why the kernels cannot compute one of the things, whose known types are beside it; empty if they can."""
    unknown = (type(thing).__name__ for thing, known in pairs if thing is not None and type(thing) not in known)
    return next((f"{name} is not built in" for name in unknown), "")


def check_shapes(network: Network, params: Tree) -> None:
    """Raise :class:`ShapeError` unless the parameters have the shapes that a network in native's scope needs.

    >>> check_shapes(Network.dense([4, 2]), [{"w": np.zeros((4, 2)), "b": np.zeros(2)}])
    Traceback (most recent call last):
        ...
    deltarule.errors.ShapeError: layer 0: params: expected w (2, 4) and b (2,), got w (4, 2) and b (2,)
    """
    if len(params) != len(network.layers):
        number = f"one set of arrays for each of {len(network.layers)} layers"
        raise ShapeError(argument="params", expected=number, value=len(params))
    for i, (expected, p) in enumerate(zip(_list_all_shapes(network), params, strict=True)):
        found = {name: np.shape(leaf) for name, leaf in p.items()}
        if found != expected:
            needed, have = (
                " and ".join(f"{name} {size}" for name, size in shapes.items()) or "no parameters"
                for shapes in (expected, found)
            )
            raise ShapeError(f"expected {needed}, got {have}", argument="params", position=f"layer {i}")


def check_state(network: Network, optimizer: Optimizer, state: State) -> None:
    """Raise :class:`ShapeError` unless the state has all that the optimizer needs, in the shapes of the parameters.

    >>> from deltarule.core.optimizers import Momentum
    >>> check_state(Network.dense([4, 2]), Momentum(0.9), {})
    Traceback (most recent call last):
        ...
    deltarule.errors.ShapeError: state: expected the state of Momentum, with v, got []
    """
    needed = optimizer.init([])
    if any(name not in state for name in needed):
        expected = f"the state of {type(optimizer).__name__}, with {' and '.join(needed)}"
        raise ShapeError(argument="state", expected=expected, value=sorted(state))
    for name, tree in state.items():
        if name in STATES:
            check_shapes(network, tree)


def _list_all_shapes(network: Network) -> list[dict[str, Shape]]:
    """Return the shapes of the parameters of each layer."""
    if isinstance(network, RBM):
        return network.parameter_shapes
    return [_list_shapes(layer, shape) for layer, shape in zip(network.layers, network.shapes, strict=False)]


def _list_shapes(layer: Layer, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a layer's parameters for inputs of this shape."""
    if type(layer) in OTHERS:
        return OTHERS[type(layer)].list_shapes(layer, shape)
    if isinstance(layer, EachStep):
        return _list_shapes(layer.layer, shape[1:])
    if isinstance(layer, Dense):
        return {"w": (layer.n_out, *shape), "b": (layer.n_out,)}
    if isinstance(layer, RecurrentLayer):
        rows = layer.gates * layer.n
        return {"w": (rows, shape[1]), "u": (rows, layer.n), "b": (rows,)}
    if isinstance(layer, Conv):
        return {"w": (layer.maps, *pair(layer.kernel), shape[-1]), "b": (layer.maps,)}
    return dict.fromkeys(("scale", "shift", "mean", "variance"), shape[-1:]) if isinstance(layer, BatchNorm) else {}


def _round_up(n: int) -> int:
    """Round a number of neurons up to whole panels of the kernels."""
    return -(-n // 16) * 16
