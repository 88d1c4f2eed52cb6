"""The pages in the browser: each opens without an error, and the keyboard moves its controls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.lab.browser import Lab, Tab, add_token

from deltarule.lab.pages import CARDS, PAGES

KEYS = {
}
"""A slider of each lesson whose pictures Python draws, and keys that change the page; moves.py tests the effects."""

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


QUICK = ("train", "draw", "inside", "softmax", "convolution")
"""The pages that each run opens. ``make test-all`` opens the other lessons; each run computes them all."""


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[] if page.name in QUICK else pytest.mark.slow, id=page.name) for page in PAGES]
)
def test_a_page_opens_and_the_keyboard_moves_a_slider(page, tab: Callable[[str], Tab]) -> None:
    opened = tab(page.name)
    opened.page.wait_for_selector("h1")
    assert opened.page.evaluate("document.querySelector('#App').scrollWidth <= innerWidth")
    if page.name in KEYS:
        label, key, times = KEYS[page.name]
        before = opened.read_outputs()
        thumb = opened.page.locator("marimo-slider").filter(has_text=label).locator("[role=slider]").first
        thumb.focus()
        for _ in range(times):
            thumb.press(key)
        opened.wait_until(lambda: opened.read_outputs() != before, f"{label} changed the page")
        opened.wait_until_idle()
    if page.name in FIGURES:
        press_keys_of_a_figure(opened)
    opened.page.set_viewport_size(PHONE)
    assert opened.page.evaluate(CUT) == []
    home = opened.page.locator(".lab-home").evaluate("(link) => getComputedStyle(link).backgroundColor")
    assert home.startswith("rgb("), "the link to the index has no background"


READ = "(el) => el.innerHTML + [...el.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())"


def press_keys_of_a_figure(tab: Tab) -> None:
    """Move the first slider of the first figure by a key: the picture changes within its event."""
    slider, pictures = (tab.page.locator(f".lesson {part}").first for part in ("input[type=range]", ".pictures"))
    pictures.evaluate(f"(pictures) => {{ window.read = {READ}; pictures.before = read(pictures); }}")
    slider.evaluate("""(slider) => slider.addEventListener("input", () => {
        const pictures = slider.closest(".lesson").querySelector(".pictures");
        window.redrawn = window.read(pictures) !== pictures.before;
    })""")
    slider.focus()
    slider.press("ArrowRight")
    assert tab.page.evaluate("window.redrawn"), "the picture did not change within the event of the slider"


def test_every_lesson_has_a_slider_that_is_tried() -> None:
    assert {page.name for page in PAGES if page.chapter} == set(KEYS) | (FIGURES - {"train", "draw", "inside"})
