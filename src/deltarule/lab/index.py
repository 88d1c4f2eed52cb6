"""The index of the lab: a card for each page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from deltarule.lab.pages import PAGES, Page

WHOLE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>deltarule lab</title>
{style}
</head>
<body class="lab-index">
<header><h1>deltarule lab</h1><p>Watch a network learn, look inside it, and draw digits for it.</p></header>
<main>{cards}</main>
</body>
</html>
"""

HOME = '<a class="lab-home" href="{there}">deltarule lab</a>'
"""The way from a page back to the index."""

CARD = """
<a class="lab-card" href="{there}"><img src="{thumbnail}" alt="" width="320" height="200">
<h2>{title}</h2><p>{about}</p></a>"""


def index(
    pages: Sequence[Page] = PAGES,
    thumbnail: Callable[[Page], str] = lambda page: f"/thumbnails/{page.name}.svg",
    there: Callable[[Page], str] = lambda page: f"/{page.name}/",
    css: str = "",
) -> str:
    """The page in HTML: a card for each page, its thumbnail and where it leads; its style inside, or the server's."""
    style = f"<style>{css}</style>" if css else '<link rel="stylesheet" href="/lab.css">'
    cards = (
        CARD.format(there=there(page), thumbnail=thumbnail(page), title=escape(page.title), about=escape(page.about))
        for page in pages
    )
    return WHOLE.format(style=style, cards="".join(cards))
