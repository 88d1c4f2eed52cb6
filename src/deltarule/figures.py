"""Pictures of learning: curves, digits, confusion matrices and first-layer weights.

Every function returns a matplotlib ``Figure``; :func:`save` writes it. The colours can be told apart
by the colour-blind and in print.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from io import BytesIO
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.errors import FileError, InvalidArgument
from deltarule.models.files import replace_file
from deltarule.models.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from deltarule.training.eta_range import EtaRange

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Okabe and Ito's colours, those of most contrast first."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""What tells apart the curves that share a colour, where there are more of them than colours."""

STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.titlesize": 11,
    "figure.titlesize": 11,
    "legend.frameon": False,
    "savefig.dpi": 150,
}

FRAME: Any = {"color": "#cccccc", "linewidth": 0.6, "clip_on": False}
"""The line around an image."""

FEW = 15
"""Epochs below which each has its marker."""


def save(figure: Figure, path: str | Path) -> Path:
    """Writes the figure, whole or not at all, in the format of the path's ending.

    Raises :class:`InvalidArgument` for an ending that is no format, :class:`FileError` if it cannot be written.
    """
    path = Path(path)
    kind = format_of(path)
    drawn = BytesIO()
    with _style(), warnings.catch_warnings():
        # a name in a script that the font does not have; boxes stand for it
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(drawn, format=kind)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{path} could not be written: {path.parent} is not a folder") from None
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror or error}") from None
    replace_file(path, drawn.getvalue())
    return path


def format_of(path: Path) -> str:
    """The format of the path's ending. Raises :class:`InvalidArgument` for an ending that is no format.

    >>> format_of(Path("curves.SVG"))
    'svg'
    """
    from matplotlib.backend_bases import FigureCanvasBase

    kind = path.suffix[1:].lower()
    if kind not in FigureCanvasBase.get_supported_filetypes():
        raise InvalidArgument(f"{path}: the name of a picture ends in .png, .svg or .pdf")
    return kind


def curves(histories: Mapping[str, History], title: str = "", cost: str = "cost") -> Figure:
    """Accuracy and cost by epoch for one or several runs, side by side; ``cost`` names the second axis.

    Training is dashed, where it was monitored, and validation is not. Of several runs each has its
    colour, and from the eighth on another marker.
    """
    figure, (left, right) = _figure(1, 2, (9.5, 3.8 + 0.1 * len(histories)))
    for i, history in enumerate(histories.values()):
        looks = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i // len(COLOURS) % len(MARKERS)], "ms": 3.5}
        always = i >= len(COLOURS)  # there the marker alone tells
        for axes, what in ((left, "accuracy"), (right, "cost")):
            for source, dashes in (("validation", "-"), ("training", "--")):
                _curve(axes, history, f"{source}_{what}", {**looks, "linestyle": dashes, "label": source}, always)
    for axes, what in ((left, "accuracy in %"), (right, cost)):
        axes.set_xlabel("epoch")
        axes.set_ylabel(what)
        _whole_epochs(axes)
        if not axes.lines:
            _say(axes, "not measured")
        elif len(histories) == 1:
            axes.legend(fontsize=9, frameon=False)
    if len(histories) > 1:
        _name_runs(figure, histories, any(line.get_linestyle() == "--" for line in (*left.lines, *right.lines)))
    _entitle(figure, title)
    return figure


