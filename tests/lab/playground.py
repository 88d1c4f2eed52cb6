"""The Playground in a browser without a network, for the tests."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize
from tests.lab.browser import PAUSE

from deltarule.lab.playground.page import build_playground_page

DESKTOP: ViewportSize = {"width": 1280, "height": 1000}

PATIENCE = 60_000
"""Milliseconds after which a wait fails; enough for a busy machine."""


class Playground:
    """The page, opened from a file; ``problems`` lists errors of the console, and ``requests`` the loaded addresses."""

    def __init__(self, context: BrowserContext, folder: Path) -> None:
        self.path = folder / "playground.html"
        self.path.write_text(build_playground_page(), encoding="utf-8")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, address: str = "") -> None:
        """Open the page with these settings in its address."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.path.as_uri()}#{address}")

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def read(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def ask(self, expression: str) -> Any:
        """Evaluate JavaScript in which ``run`` is the page's run and ``settings`` its settings."""
        names = "run = playground.getRun(), settings = playground.getSettings()"
        return self.page.evaluate(f"(() => {{ const {names}; return {expression}; }})()")

    def wait_until(self, expression: str) -> None:
        """Wait until JavaScript with the names of :meth:`ask` is true."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.ask(expression):
            assert time.monotonic() < end, f"this did not become true: {expression}"
            self.page.wait_for_timeout(PAUSE)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def take_epochs(self, count: int) -> None:
        """Take whole epochs with the button."""
        for _ in range(count):
            self.click("Epoch")

    def point_at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point of the plane on the screen."""
        self.find("#points").scroll_into_view_if_needed()
        box = self.find("#points").bounding_box()
        assert box
        return box["x"] + box["width"] * (x + 3) / 6, box["y"] + box["height"] * (3 - y) / 6

    def choose_pen(self, name: str) -> None:
        self.page.get_by_role("radio", name=name).check(force=True)

    def read_labels(self) -> list[float]:
        """Read the labels of all points."""
        labels: list[float] = self.ask("[...run.problem.train.labels, ...run.problem.test.labels]")
        return labels
