"""What the page and the Markdown have in common: their templates, and what these are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from deltarule.experiments.formatting import (
    VERDICTS,
    best_words,
    duration,
    named,
    number,
    ours_words,
    published_words,
    quoted,
)
from deltarule.experiments.report.counts import by_chapter, in_all, missed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.result import repeat
from deltarule.experiments.verdict import POINTS, SHARE

WORDS = {
    "named": named,
    "published": published_words,
    "ours": ours_words,
    "quoted": quoted,
    "best": best_words,
    "number": number,
    "duration": duration,
    "repeat": repeat,
    "verdict": lambda found: VERDICTS[found.verdict],
}


def filled(template: str, entries: Sequence[Entry], **more: Any) -> str:
    """A template filled in; in pages, though not in Markdown, all text is escaped by itself."""
    environment = Environment(
        loader=PackageLoader("deltarule.experiments.report"),
        autoescape=template.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= WORDS | more.pop("filters", {})
    return environment.get_template(template).render(
        chapters=by_chapter(entries),
        all=in_all(entries),
        missed=missed(entries),
        newest=max((run.date for entry in entries for run in entry.result.runs), default=""),
        points=number(POINTS),
        share=number(100 * SHARE),
        **more,
    )
