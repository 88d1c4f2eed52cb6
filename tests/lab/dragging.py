"""Dragging with the mouse in the figures of the lessons."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page


def find_handle(page: Page, name: str) -> Locator:
    """Find a handle of a chart by its name."""
    return page.locator(f'.chart-handle[data-name="{name}"]')


def find_middle(thing: Locator) -> tuple[float, float]:
    """Return the middle of an element on the page, in CSS pixels."""
    box = thing.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, thing: Locator, by: tuple[float, float]) -> None:
    """Drag an element with the mouse, by CSS pixels."""
    x, y = find_middle(thing)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=3)
    page.mouse.up()


def drag_to(page: Page, thing: Locator, target: Locator) -> None:
    """Drag an element with the mouse to the middle of another one."""
    (x, y), (x_target, y_target) = find_middle(thing), find_middle(target)
    drag(page, thing, (x_target - x, y_target - y))


def read_value(page: Page, name: str) -> Any:
    """Read a value that is only changed in a picture."""
    return json.loads(page.locator(f"input[name={name}]").input_value())
