"""The index page of the lab: a card for each page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from deltarule.lab.pages import CARDS, Page

TEMPLATE = """<!doctype html>
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

HOME_LINK = '<a class="lab-home" href="{address}">deltarule lab</a>'
"""The link from a page back to the index."""

CARD = """
<a class="lab-card" href="{address}"><img src="{thumbnail}" alt="" width="320" height="200">
<h2>{title}</h2><p>{about}</p></a>"""


def render_index(
    pages: Sequence[Page] = CARDS,
    thumbnail: Callable[[Page], str] = lambda page: f"/thumbnails/{page.name}.svg",
    address: Callable[[Page], str] = lambda page: f"/{page.name}/",
    css: str = "",
) -> str:
    """Render the index in HTML.

    Args:
        pages: The pages, in this order.
        thumbnail: A function that returns the address of a page's thumbnail.
        address: A function that returns the address of a page.
        css: The style sheet to include; by default the page links to the server's.
    """
    style = f"<style>{css}</style>" if css else '<link rel="stylesheet" href="/lab.css">'
    cards = (
        CARD.format(
            address=address(page), thumbnail=thumbnail(page), title=escape(page.title), about=escape(page.about)
        )
        for page in pages
    )
    return TEMPLATE.format(style=style, cards="".join(cards))
