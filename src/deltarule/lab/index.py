"""The index of the lab: a card for each page."""

from __future__ import annotations

from html import escape

from deltarule.lab.pages import PAGES, Page

WHOLE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>deltarule lab</title>
<link rel="stylesheet" href="/lab.css">
</head>
<body class="lab-index">
<header><h1>deltarule lab</h1><p>Watch a network learn, look inside it, and draw digits for it.</p></header>
<main>{cards}</main>
</body>
</html>
"""

CARD = """
<a class="lab-card" href="/{name}/"><img src="/pictures/{name}.svg" alt="" width="320" height="200">
<h2>{title}</h2><p>{about}</p></a>"""


def index() -> str:
    """The page in HTML."""
    return WHOLE.format(cards="".join(map(_card, PAGES)))


def _card(page: Page) -> str:
    return CARD.format(name=page.name, title=escape(page.title), about=escape(page.about))
