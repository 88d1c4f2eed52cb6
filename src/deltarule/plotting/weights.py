"""The weights of a first layer, as a sheet of images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deltarule.errors import InvalidArgument
from deltarule.plotting.images import plot_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_weights(w: np.ndarray, title: str = "", most: int = 40) -> Figure:
    """Plot the weights into each neuron or feature map of the first layer as an image.

    Purple weights are negative, orange positive, and white is 0; each image has its own scale. ``w`` has the
    shape (neurons, height, width); :class:`InvalidArgument` is raised for others, and the first ``most`` are shown.
    """
    if w.ndim != 3:
        raise InvalidArgument(f"weights of shape {w.shape} are no images: give (neurons, height, width)")
    shown = w[:most]
    largest = [float(np.abs(image).max()) or 1.0 for image in shown]
    looks = [{"cmap": "PuOr_r", "vmin": -top, "vmax": top} for top in largest]
    title += f" (the first {most} of {len(w)})" if len(w) > most else ""
    names = [str(i) for i in range(len(shown))]
    return plot_sheet(shown, names, looks, title, max(5, min(10, len(shown))), 0.95, 7)
