"""Learning curves: accuracy and cost by epoch, for one or several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from deltarule.errors import InvalidArgument
from deltarule.plotting.style import COLOURS, MARKERS, add_note, add_title, find_figure, new_figure, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Records: TypeAlias = Sequence[Mapping[str, Any]]
"""The records of a run: a dictionary for each epoch, as in ``model.history.records``."""

FEW = 15
"""Curves with fewer epochs have a marker at each."""


def plot_curves(
    runs: Mapping[str, Records], title: str = "", cost: str = "cost", axes: Sequence[Axes] | None = None
) -> Figure:
    """Plot accuracy (or R² of real targets) and cost by epoch, side by side, for one or several runs.

    Validation curves are solid, training curves dashed. The first seven runs have different colours. From the eighth
    run on the colours repeat, with other markers. Records count epochs from 0, the axis from 1.

    Args:
        runs: The records of each run by its name; a single run's name may be empty. Plotted are
            ``validation_accuracy``, ``training_accuracy``, ``validation_cost`` and ``training_cost``, as far as they
            were recorded; ``validation_r2`` and ``training_r2`` if no run has an accuracy.
        title: The title of the figure.
        cost: The label of the second y-axis.
        axes: Two Axes to draw on; by default those of a new figure.

    Raises:
        InvalidArgument: Unless there are two axes.

    >>> figure = plot_curves({"": [{"epoch": i, "validation_accuracy": a} for i, a in enumerate([0.91, 0.95])]})
    >>> figure.axes[0].get_ylabel(), figure.axes[0].lines[0].get_xdata().tolist()
    ('accuracy in %', [1.0, 2.0])
    """
    if axes is not None and not (isinstance(axes, (Sequence, np.ndarray)) and len(axes) == 2):
        remedy = "build them: figure, axes = new_figure(1, 2)"
        raise InvalidArgument(argument="axes", expected="two Axes, for accuracy and cost", value=axes, remedy=remedy)
    left, right = new_figure(1, 2, (9.5, 3.8 + 0.1 * len(runs)))[1] if axes is None else axes
    figure = find_figure(left)
    every = [record for records in runs.values() for record in records]
    has_r2 = any("validation_r2" in r for r in every) and not any("validation_accuracy" in r for r in every)
    score, label = ("r2", "R²") if has_r2 else ("accuracy", "accuracy in %")
    for i, records in enumerate(runs.values()):
        looks = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i // len(COLOURS) % len(MARKERS)], "ms": 3.5}
        always = i >= len(COLOURS)  # colours repeat from here on, so markers must show
        for one, what in ((left, score), (right, "cost")):
            for source, dashes in (("validation", "-"), ("training", "--")):
                _plot_curve(one, records, f"{source}_{what}", {**looks, "linestyle": dashes, "label": source}, always)
    for one, what in ((left, label), (right, cost)):
        one.set_xlabel("epoch")
        one.set_ylabel(what)
        _set_whole_epochs(one)
        if not one.lines:
            add_note(one, "not measured")
        elif len(runs) == 1:
            one.legend(fontsize=9, frameon=False)
    if len(runs) > 1:
        _name_runs(figure, list(runs), any(line.get_linestyle() == "--" for line in (*left.lines, *right.lines)))
    add_title(figure, title)
    return figure


def _plot_curve(axes: Axes, records: Records, name: str, looks: Mapping[str, Any], always: bool) -> None:
    # numbers only, as a user's Monitor may record anything under this name
    points = [(record["epoch"] + 1, record[name]) for record in records if isinstance(record.get(name), Real)]
    if not points:
        return
    epochs, values = np.asarray(points, dtype=float).T
    if name.endswith("accuracy"):
        values = 100 * values
    few = len(points) < FEW
    axes.plot(epochs, values, **{**looks, "marker": looks["marker"] if few or always else ""},
              markevery=1 if few else max(1, len(points) // 12))  # fmt: skip


def _set_whole_epochs(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch for line in axes.lines for epoch in np.asarray(line.get_xdata())]
    if not epochs or min(epochs) == max(epochs):
        only = epochs[0] if epochs else 1
        axes.set_xlim(only - 0.5, only + 0.5)
        axes.set_xticks([only])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))


def _name_runs(figure: Figure, runs: Sequence[str], dashed: bool) -> None:
    """Add one legend for both axes below them."""
    from matplotlib.lines import Line2D

    looks: list[dict[str, Any]] = [
        {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i // len(COLOURS) % len(MARKERS)], "ms": 4}
        for i in range(len(runs))
    ]
    names = [shorten(name, 60) for name in runs]
    if dashed:
        looks += [{"color": "#666666"}, {"color": "#666666", "linestyle": "--"}]
        names += ["validation", "training"]
    columns = max(1, min(4, len(names), 110 // (max(map(len, names)) + 8)))
    handles = [Line2D([], [], **look) for look in looks]
    legend = figure.legend(
        handles, ["·"] * len(names), loc="outside lower center", ncols=columns, fontsize=9, frameon=False
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_parse_math(False)
        text.set_text(name)
