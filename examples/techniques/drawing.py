"""What the pictures share: axes in the library's style, and many seeds as one band."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import deltarule as dr
from deltarule.plotting import COLOURS, new_figure

Picture = tuple[Figure, list[str]]
"""A figure, and in lines what was measured for it."""

LINES = ("-", "--", "-.", ":")


def canvas(columns: int = 2, width: float = 8.6, height: float = 3.4, rows: int = 1) -> tuple[Figure, Any]:
    """A figure and its axes, one or an array of them."""
    return new_figure(rows, columns, (width, height))


def name(axes: Axes, x: str, y: str, title: str = "", legend: str | None = "best") -> None:
    """Says what stands on the axes."""
    axes.set(xlabel=x, ylabel=y, title=title)
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=9, loc=legend, frameon=False)


def band(axes: Axes, x: Any, runs: Any, i: int, label: str, line: str | None = None) -> None:
    """Several runs as their median with a band from the least to the greatest; ``i`` chooses colour and line."""
    runs = np.asarray(runs, dtype=float)
    axes.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=COLOURS[i], alpha=0.18, linewidth=0)
    axes.plot(x, np.median(runs, axis=0), color=COLOURS[i], linestyle=line or LINES[i % 4], label=label)


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """A median with the least and greatest."""
    low, middle, high = (form.format(v) for v in (min(values), float(np.median(values)), max(values)))
    return f"{middle} ({low} to {high})"


@cache
def data(kind: str = "digits") -> tuple[dr.Dataset, dr.Dataset, dr.Dataset]:
    """Training, validation and test examples: ``digits``, the small ones, or ``mnist``."""
    return dr.data.load(kind)


def seeds(quick: bool, count: int = 5) -> range:
    """The seeds that a picture takes."""
    return range(2 if quick else count)


def epochs(quick: bool, count: int) -> int:
    """The epochs that a picture takes."""
    return 2 if quick else count


def histories(run: Callable[[int], dr.Model], quick: bool, what: str, count: int = 5) -> np.ndarray:
    """What was recorded of one name, a row for each seed."""
    return np.asarray([run(seed).history[what] for seed in seeds(quick, count)])
