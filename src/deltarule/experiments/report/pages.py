"""The templates of the page and the Markdown, and their filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

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
from deltarule.experiments.report.counts import count_all, count_by_chapter, group_missed
from deltarule.experiments.report.entries import Entry
from deltarule.experiments.result import format_run_command

FILTERS = {
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
}


def fill_template(template: str, entries: Sequence[Entry], **more: Any) -> str:
    """Fill a template; HTML templates escape all text automatically."""
    environment = Environment(
        loader=PackageLoader("deltarule.experiments.report"),
        autoescape=template.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= FILTERS | more.pop("filters", {})
    return environment.get_template(template).render(
        chapters=count_by_chapter(entries),
        all=count_all(entries),
        entries=entries,
        missed=group_missed(entries),
        newest=max((run.date for entry in entries for run in entry.result.runs), default=""),
        **more,
    )
