"""Figures of training and data: curves, bands, images, weights, confusion matrices.

The functions plot arrays and records. They return a matplotlib ``Figure`` or draw on given axes; :func:`save_figure`
writes a figure to a file. matplotlib is imported with the first figure.
"""

from deltarule.plotting.bands import plot_band, plot_published
from deltarule.plotting.confusion import plot_confusion
from deltarule.plotting.curves import plot_curves
from deltarule.plotting.eta_range import plot_eta_range
from deltarule.plotting.images import plot_images
from deltarule.plotting.misclassified import plot_misclassified
from deltarule.plotting.predictions import plot_predictions
from deltarule.plotting.saving import find_format, render_svg, save_figure
from deltarule.plotting.style import (
    COLOURS,
    LINES,
    MARKERS,
    STYLE,
    add_legend_below,
    add_title,
    label_axes,
    new_canvas,
    new_figure,
)
from deltarule.plotting.weights import plot_weights

__all__ = [
    "COLOURS",
    "LINES",
    "MARKERS",
    "STYLE",
    "add_legend_below",
    "add_title",
    "find_format",
    "label_axes",
    "new_canvas",
    "new_figure",
    "plot_band",
    "plot_confusion",
    "plot_curves",
    "plot_eta_range",
    "plot_images",
    "plot_misclassified",
    "plot_predictions",
    "plot_published",
    "plot_weights",
    "render_svg",
    "save_figure",
]
