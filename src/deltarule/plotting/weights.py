"""Figures of first-layer weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deltarule.errors import InvalidArgument
from deltarule.plotting.images import plot_sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_weights(w: np.ndarray, title: str = "", most: int = 40, axes: Axes | None = None) -> Figure:
    """Plot the weights into each neuron or feature map of the first layer as an image.

    Negative weights are purple, positive ones orange, and 0 is white. Each image has its own scale.

    Args:
        w: The weights, (neurons, height, width).
        title: The title of the figure.
        most: The number of neurons to plot at most.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    Raises:
        InvalidArgument: For weights of another shape.

    >>> figure = plot_weights(np.ones((3, 4, 4)))
    >>> len(figure.axes[0].images), figure.axes[0].images[0].get_clim()
    (3, (-1.0, 1.0))
    """
    if w.ndim != 3:
        raise InvalidArgument(argument="w", expected="weights of shape (neurons, height, width)", value=w.shape)
    images = w[:most]
    largest = [float(np.abs(image).max()) or 1.0 for image in images]
    looks = [{"cmap": "PuOr_r", "vmin": -top, "vmax": top} for top in largest]
    title += f" (the first {most} of {len(w)})" if len(w) > most else ""
    names = [str(i) for i in range(len(images))]
    return plot_sheet(images, names, looks, title, max(5, min(10, len(images))), 0.95, 7, axes)
