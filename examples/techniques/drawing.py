"""Helpers for the figures: axes in the library's style, several seeds as one band, small data and few epochs."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import deltarule as dr
from deltarule.plotting import COLOURS, label_axes, new_figure

Result = tuple[Figure, list[str]]
"""A figure, and the values measured for it as lines of text."""

LINES = ("-", "--", "-.", ":")


def make_figure(columns: int = 2, width: float = 8.6, height: float = 3.4, rows: int = 1) -> tuple[Figure, Any]:
    """Build a figure and its axes, one or an array of them."""
    return new_figure(rows, columns, (width, height))


def label_plot(axes: Axes, x: str, y: str, title: str = "", legend: str | None = "best") -> None:
    """Label both axes, and add a legend at a place such as "lower right", or none."""
    label_axes(axes, x, y, title, {"loc": legend, "frameon": False} if legend else False)


def plot_runs(axes: Axes, runs: Any, i: int, label: str, x: Any = None, line: str | None = None) -> None:
    """Plot the median of several runs with a band from the least to the greatest.

    ``i`` chooses the colour and the line. The default of ``x`` is the epochs, counted from 1.
    """
    runs = np.asarray(runs, dtype=float)
    x = np.arange(1, runs.shape[1] + 1) if x is None else x
    axes.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=COLOURS[i], alpha=0.18, linewidth=0)
    axes.plot(x, np.median(runs, axis=0), color=COLOURS[i], linestyle=line or LINES[i % 4], label=label)


def format_spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """Format the median with the least and the greatest value."""
    low, middle, high = (form.format(v) for v in (min(values), float(np.median(values)), max(values)))
    return f"{middle} ({low} to {high})"


@cache
def load_data(kind: str = "digits") -> tuple[dr.Dataset, dr.Dataset, dr.Dataset]:
    """Load the training, validation and test set: ``digits``, the small ones, or ``mnist``."""
    return dr.data.load(kind)


def list_seeds(quick: bool, count: int = 5) -> range:
    """Return the seeds of a figure, two in a quick run."""
    return range(2 if quick else count)


def limit_epochs(quick: bool, count: int) -> int:
    """Return the number of epochs of a figure, two in a quick run."""
    return 2 if quick else count
