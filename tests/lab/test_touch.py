"""A finger drags what it touches in the figures, and scrolls the page elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.lab.dragging import find_handle, find_middle, read_value
from tests.lab.test_figures import LOAD, encode

from deltarule.lab.figure import make_figure


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A browser with a touch screen."""
    context = browser.new_context(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    yield context
    context.close()


def open_figure(phone: BrowserContext, name: str, *parts: str) -> Page:
    """Open a figure in the middle of a long page."""
    page, figure = phone.new_page(), make_figure(name, parts)
    page.set_content(
        f"<meta name=viewport content=width=device-width><style>{figure._css}</style><main></main>"
        "<div style='height: 2000px'></div>"
    )
    page.evaluate(LOAD, [figure._esm, encode(figure.data)])
    page.locator("svg").evaluate("(svg) => svg.scrollIntoView({ block: 'center' })")
    return page


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> int:
    """Move a finger over the page; return by how many pixels this scrolled it."""
    before, session, steps = page.evaluate("scrollY"), page.context.new_cdp_session(page), 6
    for i in range(steps + 1):
        point = {"x": start[0] + by[0] * i / steps, "y": start[1] + by[1] * i / steps}
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(200)
    return page.evaluate("scrollY") - before


@pytest.mark.parametrize("beside", [0, 16])
def test_a_finger_on_or_near_a_handle_drags_it(phone: BrowserContext, beside: int) -> None:
    page = open_figure(phone, "bumps", "bump_sum.js")
    x, y = find_middle(find_handle(page, "bump 3"))
    assert swipe(page, (x + beside, y), (0, -80)) == 0
    assert read_value(page, "heights")[2] > 0.3


def test_a_finger_elsewhere_scrolls_the_page(phone: BrowserContext) -> None:
    page = open_figure(phone, "bumps", "bump_sum.js")
    box = page.locator("svg").bounding_box()
    assert box
    assert swipe(page, (box["x"] + 100, box["y"] + 40), (0, -80)) > 40
    assert read_value(page, "heights") == [0] * 5


def test_a_finger_drags_a_wire(phone: BrowserContext) -> None:
    page = open_figure(phone, "adder", "drawing.js", "table.js")
    start, end = (find_middle(page.locator(part)) for part in (".wire:nth-of-type(5) circle", ".node:nth-of-type(12)"))
    assert swipe(page, start, (end[0] - start[0], end[1] - start[1])) == 0
    assert read_value(page, "wires")[4] == "x₂"
