"""The table of a network's layers: shapes, parameters and FLOPs, and this table as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from math import prod
from typing import Any

import numpy as np

from deltarule.notebook.markup import count

HEADINGS = ("", "layer", "output", "parameters", "numbers", "FLOPs")
"""The headings of the table."""

RIGHT = (0, 4, 5)
"""The columns of the table that are aligned to the right."""

LONGEST = 60
"""The largest number of characters of a layer's settings, and of each of them."""

MOST_WEIGHTS = 2**28
"""The most recurrent weights of a layer that are counted: its gates are put beside each other in memory."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """The table of a network's layers as cells of text: a row for the input and each layer, and the totals."""

    rows: Sequence[Sequence[str]]
    totals: Sequence[str]
    size: str


def build_summary(network: Any, params: Sequence[Mapping[str, Any]] | None = None) -> Summary:
    """Build the table of a network: its layers, shapes, parameters, and FLOPs for one example.

    A weight counts two FLOPs, a multiplication and an addition, at each place where it is used. Without ``params`` the
    initial ones are counted; if they do not fit in memory, or cannot be drawn, the totals are "?".
    """
    shapes = network.shapes
    if params is None:
        params = _build_undrawn(network)
    rows = [["", "input", format_shape(shapes[0]), "", "", ""]]
    total = flops = 0
    for i, (layer, shape) in enumerate(zip(network.layers, shapes[1:], strict=True)):
        own = params[i] if params else {}
        sizes = {name: tuple(leaf.shape) for name, leaf in own.items()}
        n = sum(map(prod, sizes.values()))
        work = 2 * prod(shape[:-1]) * sum(prod(sizes[name]) for name in layer.weights if name in sizes)
        total, flops = total + n, flops + work
        leaves = ", ".join(f"{name} {format_shape(size)}" for name, size in sizes.items())
        numbers = (format_shape(shape), leaves, f"{n:,}" if n else "", f"{work:,}" if work else "")
        rows.append([str(i), format_layer(layer), *numbers])
    cost = f"cost: {format_layer(network.cost)}"
    totals = ["", cost, "", "", f"{total:,}" if params else "?", f"{flops:,}" if params else "?"]
    layers = count(len(network.layers), "layer")
    return Summary(rows, totals, f"{layers}, {count(total, 'parameter')}" if params else layers)


def write_summary(network: Any, params: Sequence[Mapping[str, Any]] | None = None, title: str = "Network") -> str:
    """Write the table of a network as lines of plain text, with a title above it."""
    summary = build_summary(network, params)
    cells = [HEADINGS, *summary.rows, summary.totals]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADINGS))]

    def write_row(row: Sequence[str]) -> str:
        aligned = (
            cell.rjust(n) if i in RIGHT else cell.ljust(n) for i, (cell, n) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(aligned).rstrip()

    line = "─" * (sum(widths) + 2 * (len(widths) - 1))
    above, below = map(write_row, (HEADINGS, summary.totals))
    return "\n".join([f"{title}: {summary.size}", above, line, *map(write_row, summary.rows), line, below])


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
        text = format_layer(value) if is_dataclass(value) else _shorten(repr(value))
        words.append(text if in_order else f"{one.name}={text}")
    return f"{name}({_shorten(', '.join(words))})" if words else name


def format_shape(shape: Shape) -> str:
    """Format a shape.

    >>> format_shape((28, 28, 1))
    '28×28×1'
    """
    return "×".join(map(str, shape))


def _shorten(text: str) -> str:
    """Put text on one line, of at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _is_same(value: Any, default: Any) -> bool:
    try:
        return bool(value == default)
    except ValueError:  # arrays
        return False


def _build_undrawn(network: Any) -> Any:
    """Return parameters of the shapes of the initial ones, without memory for those that deltarule's initializers draw.

    Return nothing if a layer of one's own cannot draw its parameters, for example because they do not fit in memory.
    """
    if hasattr(network, "parameter_shapes"):  # a machine, whose parameters are not those of its layers alone
        of_layers = network.parameter_shapes
        return [{name: np.broadcast_to(0.0, shape) for name, shape in shapes.items()} for shapes in of_layers]
    layers = [_without_drawing(layer) for layer in network.layers]
    if any(getattr(layer, "gates", 0) * layer.n**2 > MOST_WEIGHTS for layer in layers if hasattr(layer, "n")):
        return None
    try:
        return replace(network, layers=layers).init(0)
    except Exception:  # of a layer of the user's, whose table shows all the same
        return None


def _without_drawing(layer: Any) -> Any:
    """Return a layer, with the layer in it, if any, whose initializers draw nothing if they are deltarule's."""
    own = {one.name: getattr(layer, one.name) for one in fields(layer) if one.init} if is_dataclass(layer) else {}
    changes = {name: _leave_undrawn for name, it in own.items() if type(it).__module__ == "deltarule.core.initializers"}
    changes |= {name: _without_drawing(it) for name, it in own.items() if name == "layer"}
    return replace(layer, **changes) if changes else layer


def _leave_undrawn(rng: Any, shape: Shape, n_in: int) -> dict[str, np.ndarray]:
    return {"w": np.broadcast_to(0.0, shape), "b": np.broadcast_to(0.0, shape[:1])}
