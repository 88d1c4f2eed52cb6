"""Pictures of learning: curves, digits, confusion matrices and first-layer weights.

Every function returns a matplotlib ``Figure``; :func:`save` writes it. The colours can be told apart
by the colour-blind and in print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.errors import FileError, UsageError
from deltarule.models.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Okabe and Ito's colours, those of most contrast first."""

STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "savefig.dpi": 150,
}


def save(figure: Figure, path: str | Path) -> Path:
    """Writes the figure in the format of the path's ending; raises :class:`FileError` if it cannot."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _style():
            figure.savefig(path)
    except (OSError, ValueError) as error:
        raise FileError(f"{path} could not be written: {error}") from None
    return path


def curves(histories: Mapping[str, History], title: str = "") -> Figure:
    """Accuracy and cost by epoch for one or several runs, side by side.

    One run: training (dashed, where it was monitored) against validation. Several: a colour a run.
    """
    figure, (left, right) = _figure(1, 2, (9.5, 3.8))
    for (name, history), colour in zip(histories.items(), _cycle(len(histories)), strict=True):
        for axes, what in ((left, "accuracy"), (right, "cost")):
            for source, dashes in (("validation", "-"), ("training", "--")):
                _curve(axes, history, f"{source}_{what}", dashes, colour, f"{name} {source}".strip())
    for axes, what in ((left, "accuracy in %"), (right, "cost")):
        axes.set_xlabel("epoch")
        axes.set_ylabel(what)
        axes.xaxis.get_major_locator().set_params(integer=True)
        if axes.lines:
            axes.legend(fontsize=8, frameon=False)
        else:
            _say(axes, "not measured")
    figure.suptitle(title)
    return figure


def _curve(axes: Axes, history: History, name: str, dashes: str, colour: str, label: str) -> None:
    points = [(record["epoch"], record[name]) for record in history.records if name in record]
    if points:
        epochs, values = np.asarray(points, dtype=float).T
        if name.endswith("accuracy"):
            values = 100 * values
        axes.plot(epochs, values, dashes, color=colour, label=label, marker="o" if len(points) < 15 else None, ms=3.5)


def digits(images: np.ndarray, captions: Sequence[str], title: str = "", columns: int = 8) -> Figure:
    """A sheet of images, (n, height, width) or (n, height, width, 3), each with its caption below."""
    rows = max(1, -(-len(images) // columns))
    figure, grid = _figure(rows, columns, (1.15 * columns, 1.42 * rows + 0.5))
    for axes in np.asarray(grid).flat:
        axes.axis("off")
    for axes, image, caption in zip(np.asarray(grid).flat, images, captions, strict=False):
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
        axes.set_title(caption, fontsize=8, y=-0.19)
    if not len(images):
        _say(np.asarray(grid).flat[0], "none")
    figure.suptitle(title)
    return figure


def confusion(counts: np.ndarray, classes: Sequence[str], title: str = "") -> Figure:
    """How often each label (row) was read as each other (column); mistakes alone are coloured."""
    n = len(counts)
    figure, axes = _figure(1, 1, (max(4.6, 0.46 * n + 1.4), max(4.2, 0.44 * n + 1.2)))
    mistakes = np.where(np.eye(n, dtype=bool), 0, counts)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(1, mistakes.max()))
    for (i, j), count in np.ndenumerate(counts):
        if count:
            bright = i != j and count > 0.6 * mistakes.max()
            axes.text(j, i, str(count), ha="center", va="center", fontsize=7.5 if n <= 12 else 5,
                      color="white" if bright else "black", fontweight="bold" if i == j else "normal")  # fmt: skip
    names = [classes[i] if i < len(classes) else str(i) for i in range(n)]
    axes.set_xticks(range(n), names, rotation=0 if max(map(len, names)) < 3 else 90)
    axes.set_yticks(range(n), names)
    axes.set_xlabel("read as")
    axes.set_ylabel("is")
    axes.grid(False)
    axes.set_title(title)
    return figure


def weights(w: np.ndarray, shape: tuple[int, int], title: str = "", most: int = 40) -> Figure:
    """The weights into each neuron of the first layer as an image: (neurons, inputs), inputs of ``shape``.

    Blue weights are negative, orange positive, and white is 0; each image has its own scale.
    """
    if w.shape[1] != shape[0] * shape[1]:
        raise UsageError(f"{w.shape[1]} weights a neuron do not make an image of {shape[0]} × {shape[1]}")
    shown = w[:most].reshape(-1, *shape)
    columns = min(10, len(shown))
    rows = -(-len(shown) // columns)
    figure, grid = _figure(rows, columns, (0.95 * columns, 1.12 * rows + 0.5), squeeze=False)
    for i, axes in enumerate(grid.flat):
        axes.axis("off")
        if i < len(shown):
            largest = float(np.abs(shown[i]).max()) or 1.0
            axes.imshow(shown[i], cmap="PuOr_r", vmin=-largest, vmax=largest, interpolation="nearest")
            axes.set_title(f"neuron {i}", fontsize=7)
    figure.suptitle(title + (f" (the first {most} of {len(w)})" if len(w) > most else ""))
    return figure


def _figure(rows: int, columns: int, size: tuple[float, float], **options: Any) -> tuple[Figure, Any]:
    # no pyplot: it keeps every figure alive and chooses a window system
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        return figure, figure.subplots(rows, columns, **options)


def _style() -> Any:
    from matplotlib import rc_context

    return rc_context(STYLE)


def _cycle(n: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#666666")
