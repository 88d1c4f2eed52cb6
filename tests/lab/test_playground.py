"""The Playground with mouse, touch and keys: running, rewinding, own points and weights, explanations, the address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import exp

import pytest
from playwright.sync_api import Browser, expect
from tests.lab.browser import Lab, add_token
from tests.lab.playground import PATIENCE, Playground

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 1000}
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


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    context = browser.new_context(offline=True, viewport=DESKTOP)
    playground = Playground(context, tmp_path_factory.mktemp("playground"))
    yield playground
    context.close()
    assert playground.problems == []
    assert {address.split("#")[0] for address in playground.requests} == {playground.path.as_uri()}


@pytest.fixture
def playground(opened: Playground) -> Playground:
    opened.page.set_viewport_size(DESKTOP)
    opened.open()
    return opened


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


def test_a_wrong_number_is_explained_and_changes_nothing(playground: Playground) -> None:
    field = playground.page.get_by_label("Size of the mini-batch")
    field.fill("0")
    field.press("Tab")
    assert playground.read("#form-problem") == "batch: expected a whole number from 1 to 2000, got “0”."
    assert playground.ask("settings.batch") == 10
    field.fill("20")
    field.press("Tab")
    assert playground.ask("settings.batch") == 20
    expect(playground.find("#form-problem")).to_be_hidden()


def test_keys_edit_a_bias_and_weights_while_it_runs(playground: Playground) -> None:
    playground.page.get_by_label("Learning rate η, exact number").fill("0")
    playground.find("#run").click()
    playground.page.get_by_role("button", name="neuron 2 of hidden layer 1: edit its weights").press("Enter")
    before = playground.ask("run.params[0].b[1]")
    playground.page.keyboard.press("ArrowRight")
    assert playground.ask("run.params[0].b[1]") == pytest.approx(before + 0.05, abs=0.03)
    playground.page.get_by_label("w from x₂, exact number").fill("-1.25")
    assert playground.ask("run.params[0].w[3]") == -1.25
    playground.page.keyboard.press("Escape")
    expect(playground.find("#editor")).to_be_hidden()
    assert playground.page.evaluate("document.activeElement.dataset.place") == "0-1"


def find_link(playground: Playground) -> tuple[float, float]:
    """Return the middle of the link from neuron 4 to the output on the screen."""
    place: list[float] = playground.page.evaluate(
        """() => {
          const middle = (place) => {
            const box = document.querySelector(`[data-place="${place}"]`).getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2, box.width];
          };
          const [x1, y1, width] = middle("1-3"), [x2, y2] = middle("2-0");
          return [(x1 + x2) / 2, (y1 + y2) / 2];
        }"""
    )
    return place[0], place[1]


def test_the_mouse_drags_a_link_and_the_wheel_turns_it(playground: Playground) -> None:
    mouse = playground.page.mouse
    x, y = find_link(playground)
    mouse.move(x, y)
    before = playground.ask("run.params[2].w[3]")
    assert playground.read(".tip") == f"neuron 4 → the output: w = {before:.3g}"
    mouse.down()
    mouse.move(x, y - 50, steps=5)
    mouse.up()
    assert playground.ask("run.params[2].w[3]") == pytest.approx(before + 1, abs=0.01)
    assert playground.find(".editor-row.selected").inner_text().strip() == "w from neuron 4"
    mouse.move(x, y)
    mouse.wheel(0, 100)
    playground.wait_until(f"Math.abs(run.params[2].w[3] - {before + 0.9}) < 0.02")
    assert playground.ask("run.params[2].w.length") == 4


def test_the_mouse_draws_points_and_erases_them(playground: Playground) -> None:
    playground.take_epochs(1)
    weights = playground.ask("[...run.params[0].w]")
    playground.choose_pen("add points: blue")
    mouse, at = playground.page.mouse, playground.point_at(-2.5, 2.5)
    mouse.click(*at)
    assert playground.ask("[settings.data, run.problem.train.labels.length + run.problem.test.labels.length]") == [
        "own",
        301,
    ]
    assert playground.ask("[...run.params[0].w]") == weights
    mouse.move(*at)
    mouse.down()
    mouse.move(*playground.point_at(-0.5, 2.5), steps=30)
    mouse.up()
    count = len(playground.read_labels())
    assert 305 < count < 315
    playground.choose_pen("eraser")
    mouse.click(*at)
    assert len(playground.read_labels()) < count
    playground.click("Clear points")
    assert playground.read_labels() == []
    assert "no points" in playground.read("#diagnosis-text")


def test_keys_draw_points_and_read_answers(playground: Playground) -> None:
    playground.click("Clear points")
    playground.choose_pen("add points: green")
    plane = playground.page.get_by_role("application", name="The plane")
    for key in ["ArrowRight"] * 3 + ["Shift+ArrowUp", " "]:
        plane.press(key)
    assert playground.read_labels() == [2]
    assert playground.ask("run.problem.train.x") == [0.3, 0.5]
    assert playground.ask("run.problem.nOut") == 3
    assert playground.read("#probe").startswith("At (0.3, 0.5): orange 0.")
    assert playground.find("#announcement").text_content() == playground.read("#probe")


def test_a_finger_draws_points_and_otherwise_scrolls(playground: Playground) -> None:
    touches = playground.page.context.new_cdp_session(playground.page)
    x, y = playground.point_at(2.5, 0)
    for pen, added in (("look", 0), ("add points: orange", 1)):
        playground.choose_pen(pen)
        touches.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert len(playground.read_labels()) == 300 + added


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


def test_divergence_is_explained_with_a_remedy(playground: Playground) -> None:
    playground.open("data=surface&eta=20")
    playground.find("#run").click()
    playground.wait_until("run.hasDiverged")
    expect(playground.find("#diagnosis-text")).to_contain_text("The run has diverged: the cost has risen since step 0")
    assert playground.read("#run-text") == "Run"
    playground.find("#history").press("Home")
    expect(playground.find("#diagnosis")).to_be_hidden()
    playground.find("#run").click()
    playground.wait_until("run.hasDiverged")
    playground.click("Start again with η = 2")
    assert playground.ask("[settings.eta, run.hasDiverged]")[0] == 2


STANDSTILLS = {
    "zeros": ("init=zeros", "All neurons of hidden layer 1 have the same weights.", "init", "default"),
    "straight lines": ("data=xor&layers=", "can only divide its inputs by straight lines.", "layers", [8]),
    "dead": ("data=spiral&hidden=relu&eta=1&optimizer=adam", "Dead neurons", "hidden", "leaky-relu"),
    "saturated": ("data=spiral&hidden=sigmoid&eta=1&optimizer=adam&cost=quadratic", "Saturated", "init", "glorot"),
}


@pytest.mark.parametrize(("address", "text", "setting", "value"), STANDSTILLS.values(), ids=STANDSTILLS)
def test_a_standstill_is_explained_with_a_remedy(
    address: str, text: str, setting: str, value: object, playground: Playground
) -> None:
    playground.open(address)
    playground.ask("Array.from({ length: 1200 }, () => run.step()).length")
    playground.click("Epoch")
    assert text in playground.read("#diagnosis-text")
    playground.find("#remedy").click()
    assert playground.ask(f"settings.{setting}") == value
    assert playground.read("#run-text") == "Pause"


def test_the_plane_shows_the_neuron_that_the_user_points_at(playground: Playground) -> None:
    same = """(() => {
      const read = (canvas) => canvas.toDataURL();
      return read(document.getElementById("map")) === read(document.querySelector('[data-place="%s"] canvas'));
    })()"""
    assert playground.ask(same % "2-0")
    for place, title in (("0-1", "Map of neuron 2 of hidden layer 1"), ("x1x2", "Map of x₁x₂")):
        assert not playground.ask(same % place)
        playground.find(f'[data-place="{place}"]').hover()
        assert playground.read("#answer-title") == title
        assert playground.ask(same % place)
    playground.page.mouse.move(1, 1)
    assert playground.read("#answer-title") == "Answer"
    playground.find('[data-place="1-0"]').focus()
    assert playground.ask(same % "1-0")


def test_the_sum_of_the_terms_is_the_answer(playground: Playground) -> None:
    playground.take_epochs(3)
    plane = playground.page.get_by_role("application", name="The plane")
    plane.press("Shift+ArrowRight")
    texts = [text.replace("−", "-") for text in playground.find(".term figcaption span").all_inner_texts()]
    bias, *terms, result = texts
    total = float(bias) + sum(float(w) * float(a) for w, a in (term.split(" · ") for term in terms))
    assert float(result) == pytest.approx(1 / (1 + exp(-total)), abs=0.01)
    assert len(terms) == 4


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
