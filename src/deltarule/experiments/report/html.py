"""The report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from deltarule.experiments.report.compression import embed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.report.pages import fill_template
from deltarule.files import write_file


def write_page(entries: Sequence[Entry], path: Path) -> Path:
    """Write the page; raise :class:`FileError` if that fails."""
    return write_file(path, render_page(entries).encode())


def render_page(entries: Sequence[Entry]) -> str:
    """Render the page, with its style and figures inside."""
    style = files("deltarule.experiments.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    return fill_template("report.html", entries, style=Markup(style), filters={"picture": _embed_figure})


def _embed_figure(entry: Entry) -> Markup:
    if entry.figure is None:
        return Markup("")
    return embed(entry.figure, entry.name, f"Plot: {entry.experiment.title}. {entry.experiment.shows}")
