"""The lab as a static site: each lesson is a plain page whose figures draw themselves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from deltarule.errors import require_extra
from deltarule.files import write_file
from deltarule.lab.index import render_index
from deltarule.lab.pages import LESSONS, PAGES, PLAYGROUND, Page, read_asset
from deltarule.lab.plain_page import build_plain_page

INSIDE = next(page for page in PAGES if page.name == "inside")


def check_installed() -> None:
    """Raise :class:`MissingExtra` if the packages that the site is built with are not installed."""
    with require_extra("lab", "the lab's static site"):
        import latex2mathml  # noqa: F401
        import marimo  # noqa: F401


def write_site(folder: Path) -> Iterator[Path]:
    """Write the lessons and an index, and yield the path of each written page."""
    for page in (*LESSONS, INSIDE):
        yield write_file(folder / f"{page.name}.html", build_plain_page(page).encode())
    draw = next(page for page in PAGES if page.name == "draw")
    cards = (draw, PLAYGROUND, INSIDE, *LESSONS)
    index = render_index(cards, _inline_thumbnail, _get_address, read_asset("lab.css"))
    yield write_file(folder / "index.html", index.encode())


def _get_address(page: Page) -> str:
    return "reader.html" if page.name == "draw" else f"{page.name}.html"


def _inline_thumbnail(page: Page) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(page.thumbnail.read_bytes()).decode()
