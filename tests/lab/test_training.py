"""The page Train in the browser: a network starts to learn, is changed, paused, stepped and stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator
from tests.lab.browser import Lab, Tab, until


@pytest.fixture
def page(tab: Callable[[str], Tab], lab: Lab) -> Tab:
    opened = tab("train")
    opened.page.get_by_label("data").select_option("small digits (8 × 8)")
    return opened


def press(tab: Tab, name: str) -> None:
    tab.page.get_by_role("button", name=name, exact=True).click()


def steps(tab: Tab) -> int:
    return int(re.sub(r"\D", "", tab.says(r"[\d,]+ mini-batches")))


def layer(tab: Tab, i: int) -> Locator:
    return tab.page.get_by_role("textbox", name=f"layer {i + 1}", exact=True)


def idle(lab: Lab) -> None:
    """Waits until no thread learns: tabs of earlier tests are closed, and their sessions end soon."""
    until(lambda: lab.learning() == 0, "nothing learned any longer")


def test_it_starts_is_changed_pauses_steps_and_stops(page: Tab) -> None:
    press(page, "pause")
    page.page.locator(".lab-problem").filter(has_text="Nothing learns yet").wait_for()
    press(page, "start")
    page.says("learning")
    page.says("η 0.5, λ 0")  # of the network that learns, which says it itself
    page.until(lambda: page.page.locator(".lab-problem").count() == 0, "what was wrong is no longer said")
    thumb = page.page.get_by_role("slider").first
    thumb.focus()
    thumb.press("ArrowLeft")
    page.says("η (0.5 → )?0.3, λ 0")
    page.says(r"[\d,]+ mini-batches")
    press(page, "pause")
    page.says("paused")
    at = steps(page)
    press(page, "one mini-batch")
    page.says(f"{at + 1:,} mini-batches")
    page.says("paused")
    press(page, "go on")
    page.says("learning")
    press(page, "stop")
    page.says("done")
    page.says("How fast each layer learns")
    with page.page.expect_download() as download:
        page.page.get_by_text("save the model").click()
    assert download.value.suggested_filename == "model.safetensors"


def test_another_run_is_laid_beside_it(page: Tab) -> None:
    press(page, "start")
    page.says("best validation")
    press(page, "stop")
    page.says("done")
    thumb = page.page.get_by_role("slider").first
    thumb.focus()
    thumb.press("ArrowRight")
    page.page.get_by_role("status").filter(has_text="learning rate η 0.7, weight decay λ 0").wait_for(state="attached")
    press(page, "go on")
    page.says("It has ended")
    press(page, "start another beside it")
    page.says(r"run 1 · done[^\n]* · η 0.5, λ 0 [^\n]*\s+run 2 · learning[^\n]* · η 0.7, λ 0")
    page.says("The first layer's weights in run 2")
    press(page, "stop")
    page.says(r"run 1 · done[^\n]* · η 0.5, λ 0 [^\n]*\s+run 2 · done")


def test_layers_are_added_and_removed_and_what_is_no_layer_is_said(page: Tab) -> None:
    rows = page.page.locator("marimo-text input")
    page.until(lambda: rows.count() == 3, "there are three layers")
    press(page, "add Tanh")
    page.until(lambda: rows.count() == 4, "a layer was added")
    assert [layer(page, i).input_value() for i in range(4)] == ["Dense(30)", "Sigmoid", "Tanh", "Output"]
    press(page, "× remove Tanh")
    page.until(lambda: rows.count() == 3, "a layer was removed")
    assert [layer(page, i).input_value() for i in range(3)] == ["Dense(30)", "Sigmoid", "Output"]
    layer(page, 1).fill("Dense(30,<b>)")
    layer(page, 1).press("Enter")
    page.settled()
    press(page, "start")
    assert re.search(r"layer 2: .*<b>", page.page.locator(".lab-problem").inner_text())
    layer(page, 1).fill("ReLU")
    layer(page, 1).press("Enter")
    page.settled()
    press(page, "start")
    page.says("getting ready|mini-batches")
    page.until(lambda: page.page.locator(".lab-problem").count() == 0, "what was wrong is no longer said")


def test_tabs_do_not_disturb_each_other_and_a_closed_one_ends_its_training(
    page: Tab, tab: Callable[[str], Tab], lab: Lab
) -> None:
    idle(lab)
    other = tab("train")
    for one, batch in ((page, "1"), (other, "1000")):
        number = one.page.get_by_role("textbox", name="mini-batch")
        number.fill(batch)
        number.press("Enter")
        one.settled()
        press(one, "start")
        one.says("learning")
    until(lambda: lab.learning() == 2, "two learned")
    press(other, "pause")
    other.says("paused")
    before = steps(page)
    page.until(lambda: steps(page) > before, "the first goes on")
    page.close()
    until(lambda: lab.learning() == 1, "the closed tab's training ended")
    press(other, "go on")
    other.says("learning")
    other.close()
    until(lambda: lab.learning() == 0, "the other ended as well")
    assert tab("softmax").page.locator("h1").inner_text() == "Softmax"


def test_ctrl_c_ends_a_lab_that_learns(browser: Browser) -> None:
    lab = Lab()
    context = browser.new_context(viewport={"width": 1200, "height": 2400})
    opened = Tab(context.new_page(), f"{lab.address}train/")
    press(opened, "start")
    until(lambda: lab.learning() == 1, "it learned")
    opened.says("learning")
    assert lab.end() == 0
    context.close()
