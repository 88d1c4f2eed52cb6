"""Figures of activations: the numbers that each layer computes for one example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from deltarule.errors import InvalidArgument
from deltarule.plotting.images import FRAME
from deltarule.plotting.style import BLUE, find_figure, new_figure, shorten, title_drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, WIDTH, GAP = 1.5, 6.6, 0.1
"""The room for the names of layers, that for their numbers, and the space between rows, in inches."""

MAPS, LONGEST, LINES = 10, 50, 20
"""The most feature maps in a row, the most numbers in a line of a strip, and the most lines."""


def plot_activations(
    activations: Sequence[tuple[str, np.ndarray]],
    outputs: Sequence[str] = (),
    title: str = "",
    axes: Axes | None = None,
) -> Figure:
    """Plot the numbers after each layer, one row for each: feature maps as images, neurons as a strip of squares.

    White is 0, orange positive, purple negative; each row has its own scale, whose end is written at its right.

    Args:
        activations: For each row its name, of one or two lines, and its numbers: (height, width), (height, width,
            maps), or another shape, whose numbers are drawn as a strip. Of maps the first ten are drawn, of other
            numbers the first 1,000.
        outputs: The names of the last row's numbers, (n,). With names, up to 20 numbers are drawn as bars.
        title: The title of the figure.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    Raises:
        InvalidArgument: If there is no row, or a row without numbers.

    >>> figure = plot_activations([("Conv", np.ones((4, 4, 3))), ("outputs", np.array([0.2, 0.8]))], ["no", "yes"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['Conv', '±1', 'outputs', '0.20', 'no', '0.80', 'yes']
    """
    if not activations or not all(np.size(numbers) for _, numbers in activations):
        raise InvalidArgument(argument="activations", expected="one or more arrays with numbers", value=activations)
    last = np.asarray(activations[-1][1])
    has_bars = last.ndim == 1 and len(outputs) == len(last) <= 20
    heights = [_measure_height(np.asarray(numbers)) for _, numbers in activations]
    if has_bars:
        heights[-1] = 1.0
    top = 0.35 if title else 0.1
    size, is_given = (LEFT + WIDTH + 0.7, top + sum(heights) + GAP * len(heights)), axes is not None
    if axes is None:
        axes = cast("Axes", new_figure(1, 1, size, layout=None)[1])
        axes.set_position((0, 0, 1, 1))
    box, figure = axes.get_position(), find_figure(axes)
    inch = min(box.width * figure.get_figwidth() / size[0], box.height * figure.get_figheight() / size[1])
    font = 8 * min(1.0, 1.15 * inch)
    axes.axis("off")
    y = top
    for i, ((name, numbers), height) in enumerate(zip(activations, heights, strict=True)):
        label = "\n".join(shorten(line, 24) for line in name.split("\n"))
        _write(axes, LEFT - 0.12, y + height / 2, label, font, ha="right", va="center")
        if has_bars and i == len(heights) - 1:
            _draw_bars(axes, last, outputs, y, font)
        else:
            _draw_row(axes, np.asarray(numbers), y, height, font)
        y += height + GAP
    axes.set_xlim(0, size[0])
    axes.set_ylim(size[1], 0)
    title_drawing(axes, title, size[1], is_given)
    return figure


def _measure_height(numbers: np.ndarray) -> float:
    """Return the height of a row in inches."""
    if numbers.ndim in (2, 3):
        return 0.6
    cell = WIDTH / min(max(numbers.size, 20), LONGEST)
    return max(0.25, cell * min(-(-numbers.size // LONGEST), LINES))


def _draw_row(axes: Axes, numbers: np.ndarray, y: float, height: float, font: float) -> None:
    """Draw feature maps beside each other, or numbers as a strip of one or several lines."""
    end = float(np.abs(numbers).max()) or 1.0
    look: Any = {"cmap": "PuOr_r", "vmin": -end, "vmax": end, "aspect": "auto", "interpolation": "nearest"}
    if numbers.ndim in (2, 3):
        maps = numbers[:, :, None] if numbers.ndim == 2 else numbers
        shape, room = maps.shape[:2], WIDTH / MAPS - 0.06
        side = min(height / shape[0], room / shape[1])
        pictures = [maps[:, :, k] for k in range(min(maps.shape[2], MAPS))]
        step, w, h = WIDTH / MAPS, side * shape[1], side * shape[0]
        if len(pictures) == 1:  # one alone may be wide
            side = min(height / shape[0], WIDTH / shape[1])
            w, h = side * shape[1], side * shape[0]
    else:
        flat = numbers.ravel()[: LINES * LONGEST]
        length = min(flat.size, LONGEST)
        lines = -(-flat.size // LONGEST)
        padded = np.full(lines * length, np.nan)
        padded[: flat.size] = flat
        pictures = [padded.reshape(lines, length)]
        step, w, h = 0.0, WIDTH * length / max(LONGEST if lines > 1 else length, 20), height
    right = LEFT
    for k, picture in enumerate(pictures):
        left = LEFT + k * step
        right = left + w
        axes.imshow(picture, extent=(left, right, y + h, y), **look)
        axes.plot([left, right, right, left, left], [y, y, y + h, y + h, y], **FRAME)
    more = f"\n{MAPS} of {numbers.shape[2]}" if numbers.ndim == 3 and numbers.shape[2] > MAPS else ""
    if numbers.ndim not in (2, 3) and numbers.size > LINES * LONGEST:
        more = f"\n{LINES * LONGEST:,} of\n{numbers.size:,}"
    _write(axes, right + 0.08, y + h / 2, f"±{end:.3g}{more}", 0.85 * font, ha="left", va="center", color="#666666")


def _draw_bars(axes: Axes, numbers: np.ndarray, names: Sequence[str], y: float, font: float) -> None:
    """Draw a bar for each number, from 0 to the largest, with the number above and its name below."""
    step, bottom, room = min(0.66, WIDTH / len(numbers)), y + 0.82, 0.6
    end = max(1.0, float(np.abs(numbers).max()))
    for i, (number, name) in enumerate(zip(numbers, names, strict=True)):
        x, height = LEFT + (i + 0.5) * step, room * max(0.0, float(number)) / end
        axes.bar(x, -height, 0.7 * step, bottom=bottom, color=BLUE)
        _write(
            axes,
            x,
            bottom - height - 0.02,
            f"{number:.{2 if abs(number) < 10 else 0}f}",
            0.85 * font,
            ha="center",
            va="bottom",
        )
        _write(axes, x, bottom + 0.03, shorten(name, max(3, round(12 * step))), font, ha="center", va="top")
    axes.plot([LEFT, LEFT + step * len(numbers)], [bottom, bottom], color="#444444", linewidth=0.8)


def _write(axes: Axes, x: float, y: float, text: str, font: float, **look: Any) -> None:
    axes.text(x, y, text, fontsize=font, parse_math=False, **look)
