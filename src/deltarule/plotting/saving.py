"""Saving figures: as a file that is whole or not there, or as SVG within a page."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.errors import InvalidArgument
from deltarule.files import write_file
from deltarule.plotting.style import use_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write the figure, whole or not at all, in the format of the path's ending; missing folders are made.

    Raises :class:`InvalidArgument` for an ending that is no format, :class:`FileError` if it cannot be written.
    """
    path = Path(path)
    kind = find_format(path)
    drawn = BytesIO()
    with use_style(), warnings.catch_warnings():
        # a name in a script that the font does not have; boxes stand for it
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(drawn, format=kind)
    return write_file(path, drawn.getvalue())


def find_format(path: Path) -> str:
    """Return the format of the path's ending. Raises :class:`InvalidArgument` for an ending that is no format.

    >>> find_format(Path("curves.SVG"))
    'svg'
    """
    from matplotlib.backend_bases import FigureCanvasBase

    kind = path.suffix[1:].lower()
    if kind not in FigureCanvasBase.get_supported_filetypes():
        raise InvalidArgument(f"{path}: the name of a picture ends in .png, .svg or .pdf")
    return kind


def render_svg(figure: Figure, salt: str = "deltarule", settings: Mapping[str, Any] | None = None) -> str:
    """Return the figure as SVG without a date, so that the same figure is the same text.

    Args:
        figure: The figure.
        salt: What its ids are made from; figures on one page need different ones.
        settings: Further settings of matplotlib.
    """
    from matplotlib import rc_context

    written = StringIO()
    all_settings: Any = {"svg.hashsalt": salt, **(settings or {})}
    with rc_context(all_settings):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
