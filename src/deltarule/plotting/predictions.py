"""Figures of predicted against true numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deltarule.plotting.style import BLUE, add_title, label_axes, new_figure, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 5000
"""The most points of one target that are drawn; of more, every so many-th is."""


def plot_predictions(
    targets: np.ndarray, predictions: np.ndarray, names: Sequence[str] = (), title: str = ""
) -> Figure:
    """Plot predictions against targets, with the diagonal on which they are equal; axes for each of several targets.

    Args:
        targets: The true numbers, (n,) or (n, k).
        predictions: The predicted numbers, of the same shape.
        names: The names of the targets.
        title: The title of the figure.

    >>> figure = plot_predictions(np.array([1.0, 2.0]), np.array([1.5, 2.0]), ["price"])
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('price', 'predicted price')
    """
    columns = targets.reshape(len(targets), -1), predictions.reshape(len(predictions), -1)
    k = columns[0].shape[1]
    figure, axes = new_figure(1, k, (max(4.2, 3.6 * k), 4.0), squeeze=False)
    step = -(-len(targets) // MOST_POINTS)
    for i in range(k):
        name = shorten(names[i] if i < len(names) else "target", 30)
        true, predicted = columns[0][::step, i], columns[1][::step, i]
        ends = [float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max()))]
        axes[0, i].plot(ends, ends, color="#888888", linewidth=1, zorder=1)
        axes[0, i].plot(true, predicted, ".", color=BLUE, markersize=4, alpha=0.5, zorder=2)
        label_axes(axes[0, i], name, f"predicted {name}")
    add_title(figure, title)
    return figure
