"""A small network drawn with everything it computes: activations, errors, and a number on each edge; and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

WIDTH, HEIGHT, RADIUS = 760, 330, 27
Place: TypeAlias = tuple[float, float]
SHARES = (0.29, 0.57, 0.64)
"""Where on their edges the numbers stand: those of one neuron together, those of the next further on."""

BLUE, ORANGE, GREY = "#0072b2", "#b34700", "#8c8c8c"


def drawn(a: Sequence[np.ndarray], edges: Sequence[np.ndarray], what: str, delta: Sequence[np.ndarray] = ()) -> str:
    """The network as SVG, and below it as a list to be opened.

    ``a`` are the activations of each layer; ``edges`` the numbers on the edges, shaped as the weights, and ``what``
    says what they are; ``delta`` are the errors of the last layers, as far back as they are known. Edges are
    blue above 0 and orange below, the thicker the larger.
    """
    places = [[_place(layer, i, len(row), len(a)) for i in range(len(row))] for layer, row in enumerate(a)]
    most = max(float(np.abs(one).max()) for one in edges) or 1.0
    joined = [
        (places[layer][k], places[layer + 1][j], float(numbers[j, k]), k)
        for layer, numbers in enumerate(edges)
        for j, k in np.ndindex(numbers.shape)
    ]
    lines = [_line(start, end, value, most) for start, end, value, _ in joined]
    written = [_number(start, end, value, SHARES[k % len(SHARES)]) for start, end, value, k in joined]
    headings = [_heading(places[layer][0][0], f"layer {layer + 1}") for layer in range(len(a))]
    known = len(a) - len(delta)  # the first layer whose δ is known
    neurons = [
        _neuron(places[layer][i], value, delta[layer - known][i] if layer >= known else None)
        for layer, row in enumerate(a)
        for i, value in enumerate(row)
    ]
    return (
        f'<div class="lab-diagram"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="width:100%" '
        f'aria-label="the network, its activations and its {what}; all numbers are listed below">'
        f"{''.join(headings)}{''.join(lines)}{''.join(written)}{''.join(neurons)}</svg>"
        f"<details><summary>all numbers as a list</summary>{_listed(a, edges, what, delta)}</details></div>"
    )


def number(x: float) -> str:
    """A number with its sign and three significant digits.

    >>> [number(x) for x in (0.5, -0.0123456, 1.2345e-6, 0)]
    ['+0.500', '−0.0123', '+0.00000123', '0']
    """
    if not x:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(x)))))
    return f"{x:+.{digits}f}".replace("-", "−")


def _listed(a: Sequence[np.ndarray], edges: Sequence[np.ndarray], what: str, delta: Sequence[np.ndarray]) -> str:
    known = len(a) - len(delta)
    rows = [
        f"layer {layer + 1}, neuron {i + 1}: a {value:.2f}"
        + (f", δ {number(delta[layer - known][i])}" if layer >= known else "")
        + (f"; {what} from layer {layer}: {', '.join(map(number, edges[layer - 1][i]))}" if layer else "")
        for layer, row in enumerate(a)
        for i, value in enumerate(row)
    ]
    return f"<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"


def _place(layer: int, i: int, n: int, layers: int) -> Place:
    x = 60 + layer * (WIDTH - 120) / (layers - 1)
    return x, HEIGHT / 2 + (i - (n - 1) / 2) * 105


def _heading(x: float, name: str) -> str:
    return f'<text x="{x:.0f}" y="16" text-anchor="middle" font-size="12" fill="#555">{name}</text>'


def _line(start: Place, end: Place, value: float, most: float) -> str:
    return (
        f'<line x1="{start[0]:.0f}" y1="{start[1]:.0f}" x2="{end[0]:.0f}" y2="{end[1]:.0f}" '
        f'stroke="{_colour(value)}" stroke-width="{1 + 6 * abs(value) / most:.1f}" opacity="0.75"/>'
    )


def _number(start: Place, end: Place, value: float, share: float) -> str:
    x, y = (start[i] + share * (end[i] - start[i]) for i in (0, 1))
    return (
        f'<text x="{x:.0f}" y="{y - 4:.0f}" text-anchor="middle" font-size="11" fill="currentColor" '
        f'style="paint-order:stroke;stroke:var(--background, #fff);stroke-width:3px">{number(value)}</text>'
    )


def _neuron(place: Place, value: float, error: float | None) -> str:
    x, y = place
    colour = GREY if error is None else _colour(error)
    under = "" if error is None else (
        f'<text x="{x:.0f}" y="{y + RADIUS + 14:.0f}" text-anchor="middle" font-size="12" fill="{colour}">'
        f"δ {number(error)}</text>"
    )  # fmt: skip
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}" fill="#ffffff" stroke="{colour}" stroke-width="2.5"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="14" fill="#111">{value:.2f}</text>{under}'
    )


def _colour(value: float) -> str:
    return BLUE if value > 0 else ORANGE
