"""Every page of the lab, served and exported, by the rules of axe-core."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from tests.lab.browser import Lab, Tab, add_token
from tests.lab.exported import EXPORTED
from tests.lab.screenshots import FIVE, ROW
from tests.lab.selection import mark_others_slow
from tests.lab.strokes import draw
from tests.lab.test_table_page import KINDS, train

from deltarule.lab.pages import PAGES
from deltarule.lab.table_page import build_table_page

SCHEMES = ("light", pytest.param("dark", marks=pytest.mark.slow))


def find_violations(page: Page) -> list[str]:
    """Run axe-core, and return a line for each element that breaks a rule."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", mark_others_slow(EXPORTED, ("playground", "softmax")))
def test_an_exported_page_breaks_no_rule(name: str, scheme: Any, exported: Path, browser: Browser) -> None:
    context = browser.new_context(
        offline=True, color_scheme=scheme, reduced_motion="reduce", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto((exported / f"{name}.html").as_uri())
    page.wait_for_load_state("load")
    violations = find_violations(page)
    context.close()
    assert violations == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", mark_others_slow(KINDS, ("classes",)))
def test_the_form_of_a_table_breaks_no_rule(kind: str, scheme: Any, tmp_path: Path, browser: Browser) -> None:
    model = train(kind)
    (tmp_path / "form.html").write_text(build_table_page(model), encoding="utf-8")
    context = browser.new_context(
        offline=True, color_scheme=scheme, reduced_motion="reduce", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto((tmp_path / "form.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    violations = find_violations(page)
    page.locator("input").first.fill("")
    page.locator("input").first.press_sequentially("-e")  # no number: with its message
    page.locator(".problem").filter(has_text="expected a number").wait_for()
    violations += find_violations(page)
    context.close()
    assert violations == []


@pytest.fixture(scope="module", params=SCHEMES)
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A browser with a window as small as a phone's."""
    context = browser.new_context(
        color_scheme=request.param, reduced_motion="reduce", viewport={"width": 390, "height": 844}
    )
    yield context
    context.close()


QUICK = ()
"""The served pages that each run checks: none, for it checks exported ones; ``make test-all`` checks all."""


@pytest.mark.parametrize("name", mark_others_slow([page.name for page in PAGES], QUICK))
def test_a_served_page_breaks_no_rule(name: str, lab: Lab, phone: BrowserContext) -> None:
    tab = Tab(phone.new_page(), f"{lab.address}{name}/")
    if name == "draw":
        draw(tab.page.locator(".pad-canvas").first, FIVE)
        draw(tab.page.locator(".pad-canvas").nth(1), [*ROW[:1], [(0.16, 0.5), (0.2, 0.5)]])
        tab.wait_for_text("probability for this number")
    tab.wait_until(lambda: not find_violations(tab.page), "the page breaks no rule")
    tab.close()


@pytest.mark.parametrize("path", ["", "no_token"])
def test_the_index_and_the_way_in_break_no_rule(path: str, lab: Lab, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(lab.address if path else add_token(lab.address))
    violations = find_violations(page)
    context.close()
    assert violations == []