def _curve(axes: Axes, history: History, name: str, looks: Mapping[str, Any], always: bool) -> None:
    # numbers only: a monitor of one's own may have used the name for anything
    points = [(record["epoch"], record[name]) for record in history.records if isinstance(record.get(name), Real)]
    if not points:
        return
    epochs, values = np.asarray(points, dtype=float).T
    if name.endswith("accuracy"):
        values = 100 * values
    few = len(points) < FEW
    axes.plot(epochs, values, **{**looks, "marker": looks["marker"] if few or always else ""},
              markevery=1 if few else max(1, len(points) // 12))  # fmt: skip


def _whole_epochs(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [epoch for line in axes.lines for epoch in np.asarray(line.get_xdata())]
    if not epochs or min(epochs) == max(epochs):
        only = epochs[0] if epochs else 0
        axes.set_xlim(only - 0.5, only + 0.5)
        axes.set_xticks([only])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))


def _name_runs(figure: Figure, histories: Mapping[str, History], dashed: bool) -> None:
    """One legend for both axes, below them, where it hides no curve."""
    from matplotlib.lines import Line2D

    looks: list[dict[str, Any]] = [
        {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i // len(COLOURS) % len(MARKERS)], "ms": 4}
        for i in range(len(histories))
    ]
    names = [_shortened(name, 60) for name in histories]
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


def digits(images: np.ndarray, captions: Sequence[str], title: str = "", columns: int = 8) -> Figure:
    """A sheet of images, (n, height, width) or (n, height, width, 3), each with its caption below.

    A caption may have several lines. One scale of grey serves the whole sheet: white is 0, or what
    is lowest, black what is highest.
    """
    if np.ndim(images) not in (3, 4) or (np.ndim(images) == 4 and images.shape[3] not in (1, 3, 4)):
        raise InvalidArgument(f"images of shape {np.shape(images)}: give (n, height, width) or (n, height, width, 3)")
    images = images[..., 0] if images.ndim == 4 and images.shape[3] == 1 else images
    columns = max(1, min(columns, max(4, len(images))))
    grey = {"cmap": "gray_r", "vmin": min(0.0, float(images.min(initial=0))), "vmax": float(images.max(initial=1))}
    return _sheet(images, captions, [grey] * len(images), title, columns, 1.15 if columns > 4 else 1.7, 8)


def _sheet(
    images: np.ndarray,
    captions: Sequence[str],
    looks: Sequence[Mapping[str, Any]],
    title: str,
    columns: int,
    cell: float,
    font: float,
) -> Figure:
    """Images in rows, ``cell`` inches a column, on one pair of axes whose unit is an inch; frames and captions."""
    lines = max((caption.count("\n") + 1 for caption in captions), default=1)
    rows, gap, top = max(1, -(-len(images) // columns)), 0.1, 0.35 if title else 0.05
    height = cell + lines * font / 58  # a line is 1.24 times the font, and an inch 72 points
    figure, axes = _figure(1, 1, (cell * columns + gap, height * rows + top + gap / 2), layout=None)
    axes.set_position((0, 0, 1, 1))
    axes.axis("off")
    for i, (image, caption, look) in enumerate(zip(images, captions, looks, strict=True)):
        x, y = gap + i % columns * cell, top + i // columns * height
        side = (cell - gap) / max(image.shape[:2])
        w, h = side * image.shape[1], side * image.shape[0]
        left, upper = x + (cell - gap - w) / 2, y + (cell - gap - h)
        axes.imshow(image, extent=(left, left + w, upper + h, upper), aspect="auto", interpolation="nearest", **look)
        axes.plot([left, left + w, left + w, left, left], [upper, upper, upper + h, upper + h, upper], **FRAME)
        text = "\n".join(_shortened(line, round(cell * 128 / font)) for line in caption.split("\n"))
        middle = x + (cell - gap) / 2
        axes.text(middle, upper + h + 0.03, text, ha="center", va="top", fontsize=font, parse_math=False)
    axes.set_xlim(0, figure.get_figwidth())
    axes.set_ylim(figure.get_figheight(), 0)
    if not len(images):
        _say(axes, "none")
    _entitle(figure, title, y=1 - 0.07 / figure.get_figheight())
    return figure


def confusion(counts: np.ndarray, classes: Sequence[str], title: str = "") -> Figure:
    """How often each label (row) was read as each other (column); mistakes alone are coloured."""
    n = len(counts)
    names = [_shortened(classes[i] if i < len(classes) else str(i), 24) for i in range(n)]
    long, few = max(map(len, names)), n <= 12
    side = max(3.6, (0.46 if few else 0.3) * n)
    figure, axes = _figure(1, 1, (side + 0.6 + 0.075 * long, side + 0.75 + (0.075 * long if long > 2 else 0)))
    own = np.eye(n, dtype=bool)
    most = max(1, np.where(own, 0, counts).max(initial=0))
    axes.set_facecolor("#ececec")  # the diagonal, which is left out
    axes.imshow(np.where(own, np.nan, counts), cmap="Oranges", vmin=0, vmax=most)
    for (i, j), count in np.ndenumerate(counts):
        if count or i == j:
            axes.text(j, i, str(count), ha="center", va="center", fontsize=7.5 if few else 5.5,
                      color="white" if i != j and count > 0.6 * most else "black",
                      fontweight="bold" if i == j else "normal")  # fmt: skip
    turned: Any = {"rotation": 90} if long > 2 else {}
    axes.set_xticks(range(n), names, fontsize=9 if few else 7, parse_math=False, **turned)
    axes.set_yticks(range(n), names, fontsize=9 if few else 7, parse_math=False)
    axes.set_xlabel("read as")
    axes.set_ylabel("label")
    axes.grid(False)
    axes.set_title(_shortened(title, round(11 * side)), parse_math=False)
    return figure


def weights(w: np.ndarray, title: str = "", most: int = 40) -> Figure:
    """The weights into each neuron or feature map of the first layer as an image: (neurons, height, width).

    Purple weights are negative, orange positive, and white is 0; each image has its own scale.
    """
    if w.ndim != 3:
        raise InvalidArgument(f"weights of shape {w.shape} are no images: give (neurons, height, width)")
    shown = w[:most]
    largest = [float(np.abs(image).max()) or 1.0 for image in shown]
    looks = [{"cmap": "PuOr_r", "vmin": -top, "vmax": top} for top in largest]
    title += f" (the first {most} of {len(w)})" if len(w) > most else ""
    names = [str(i) for i in range(len(shown))]
    return _sheet(shown, names, looks, title, max(5, min(10, len(shown))), 0.95, 7)


def eta_range(found: EtaRange, title: str = "") -> Figure:
    """The training cost against η as :func:`deltarule.find_eta` tried it, with the threshold and half of it.

    The band reaches from the least to the greatest of the starts; hollow are the η at which it did not fall.
    """
    from matplotlib.ticker import LogFormatter

    figure, axes = _figure(1, 1, (6.2, 4.0))
    tried = [trial for trial in found.trials if not trial.diverged]
    etas = [trial.eta for trial in tried]
    mean, least, greatest = zip(*(trial.last for trial in tried), strict=True)
    after = f"training cost after {found.trials[0].steps[-1]} mini-batches"
    axes.set(xscale="log", yscale="log", xlabel="learning rate η", ylabel=after)
    for show in (axes.xaxis.set_major_formatter, axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        show(LogFormatter())
    axes.fill_between(etas, least, greatest, color=COLOURS[0], alpha=0.2, linewidth=0)
    axes.plot(etas, mean, color=COLOURS[0])
    for falls, face, name in ((True, COLOURS[0], "falls"), (False, "white", "oscillates")):
        points = [(eta, c) for eta, c, trial in zip(etas, mean, tried, strict=True) if trial.decreases is falls]
        axes.plot(*zip(*points, strict=True) if points else ([], []), "o", color=COLOURS[0], mfc=face, label=name)
    axes.axvline(found.threshold, color=COLOURS[1], label=f"threshold {found.threshold:g}")
    axes.axvline(found.recommended, color=COLOURS[2], linestyle="--", label=f"recommended {found.recommended:g}")
    axes.legend(fontsize=9)
    _entitle(figure, title)
    return figure


def _figure(rows: int, columns: int, size: tuple[float, float], layout: Any = "constrained") -> tuple[Figure, Any]:
    # no pyplot: it keeps every figure alive and chooses a window system
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=size, layout=layout)
        FigureCanvasAgg(figure)
        return figure, figure.subplots(rows, columns)


def _style() -> Any:
    from matplotlib import rc_context

    return rc_context(STYLE)


def _entitle(figure: Figure, title: str, **place: float) -> None:
    if title:
        text = _shortened(title, round(11.5 * figure.get_figwidth()))
        figure.suptitle(text, fontsize=STYLE["figure.titlesize"], parse_math=False, **place)


def _shortened(text: str, most: int) -> str:
    """The text on one line, without its middle where it is too long.

    >>> _shortened("a rather long name.png", 15)
    'a rathe…ame.png'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) - (most - 1 - most // 2) :]}"


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#666666")
