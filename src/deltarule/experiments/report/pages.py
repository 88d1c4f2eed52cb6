"""The pages of the report, as HTML or Markdown: a first page with a summary, and a page for each part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from deltarule.experiments.folders import describe_origin
from deltarule.experiments.formatting import (
    VERDICTS,
    format_best,
    format_duration,
    format_interval,
    format_measured,
    format_name,
    format_number,
    format_published,
    format_quotes,
)
from deltarule.experiments.parts import PARTS
from deltarule.experiments.report.counts import count_after_book, count_book, count_by_part, group_missed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.report.plots import choose_folder, remove_others
from deltarule.experiments.result import format_run_command
from deltarule.files import write_file


def write_html(entries: Sequence[Entry], path: Path) -> Path:
    """Write the first page to ``path``, and the chapters into the folder of the same name; return ``path``.

    Each page contains its style. The plots are files in that folder (:func:`write_plots`).

    Raises:
        InvalidArgument: If ``path`` has no extension, or that folder is a file.
        FileError: If a page cannot be written.
    """
    style = files("deltarule.experiments.report").joinpath("templates/report.css").read_text(encoding="utf-8")
    return _write_pages(path, "html", render_pages(entries, path, "html", style=Markup(style)))


def write_markdown(entries: Sequence[Entry], path: Path) -> Path:
    """Write Markdown as :func:`write_html` writes HTML."""
    pages = render_pages(entries, path, "md")
    return _write_pages(path, "md", ((place, re.sub(r"\n{3,}", "\n\n", text)) for place, text in pages))


def _write_pages(path: Path, kind: str, pages: Iterator[tuple[Path, str]]) -> Path:
    written = [write_file(place, text.encode()) for place, text in pages]
    for part in PARTS.values():
        remove_others(choose_folder(path), f"{part.page}.{kind}", [place.name for place in written])
    return path


def render_pages(entries: Sequence[Entry], path: Path, kind: str, **more: Any) -> Iterator[tuple[Path, str]]:
    """Render the first page and the chapters, each with the path of its file.

    Args:
        entries: The experiments with their results and plots.
        path: The path of the first page.
        kind: "html" or "md".
        **more: Further values for the templates.
    """
    environment = build_environment(is_html=kind == "html")
    folder, parts = choose_folder(path), count_by_part(entries)
    common = {
        "parts": parts,
        "book": count_book(entries),
        "after_book": count_after_book(entries),
        "entries": entries,
        "missed": group_missed(entries),
        "origin": describe_origin([entry.folder for entry in entries if entry.result.runs]),
        "newest": max((run.date for entry in entries for run in entry.result.runs), default=""),
        **more,
    }
    first = environment.get_template(f"report.{kind}")
    yield path, first.render(common, first="", folder=quote(f"{folder.name}/"), here=None)
    template = environment.get_template(f"part.{kind}")
    for before, here, after in zip([None, *parts], parts, [*parts[1:], None], strict=False):
        assert here.part is not None
        place = folder / f"{here.part.page}.{kind}"
        own = {"here": here, "before": before, "after": after}
        yield place, template.render(common, first=quote(f"../{path.name}"), folder="", **own)


def build_environment(is_html: bool) -> Environment:
    """Build the environment of the templates; those of HTML escape all text automatically."""
    environment = Environment(
        loader=PackageLoader("deltarule.experiments.report"),
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "named": format_name,
        "published": format_published,
        "ours": format_measured,
        "quoted": format_quotes,
        "best": format_best,
        "interval": format_interval,
        "number": format_number,
        "duration": format_duration,
        "repeat": format_run_command,
        "verdict": lambda found: VERDICTS[found.verdict],
        "plain": escape_markdown,
    }
    return environment


def escape_markdown(text: object) -> str:
    """Escape the special characters of Markdown, and join lines.

    >>> escape_markdown("a_b | <c>")
    'a\\\\_b \\\\| &lt;c&gt;'
    """
    escaped = re.sub(r"([\\`*_\[\]|$])", r"\\\1", " ".join(str(text).split()))
    return escaped.replace("<", "&lt;").replace(">", "&gt;")
