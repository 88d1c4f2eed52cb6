"""A network in a notebook: a drawing, and a table of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deltarule.notebook.drawings import Shape, draw_chain
from deltarule.notebook.markup import write_box, write_table, write_text, write_title
from deltarule.notebook.summaries import HEADINGS, RIGHT, build_summary, format_layer

MOST_ROWS, MOST_SHAPES = 50, 10
"""The most rows of the table, and the most shapes of the drawing, before layers that are left out, and after them."""


def write_network(network: Any, params: Sequence[Mapping[str, Any]] | None = None) -> str:
    """Write a network as HTML: a drawing of its shapes, and the table of :func:`build_summary`."""
    summary = build_summary(network, params)
    rows, hidden = list(summary.rows), len(summary.rows) - 2 * MOST_ROWS
    if hidden > 1:
        rows[MOST_ROWS:-MOST_ROWS] = [["…", f"{hidden} layers", *[""] * (len(HEADINGS) - 2)]]
    return write_box(
        write_title("Network", summary.size),
        draw_chain(build_chain(network.layers, network.shapes)),
        write_table(
            HEADINGS,
            [[write_text(cell) for cell in row] for row in rows],
            RIGHT,
            [write_text(cell) for cell in summary.totals],
        ),
    )


def build_chain(layers: Sequence[Any], shapes: Sequence[Shape]) -> list[tuple[list[str], Shape]]:
    """Build the chain of shapes to draw; a layer that keeps the shape is written with the layer before it.

    Of a deep network the layers in the middle are left out, and counted.

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
    if len(chain) > 2 * MOST_SHAPES + 1:
        layers_left = sum(len(words) for words, _ in chain[MOST_SHAPES : -MOST_SHAPES + 1])
        chain[MOST_SHAPES:-MOST_SHAPES] = []
        chain[MOST_SHAPES] = ([f"… {layers_left} layers …"], chain[MOST_SHAPES][1])
    return chain
