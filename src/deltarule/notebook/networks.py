"""A network in a notebook: a drawing, and a table of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from math import prod
from typing import Any

import numpy as np

from deltarule.errors import ShapeError
from deltarule.notebook.drawings import Shape, draw_chain
from deltarule.notebook.markup import write_box, write_table, write_text, write_title


def write_network(network: Any, params: Sequence[Mapping[str, Any]] | None = None) -> str:
    """Write a network as HTML: its layers, shapes, parameters, and FLOPs for one example.

    A weight counts two FLOPs, a multiplication and an addition, at each place where it is used. Without ``params`` the
    initial ones are counted.
    """
    shapes = network.shapes
    if params is None:
        params = _build_undrawn(network)
    rows, total, flops = [], 0, 0
    for i, (layer, shape) in enumerate(zip(network.layers, shapes[1:], strict=True)):
        own = params[i] if params else {}
        sizes = {name: tuple(leaf.shape) for name, leaf in own.items()}
        n = sum(map(prod, sizes.values()))
        work = 2 * prod(shape[:-1]) * sum(prod(sizes[name]) for name in layer.weights if name in sizes)
        total, flops = total + n, flops + work
        leaves = ", ".join(f"{name} {_format_shape(size)}" for name, size in sizes.items())
        numbers = (_format_shape(shape), leaves, f"{n:,}" if n else "", f"{work:,}" if work else "")
        rows.append([str(i), write_text(format_layer(layer)), *(write_text(one) for one in numbers)])
    cost = f"cost: {format_layer(network.cost)}"
    footer = ["", write_text(cost), "", "", f"{total:,}" if params else "?", f"{flops:,}" if params else "?"]
    more = f"{len(network.layers)} layers, {total:,} parameters" if params else f"{len(network.layers)} layers"
    return write_box(
        write_title("Network", more),
        draw_chain(build_chain(network.layers, shapes)),
        write_table(
            ["", "layer", "output", "parameters", "numbers", "FLOPs"],
            [["", "input", _format_shape(shapes[0]), "", "", ""], *rows],
            (0, 4, 5),
            footer,
        ),
    )


def build_chain(layers: Sequence[Any], shapes: Sequence[Shape]) -> list[tuple[list[str], Shape]]:
    """Build the chain of shapes to draw; a layer that keeps the shape is written with the layer before it.

    >>> build_chain([], [(2,)])
    [([], (2,))]
    """
    chain: list[tuple[list[str], Shape]] = [([], shapes[0])]
    for layer, before, shape in zip(layers, shapes, shapes[1:], strict=False):
        keeps = before == shape and not layer.weights
        if keeps and len(chain) > 1:
            chain[-1][0].append(type(layer).__name__)
        else:
            chain.append(([format_layer(layer)], shape))
    return chain


def format_layer(layer: Any) -> str:
    """Format a layer or a cost by its name and settings, without its initializer and defaults.

    >>> @__import__("dataclasses").dataclass
    ... class Conv:
    ...     maps: int
    ...     kernel: int = 5
    ...     stride: int = 1
    >>> format_layer(Conv(20, 3)), format_layer(Conv(20)), format_layer(Conv(20, 5, 2))
    ('Conv(20, 3)', 'Conv(20)', 'Conv(20, stride=2)')
    """
    name = type(layer).__name__
    if not is_dataclass(layer):
        return name
    words, in_order = [], True
    for one in fields(layer):
        value = getattr(layer, one.name, None)
        if one.name == "initializer" or (one.default is not MISSING and _is_same(value, one.default)):
            in_order = False
            continue
        text = format_layer(value) if is_dataclass(value) else repr(value)
        words.append(text if in_order else f"{one.name}={text}")
    return f"{name}({', '.join(words)})" if words else name


def _is_same(value: Any, default: Any) -> bool:
    try:
        return bool(value == default)
    except ValueError:  # arrays
        return False


def _build_undrawn(network: Any) -> Any:
    """Return parameters of the shapes of the initial ones, without memory for those that deltarule's initializers draw.

    Return nothing if those of a layer of one's own do not fit in memory.
    """
    layers = [
        replace(layer, initializer=_leave_undrawn)
        if type(getattr(layer, "initializer", None)).__module__ == "deltarule.core.initializers"
        else layer
        for layer in network.layers
    ]
    try:
        return replace(network, layers=layers).init(0)
    except ShapeError:
        return None


def _leave_undrawn(rng: Any, shape: Shape, n_in: int) -> dict[str, np.ndarray]:
    return {"w": np.broadcast_to(0.0, shape), "b": np.broadcast_to(0.0, shape[:1])}


def _format_shape(shape: Shape) -> str:
    return "×".join(map(str, shape))
