"""Several runs as one curve with a band, and the published value beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.plotting.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_band(
    axes: Axes, runs: Sequence[Sequence[float]], x: Sequence[float] | None = None, *,
    label: str = "", colour: str = COLOURS[0], **line: Any,
) -> None:  # fmt: skip
    """Plot the mean of several runs as a line, with a band from the lowest to the highest of them.

    If ``runs`` is empty, nothing is plotted.

    Args:
        axes: The axes to draw on.
        runs: The values of each run, cut to the length of the shortest.
        x: The x-coordinates; the epochs 1, 2, 3, … by default.
        label: The label in the legend.
        colour: The colour of the line and the band.
        **line: Options of ``Axes.plot``.

    >>> from deltarule.plotting import new_figure
    >>> figure, axes = new_figure()
    >>> plot_band(axes, [[1.0, 2.0], [3.0, 6.0]])
    >>> axes.lines[0].get_xydata().tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    if not runs:
        return
    length = min(map(len, runs))
    values = np.asarray([run[:length] for run in runs], dtype=float)
    at = np.arange(1, length + 1) if x is None else np.asarray(x, dtype=float)[:length]
    axes.plot(at, values.mean(axis=0), color=colour, label=label or None, **line)
    if len(runs) > 1:
        axes.fill_between(at, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, linewidth=0)


def plot_published(axes: Axes, value: float, label: str = "published", colour: str = "#555555") -> None:
    """Draw a dashed line across the axes at the published value.

    >>> from deltarule.plotting import new_figure
    >>> figure, axes = new_figure()
    >>> plot_published(axes, 95.4)
    >>> axes.lines[0].get_label()
    'published'
    """
    axes.axhline(value, color=colour, linestyle=(0, (5, 3)), linewidth=1, label=label or None)
