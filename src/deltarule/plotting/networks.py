"""Drawings of networks: the shape of one example before the first layer and after each layer."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10, prod
from typing import TYPE_CHECKING, Any, cast

from deltarule.errors import InvalidArgument
from deltarule.plotting.style import BLUE, ORANGE, find_figure, new_figure, shorten, title_drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPACING, HEIGHT = 1.35, 1.7
"""The distance between two shapes, and the height of the drawing, in inches on a figure of its own."""


def plot_network(
    chain: Sequence[tuple[Sequence[str], tuple[int, ...]]], title: str = "", axes: Axes | None = None
) -> Figure:
    """Plot the shapes of a network as a chain: images as squares behind each other, rows of neurons as bars.

    Args:
        chain: The shapes in order, each with the names of the layers that lead to it; the first is the input.
        title: The title of the figure.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    Raises:
        InvalidArgument: If there is no shape.

    >>> figure = plot_network([([], (8, 8, 1)), (["Flatten"], (64,)), (["Dense(10)"], (10,))])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['8×8×1', 'Flatten', '64', 'Dense(10)', '10']
    """
    from matplotlib.patches import FancyArrowPatch

    if not chain:
        raise InvalidArgument(argument="chain", expected="one or more shapes", value=chain)
    size, is_given = (SPACING * len(chain), HEIGHT + (0.3 if title else 0)), axes is not None
    if axes is None:
        axes = cast("Axes", new_figure(1, 1, size, layout=None)[1])
        axes.set_position((0, 0, 1, HEIGHT / size[1]))
    box, figure = axes.get_position(), find_figure(axes)
    font = 8.5 * min(1.0, 1.15 * box.width * figure.get_figwidth() / size[0])
    axes.axis("off")
    largest = max((max(shape[:2]) for _, shape in chain if len(shape) == 3), default=1)
    for i, (words, shape) in enumerate(chain):
        x, middle = SPACING * (i + 0.5), 0.85
        if i:
            start, end = (x - SPACING + 0.45, middle), (x - 0.45, middle)
            axes.add_patch(FancyArrowPatch(start, end, arrowstyle="->", mutation_scale=font, color="#444444"))
            first, *rest = (shorten(word, 17) for word in words)
            label = f"{first}\n{shorten(', '.join(rest), 17)}" if rest else first
            _write(axes, x - SPACING / 2, 1.62, label, font, "top")
        _draw_shape(axes, x, middle, shape, largest)
        _write(axes, x, 0.06, "×".join(map(str, shape)), font, "bottom")
    axes.set_xlim(0, size[0])
    axes.set_ylim(0, HEIGHT)
    title_drawing(axes, title, size[1], is_given)
    return figure


def _draw_shape(axes: Axes, x: float, middle: float, shape: tuple[int, ...], largest: int) -> None:
    from matplotlib.patches import Rectangle

    if len(shape) == 3:
        height, width = (0.12 + 0.45 * side / largest for side in shape[:2])
        look: dict[str, Any] = {"facecolor": BLUE, "edgecolor": BLUE, "alpha": 0.4}
        corners = [
            (x - width / 2 + 0.04 * k, middle - height / 2 + 0.04 * k) for k in reversed(range(min(shape[2], 4)))
        ]
    else:
        height, width = 0.15 + 0.2 * min(log10(prod(shape)), 4), 0.16
        look = {"facecolor": ORANGE, "edgecolor": ORANGE, "alpha": 0.5}
        corners = [(x - width / 2, middle - height / 2)]
    for corner in corners:
        axes.add_patch(Rectangle(corner, width, height, **look))


def _write(axes: Axes, x: float, y: float, text: str, font: float, place: Any) -> None:
    axes.text(x, y, text, ha="center", va=place, fontsize=font, parse_math=False)
