"""The report as one page that needs nothing else: its style and its figures are within."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from deltarule.experiments.report.compression import embed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.report.pages import filled
from deltarule.files import write_file


def write(entries: Sequence[Entry], path: Path) -> Path:
    """Writes the page; raises :class:`FileError` where that cannot be."""
    return write_file(path, page(entries).encode())


def page(entries: Sequence[Entry]) -> str:
    """The page's text."""
    style = files("deltarule.experiments.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    return filled("report.html", entries, style=Markup(style), filters={"picture": _picture})


def _picture(entry: Entry) -> Markup:
    if entry.figure is None:
        return Markup("")
    return embed(entry.figure, entry.name, f"Figure: {entry.experiment.title}. {entry.experiment.shows}")
