"""The Playground: running, going back in a run, its address, and its looks."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, expect
from tests.lab.browser import Lab, add_token
from tests.lab.playground import PATIENCE, Playground

PHONE = {"width": 390, "height": 844}
CUT = """
() => [...document.querySelectorAll("button, input, select, label, h1, h2, p, td, th, pre, canvas, svg")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 0)
  .filter((one) => { const box = one.getBoundingClientRect(); return box.left < -0.5 || box.right > innerWidth + 0.5; })
  .map((one) => one.id || one.textContent.slice(0, 40))
"""
"""A script that returns the elements beyond the left or right edge of the screen."""

UNNAMED = """
() => [...document.querySelectorAll("button, input, select, textarea, [tabindex='0']")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.getAttribute("aria-label") || one.labels?.[0]?.textContent.trim() || one.textContent.trim()))
  .map((one) => one.outerHTML)
"""
"""A script that returns the controls without a name."""


def test_the_page_names_no_host(opened: Playground) -> None:
    text = opened.path.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:https?:)?//[\w-]+\.[\w.]+", text)) == {"http://www.w3.org"}  # the name of SVG
    assert len(text) < 150_000


def test_a_key_runs_and_pauses(playground: Playground) -> None:
    playground.find("#run").press("Enter")
    playground.wait_until("run.last.cost < 0.3")
    playground.find("#run").press("Enter")
    assert playground.read("#run-text") == "Run"
    steps = playground.ask("run.steps")
    playground.page.wait_for_timeout(100)
    assert playground.ask("run.steps") == steps
    assert float(playground.read("#train-cost")) < 0.35


def test_step_takes_a_mini_batch_and_epoch_all_of_them(playground: Playground) -> None:
    before = playground.ask("run.last.cost")
    playground.click("Step")
    assert playground.ask("[run.steps, run.at.step]") == [1, 1]
    assert playground.ask("run.last.cost") != before
    playground.click("Epoch")
    assert playground.ask("[run.steps, run.epochs, run.at.step]") == [21, 1, 0]
    assert playground.read("#epochs") == "1"
    playground.click("Start again")
    assert playground.ask("[run.steps, run.last.cost]") == [0, before]


def test_the_slider_goes_back_and_the_run_repeats_its_path(playground: Playground) -> None:
    playground.take_epochs(6)
    costs = playground.ask("run.records.map(({ cost }) => cost)")
    slider = playground.find("#history")
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")
    assert playground.read("#epochs") == "4"
    assert float(playground.read("#train-cost")) == pytest.approx(costs[4], rel=5e-3)
    assert playground.ask("run.records.length") == 7
    playground.take_epochs(2)
    assert playground.ask("run.records.map(({ cost }) => cost)") == costs
    slider.press("Home")
    playground.click("Step")
    assert playground.ask("run.records.map(({ steps }) => steps)") == [0, 1]


def test_going_back_also_brings_back_settings_and_points(playground: Playground) -> None:
    playground.take_epochs(2)
    playground.page.get_by_label("Optimizer").select_option("adam")
    playground.take_epochs(1)
    playground.choose_pen("add points: blue")
    playground.page.mouse.click(*playground.point_at(2, -2))
    playground.take_epochs(1)
    slider, shown = playground.find("#history"), "[settings.optimizer, settings.data, run.at.stretch.number]"
    assert playground.ask(shown) == ["adam", "own", 2]
    slider.press("Home")
    assert playground.ask(shown) == ["sgd", "circles", 0]
    assert playground.page.get_by_label("Optimizer").input_value() == "sgd"
    slider.press("End")
    assert playground.ask(shown) == ["adam", "own", 2]
    assert playground.ask("run.problem.train.labels.length + run.problem.test.labels.length") == 301


def test_the_memory_of_the_run_is_bounded(playground: Playground) -> None:
    playground.open("layers=2&count=20&batch=20")
    playground.ask("Array.from({ length: 1500 }, () => run.step()).length")
    epochs = playground.ask("run.records.map(({ epochs }) => epochs)")
    assert 150 < len(epochs) <= 401
    assert epochs[0] == 0
    assert epochs == sorted(epochs)
    assert max(b - a for a, b in pairwise(epochs)) <= 16


def test_a_change_of_eta_goes_on_and_a_change_of_the_network_starts_again(playground: Playground) -> None:
    playground.take_epochs(2)
    weights = playground.ask("[...run.params[0].w]")
    playground.page.get_by_label("Learning rate η, exact number").fill("0.5")
    playground.find("#run").focus()
    assert playground.ask("[settings.eta, run.steps, run.at.stretch.number]") == [0.5, 42, 1]
    assert playground.ask("[...run.params[0].w]") == weights
    playground.click("Add a neuron to hidden layer 2")
    assert playground.ask("[run.steps, settings.layers]") == [0, [6, 5]]
    playground.click("Add a hidden layer")
    assert playground.ask("settings.layers") == [6, 5, 5]
    playground.page.get_by_role("button", name="Input x₁x₂").press("Space")
    assert playground.ask("settings.features") == ["x1", "x2", "x1x2"]
    assert playground.page.get_by_role("button", name="Input x₁x₂").get_attribute("aria-pressed") == "true"
    assert playground.page.evaluate("document.activeElement.dataset.place") == "x1x2"


def test_the_address_holds_settings_and_points(playground: Playground) -> None:
    playground.page.get_by_label("Optimizer").select_option("adam")
    playground.page.get_by_role("radio", name="three").check(force=True)
    playground.click("Remove the last hidden layer")
    playground.choose_pen("add points: yellow")
    playground.page.mouse.click(*playground.point_at(1, 1))
    playground.wait_until("location.hash.includes('points=5.')")
    address = playground.page.evaluate("location.hash")
    settings, labels, x = playground.ask("[settings, run.problem.train.labels, run.problem.train.x]")
    playground.open(address[1:])
    assert playground.ask("settings") == settings
    assert (settings["optimizer"], settings["layers"], settings["data"]) == ("adam", [6], "own")
    assert playground.ask("run.problem.train.labels") == labels
    assert playground.ask("run.problem.train.x") == x
    expect(playground.find("#problems")).to_be_hidden()


def test_a_bad_address_is_explained_and_gets_defaults(playground: Playground) -> None:
    playground.open("eta=fast&layers=99&seed=5&colour=red&points=4.zz&data=%E0%A4%A")
    assert playground.find("#problems p").all_inner_texts() == [
        "eta: expected a number from 0 to 100, got “fast”; the page uses 0.1.",
        "layers: expected up to six whole numbers from 1 to 16, such as 6,4, got “99”; the page uses 6,4.",
        "The address has an unknown setting, “colour”.",
        "points: expected points as this page writes them; there are no points.",
        "data: expected one of clouds, circles, xor, spiral, three, five, surface, own, got “%E0%A4%A”; the page uses "
        "circles.",
    ]
    assert playground.ask("[settings.eta, settings.layers, settings.seed]") == [0.1, [6, 4], 5]
    playground.click("Default settings")
    assert playground.ask("settings.seed") == 1


def test_nothing_is_cut_off_on_a_phone(playground: Playground) -> None:
    for address in ("", "data=five&cost=log-likelihood&layers=16,16,16,16,16,16&features=x1,x2,sinx1&regularizer=l2"):
        playground.page.set_viewport_size(PHONE)
        playground.open(address)
        playground.find('[data-place="0-0"]').press("Enter")
        playground.find("#python summary").click()
        assert playground.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert playground.page.evaluate(CUT) == []


def test_all_controls_have_names(playground: Playground) -> None:
    playground.find('[data-place="0-0"]').press("Enter")
    assert playground.page.evaluate(UNNAMED) == []
    names = [playground.page.get_by_role("slider", name=name) for name in ("Noise", "Go back in the run", "bias b")]
    assert [slider.count() for slider in names] == [1, 1, 1]
    assert names[0].get_attribute("aria-valuetext") == "0.10"


def test_the_maps_follow_dark_mode(playground: Playground) -> None:
    red = """(() => {
      const pen = new OffscreenCanvas(1, 1).getContext("2d");
      pen.drawImage(document.getElementById("map"), 0, 0, 1, 1);
      return pen.getImageData(0, 0, 1, 1).data[0];
    })()"""
    playground.open("layers=4&init=zeros")  # all outputs are in the middle
    assert playground.ask(red) > 200
    playground.page.emulate_media(color_scheme="dark")
    playground.wait_until(f"{red} < 100")
    playground.page.emulate_media(color_scheme="light")
    playground.wait_until(f"{red} > 200")


def test_reduced_motion_shows_fewer_pictures(playground: Playground) -> None:
    playground.page.emulate_media(reduced_motion="reduce")
    playground.open()
    playground.find("#run").click()
    first, steps = playground.ask("[playground.countPictures(), run.steps]")
    playground.wait_until(f"run.steps > {steps + 300}")
    pictures = playground.ask("playground.countPictures()") - first
    assert pictures < 300 / 5 / 3  # otherwise there is one for each 5 steps
    playground.find("#run").click()
    playground.page.emulate_media(reduced_motion="no-preference")


def test_the_lab_serves_it(lab: Lab, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        problems: list[str] = []
        page.on("console", lambda message: problems.append(f"{message.text} {message.location['url']}"))
        page.goto(add_token(lab.address))
        page.get_by_role("link", name="Playground").click()
        page.wait_for_selector("#run")
        assert page.url == f"http://127.0.0.1:{lab.port}/playground/"
        page.get_by_role("button", name="Epoch", exact=True).click()
        assert page.locator("#epochs").inner_text() == "1"
        page.get_by_role("link", name="deltarule lab").click()
        page.wait_for_selector(".lab-card")
        assert [problem for problem in problems if not problem.endswith("/favicon.ico")] == []  # the index has no icon
