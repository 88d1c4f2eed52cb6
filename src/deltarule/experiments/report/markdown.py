"""The report as Markdown, for the pages of a repository, with its figures in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from deltarule.errors import InvalidArgument
from deltarule.experiments.report.compression import compress_png
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.report.pages import filled
from deltarule.files import replace_file, write_file


def write(entries: Sequence[Entry], path: Path) -> Path:
    """Writes ``path`` and, into the folder of its name beside it, a PNG of each figure; others there are removed.

    Raises :class:`InvalidArgument` where there is no such folder to be.
    """
    pictures = folder_beside(path)
    write_file(path, text(entries, pictures.name).encode())
    pictures.mkdir(exist_ok=True)
    named = {f"{entry.name}.png": entry.figure for entry in entries if entry.figure is not None}
    for old in pictures.glob("ch[1-6]-*.png"):
        if old.name not in named:
            old.unlink()
    for name, figure in named.items():
        replace_file(pictures / name, compress_png(figure))
    return path


def folder_beside(path: Path) -> Path:
    """Where the pictures of a page go: into the folder of its name without the ending.

    Raises :class:`InvalidArgument` for a page without an ending, and where that folder is a file.

    >>> folder_beside(Path("docs/book.md")).as_posix()
    'docs/book'
    """
    if not path.suffix:
        raise InvalidArgument(f"{path}: its pictures go into the folder of its name without the ending: write book.md")
    if path.with_suffix("").is_file():
        raise InvalidArgument(
            f"{path}: its pictures go into {path.with_suffix('')}, which is a file: name the page otherwise"
        )
    return path.with_suffix("")


def text(entries: Sequence[Entry], pictures: str) -> str:
    """The Markdown, with links to pictures in the folder so called."""
    content = filled("report.md", entries, pictures=pictures, filters={"plain": plain})
    return re.sub(r"\n{3,}", "\n\n", content)


def plain(words: object) -> str:
    """Text in which no character means anything to Markdown, on one line.

    >>> plain("a_b | <c>")
    'a\\\\_b \\\\| &lt;c&gt;'
    """
    escaped = re.sub(r"([\\`*_\[\]|$])", r"\\\1", " ".join(str(words).split()))
    return escaped.replace("<", "&lt;").replace(">", "&gt;")
