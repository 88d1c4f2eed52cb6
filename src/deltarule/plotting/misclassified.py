"""The examples that a network misclassifies, as a sheet of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deltarule.plotting.images import plot_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_misclassified(
    images: np.ndarray,
    labels: Sequence[str],
    predictions: Sequence[str],
    confidences: np.ndarray,
    examples: int,
    most: int = 40,
) -> Figure:
    """Plot the misclassified images, the most confident mistakes first.

    Args:
        images: The misclassified examples: (n, height, width), or (n, height, width, 3).
        labels: The name of each one's class.
        predictions: The name of the class that was predicted instead.
        confidences: The probability of each prediction, (n,).
        examples: How many examples were classified in all.
        most: How many are shown.
    """
    worst = np.argsort(-confidences, kind="stable")[:most]
    captions = [f"{labels[i]} read as {predictions[i]}" for i in worst]
    shown = f"the {most} misread with most conviction" if len(images) > most else "the surest mistakes first"
    title = f"{len(images):,} of {examples:,} misread" + f"; {shown}" * bool(len(images) > 1)
    return plot_images(images[worst], captions, title)
