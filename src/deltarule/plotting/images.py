"""Sheets of images with captions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from deltarule.errors import InvalidArgument
from deltarule.plotting.style import add_note, find_figure, new_figure, shorten, title_drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FRAME: Any = {"color": "#cccccc", "linewidth": 0.6, "clip_on": False}
"""The style of the line around an image."""


def plot_images(
    images: np.ndarray, captions: Sequence[str], title: str = "", columns: int = 8, axes: Axes | None = None
) -> Figure:
    """Plot a sheet of images, each with a caption below.

    All grey images have one scale. White is the lowest value, or 0 if all values are above 0. Black is the highest
    value, or 1 if all values are below 1.

    Args:
        images: The images, (n, height, width) or (n, height, width, channels) with 1, 3 or 4 channels.
        captions: A caption for each image, of one or several lines.
        title: The title of the figure.
        columns: The number of images side by side, at most.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    Raises:
        InvalidArgument: For arrays of another shape.

    >>> figure = plot_images(np.zeros((2, 8, 8)), ["left", "right"], "two images")
    >>> [text.get_text() for text in figure.axes[0].texts], figure.get_suptitle()
    (['left', 'right'], 'two images')
    """
    if np.ndim(images) not in (3, 4) or (np.ndim(images) == 4 and images.shape[3] not in (1, 3, 4)):
        raise InvalidArgument(
            argument="images",
            expected="images of shape (n, height, width) or (n, height, width, 3)",
            value=np.shape(images),
        )
    images = images[..., 0] if images.ndim == 4 and images.shape[3] == 1 else images
    columns = max(1, min(columns, max(4, len(images))))
    grey = {"cmap": "gray_r", "vmin": min(0.0, float(images.min(initial=0))), "vmax": float(images.max(initial=1))}
    return plot_sheet(images, captions, [grey] * len(images), title, columns, 1.15 if columns > 4 else 1.7, 8, axes)


def plot_sheet(
    images: np.ndarray,
    captions: Sequence[str],
    looks: Sequence[Mapping[str, Any]],
    title: str,
    columns: int,
    cell: float,
    font: float,
    axes: Axes | None = None,
) -> Figure:
    """Plot images in rows with frames and captions, on one Axes whose unit is an inch, unless ``axes`` are smaller.

    Args:
        images: (n, height, width), or (n, height, width, 3).
        captions: The text below each image.
        looks: Options of ``imshow`` for each image, such as its colour map and scale.
        title: The title of the figure.
        columns: The number of images in a row.
        cell: The width of a column in inches.
        font: The size of the captions in points.
        axes: The Axes to draw on; by default those of a new figure.
    """
    lines = max((caption.count("\n") + 1 for caption in captions), default=1)
    rows, gap, top = max(1, -(-len(images) // columns)), 0.1, 0.35 if title else 0.05
    height = cell + lines * font / 58  # a line is 1.24 times the font size, an inch 72 points
    size, is_given = (cell * columns + gap, height * rows + top + gap / 2), axes is not None
    if axes is None:
        axes = cast("Axes", new_figure(1, 1, size, layout=None)[1])
        axes.set_position((0, 0, 1, 1))
    small = font * min(1, 1.4 * _measure_scale(axes, size)) if is_given else font  # captions leave some room
    axes.axis("off")
    for i, (image, caption, look) in enumerate(zip(images, captions, looks, strict=True)):
        x, y = gap + i % columns * cell, top + i // columns * height
        side = (cell - gap) / max(image.shape[:2])
        w, h = side * image.shape[1], side * image.shape[0]
        left, upper = x + (cell - gap - w) / 2, y + (cell - gap - h)
        axes.imshow(image, extent=(left, left + w, upper + h, upper), aspect="auto", interpolation="nearest", **look)
        axes.plot([left, left + w, left + w, left, left], [upper, upper, upper + h, upper + h, upper], **FRAME)
        text = "\n".join(shorten(line, round(cell * 128 / font)) for line in caption.split("\n"))
        middle = x + (cell - gap) / 2
        axes.text(middle, upper + h + 0.03, text, ha="center", va="top", fontsize=small, parse_math=False)
    axes.set_xlim(0, size[0])
    axes.set_ylim(size[1], 0)
    if not len(images):
        add_note(axes, "none")
    title_drawing(axes, title, size[1], is_given)
    return find_figure(axes)


def _measure_scale(axes: Axes, size: tuple[float, float]) -> float:
    """Return the length of an inch of a sheet of this size on given axes, in inches."""
    box, figure = axes.get_position(), find_figure(axes)
    return min(box.width * figure.get_figwidth() / size[0], box.height * figure.get_figheight() / size[1])
