"""A small network drawn with everything it computes: activations, weights, errors and gradients on its edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WIDTH, HEIGHT, RADIUS = 760, 330, 27
SHARES = (0.26, 0.42, 0.58)
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#8c8c8c"


def drawn(
    a: Sequence[np.ndarray], w: Sequence[np.ndarray], delta: Sequence[np.ndarray], d_w: Sequence[np.ndarray], back: int
) -> str:
    """The network as SVG. ``back`` is how far backpropagation has come: 0 forward only, 1 BP1, 2 and 3 BP2, 4 BP4.

    Each neuron shows its activation, and its δ once it is known. Edges carry their weights, and at the
    last step their gradient: blue above 0, orange below, the thicker the larger.
    """
    places = [[_place(layer, i, len(row), len(a)) for i in range(len(row))] for layer, row in enumerate(a)]
    edges = [
        _edge(places[layer][k], places[layer + 1][j], w[layer][j, k], d_w[layer][j, k] if back >= 4 else None, d_w, k)
        for layer in range(len(w))
        for j in range(w[layer].shape[0])
        for k in range(w[layer].shape[1])
    ]
    known = len(a) - back  # the first layer whose δ is known
    neurons = [
        _neuron(places[layer][i], value, delta[layer - 1][i] if layer >= max(known, 1) else None)
        for layer, row in enumerate(a)
        for i, value in enumerate(row)
    ]
    return (
        f'<div class="lab-diagram"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="width:100%" '
        f'aria-label="the network with its activations{" and errors" if back else ""}">'
        f"{''.join(edges)}{''.join(neurons)}</svg></div>"
    )


def _place(layer: int, i: int, n: int, layers: int) -> tuple[float, float]:
    x = 60 + layer * (WIDTH - 120) / (layers - 1)
    return x, HEIGHT / 2 + (i - (n - 1) / 2) * 105


def _edge(
    start: tuple[float, float],
    end: tuple[float, float],
    weight: float,
    gradient: float | None,
    all: Sequence[np.ndarray],
    k: int,
) -> str:
    most = max(float(np.abs(one).max()) for one in all) or 1.0
    colour = GREY if gradient is None else BLUE if gradient > 0 else ORANGE
    thick = 1.2 if gradient is None else 1 + 6 * abs(gradient) / most
    share = SHARES[k % len(SHARES)]  # edges of one neuron are named together, those of the next further on
    x, y = (start[i] + share * (end[i] - start[i]) for i in (0, 1))
    said = f"w {weight:+.2f}" if gradient is None else f"{gradient:+.3f}"
    return (
        f'<line x1="{start[0]:.0f}" y1="{start[1]:.0f}" x2="{end[0]:.0f}" y2="{end[1]:.0f}" '
        f'stroke="{colour}" stroke-width="{thick:.1f}" opacity="0.75"/>'
        f'<text x="{x:.0f}" y="{y - 4:.0f}" text-anchor="middle" font-size="11" fill="currentColor" '
        f'style="paint-order:stroke;stroke:var(--background, #fff);stroke-width:3px">{said}</text>'
    )


def _neuron(place: tuple[float, float], value: float, error: float | None) -> str:
    x, y = place
    colour = GREY if error is None else BLUE if error > 0 else ORANGE
    under = "" if error is None else (
        f'<text x="{x:.0f}" y="{y + RADIUS + 14:.0f}" text-anchor="middle" font-size="12" fill="{colour}">'
        f"δ {error:+.3f}</text>"
    )  # fmt: skip
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS}" fill="#ffffff" stroke="{colour}" stroke-width="2.5"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="14" fill="#111">{value:.2f}</text>{under}'
    )
