"""The plots of the report: SVG files, drawn one after another and only where a result or the code has changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import deltarule
from deltarule.errors import FileError, InvalidArgument
from deltarule.experiments.parts import PARTS
from deltarule.experiments.report.entries import Entry, Plot, draw_figure
from deltarule.experiments.result import Result
from deltarule.files import replace_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def choose_folder(page: Path) -> Path:
    """Choose the folder of a page's chapters and plots: the page's path without its extension.

    Raises:
        InvalidArgument: If the page has no extension, or that folder is a file.

    >>> choose_folder(Path("pages/report.md")).as_posix()
    'pages/report'
    """
    if not page.suffix:
        expected = "a file name with an extension, such as report.md, with a folder report for the rest"
        raise InvalidArgument(path=page, expected=expected)
    if page.with_suffix("").is_file():
        problem = f"the chapters and plots go into the folder {page.with_suffix('')}, but that is a file"
        raise InvalidArgument(problem, path=page, remedy="choose another name for the page")
    return page.with_suffix("")


def write_plots(entries: Iterable[Entry], folders: Sequence[Path]) -> list[Entry]:
    """Write the plot of each entry into each folder, remove outdated ones, and return the entries with their plots.

    A plot that a folder has already is used again if it was made from the same result by the same code. At any
    time, one figure is in memory.
    """
    finished = [_write_plot(entry, folders) for entry in entries]
    names = {entry.plot.name for entry in finished if entry.plot}
    for folder in folders:
        for name in PARTS:
            remove_others(folder, f"{name}-*.svg", names)
            remove_others(folder, f"{name}-*.png", names)  # of earlier versions
    return finished


def remove_others(folder: Path, pattern: str, names: Iterable[str]) -> None:
    """Remove the files of a pattern from a folder, except those with these names."""
    for path in folder.glob(pattern):
        if path.name not in names:
            path.unlink()


def _write_plot(entry: Entry, folders: Sequence[Path]) -> Entry:
    if not entry.result.successful_runs:
        return entry
    name, mark = f"{entry.name}.svg", f"\n<!-- {compute_digest(entry.result)} -->\n".encode()
    found = {folder: _read_plot(folder / name, mark) for folder in folders}
    content = next(filter(None, found.values()), b"")
    try:
        content = content or render_plot(draw_figure(entry.experiment, entry.result), entry.name).encode() + mark
    except FileError as error:
        return replace(entry, trouble=str(error))
    for folder in folders:
        if found[folder] != content:
            folder.mkdir(parents=True, exist_ok=True)
            replace_file(folder / name, content)
    return replace(entry, plot=Plot(name, *_read_size(content)))


def _read_plot(path: Path, mark: bytes) -> bytes:
    """Read a plot if it ends with this mark; else return nothing."""
    content = path.read_bytes() if path.is_file() else b""
    return content if content.endswith(mark) else b""


def _read_size(content: bytes) -> tuple[int, int]:
    """Read the width and height of an SVG in pixels; it gives them in points."""
    width, height = re.findall(rb' (?:width|height)="([\d.]+)pt"', content[:500])[:2]
    return round(float(width) / 0.75), round(float(height) / 0.75)


def compute_digest(result: Result) -> str:
    """Compute a digest of everything that a plot is made from: the result and the code."""
    return hashlib.sha256(f"{_compute_code_digest()} {result}".encode()).hexdigest()


@lru_cache
def _compute_code_digest() -> str:
    import matplotlib
    import numpy as np

    package = Path(deltarule.__file__).parent
    digest = hashlib.sha256(f"{matplotlib.__version__} {np.__version__}".encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def render_plot(figure: Figure, salt: str) -> str:
    """Render a figure as compressed SVG; ``salt`` makes the ids of its parts.

    The canvas draws the figure once. ``savefig`` would draw it twice, the first time for the layout alone.

    >>> from deltarule.plotting import new_figure
    >>> render_plot(new_figure()[0], "empty")[:5]
    '<svg '
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    content = StringIO()
    with rc_context({"svg.hashsalt": salt, "svg.fonttype": "path"}):
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(content, metadata={"Date": None, "Creator": None})
    return compress_svg(content.getvalue())


def compress_svg(text: str) -> str:
    """Remove the prolog, the metadata, superfluous digits and blanks of an SVG.

    >>> compress_svg('<?xml version="1.0"?> <svg width="9pt">\\n  <use x="1.23456"/> <!-- one --> </svg>')
    '<svg width="9pt">\\n<use x="1.23"/>  </svg>'
    """
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text[text.index("<svg ") :], flags=re.DOTALL)
    text = re.sub(r'\b(d|x|y|points)="[^"]*"|translate\([^)]*\)', lambda found: _shorten(found[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _shorten(numbers: str) -> str:
    """Cut coordinates to two decimal places."""
    return re.sub(r"(\.\d\d)\d+", r"\1", numbers)
