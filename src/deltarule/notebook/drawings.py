"""Drawings in SVG: a network as a row of its shapes, and curves over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, log10
from numbers import Real

from deltarule.notebook.markup import COLOURS, GREY, write_text

SPACING, HEIGHT = 104, 132
"""The distance between two shapes of a network, and the height of the drawing, in pixels."""

MOST_POINTS = 400
"""The most points of a curve that are drawn."""

Shape = tuple[int, ...]
Chain = Sequence[tuple[Sequence[str], Shape]]
"""The shapes of a network in order, each with the layers that lead to it; the first is the input, without layers."""


def draw_chain(chain: Chain) -> str:
    """Draw the shapes of a network: images as squares behind each other, rows of neurons as bars.

    >>> draw_chain([([], (784,)), (["Dense(10)"], (10,))]).count("<rect")
    2
    """
    largest = max((max(shape[:2]) for _, shape in chain if len(shape) == 3), default=1)
    parts = [_draw_node(i, words, shape, largest) for i, (words, shape) in enumerate(chain)]
    label = "; ".join(" ".join([*words, _format_shape(shape)]) for words, shape in chain)
    return _write_svg(SPACING * len(chain), HEIGHT, f"The network: {label}", parts)


def _draw_node(i: int, words: Sequence[str], shape: Shape, largest: int) -> str:
    x, middle = SPACING * i + SPACING / 2, 70.0
    parts = []
    if i:
        tail = x - SPACING + 38
        parts.append(f'<path d="M{tail:g} {middle:g}H{x - 40:g}m-5 -4l5 4l-5 4" fill="none" stroke="currentColor"/>')
        first, *rest = words
        parts += [_write_label(x - SPACING / 2, y, line, 17) for line, y in ((first, 14), (", ".join(rest), 27))]
    if len(shape) == 3:
        height, width = (10 + 34 * side / largest for side in shape[:2])
        sheets = min(shape[2], 4)
        for k in reversed(range(sheets)):
            left, top = x - width / 2 + 3 * k, middle - height / 2 - 3 * k
            parts.append(_draw_rect(left, top, width, height, COLOURS[1], ".25"))
    else:
        n = 1
        for side in shape:
            n *= side
        height = 12 + 15 * min(log10(n), 4)
        parts.append(_draw_rect(x - 6, middle - height / 2, 12, height, COLOURS[0], ".35"))
    parts.append(_write_label(x, HEIGHT - 14, _format_shape(shape), 18))
    return "".join(parts)


def draw_curves(series: Mapping[str, Sequence[float | None]], title: str, width: int = 340, height: int = 170) -> str:
    """Draw curves over the epochs 1, 2, …, one for each name; values that are no finite numbers are left out.

    Of more than six curves the first six are drawn, and the others counted.

    >>> draw_curves({"training": [1.0, 0.5], "validation": [None, float("nan")]}, "cost").count("<polyline")
    1
    """
    points = {
        name: [(i + 1, float(v)) for i, v in enumerate(values) if isinstance(v, (float, Real)) and isfinite(v)]
        for name, values in series.items()
    }
    measured = {name: _thin(found) for name, found in points.items() if found}
    if not measured:
        return ""
    drawn = dict(list(measured.items())[: len(COLOURS)])
    if len(measured) > len(drawn):
        title += f" (the first {len(drawn)} of {len(measured)})"
    ys = [y for name in drawn for _, y in points[name]]
    low, high, last = min(ys), max(ys), max(len(values) for values in series.values())
    left, right, top, bottom = 52, width - 12, 40, height - 22

    def place(x: float, y: float) -> tuple[float, float]:
        share_x = (x - 1) / (last - 1) if last > 1 else 0.5
        share_y = (y - low) / (high - low) if high > low else 0.5
        return left + (right - left) * share_x, bottom - (bottom - top) * share_y

    parts = [f'<path d="M{left} {top - 6}V{bottom + 4}H{right}" fill="none" stroke="{GREY}"/>']
    parts += [_write_label(left - 6, place(1, y)[1] + 4, f"{y:.4g}", 9, "end") for y in dict.fromkeys((low, high))]
    ends = dict.fromkeys((1, last))
    parts += [_write_label(place(x, low)[0] - 3 * (len(str(x)) - 1), height - 6, str(x), 9) for x in ends]
    parts.append(_write_label((left + right) / 2, height - 6, "epoch", 9))
    parts.append(_write_label(8, 14, title, 40, "start", ";font-weight:600"))
    beside = 8.0
    for colour, (name, found) in zip(COLOURS, drawn.items(), strict=False):
        line = " ".join("{:.1f},{:.1f}".format(*place(*one)) for one in found)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = place(*found[-1])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(_draw_rect(beside, 22, 10, 4, colour, "1"))
        parts.append(_write_label(beside + 14, 28, name, 16, "start"))
        beside += 26 + 6.5 * min(len(name), 16)
    label = "; ".join(f"{name} from {found[0][1]:.4g} to {found[-1][1]:.4g}" for name, found in drawn.items())
    return _write_svg(width, height, f"{title}: {label}", parts)


def _thin(found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Leave out points of a long curve, but never the last."""
    step = -(-len(found) // MOST_POINTS)
    return [*found[:-1:step], found[-1]]


def _format_shape(shape: Shape) -> str:
    return "×".join(map(str, shape))


def _draw_rect(x: float, y: float, width: float, height: float, colour: str, opacity: str) -> str:
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect {place} fill="{colour}" fill-opacity="{opacity}" stroke="{colour}"/>'


def _write_label(x: float, y: float, text: str, most: int, anchor: str = "middle", style: str = "") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text {place} style="fill:currentColor;font-size:11px{style}">{write_text(text, most)}</text>'


def _write_svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    size = f"width:{width}px;max-width:100%;min-width:{0.6 * width:.0f}px;height:auto"
    style = f"display:inline-block;{size};font-family:system-ui,sans-serif;color:inherit"
    box = f'viewBox="0 0 {width} {height}" role="img" aria-label="{write_text(label, 500)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} style="{style}">{"".join(parts)}</svg>'
