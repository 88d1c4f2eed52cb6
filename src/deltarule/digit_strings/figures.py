"""Figures of rows of digits: their cuts and the digits read."""

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

_INCH = 70  # pixels of a line in an inch of the figure
_FAINT = 0.02  # the lattice shows pieces that are digits with at least this probability


def plot_segmentations(
    segmentations: Sequence[Segmentation], captions: Sequence[str], title: str = "", columns: int = 1
) -> Figure:
    """Plot rows of digits with their cuts, the digits read below and a caption above.

    Trial cuts are grey, the cuts used are blue. A digit with a probability below 90 % is orange.

    Args:
        segmentations: The rows, one or more, each from :func:`deltarule.digit_strings.segment`.
        captions: A caption for each row.
        title: The title of the figure.
        columns: The number of pictures side by side.

    Raises:
        InvalidArgument: For no rows, another number of captions, or invalid columns.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, segment, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> figure = plot_segmentations([segment(picture.image, load_reader())], ["three digits"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['7', '8', '8']
    """
    check("columns", columns, whole(1))
    if not segmentations or len(captions) != len(segmentations):
        raise InvalidArgument(
            "expected at least one segmentation, and one caption for each, "
            f"got {len(segmentations)} segmentations and {len(captions)} captions",
            argument="captions" if segmentations else "segmentations",
        )
    lines = -(-len(segmentations) // columns)
    widest = max(one.pieces.cuts.ink.shape[1] for one in segmentations) / _INCH
    size = columns * (widest + 0.4), 1.12 * lines + (0.35 if title else 0.05)
    figure, grid = new_figure(lines, columns, size, squeeze=False)
    grid = grid.reshape(-1)
    for axes in grid:
        axes.axis("off")
    for axes, one, caption in zip(grid, segmentations, captions, strict=False):
        _plot_row(axes, one, one.ways[0])
        axes.set_xlim(-0.5, widest * _INCH)
        axes.set_title(caption, fontsize=8, loc="left", parse_math=False)
    add_title(figure, title)
    return figure


def plot_lattice(segmentation: Segmentation, title: str = "") -> Figure:
    """Plot one row with its trial cuts, and above it every piece that may be a digit as an arc from cut to cut.

    The arcs of the best segmentation are blue, others orange; bolder means more probable. Below the row are the best
    segmentation's pieces as the network gets them.

    >>> from deltarule.data import load
    >>> from deltarule.digit_strings import load_reader, segment, synthesize_strings
    >>> picture = synthesize_strings(load("digits")[2], 1, seed=1, lengths=(3,))[0]
    >>> figure = plot_lattice(segment(picture.image, load_reader()))
    >>> [axes.get_title().split()[0] for axes in figure.axes[1:]]
    ['7', '8', '8']
    """
    way = segmentation.ways[0]
    ink = segmentation.pieces.cuts.ink
    width = max(6.0, ink.shape[1] / 30)
    figure = new_canvas((width, 0.35 + width * (ink.shape[0] + 46) / ink.shape[1] + 1.2))
    above, lower = figure.subfigures(
        2, 1, squeeze=False, height_ratios=[width * (ink.shape[0] + 46) / ink.shape[1], 1.2]
    )[:, 0]
    axes = above.subplots()
    _plot_row(axes, segmentation, way, labels=False)
    _plot_arcs(axes, segmentation, way)
    axes.axis("off")
    axes.set_ylim(ink.shape[0], -46)
    below = np.reshape(lower.subplots(1, len(way.edges), squeeze=False), -1)
    for one, edge, label in zip(below, way.edges, way.labels, strict=True):
        one.imshow(segmentation.images[edge], cmap="gray_r")
        one.set(xticks=[], yticks=[])
        probability = float(np.exp(segmentation.scores[edge, label]))
        one.set_title(f"{segmentation.names[label]}  {100 * probability:.1f} %", fontsize=8, parse_math=False)
    add_title(figure, title)
    return figure


def _plot_row(axes: Axes, segmentation: Segmentation, way: Way, labels: bool = True) -> None:
    """Plot the ink of a row, its trial cuts, the cuts used, and the digits read below."""
    cuts = segmentation.pieces.cuts
    rows = np.arange(cuts.ink.shape[0])
    axes.imshow(cuts.ink, cmap="gray_r", vmin=0, vmax=1.25, interpolation="nearest")
    for path in cuts.paths[1:-1]:
        axes.plot(path - 0.5, rows, color="#999999", linewidth=0.35)
    edges = segmentation.pieces.edges[list(way.edges)]
    for cut in sorted({int(cut) for cut in edges.reshape(-1)}):
        axes.plot(cuts.paths[cut] - 0.5, rows, color=COLOURS[0], linewidth=1.3)
    if not labels:
        return
    for edge, name, probability in segmentation.name_pieces(way):
        x = segmentation.pieces.starts[edge] + segmentation.pieces.boxes[edge, 2:].mean()
        axes.text(x, len(rows) + 1, name, ha="center", va="top", fontsize=10, parse_math=False,
                  color="black" if probability >= 0.9 else COLOURS[1])  # fmt: skip
    axes.set_ylim(len(rows) + 14, -1)


def _plot_arcs(axes: Axes, segmentation: Segmentation, way: Way) -> None:
    scores = segmentation.scores
    probability, label = np.exp(scores.max(axis=1)), scores.argmax(axis=1)
    heads = segmentation.pieces.cuts.paths[:, 0]
    for edge in np.argsort(probability):
        used = int(edge) in way.edges
        if probability[edge] < _FAINT and not used:
            continue
        start, stop = heads[segmentation.pieces.edges[edge]] - 0.5
        x = np.linspace(start, stop, 40)
        high = 4 + 0.8 * abs(stop - start)
        y = -2 - high * (1 - ((x - (start + stop) / 2) / max((stop - start) / 2, 0.5)) ** 2)
        colour = COLOURS[0] if used else COLOURS[1]
        axes.plot(x, y, color=colour, linewidth=0.3 + 1.7 * probability[edge], alpha=1 if used else 0.7)
        if used or probability[edge] > 0.25:
            axes.text((start + stop) / 2, -3 - high, segmentation.names[label[edge]], ha="center", va="bottom",
                      fontsize=9, color=colour, parse_math=False)  # fmt: skip
