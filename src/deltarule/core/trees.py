"""Trees: the arrays of all layers, and functions that apply to each array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from deltarule.core.layer import Array, Params
from deltarule.errors import InvalidArgument

Tree: TypeAlias = Sequence[Params]
"""One ``{"name": array}`` per layer, in the order of the layers: parameters, gradients, velocities."""


def map_leaves(f: Callable[..., Any], *trees: Tree) -> list[dict[str, Any]]:
    """Apply ``f`` to the leaves at the same place of each tree.

    >>> map_leaves(lambda p, g: p - g, [{"w": 3, "b": 1}, {}], [{"w": 1, "b": 1}, {}])
    [{'w': 2, 'b': 0}, {}]
    """
    return [{name: f(*(layer[name] for layer in layers)) for name in layers[0]} for layers in zip(*trees, strict=True)]


def leaves(tree: Tree) -> list[Array]:
    """List all arrays of a tree, layer by layer."""
    return [leaf for layer in tree for leaf in layer.values()]


def check_float64(params: Tree) -> None:
    """Raise :class:`InvalidArgument` unless all parameters are float64, as finite differences require."""
    for leaf in leaves(params):
        if leaf.dtype != leaf.__array_namespace__().float64:
            raise InvalidArgument(
                argument="params",
                expected="float64 numbers",
                value=leaf.dtype,
                remedy="train with dtype='float64', or use network.init(seed) unchanged",
            )
