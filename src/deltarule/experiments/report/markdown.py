"""The report as Markdown, with its figures as PNG files in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from deltarule.errors import InvalidArgument
from deltarule.experiments.report.compression import compress_png
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.report.pages import fill_template
from deltarule.files import replace_file, write_file


def write_markdown(entries: Sequence[Entry], path: Path) -> Path:
    """Write ``path``, and a PNG of each figure into the folder of the same name beside it; remove outdated figures.

    Raises:
        InvalidArgument: If ``path`` has no extension, or that folder is a file.
    """
    folder = choose_figure_folder(path)
    write_file(path, render_markdown(entries, folder.name).encode())
    folder.mkdir(exist_ok=True)
    figures = {f"{entry.name}.png": entry.figure for entry in entries if entry.figure is not None}
    for old in folder.glob("ch[1-6]-*.png"):
        if old.name not in figures:
            old.unlink()
    for name, figure in figures.items():
        replace_file(folder / name, compress_png(figure))
    return path


def choose_figure_folder(path: Path) -> Path:
    """Return the folder of a page's figures: the page's path without its extension.

    Raises:
        InvalidArgument: If the page has no extension, or that folder is a file.

    >>> choose_figure_folder(Path("pages/report.md")).as_posix()
    'pages/report'
    """
    if not path.suffix:
        expected = "a file name with an extension, such as report.md, whose plots go into the folder report"
        raise InvalidArgument(path=path, expected=expected)
    if path.with_suffix("").is_file():
        problem = f"the plots go into the folder {path.with_suffix('')}, but that is a file"
        raise InvalidArgument(problem, path=path, remedy="choose another name for the page")
    return path.with_suffix("")


def render_markdown(entries: Sequence[Entry], folder: str) -> str:
    """Render the Markdown, with links to figures in ``folder``."""
    content = fill_template("report.md", entries, folder=folder, filters={"plain": escape_markdown})
    return re.sub(r"\n{3,}", "\n\n", content)


def escape_markdown(text: object) -> str:
    """Escape the special characters of Markdown, and join lines.

    >>> escape_markdown("a_b | <c>")
    'a\\\\_b \\\\| &lt;c&gt;'
    """
    escaped = re.sub(r"([\\`*_\[\]|$])", r"\\\1", " ".join(str(text).split()))
    return escaped.replace("<", "&lt;").replace(">", "&gt;")
