"""The index page of the lab: a card for each page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from deltarule.lab.course import find_prerequisites
from deltarule.lab.pages import CARDS, LESSONS, Page

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
<main>
<h2>Try it</h2>
<div class="lab-cards">{cards}</div>
<h2>The course</h2>
<p>The lessons follow Michael Nielsen's book <cite>Neural Networks and Deep Learning</cite>, chapter by chapter.</p>
<ol class="lab-cards">{lessons}</ol>
</main>
</body>
</html>
"""

HOME_LINK = '<div class="lab-links"><nav aria-label="lab"><a href="{address}">deltarule lab</a></nav></div>'
"""The link from a page back to the index."""

CARD = """
<a class="lab-card" href="{address}"><img src="{thumbnail}" alt="" width="320" height="200">
<h3>{title}</h3><p>{about}</p>{path}</a>"""

PATH = '<p class="lab-path">Lesson {number} · chapter {chapter}{after}</p>'
"""The place of a lesson in the course."""


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

    def render_card(page: Page) -> str:
        title, about, path = escape(page.title), escape(page.about), render_path(page)
        return CARD.format(address=address(page), thumbnail=thumbnail(page), title=title, about=about, path=path)

    cards = "".join(render_card(page) for page in pages if page not in LESSONS)
    lessons = "".join(f"<li>{render_card(page)}</li>" for page in pages if page in LESSONS)
    return TEMPLATE.format(style=style, cards=cards, lessons=lessons)


def render_path(page: Page) -> str:
    """Render the place of a lesson in the course: its number, its chapter, and the lessons to read before."""
    if page not in LESSONS:
        return ""
    before = ", ".join(escape(lesson.title) for lesson in find_prerequisites(page))
    return PATH.format(number=LESSONS.index(page) + 1, chapter=page.chapter, after=f" · after {before}" * bool(before))
