"""The Playground with mouse, touch and keys: weights, points, and what the user points at."""

from __future__ import annotations

from math import exp

import pytest
from playwright.sync_api import expect
from tests.lab.playground import Playground


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
