"""A diagram of a small network with its activations, its errors and a number on each edge, and the same as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

WIDTH, HEIGHT, RADIUS = 760, 330, 27
Place: TypeAlias = tuple[float, float]
POSITIONS = (0.29, 0.57, 0.64)
"""Positions of the numbers along their edges, 0 to 1; the numbers of one neuron share a position."""

BLUE, ORANGE, GREY = "#0072b2", "#b34700", "#8c8c8c"


def render_network(
    a: Sequence[np.ndarray], edges: Sequence[np.ndarray], quantity: str, delta: Sequence[np.ndarray] = ()
) -> str:
    """Draw the network as SVG, above a collapsed list of all its numbers.

    ``a`` are the activations of each layer. ``edges`` are the numbers on the edges, in the shapes of the weights,
    and ``quantity`` is their name. ``delta`` are the errors of the last layers, as far back as they are known.
    Edges are blue above 0 and orange below; larger numbers have thicker edges.
    """
    places = [[_locate(layer, i, len(row), len(a)) for i in range(len(row))] for layer, row in enumerate(a)]
    most = max(float(np.abs(one).max()) for one in edges) or 1.0
    connections = [
        (places[layer][k], places[layer + 1][j], float(values[j, k]), k)
        for layer, values in enumerate(edges)
        for j, k in np.ndindex(values.shape)
    ]
    lines = [_render_line(start, end, value, most) for start, end, value, _ in connections]
    numbers = [_render_number(start, end, value, POSITIONS[k % len(POSITIONS)]) for start, end, value, k in connections]
    headings = [_render_heading(places[layer][0][0], f"layer {layer + 1}") for layer in range(len(a))]
    known = len(a) - len(delta)  # the first layer whose δ is known
    neurons = [
        _render_neuron(places[layer][i], value, delta[layer - known][i] if layer >= known else None)
        for layer, row in enumerate(a)
        for i, value in enumerate(row)
    ]
    return (
        f'<div class="lab-diagram"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="width:100%" '
        f'aria-label="the network, its activations and its {quantity}; all numbers are listed below">'
        f"{''.join(headings)}{''.join(lines)}{''.join(numbers)}{''.join(neurons)}</svg>"
        f"<details><summary>all numbers as a list</summary>{_list_numbers(a, edges, quantity, delta)}</details></div>"
    )


def format_number(x: float) -> str:
    """Format a number with its sign and three significant digits.

    >>> [format_number(x) for x in (0.5, -0.0123456, 1.2345e-6, 0)]
    ['+0.500', '−0.0123', '+0.00000123', '0']
    """
    if not x:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(x)))))
    return f"{x:+.{digits}f}".replace("-", "−")


def _list_numbers(
    a: Sequence[np.ndarray], edges: Sequence[np.ndarray], quantity: str, delta: Sequence[np.ndarray]
) -> str:
    known = len(a) - len(delta)
    rows = [
        f"layer {layer + 1}, neuron {i + 1}: a {value:.2f}"
        + (f", δ {format_number(delta[layer - known][i])}" if layer >= known else "")
        + (f"; {quantity} from layer {layer}: {', '.join(map(format_number, edges[layer - 1][i]))}" if layer else "")
        for layer, row in enumerate(a)
        for i, value in enumerate(row)
    ]
    return f"<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"


def _locate(layer: int, i: int, n: int, layers: int) -> Place:
    x = 60 + layer * (WIDTH - 120) / (layers - 1)
    return x, HEIGHT / 2 + (i - (n - 1) / 2) * 105


def _render_heading(x: float, name: str) -> str:
    return f'<text x="{x:.0f}" y="16" text-anchor="middle" font-size="12" fill="#555">{name}</text>'


def _render_line(start: Place, end: Place, value: float, most: float) -> str:
    return (
        f'<line x1="{start[0]:.0f}" y1="{start[1]:.0f}" x2="{end[0]:.0f}" y2="{end[1]:.0f}" '
        f'stroke="{_colour(value)}" stroke-width="{1 + 6 * abs(value) / most:.1f}" opacity="0.75"/>'
    )


def _render_number(start: Place, end: Place, value: float, position: float) -> str:
    x, y = (start[i] + position * (end[i] - start[i]) for i in (0, 1))
    return (
        f'<text x="{x:.0f}" y="{y - 4:.0f}" text-anchor="middle" font-size="11" fill="currentColor" '
        f'style="paint-order:stroke;stroke:var(--background, #fff);stroke-width:3px">{format_number(value)}</text>'
    )


def _render_neuron(place: Place, value: float, error: float | None) -> str:
    x, y = place
    colour = GREY if error is None else _colour(error)
    under = "" if error is None else (
        f'<text x="{x:.0f}" y="{y + RADIUS + 14:.0f}" text-anchor="middle" font-size="12" fill="{colour}">'
        f"δ {format_number(error)}</text>"
    )  # fmt: skip
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}" fill="#ffffff" stroke="{colour}" stroke-width="2.5"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="14" fill="#111">{value:.2f}</text>{under}'
    )


def _colour(value: float) -> str:
    return BLUE if value > 0 else ORANGE
