"""The pages in the browser: each opens without an error, and the keyboard moves its controls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.lab.browser import Lab, Tab, add_token

from deltarule.lab.course import COURSE
from deltarule.lab.pages import CARDS, LESSONS, PAGES, Page

FIGURES = {page.name for page in PAGES if "make_figure" in page.notebook.read_text(encoding="utf-8")}
"""The lessons whose figures draw themselves; test_figures.py tests their controls."""


def test_the_index_leads_to_every_page(context, lab: Lab) -> None:
    page = context.new_page()
    page.goto(add_token(lab.address))
    links = page.locator("a.lab-card")
    assert [link.get_attribute("href") for link in links.all()] == [f"/{one.name}/" for one in CARDS]
    assert page.evaluate("[...document.images].filter((image) => !image.complete || !image.naturalWidth).length") == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/{PAGES[0].name}/"
    page.close()


PHONE = {"width": 360, "height": 800}
CUT = """
() => [...document.querySelectorAll('.markdown > marimo-tex')]
  .filter((tex) => tex.scrollWidth > tex.clientWidth).map((tex) => tex.textContent)
"""
"""A script that returns the formulas that do not fit on the page."""


QUICK = ("draw", "softmax")
"""The pages that each run opens. ``make test-all`` opens the other lessons; each run computes them all."""


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[] if page.name in QUICK else pytest.mark.slow, id=page.name) for page in PAGES]
)
def test_a_page_opens_and_the_keyboard_moves_a_slider(page, tab: Callable[[str], Tab]) -> None:
    opened = tab(page.name)
    opened.page.wait_for_selector("h1")
    assert opened.page.evaluate("document.querySelector('#App').scrollWidth <= innerWidth")
    if page.name in FIGURES:
        press_keys_of_a_figure(opened)
    opened.page.set_viewport_size(PHONE)
    assert opened.page.evaluate(CUT) == []
    check_links(opened, page)
    home = opened.page.locator(".lab-links nav").evaluate("(link) => getComputedStyle(link).backgroundColor")
    assert home.startswith("rgb("), "the link to the index has no background"


def check_links(tab: Tab, page: Page) -> None:
    """Check that a page leads to the index, and a lesson to its neighbours, its prerequisites and the book."""
    links = [link.get_attribute("href") for link in tab.page.locator(".lab-links nav > a").all()]
    if page not in LESSONS:
        assert links == ["/"]
        return
    at = LESSONS.index(page)
    before, after = LESSONS[at - 1 : at] if at else (), LESSONS[at + 1 : at + 2]
    assert links == [*(f"/{one.name}/" for one in before), "/", *(f"/{one.name}/" for one in after)]
    tab.page.locator(".lab-links summary").click()
    told = [link.get_attribute("href") for link in tab.page.locator(".lab-links details a").all()]
    place = COURSE[page.name]
    assert told == [*(f"/{one.name}/" for one in LESSONS if one.name in place.before), place.address]


def test_the_course_follows_the_book() -> None:
    assert list(COURSE) == [page.name for page in LESSONS]
    assert [page.chapter for page in LESSONS] == sorted(page.chapter for page in LESSONS)
    for page in LESSONS:
        place = COURSE[page.name]
        assert f"chap{page.chapter}.html" in place.book
        assert all(list(COURSE).index(name) < list(COURSE).index(page.name) for name in place.before)


READ = "(el) => el.innerHTML + [...el.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())"


def press_keys_of_a_figure(tab: Tab) -> None:
    """Move the first slider of the figures by a key: the picture changes within its event."""
    slider = tab.page.locator(".lesson input[type=range]").first
    slider.evaluate(f"""(slider) => {{
        const pictures = slider.closest(".lesson").querySelector(".pictures"), read = {READ}, before = read(pictures);
        slider.addEventListener("input", () => {{ window.redrawn = read(pictures) !== before; }});
    }}""")
    slider.focus()
    slider.press("ArrowRight")
    assert tab.page.evaluate("window.redrawn"), "the picture did not change within the event of the slider"


def test_every_lesson_has_a_figure() -> None:
    assert {page.name for page in PAGES if page.chapter} <= FIGURES
