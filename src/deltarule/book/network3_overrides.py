"""Overrides that network3 would ignore, since the library does the arithmetic: each is an error that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from inspect import getattr_static
from itertools import chain, takewhile
from typing import Any

from deltarule.book import network3_arrays
from deltarule.book.network3_parts import BookLayer, ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer
from deltarule.errors import InvalidArgument

STEP = "write a frozen dataclass with forward and backward (README, 'A layer of your own') for deltarule.fit"
COST = "write a frozen dataclass, a subclass of deltarule.core.costs.Cost, for deltarule.Network and deltarule.fit"
NAME = "choose another name for it, and call it yourself"
PASS = "give each layer an activation_fn: one of network3's, or a subclass of deltarule.Activation (README)"

LAYER_METHODS: Mapping[str, str] = {
    **dict.fromkeys(("set_inpt", "params", "forward", "backward"), STEP),
    **dict.fromkeys(("cost", "cost_derivative"), COST),
    "accuracy": NAME,
}
"""What the book's programs or the library call of a layer and network3 does not, each with what to do instead."""

NETWORK_METHODS: Mapping[str, str] = {
    **dict.fromkeys(("params", "backprop", "update_mini_batch"), STEP),
    **dict.fromkeys(("cost", "cost_derivative"), COST),
    **dict.fromkeys(("feedforward", "accuracy", "predict"), NAME),
}
"""The same for a network."""

FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("dropout_layer", "softmax", "conv", "downsample"), STEP),
    "size": NAME,
    **dict.fromkeys(("sigmoid", "tanh", "ReLU", "linear"), PASS),
}
"""The same for functions of the book's module."""


def defined(owner: type, names: Iterable[str]) -> dict[str, Any]:
    """Note what a class has under these names, before a reader can replace it; None where it has nothing."""
    return {name: getattr_static(owner, name, None) for name in names}


KINDS: tuple[type, ...] = (ConvPoolLayer, FullyConnectedLayer, SoftmaxLayer)
LAYERS = {kind: defined(kind, LAYER_METHODS) for kind in KINDS}


def check_overrides(network: Any, published: Mapping[str, Any], module: Mapping[str, Any]) -> None:
    """Refuse what a reader has overridden and training would ignore, in a class, on an object or in the module.

    ``published`` is what :func:`defined` noted of the class of networks, ``module`` the names of network3 as they
    are now. Raises :class:`InvalidArgument`, which names the override and says what to do instead.
    """
    functions = (
        (f"network3.{name}", remedy)
        for name, remedy in FUNCTIONS.items()
        if module.get(name) is not getattr(network3_arrays, name, None)
    )
    layers = (chain(_methods(layer, LAYERS[_kind(layer)], LAYER_METHODS), _defaults(layer)) for layer in network.layers)
    for name, remedy in chain(_methods(network, published, NETWORK_METHODS), *layers, functions):
        problem = "expected network3's own, got an override, which training would ignore"
        raise InvalidArgument(problem, argument=name, remedy=remedy)


def _methods(owner: Any, published: Mapping[str, Any], remedies: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find the overridden methods of a network or layer, each with what to do instead."""
    for name, remedy in remedies.items():
        if getattr_static(owner, name, None) is not published[name]:
            by_class = (kind.__name__ for kind in type(owner).__mro__ if name in vars(kind))
            where = f"{type(owner).__name__} object" if name in vars(owner) else next(by_class)
            yield f"{where}.{name}", remedy


def _defaults(layer: BookLayer) -> Iterator[tuple[str, str]]:
    """Find the settings in the body of a class: only the ``__init__`` of a dataclass would read them."""
    for kind in takewhile(lambda kind: kind not in LAYERS, type(layer).__mro__):
        for name in () if "__dataclass_fields__" in vars(kind) else (field.name for field in fields(layer)):
            if name in vars(kind) and getattr(kind, name) != getattr(layer, name):
                yield f"{kind.__name__}.{name}", f"give {name} to {kind.__name__}(...) when you make the layer"


def _kind(layer: BookLayer) -> type:
    return next(kind for kind in type(layer).__mro__ if kind in LAYERS)
