"""Figures of misclassified images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deltarule.plotting.images import plot_images

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_misclassified(
    images: np.ndarray,
    labels: Sequence[str],
    predictions: Sequence[str],
    confidences: np.ndarray,
    examples: int,
    most: int = 40,
    axes: Axes | None = None,
) -> Figure:
    """Plot misclassified images, the most confident mistakes first.

    Args:
        images: The misclassified images, (n, height, width) or (n, height, width, 3).
        labels: The name of each image's class.
        predictions: The name of each predicted class.
        confidences: The probability of each prediction, (n,).
        examples: The number of examples classified in all.
        most: The number of images to plot at most.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    >>> figure = plot_misclassified(np.ones((2, 8, 8)), ["3", "4"], ["5", "9"], np.array([0.6, 0.8]), examples=100)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['4 read as 9', '3 read as 5']
    """
    worst = np.argsort(-confidences, kind="stable")[:most]
    captions = [f"{labels[i]} read as {predictions[i]}" for i in worst]
    order = f"the {most} most confident mistakes" if len(images) > most else "the most confident mistakes first"
    title = f"{len(images):,} of {examples:,} misclassified" + f"; {order}" * bool(len(images) > 1)
    return plot_images(images[worst], captions, title, axes=axes)
