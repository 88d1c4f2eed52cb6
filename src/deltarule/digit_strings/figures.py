"""Figures of how rows of digits were cut and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.digit_strings.lattice import Way
from deltarule.digit_strings.recognition import Segmentation
from deltarule.errors import InvalidArgument
from deltarule.plotting import COLOURS, add_title, new_canvas, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCH = 70  # pixels of a line in an inch of the picture
_FAINT = 0.02  # pieces less likely than this to be a digit are not drawn in the lattice


def plot_segmentations(
    attempts: Sequence[Segmentation], captions: Sequence[str], title: str = "", columns: int = 1
) -> Figure:
    """Plot rows of digits with the cuts that were chosen and what was read, a caption above each.

    Grey are the trial cuts; a digit that the network gives less than 90 % stands in red.
    Raises :class:`InvalidArgument` where there are no attempts, or not one caption for each.
    """
    check("columns", columns, whole(1))
    if not attempts or len(captions) != len(attempts):
        raise InvalidArgument(
            argument="captions",
            expected=f"one for each attempt ({len(attempts)}), and one at least",
            value=captions,
        )
    lines = -(-len(attempts) // columns)
    widest = max(attempt.pieces.cuts.ink.shape[1] for attempt in attempts) / _INCH
    size = columns * (widest + 0.4), 1.12 * lines + (0.35 if title else 0.05)
    figure, grid = new_figure(lines, columns, size, squeeze=False)
    grid = grid.reshape(-1)
    for axes in grid:
        axes.axis("off")
    for axes, attempt, caption in zip(grid, attempts, captions, strict=False):
        _row(axes, attempt, attempt.ways[0])
        axes.set_xlim(-0.5, widest * _INCH)
        axes.set_title(caption, fontsize=8, loc="left", parse_math=False)
    add_title(figure, title)
    return figure


def plot_lattice(attempt: Segmentation, title: str = "") -> Figure:
    """Plot one row with its trial cuts, and above it every piece that may be a digit, as an arc from cut to cut.

    The arcs of the segmentation that was chosen are blue, those of others orange, and the bolder the likelier;
    below is what the network was shown of the chosen pieces.
    """
    way = attempt.ways[0]
    ink = attempt.pieces.cuts.ink
    width = max(6.0, ink.shape[1] / 30)
    figure = new_canvas((width, 0.35 + width * (ink.shape[0] + 46) / ink.shape[1] + 1.2))
    above, lower = figure.subfigures(
        2, 1, squeeze=False, height_ratios=[width * (ink.shape[0] + 46) / ink.shape[1], 1.2]
    )[:, 0]
    axes = above.subplots()
    _row(axes, attempt, way, named=False)
    _arcs(axes, attempt, way)
    axes.axis("off")
    axes.set_ylim(ink.shape[0], -46)
    below = np.reshape(lower.subplots(1, len(way.edges), squeeze=False), -1)
    for one, edge, label in zip(below, way.edges, way.labels, strict=True):
        one.imshow(attempt.images[edge], cmap="gray_r")
        one.set(xticks=[], yticks=[])
        chance = float(np.exp(attempt.answers[edge, label]))
        one.set_title(f"{attempt.names[label]}  {100 * chance:.1f} %", fontsize=8, parse_math=False)
    add_title(figure, title)
    return figure


def _row(axes: Axes, attempt: Segmentation, way: Way, named: bool = True) -> None:
    """The ink of a row, its trial cuts, the chosen ones, and below what was read."""
    cuts = attempt.pieces.cuts
    rows = np.arange(cuts.ink.shape[0])
    axes.imshow(cuts.ink, cmap="gray_r", vmin=0, vmax=1.25, interpolation="nearest")
    for path in cuts.paths[1:-1]:
        axes.plot(path - 0.5, rows, color="#999999", linewidth=0.35)
    edges = attempt.pieces.edges[list(way.edges)]
    for cut in sorted({int(cut) for cut in edges.reshape(-1)}):
        axes.plot(cuts.paths[cut] - 0.5, rows, color=COLOURS[0], linewidth=1.3)
    if not named:
        return
    for edge, label in zip(way.edges, way.labels, strict=True):
        sure = np.exp(attempt.answers[edge, label]) >= 0.9
        x = attempt.pieces.starts[edge] + attempt.pieces.boxes[edge, 2:].mean()
        axes.text(x, len(rows) + 1, attempt.names[label], ha="center", va="top", fontsize=10, parse_math=False,
                  color="black" if sure else COLOURS[1])  # fmt: skip
    axes.set_ylim(len(rows) + 14, -1)


def _arcs(axes: Axes, attempt: Segmentation, way: Way) -> None:
    scores = attempt.answers
    chance, label = np.exp(scores.max(axis=1)), scores.argmax(axis=1)
    heads = attempt.pieces.cuts.paths[:, 0]
    for edge in np.argsort(chance):
        chosen = int(edge) in way.edges
        if chance[edge] < _FAINT and not chosen:
            continue
        start, stop = heads[attempt.pieces.edges[edge]] - 0.5
        x = np.linspace(start, stop, 40)
        high = 4 + 0.8 * abs(stop - start)
        y = -2 - high * (1 - ((x - (start + stop) / 2) / max((stop - start) / 2, 0.5)) ** 2)
        colour = COLOURS[0] if chosen else COLOURS[1]
        axes.plot(x, y, color=colour, linewidth=0.3 + 1.7 * chance[edge], alpha=1 if chosen else 0.7)
        if chosen or chance[edge] > 0.25:
            axes.text((start + stop) / 2, -3 - high, attempt.names[label[edge]], ha="center", va="bottom", fontsize=9,
                      color=colour, parse_math=False)  # fmt: skip
