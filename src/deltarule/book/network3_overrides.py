"""Errors for overrides that network3 would ignore, since the library does the computation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from inspect import getattr_static
from itertools import chain, takewhile
from typing import Any

from deltarule.book import network3_arrays
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer
from deltarule.errors import InvalidArgument

STEP = (
    "write a layer that is a frozen dataclass with forward and backward (docs/own-layers.md), and use it with "
    "deltarule.Network and deltarule.fit"
)
COST = (
    "write a subclass of deltarule.core.costs.Cost that is a frozen dataclass, and use it with deltarule.Network and "
    "deltarule.fit"
)
NAME = "choose another name for it, and call it yourself"
PASS = (
    "give each layer an activation_fn: a function of network3, or an object of a subclass of deltarule.Activation "
    "(docs/own-layers.md)"
)

LAYER_METHODS: Mapping[str, str] = {
    **dict.fromkeys(("set_inpt", "params", "forward", "backward"), STEP),
    **dict.fromkeys(("cost", "cost_derivative"), COST),
    "accuracy": NAME,
}
"""Methods of layers that the book's programs or the library call and network3 does not, each with a remedy."""

NETWORK_METHODS: Mapping[str, str] = {
    **dict.fromkeys(("params", "backprop", "update_mini_batch"), STEP),
    **dict.fromkeys(("cost", "cost_derivative"), COST),
    **dict.fromkeys(("feedforward", "accuracy", "predict"), NAME),
}
"""The same for methods of a network."""

FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("dropout_layer", "softmax", "conv", "downsample"), STEP),
    "size": NAME,
    **dict.fromkeys(("sigmoid", "tanh", "ReLU", "linear"), PASS),
}
"""The same for functions of the book's module."""


def record_definitions(owner: type, names: Iterable[str]) -> dict[str, Any]:
    """Record the attributes of a class with these names, before a reader can replace them; None for missing ones."""
    return {name: getattr_static(owner, name, None) for name in names}


KINDS: tuple[type, ...] = (ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer)
LAYERS = {kind: record_definitions(kind, LAYER_METHODS) for kind in KINDS}


def check_overrides(network: Any, published: Mapping[str, Any], module: Mapping[str, Any]) -> None:
    """Check that the reader overrides nothing that training would ignore, in a class, on an object or in the module.

    Args:
        network: The network, with its layers.
        published: The result of :func:`record_definitions` for the class of the network.
        module: The current names of network3.

    Raises:
        InvalidArgument: There is such an override; the error names it, with a remedy.
    """
    functions = (
        (f"network3.{name}", remedy)
        for name, remedy in FUNCTIONS.items()
        if module.get(name) is not getattr(network3_arrays, name, None)
    )
    layers = (
        chain(_find_methods(layer, LAYERS[_find_base(layer)], LAYER_METHODS), _find_settings(layer))
        for layer in network.layers
    )
    for name, remedy in chain(_find_methods(network, published, NETWORK_METHODS), *layers, functions):
        problem = "expected network3's own definition, got an override, which training would ignore"
        raise InvalidArgument(problem, argument=name, remedy=remedy)


def _find_methods(owner: Any, published: Mapping[str, Any], remedies: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find the overridden methods of a network or layer, each with its remedy."""
    for name, remedy in remedies.items():
        if getattr_static(owner, name, None) is not published[name]:
            by_class = (kind.__name__ for kind in type(owner).__mro__ if name in vars(kind))
            where = f"{type(owner).__name__} object" if name in vars(owner) else next(by_class)
            yield f"{where}.{name}", remedy


def _find_settings(layer: BookLayer) -> Iterator[tuple[str, str]]:
    """Find settings in the body of a class, which only the ``__init__`` of a dataclass would read."""
    for kind in takewhile(lambda kind: kind not in LAYERS, type(layer).__mro__):
        for name in () if "__dataclass_fields__" in vars(kind) else (field.name for field in fields(layer)):
            if name in vars(kind) and getattr(kind, name) != getattr(layer, name):
                yield f"{kind.__name__}.{name}", f"give {name} to {kind.__name__}(...) when you make the layer"


def _find_base(layer: BookLayer) -> type:
    return next(kind for kind in type(layer).__mro__ if kind in LAYERS)
