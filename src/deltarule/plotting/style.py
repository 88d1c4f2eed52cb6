"""Colours, style and the parts that figures share: new figures, titles, labels on axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""Okabe and Ito's colours, which the colour-blind can tell apart, those of most contrast first."""

BLUE, ORANGE, GREEN, PINK, SKY, AMBER, BLACK = COLOURS

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Markers for curves that share a colour, where there are more curves than colours."""

LINES = ("-", "--", "-.", ":")
"""Line styles that tell curves apart besides their colours."""

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
"""Settings of matplotlib under which figures are made and saved."""


def use_style() -> Any:
    """Apply :data:`STYLE` within a ``with`` block."""
    from matplotlib import rc_context

    return rc_context(STYLE)


def new_canvas(size: tuple[float, float], layout: Any = "constrained") -> Figure:
    """Build a figure without axes, of a size in inches.

    It is not registered with pyplot, which keeps every figure alive and chooses a window system.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout=layout)
    FigureCanvasAgg(figure)
    return figure


def new_figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.4, 3.9), layout: Any = "constrained", **more: Any
) -> tuple[Figure, Any]:
    """Build a figure and its axes in the project's style.

    Returns the figure, and one Axes or an array of them, as ``Figure.subplots`` does, which also
    takes ``more``.
    """
    with use_style():
        figure = new_canvas(size, layout)
        return figure, figure.subplots(rows, columns, **more)


def label_axes(axes: Axes, x: str, y: str, title: str = "", legend: bool | Mapping[str, Any] = True) -> None:
    """Label the axes, and add a legend of the curves that have a label.

    ``legend`` is False for none, or the options of ``Axes.legend``, such as ``{"loc": "lower right"}``.
    """
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title, loc="left")
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(**{"fontsize": 9, **(legend if isinstance(legend, Mapping) else {})})


def add_legend_below(axes: Axes, columns: int, **options: Any) -> None:
    """Add a legend of the curves on these axes below all axes of their figure."""
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=9, **options)


def add_title(figure: Figure, title: str, **place: float) -> None:
    """Add a title above all axes, shortened to the figure's width; none where it is empty."""
    if title:
        text = shorten(title, round(11.5 * figure.get_figwidth()))
        figure.suptitle(text, fontsize=STYLE["figure.titlesize"], parse_math=False, **place)


def add_note(axes: Axes, text: str) -> None:
    """Write a remark into the middle of the axes, such as that there is nothing to draw."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#666666")


def shorten(text: str, most: int) -> str:
    """Put text on one line, and cut out its middle where it is too long.

    >>> shorten("a rather long name.png", 15)
    'a rathe…ame.png'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) - (most - 1 - most // 2) :]}"
