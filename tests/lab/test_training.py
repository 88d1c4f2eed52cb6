"""The page Train in the browser: runs are started, changed, paused, stepped and stopped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator
from tests.lab.browser import Lab, Tab, wait_until


@pytest.fixture
def page(tab: Callable[[str], Tab], lab: Lab) -> Tab:
    opened = tab("train")
    opened.page.get_by_label("data").select_option("small digits (8 × 8)")
    return opened


def press(tab: Tab, name: str) -> None:
    tab.page.get_by_role("button", name=name, exact=True).click()


def read_steps(tab: Tab) -> int:
    return int(re.sub(r"\D", "", tab.wait_for_text(r"[\d,]+ mini-batches")))


def find_layer(tab: Tab, i: int) -> Locator:
    return tab.page.get_by_role("textbox", name=f"layer {i + 1}", exact=True)


def wait_until_no_run(lab: Lab) -> None:
    """Wait until no thread trains: the sessions of closed tabs end soon."""
    wait_until(lambda: lab.count_training_threads() == 0, "all training ended")


def test_a_run_starts_changes_pauses_steps_and_stops(page: Tab) -> None:
    press(page, "pause")
    page.page.locator(".lab-problem").filter(has_text="There is no run yet").wait_for()
    press(page, "start")
    page.wait_for_text("training")
    page.wait_for_text("η 0.5, λ 0")  # from the run's status line
    page.wait_until(lambda: page.page.locator(".lab-problem").count() == 0, "the error disappeared")
    thumb = page.page.get_by_role("slider").first
    thumb.focus()
    thumb.press("ArrowLeft")
    page.wait_for_text("η (0.5 → )?0.3, λ 0")
    page.wait_for_text(r"[\d,]+ mini-batches")
    press(page, "pause")
    page.wait_for_text("paused")
    at = read_steps(page)
    press(page, "one mini-batch")
    page.wait_for_text(f"{at + 1:,} mini-batches")
    page.wait_for_text("paused")
    press(page, "continue")
    page.wait_for_text("training")
    press(page, "stop")
    page.wait_for_text("done")
    page.wait_for_text("How fast each layer learns")
    with page.page.expect_download() as download:
        page.page.get_by_text("save the model").click()
    assert download.value.suggested_filename == "model.safetensors"


def test_a_second_run_is_compared_with_the_first(page: Tab) -> None:
    press(page, "start")
    page.wait_for_text("best validation accuracy")
    press(page, "stop")
    page.wait_for_text("done")
    thumb = page.page.get_by_role("slider").first
    thumb.focus()
    thumb.press("ArrowRight")
    page.page.get_by_role("status").filter(has_text="learning rate η 0.7, weight decay λ 0").wait_for(state="attached")
    press(page, "continue")
    page.wait_for_text("This run has ended")
    press(page, "start a second run")
    page.wait_for_text(r"run 1 · done[^\n]* · η 0.5, λ 0 [^\n]*\s+run 2 · training[^\n]* · η 0.7, λ 0")
    page.wait_for_text("The first layer's weights in run 2")
    press(page, "stop")
    page.wait_for_text(r"run 1 · done[^\n]* · η 0.5, λ 0 [^\n]*\s+run 2 · done")


def test_layers_are_added_and_removed_and_an_invalid_layer_is_an_error(page: Tab) -> None:
    rows = page.page.locator("marimo-text input")
    page.wait_until(lambda: rows.count() == 3, "there are three layers")
    press(page, "add Tanh")
    page.wait_until(lambda: rows.count() == 4, "a layer was added")
    assert [find_layer(page, i).input_value() for i in range(4)] == ["Dense(30)", "Sigmoid", "Tanh", "Output"]
    press(page, "× remove Tanh")
    page.wait_until(lambda: rows.count() == 3, "a layer was removed")
    assert [find_layer(page, i).input_value() for i in range(3)] == ["Dense(30)", "Sigmoid", "Output"]
    find_layer(page, 1).fill("Dense(30,<b>)")
    find_layer(page, 1).press("Enter")
    page.wait_until_idle()
    press(page, "start")
    assert re.search(r"layer 2: .*<b>", page.page.locator(".lab-problem").inner_text())
    find_layer(page, 1).fill("ReLU")
    find_layer(page, 1).press("Enter")
    page.wait_until_idle()
    press(page, "start")
    page.wait_for_text(r"starting|\d mini-batches")
    page.wait_until(lambda: page.page.locator(".lab-problem").count() == 0, "the error disappeared")


@pytest.mark.slow
def test_tabs_are_independent_and_closing_one_ends_its_training(page: Tab, tab: Callable[[str], Tab], lab: Lab) -> None:
    wait_until_no_run(lab)
    other = tab("train")
    for one, batch in ((page, "1"), (other, "1000")):
        number = one.page.get_by_role("textbox", name="mini-batch")
        number.fill(batch)
        number.press("Enter")
        one.wait_until_idle()
        press(one, "start")
        one.wait_for_text("training")
    wait_until(lambda: lab.count_training_threads() == 2, "two runs trained")
    press(other, "pause")
    other.wait_for_text("paused")
    before = read_steps(page)
    page.wait_until(lambda: read_steps(page) > before, "the first run continued")
    page.close()
    wait_until(lambda: lab.count_training_threads() == 1, "the closed tab's training ended")
    press(other, "continue")
    other.wait_for_text("training")
    other.close()
    wait_until(lambda: lab.count_training_threads() == 0, "the other training ended")
    assert tab("softmax").page.locator("h1").inner_text() == "Softmax"


@pytest.mark.slow
def test_ctrl_c_ends_a_lab_during_training(browser: Browser) -> None:
    lab = Lab()
    context = browser.new_context(viewport={"width": 1200, "height": 2400})
    opened = Tab(context.new_page(), f"{lab.address}train/")
    press(opened, "start")
    wait_until(lambda: lab.count_training_threads() == 1, "training started")
    opened.wait_for_text("training")
    assert lab.end() == 0
    context.close()
