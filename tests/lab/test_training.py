"""The page Train in the browser: runs are started, changed, paused, stepped, stopped, kept and continued."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator
from tests.lab.browser import PATIENCE, Lab, Tab, wait_until


@pytest.fixture
def page(tab: Callable[[str], Tab], lab: Lab) -> Tab:
    opened = tab("train")
    opened.page.get_by_label("data", exact=True).select_option("small digits (8 × 8)")
    number = opened.page.get_by_role("textbox", name="epochs")  # the small digits take milliseconds
    number.fill("100000")
    number.press("Enter")
    opened.wait_until_idle()
    return opened


def press(tab: Tab, name: str) -> None:
    tab.page.locator(".run-bar").get_by_role("button", name=name, exact=True).click()


def wait_for(tab: Tab, pattern: str, place: str = ".board") -> str:
    """Wait until the text of the board, or of another place, matches a regular expression, and return the match."""
    found: list[str] = []

    def is_there() -> bool:
        found[:] = [match[0] for match in [re.search(pattern, tab.page.locator(place).inner_text())] if match]
        return bool(found)

    tab.wait_until(is_there, f"the page said {pattern}")
    return found[0]


def read_steps(tab: Tab) -> int:
    return int(re.sub(r"\D", "", wait_for(tab, r"[\d,]+ mini-batches")))


def find_layer(tab: Tab, i: int) -> Locator:
    return tab.page.get_by_role("textbox", name=f"layer {i + 1}", exact=True)


def wait_until_no_run(lab: Lab) -> None:
    """Wait until no thread trains: the sessions of closed tabs end soon."""
    wait_until(lambda: lab.count_training_threads() == 0, "all training ended")


def test_a_run_starts_changes_pauses_steps_and_stops(page: Tab) -> None:
    assert page.page.locator(".run-bar").get_by_role("button", name="pause").is_disabled()
    press(page, "start")
    wait_for(page, "training digits 64-30-10")
    wait_for(page, "η 0.5, λ 0")
    thumb = page.page.get_by_label("learning rate η")
    thumb.focus()
    thumb.press("ArrowLeft")
    wait_for(page, "η (0.5 → )?0.3, λ 0")
    press(page, "pause")
    wait_for(page, "paused digits")
    at = read_steps(page)
    press(page, "one mini-batch")
    wait_for(page, f"{at + 1:,} mini-batches")
    wait_for(page, "paused")
    press(page, "continue")
    wait_for(page, "training digits")
    wait_for(page, "validation examples are misread now")
    page.page.set_viewport_size({"width": 1000, "height": 500})
    page.page.locator(".runs").scroll_into_view_if_needed()
    box = page.page.locator(".run-bar").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 500 - box["height"]  # it stays in sight
    press(page, "stop")
    wait_for(page, "done digits")
    kept = page.page.locator(".runs li").first
    kept.get_by_text("can be continued").wait_for()
    with page.page.expect_download() as download:
        kept.get_by_role("link", name="save").click()
    assert re.fullmatch(r"digits-64-30-10-\d+\.safetensors", download.value.suggested_filename)
    name = kept.get_by_role("textbox")
    name.fill("my run")
    name.press("Enter")
    wait_for(page, "done my run")


@pytest.mark.slow
def test_layers_are_added_and_removed_and_an_invalid_layer_is_an_error(page: Tab) -> None:
    rows = page.page.locator("marimo-text input")
    page.wait_until(lambda: rows.count() == 3, "there are three layers")
    page.page.get_by_role("button", name="add Tanh").click()
    page.wait_until(lambda: rows.count() == 4, "a layer was added")
    assert [find_layer(page, i).input_value() for i in range(4)] == ["Dense(30)", "Sigmoid", "Tanh", "Output"]
    page.page.get_by_role("button", name="× remove Tanh").click()
    page.wait_until(lambda: rows.count() == 3, "a layer was removed")
    assert [find_layer(page, i).input_value() for i in range(3)] == ["Dense(30)", "Sigmoid", "Output"]
    find_layer(page, 1).fill("Dense(30,<b>)")
    find_layer(page, 1).press("Enter")
    page.wait_until_idle()
    press(page, "start")
    page.page.locator(".run-bar [role=alert]").filter(has_text=re.compile("layer 2: .*<b>")).wait_for()
    find_layer(page, 1).fill("ReLU")
    find_layer(page, 1).press("Enter")
    page.wait_until_idle()
    press(page, "start")
    wait_for(page, r"\d mini-batches")
    assert page.page.locator(".run-bar [role=alert]").is_hidden()
    press(page, "stop")


@pytest.mark.slow
def test_a_run_is_deleted_after_a_question_by_the_keyboard(page: Tab) -> None:
    number = page.page.get_by_role("textbox", name="epochs")
    number.fill("1")
    number.press("Enter")
    page.wait_until_idle()
    press(page, "start")
    wait_for(page, "done digits")
    rows = page.page.locator(".runs li")
    page.wait_until(lambda: rows.first.get_by_role("button", name="delete").is_enabled(), "the run can be deleted")
    key = rows.first.get_by_role("textbox").get_attribute("aria-label")
    before, delete = rows.count(), rows.first.get_by_role("button", name="delete")
    question = page.page.get_by_role("alertdialog", name=re.compile("Delete digits"))
    for keys in (["Escape"], ["Enter"]):  # "keep it" has the focus
        delete.press("Enter")
        question.get_by_text("is deleted from the disk").wait_for()
        for one in keys:
            page.page.keyboard.press(one)
        question.wait_for(state="hidden")
        assert delete.evaluate("(button) => button.getRootNode().activeElement === button")
    assert rows.count() == before
    delete.press("Enter")
    question.get_by_text("is deleted from the disk").wait_for()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    page.wait_until(lambda: rows.count() == before - 1, "the run was deleted")
    assert key not in [name.get_attribute("aria-label") for name in rows.get_by_role("textbox").all()]
    page.page.get_by_role("status").filter(has_text=re.compile("The run digits.* is deleted")).wait_for()


@pytest.mark.slow
def test_the_address_restores_the_settings_and_a_bad_one_says_what_is_wrong(
    page: Tab, tab: Callable[[str], Tab]
) -> None:
    page.page.get_by_role("button", name="add Tanh").click()
    thumb = page.page.get_by_label("learning rate η")
    thumb.focus()
    thumb.press("ArrowLeft")
    ending = "epochs=100000&eta=0.3"
    page.wait_until(lambda: page.page.url.endswith(ending), f"the address ended with {ending}")
    query = page.page.url.split("?")[1]
    assert "layers=Dense(30),Sigmoid,Tanh,Output" in query
    other = tab(f"train/?{query}&batch=0&colour=red")
    assert other.page.locator(".lab-problem").first.inner_text().splitlines()[::2] == [
        "batch: expected a whole number from 1 to 100,000, got “0”; the page uses 10.",
        "The address has an unknown setting, “colour”.",
    ]
    assert [find_layer(other, i).input_value() for i in range(4)] == ["Dense(30)", "Sigmoid", "Tanh", "Output"]
    assert other.page.get_by_role("textbox", name="epochs").input_value() == "100,000"
    press(other, "start")
    wait_for(other, "η 0.3, λ 0")
    press(other, "stop")
    other.wait_until(lambda: other.page.url.split("?")[1] == query, "the address lost what was wrong")


@pytest.mark.slow
def test_a_reload_asks_first_and_the_run_goes_on_after_it(page: Tab, lab: Lab) -> None:
    asked: list[str] = []
    press(page, "start")
    steps = read_steps(page)
    page.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.page.evaluate("setTimeout(() => location.reload())")
    page.wait_until(lambda: asked == ["beforeunload"], "the page asked")
    page.wait_until(lambda: read_steps(page) > steps, "the training went on")
    page.page.once("dialog", lambda dialog: dialog.accept())
    with page.page.expect_navigation():
        page.page.evaluate("setTimeout(() => location.reload())")
    wait_until(lambda: lab.count_training_threads() == 0, "the training of the page before ended")
    kept = page.page.locator(".runs li").first
    kept.get_by_text("can be continued").wait_for()
    kept.get_by_role("button", name="continue").click()
    page.wait_until(lambda: read_steps(page) > steps, "the run went on")
    press(page, "stop")


@pytest.mark.slow
def test_an_upload_is_chosen_and_a_damaged_one_is_not_kept(page: Tab, tmp_path: Path) -> None:
    table, damaged = tmp_path / "soil.csv", tmp_path / "broken.npz"
    table.write_text("kind,width\n" + "".join(f"{'ab'[i % 2]},{i % 7}\n" for i in range(60)))
    damaged.write_bytes(b"PK\x03\x04 broken")
    page.page.get_by_text("upload your own").click()
    for path, text in ((damaged, "broken.npz.*\\s+Nothing of it is kept"), (table, "soil is ready")):
        page.page.locator(".data-choice input[type=file]").set_input_files(path)
        page.page.locator(".data-choice button").click()
        wait_for(page, text, ".data-choice")
    assert page.page.locator(".data-choice select option").all_inner_texts()[-1] == "soil.csv"
    press(page, "start")
    wait_for(page, "training soil 1-30-2")
    press(page, "stop")


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
        wait_for(one, "training")
    wait_until(lambda: lab.count_training_threads() == 2, "two runs trained")
    press(other, "pause")
    wait_for(other, "paused")
    before = read_steps(page)
    page.wait_until(lambda: read_steps(page) > before, "the first run continued")
    page.close()
    wait_until(lambda: lab.count_training_threads() == 1, "the closed tab's training ended")
    press(other, "continue")
    wait_for(other, "training")
    other.close()
    wait_until(lambda: lab.count_training_threads() == 0, "the other training ended")
    assert tab("softmax").page.locator("h1").inner_text() == "Softmax"


@pytest.mark.slow
def test_eta_is_found_and_used(page: Tab) -> None:
    press(page, "find η")
    wait_for(page, "The cost falls up to η = ")
    page.page.get_by_role("button", name="use η").click()
    value = page.page.get_by_role("button", name="use η").inner_text().split("= ")[1]
    page.wait_until(lambda: page.page.locator(".rate output").first.inner_text() == value, "η was set")


@pytest.mark.slow
def test_a_kept_model_reads_drawings_in_one_click(page: Tab) -> None:
    press(page, "start")
    wait_for(page, "best validation accuracy")
    press(page, "stop")
    with page.page.expect_popup() as popup:
        page.page.get_by_role("link", name="draw with this model").first.click()
    draw = popup.value
    draw.set_default_timeout(1000 * PATIENCE)
    draw.get_by_text("The network of your run digits-64-30-10").wait_for()
    draw.get_by_text("the network's input: 8 × 8 pixels").wait_for()
    draw.close()


@pytest.mark.slow
def test_ctrl_c_ends_a_lab_during_training_and_the_run_is_kept(browser: Browser, tmp_path: Path) -> None:
    runs = ("--runs", str(tmp_path / "runs"))
    lab = Lab(*runs)
    with contextlib.closing(browser.new_context(viewport={"width": 1200, "height": 2400})) as context:
        opened = Tab(context.new_page(), f"{lab.address}train/")
        press(opened, "start")
        wait_for(opened, "best validation accuracy")
        steps = read_steps(opened)
        assert lab.end() == 0
        opened.wait_for_text("The lab does not answer")
        again = Lab(*runs)
        opened = Tab(context.new_page(), f"{again.address}train/")
        opened.page.locator(".runs li").get_by_role("button", name="continue").click()
        opened.wait_until(lambda: read_steps(opened) >= steps, "the run went on")
        assert again.end() == 0
