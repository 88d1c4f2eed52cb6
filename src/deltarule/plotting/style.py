"""Colours, style and common parts of figures: new figures, titles, labels, legends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
"""The colours of Okabe and Ito, which colour-blind people can tell apart; the highest contrast first."""

BLUE, ORANGE, GREEN, PINK, SKY, AMBER, BLACK = COLOURS

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Markers for curves of the same colour, if there are more curves than colours."""

LINES = ("-", "--", "-.", ":")
"""Line styles, which distinguish curves in addition to colours."""

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
    "savefig.dpi": 150,
}
"""The settings of matplotlib for making and saving figures."""


def use_style() -> Any:
    """Apply :data:`STYLE` within a ``with`` block."""
    from matplotlib import rc_context

    return rc_context(STYLE)


def new_canvas(size: tuple[float, float], layout: Any = "constrained") -> Figure:
    """Build a figure without axes, of a size in inches.

    The figure is not registered with pyplot, which would keep it alive and choose a window system.

    >>> figure = new_canvas((4, 3))
    >>> figure.get_size_inches().tolist(), figure.axes
    ([4.0, 3.0], [])
    """
    from deltarule.plotting.figures import ShownFigure

    return ShownFigure(figsize=size, layout=layout)


def new_figure(
    rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.4, 3.9), layout: Any = "constrained", **more: Any
) -> tuple[Figure, Any]:
    """Build a figure with axes in the project's style.

    Args:
        rows: The number of rows of axes.
        columns: The number of columns of axes.
        size: The size of the figure in inches.
        layout: The layout of matplotlib's ``Figure``.
        **more: Further options of ``Figure.subplots``.

    Returns:
        The figure, and one Axes or an array of Axes, as ``Figure.subplots`` returns.

    >>> figure, (left, right) = new_figure(1, 2)
    >>> len(figure.axes)
    2
    """
    with use_style():
        figure = new_canvas(size, layout)
        return figure, figure.subplots(rows, columns, **more)


def find_figure(axes: Axes) -> Figure:
    """Return the whole figure of given axes.

    >>> figure, axes = new_figure()
    >>> find_figure(axes) is figure
    True
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def label_axes(axes: Axes, x: str, y: str, title: str = "", legend: bool | Mapping[str, Any] = True) -> None:
    """Label both axes, and add a legend if curves have labels.

    Args:
        axes: The Axes.
        x: The label of the x-axis.
        y: The label of the y-axis.
        title: The title, on the left.
        legend: False for no legend, or options of ``Axes.legend`` such as ``{"loc": "lower right"}``.

    >>> figure, axes = new_figure()
    >>> label_axes(axes, "epoch", "cost")
    >>> axes.get_xlabel(), axes.get_ylabel(), axes.get_legend()
    ('epoch', 'cost', None)
    """
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if title:
        axes.set_title(title, loc="left")
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(**{"fontsize": 9, **(legend if isinstance(legend, Mapping) else {})})


def add_legend_below(axes: Axes, columns: int, **options: Any) -> None:
    """Add a legend of these axes' curves below all axes of the figure.

    >>> figure, axes = new_figure()
    >>> curve = axes.plot([1, 2], label="cost")
    >>> add_legend_below(axes, columns=1)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['cost']
    """
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=9, **options)


def add_title(figure: Figure, title: str, **place: float) -> None:
    """Add a title above all axes, shortened to the figure's width, unless the title is empty.

    >>> figure = new_canvas((4, 3))
    >>> add_title(figure, "Accuracy by epoch")
    >>> figure.get_suptitle()
    'Accuracy by epoch'
    """
    if title:
        text = shorten(title, round(11.5 * figure.get_figwidth()))
        figure.suptitle(text, fontsize=STYLE["figure.titlesize"], parse_math=False, **place)


def title_drawing(axes: Axes, title: str, height: float, is_given: bool) -> None:
    """Add the title of a drawing in inches: close above a figure of its own ``height``, or on axes that were given."""
    if is_given:
        axes.set_aspect("equal")
        axes.set_title(shorten(title, 72), fontsize=9, parse_math=False)
    else:
        add_title(find_figure(axes), title, y=1 - 0.07 / height)


def add_note(axes: Axes, text: str) -> None:
    """Write a note in the middle of the axes, such as "not measured"."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes, color="#666666")


def shorten(text: str, most: int) -> str:
    """Put text on one line, and cut out its middle if it is longer than ``most`` characters.

    >>> shorten("a rather long name.png", 15)
    'a rathe…ame.png'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most // 2]}…{text[len(text) - (most - 1 - most // 2) :]}"
