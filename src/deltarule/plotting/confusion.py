"""Figures of confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from deltarule.plotting.style import find_figure, new_figure, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MOST_NUMBERED = 40
"""The most classes whose counts are written; more are drawn as a plain image, with the names of about so many."""


def plot_confusion(counts: np.ndarray, classes: Sequence[str], title: str = "", axes: Axes | None = None) -> Figure:
    """Plot a confusion matrix in which only mistakes are coloured.

    More than 40 classes are drawn without numbers, and only every second, third, … class is named.

    Args:
        counts: The number of examples by label (row) and predicted class (column), (n, n).
        classes: The names of the classes; classes without a name are numbered.
        title: The title of the figure.
        axes: The Axes to draw on; by default those of a new figure, of a fitting size.

    >>> figure = plot_confusion(np.array([[8, 2], [0, 9]]), ["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts], figure.axes[0].get_xlabel()
    (['8', '2', '9'], 'prediction')
    """
    n = len(counts)
    named = range(0, n, ceil(n / MOST_NUMBERED))
    names = [shorten(classes[i] if i < len(classes) else str(i), 24) for i in named]
    long, few = max(map(len, names)), n <= 12
    side = max(3.6, (0.46 if few else 0.3) * min(n, MOST_NUMBERED))
    if axes is None:
        size = (side + 0.6 + 0.075 * long, side + 0.75 + (0.075 * long if long > 2 else 0))
        axes = cast("Axes", new_figure(1, 1, size)[1])
    own = np.eye(n, dtype=bool)
    most = max(1, np.where(own, 0, counts).max(initial=0))
    axes.set_facecolor("#ececec")  # shows on the diagonal, where the image is empty
    axes.imshow(
        np.where(own, np.nan, counts).astype(np.float32), cmap="Oranges", vmin=0, vmax=most, interpolation="nearest"
    )
    for (i, j), count in np.ndenumerate(counts if n <= MOST_NUMBERED else np.zeros((0, 0))):
        if count or i == j:
            axes.text(j, i, str(count), ha="center", va="center", fontsize=7.5 if few else 5.5,
                      color="white" if i != j and count > 0.6 * most else "black",
                      fontweight="bold" if i == j else "normal")  # fmt: skip
    turned: Any = {"rotation": 90} if long > 2 else {}
    axes.set_xticks(named, names, fontsize=9 if few else 7, parse_math=False, **turned)
    axes.set_yticks(named, names, fontsize=9 if few else 7, parse_math=False)
    axes.set_xlabel("prediction")
    axes.set_ylabel("label")
    axes.grid(False)
    axes.set_title(shorten(title, round(11 * side)), parse_math=False)
    return find_figure(axes)
