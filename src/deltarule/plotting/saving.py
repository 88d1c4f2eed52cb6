"""Figures as files, written whole or not at all, and as SVG text."""

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
    """Write a figure, whole or not at all, in the format of the path's ending; create missing folders.

    Raises:
        InvalidArgument: For an ending that is not a format.
        FileError: If the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from deltarule.plotting import new_figure
    >>> with TemporaryDirectory() as folder:
    ...     save_figure(new_figure()[0], Path(folder) / "empty.png").read_bytes()[:4]
    b'\\x89PNG'
    """
    path = Path(path)
    kind = find_format(path)
    content = BytesIO()
    with use_style(), warnings.catch_warnings():
        # characters missing from the font appear as boxes
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(content, format=kind)
    return write_file(path, content.getvalue())


def find_format(path: Path) -> str:
    """Return the format of the path's ending. Raises :class:`InvalidArgument` if the ending is not a format.

    >>> find_format(Path("curves.SVG"))
    'svg'
    """
    from matplotlib.backend_bases import FigureCanvasBase

    kind = path.suffix[1:].lower()
    if kind not in FigureCanvasBase.get_supported_filetypes():
        raise InvalidArgument("expected a name that ends in .png, .svg or .pdf", path=path)
    return kind


def render_svg(figure: Figure, salt: str = "deltarule", settings: Mapping[str, Any] | None = None) -> str:
    """Return a figure as SVG text without a date, so that equal figures give equal texts.

    Args:
        figure: The figure.
        salt: The text that its ids are made from; figures on one page need different salts.
        settings: Further settings of matplotlib.

    >>> from deltarule.plotting import new_figure
    >>> render_svg(new_figure()[0])[:5]
    '<?xml'
    """
    from matplotlib import rc_context

    content = StringIO()
    all_settings: Any = {"svg.hashsalt": salt, **(settings or {})}
    with rc_context(all_settings):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    return content.getvalue()
