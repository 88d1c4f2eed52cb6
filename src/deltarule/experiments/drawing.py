"""What figures of experiments share: the seeds' band around a curve, and the published value as a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.figures import COLOURS, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.4, 3.9), **more: Any) -> tuple[Figure, Any]:
    """A figure and its axes (an array of them, if there are several), in the project's style."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        drawn = Figure(figsize=size, layout="constrained")
        return drawn, drawn.subplots(rows, columns, **more)


def band(
    axes: Axes, runs: Sequence[Sequence[float]], x: Sequence[float] | None = None, *,
    label: str = "", colour: str = COLOURS[0], **line: Any,
) -> None:  # fmt: skip
    """The mean of several runs as a line, and from the lowest to the highest of them a band.

    Runs that ended early are drawn as far as the shortest; without ``x`` over 0, 1, 2, …, the epochs.
    """
    if not runs:
        return
    length = min(map(len, runs))
    values = np.asarray([run[:length] for run in runs], dtype=float)
    at = np.arange(length) if x is None else np.asarray(x, dtype=float)[:length]
    axes.plot(at, values.mean(axis=0), color=colour, label=label or None, **line)
    if len(runs) > 1:
        axes.fill_between(at, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, linewidth=0)


def published_line(axes: Axes, value: float, label: str = "published", colour: str = "#555555") -> None:
    """The published value across the axes, dashed."""
    axes.axhline(value, color=colour, linestyle=(0, (5, 3)), linewidth=1, label=label or None)


def named(axes: Axes, x: str, y: str, title: str = "", legend: bool = True) -> None:
    """Says what the axes are, and names the curves that have a label."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title, loc="left")
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=9)
