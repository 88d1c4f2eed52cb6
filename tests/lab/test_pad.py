"""The drawing pad on the page Draw, with mouse, pen and keys, and the reading of drawings."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from playwright.sync_api import Locator, Route
from tests.lab.browser import Tab
from tests.lab.screenshots import ROW
from tests.lab.strokes import draw, read_ink, trace_strokes

from deltarule.lab import drawing, html

INPUT_IMAGE = 'img[alt="the drawing as the network sees it"]'

STROKE = """
(canvas, [selector, x]) => new Promise((done) => {
  const box = canvas.getBoundingClientRect();
  const send = (kind, y) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, pointerType: "mouse", bubbles: true, composed: true,
    clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
  const before = document.querySelector(selector).src, from = performance.now();
  new MutationObserver((_, observer) => {
    const image = document.querySelector(selector);
    if (!image || image.src === before) return;
    observer.disconnect();
    done(performance.now() - from);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
  send("pointerdown", 0.2); send("pointermove", 0.8); send("pointerup", 0.8);
})
"""


@pytest.fixture
def page(tab: Callable[[str], Tab]) -> Tab:
    return tab("draw")


def find_pad(page: Tab) -> Locator:
    return page.page.locator(".pad-canvas").first


def wait_for_reading(page: Tab, image: np.ndarray) -> str:
    """Wait until the page shows this input image, and return its reading."""
    source = re.search(r'src="([^"]+)"', html.render_image(image, 168, "", 255))
    assert source
    page.page.wait_for_function(f"(src) => document.querySelector('{INPUT_IMAGE}')?.src === src", arg=source[1])
    return page.page.locator(".lab-reading").first.inner_text()


@pytest.mark.slow
def test_digits_of_any_size_and_position_are_read(page: Tab, mnist) -> None:
    test, rng, model = mnist[2], np.random.default_rng(0), drawing.load_model()
    canvas = find_pad(page)
    agree = right = 0
    for image, label in zip(test.x[:100], test.y[:100], strict=True):
        size = rng.uniform(0.5, 0.85)
        left, top = rng.uniform(0.06, 0.94 - size, 2)
        draw(canvas, trace_strokes(image, size, left, top))
        image_on_page = drawing.prepare_image(model, read_ink(canvas))
        reading = wait_for_reading(page, image_on_page)
        agree += reading == str(int(np.argmax(drawing.predict_proba(model, image_on_page))))
        right += reading == str(label)
    print(f"of 100 drawn digits, {agree} are read as by predict, {right} correctly")
    assert agree >= 95
    assert right >= 90


def test_a_stroke_is_read_within_a_second(page: Tab) -> None:
    canvas, took = find_pad(page), []
    for i in range(10):
        took.append(float(canvas.evaluate(STROKE, [INPUT_IMAGE, 0.1 + 0.08 * i])))
    median = statistics.median(took)
    print(f"from a stroke to its reading: {median:.0f} ms (median of {len(took)})")
    assert median < 1000  # the lab promises 100 ms; the machine may be busy
    assert page.page.locator(".lab-reading").first.inner_text() != "–"


def test_keys_draw_erase_and_clear(page: Tab) -> None:
    canvas, model = find_pad(page), drawing.load_model()
    canvas.focus()
    for key in ["ArrowUp"] * 9 + [" "] + ["ArrowDown"] * 18 + [" "]:
        canvas.press(key)
    assert wait_for_reading(page, drawing.prepare_image(model, read_ink(canvas))) == "1"
    whole = int(read_ink(canvas).astype(int).sum())
    for key in ["e", " "] + ["ArrowUp"] * 6 + [" ", "e"]:
        canvas.press(key)
    rest = read_ink(canvas)
    assert 0 < int(rest.astype(int).sum()) < 0.9 * whole
    wait_for_reading(page, drawing.prepare_image(model, rest))
    canvas.press("Delete")
    page.page.wait_for_function("() => document.querySelector('.lab-reading')?.innerText === '–'")
    assert not read_ink(canvas).any()


@pytest.mark.slow
def test_an_overtaken_drawing_is_replaced(page: Tab) -> None:
    """Simultaneous requests may arrive in another order."""
    canvas, model, late = find_pad(page), drawing.load_model(), list[Route]()
    page.page.route("**/set_model_value", lambda route: late.append(route), times=1)
    canvas.focus()
    canvas.press(" ")
    page.wait_until(lambda: late, "the first drawing was on its way")
    older = drawing.prepare_image(model, read_ink(canvas))
    for _ in range(9):
        canvas.press("ArrowDown")
    newer = drawing.prepare_image(model, read_ink(canvas))
    wait_for_reading(page, newer)
    late[0].continue_()
    wait_for_reading(page, older)
    wait_for_reading(page, newer)


def drag(page: Tab, *points: tuple[float, float], button: Literal["left", "middle", "right"] = "left") -> None:
    """Drag the browser's mouse through points of the pad."""
    box = find_pad(page).bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.page.mouse.move(*at[0])
    page.page.mouse.down(button=button)
    for to in at[1:]:
        page.page.mouse.move(*to, steps=8)
    page.page.mouse.up(button=button)


@pytest.mark.slow
def test_the_mouse_draws_the_eraser_removes_ink_and_clear_removes_all(page: Tab) -> None:
    canvas, model = find_pad(page), drawing.load_model()
    drag(page, (0.5, 0.1), (0.5, 0.9))
    assert wait_for_reading(page, drawing.prepare_image(model, read_ink(canvas))) == "1"
    whole = int(read_ink(canvas).astype(int).sum())
    eraser = page.page.get_by_role("button", name="eraser").first
    eraser.click()
    assert eraser.get_attribute("aria-pressed") == "true"
    drag(page, (0.3, 0.5), (0.7, 0.5))
    assert 0 < int(read_ink(canvas).astype(int).sum()) < whole
    wait_for_reading(page, drawing.prepare_image(model, read_ink(canvas)))
    page.page.get_by_role("button", name="clear").first.click()
    page.page.wait_for_function("() => document.querySelector('.lab-reading')?.innerText === '–'")


@pytest.mark.slow
def test_traces_left_by_the_eraser_count_as_empty(page: Tab) -> None:
    canvas = find_pad(page)
    draw(canvas, [[(0.5, 0.1), (0.5, 0.9)]])
    page.wait_for_text("towards 3")
    page.page.get_by_role("button", name="eraser").first.click()
    draw(canvas, [[(0.5435, 0.0), (0.5435, 1.0)]], clear=False)
    assert 0 < read_ink(canvas).max() < 128
    page.wait_for_text("Draw something")
    assert page.page.locator(".lab-reading").first.inner_text() == "–"


def find_ink_columns(canvas: Locator) -> np.ndarray:
    """Return the columns of the pad with ink."""
    return np.flatnonzero(read_ink(canvas).any(axis=0))


@pytest.mark.slow
def test_a_second_finger_does_not_draw(page: Tab) -> None:
    canvas = find_pad(page)
    box = canvas.bounding_box()
    assert box
    touches = page.page.context.new_cdp_session(page.page)

    def touch(kind: str, *points: tuple[int, float, float]) -> None:
        at = [{"id": i, "x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for i, x, y in points]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", (1, 0.2, 0.2))
    touch("touchStart", (1, 0.2, 0.2), (2, 0.8, 0.2))
    for y in (0.4, 0.6, 0.8):
        touch("touchMove", (1, 0.2, y), (2, 0.8, y))
    touch("touchEnd", (1, 0.2, 0.8))
    touch("touchMove", (1, 0.2, 0.9))
    touch("touchEnd")
    page.wait_until(lambda: read_ink(canvas).any(), "the first finger drew")
    assert find_ink_columns(canvas).max() < 0.3 * 112
    assert np.flatnonzero(read_ink(canvas).any(axis=1)).max() > 0.75 * 112


@pytest.mark.slow
def test_a_pen_replaces_the_palm_of_the_hand(page: Tab) -> None:
    canvas = find_pad(page)
    canvas.evaluate("(canvas) => { canvas.setPointerCapture = () => {}; }")  # since the test's pointer does not exist
    box = canvas.bounding_box()
    assert box

    def point(kind: str, pointer: int, device: str, x: float, y: float) -> None:
        canvas.dispatch_event(
            kind, {"pointerId": pointer, "pointerType": device, "bubbles": True, "cancelable": True, "pressure": 0.5,
                   "clientX": box["x"] + x * box["width"], "clientY": box["y"] + y * box["height"]}
        )  # fmt: skip

    point("pointerdown", 7, "touch", 0.9, 0.9)
    point("pointerdown", 8, "pen", 0.2, 0.2)
    point("pointermove", 7, "touch", 0.8, 0.5)
    point("pointermove", 8, "pen", 0.2, 0.6)
    point("pointerup", 8, "pen", 0.2, 0.6)
    point("pointermove", 7, "touch", 0.5, 0.5)
    x = find_ink_columns(canvas) / 112
    assert ((x < 0.3) | (x > 0.8)).all()
    assert x.min() < 0.2


@pytest.mark.slow
def test_other_buttons_and_key_combinations_do_not_draw(page: Tab) -> None:
    canvas = find_pad(page)
    for button in ("right", "middle"):
        canvas.click(button=button)
        drag(page, (0.2, 0.2), (0.8, 0.8), button=button)
    canvas.focus()
    for key in ("Control+e", "Alt+e", "Meta+e", "Control+ArrowLeft"):
        canvas.press(key)
    assert not read_ink(canvas).any()
    assert page.page.get_by_role("button", name="eraser").first.get_attribute("aria-pressed") == "false"


@pytest.mark.slow
def test_screen_readers_hear_the_effect_of_keys(page: Tab) -> None:
    canvas = page.page.get_by_role("application", name="Drawing pad").first
    announcement = page.page.locator(".pad-announcement").first
    for key, words in ((" ", "pen down"), ("e", "eraser"), (" ", "pen up"), ("e", "pen"), ("Delete", "cleared")):
        canvas.press(key)
        assert announcement.inner_text() == words
    assert announcement.get_attribute("aria-live") == "polite"


@pytest.mark.slow
def test_a_drawing_is_changed_into_another_digit(page: Tab) -> None:
    canvas = find_pad(page)
    draw(canvas, [[(0.5, 0.1), (0.5, 0.9)]])
    page.wait_for_text("towards 3")
    page.page.get_by_label("Change it into a").select_option("7")
    page.wait_for_text("towards 7")
    page.wait_for_text("is read as a 7|not read as a 7")


@pytest.mark.slow
def test_a_whole_number_is_read_on_the_strip(page: Tab) -> None:
    strip = page.page.locator(".pad-canvas").nth(1)
    page.wait_for_text("The strip is empty")
    draw(strip, ROW[:3])
    page.wait_for_text("probability for this number")
    draw(strip, ROW[3:], clear=False)
    pixels = read_ink(strip)
    assert pixels.shape == (112, 560)
    expected = drawing.read_number(pixels)
    assert not isinstance(expected, str)
    assert expected.text == "1742"
    page.wait_until(lambda: page.page.locator(".lab-reading").nth(1).inner_text() == "1742", "the number was read")
    assert page.page.locator(".lab-cut span").all_inner_texts() == list("1742")
    page.page.get_by_role("button", name="clear").nth(1).click()
    page.wait_for_text("The strip is empty")


@pytest.mark.slow
def test_the_strip_says_nothing_while_the_pen_is_down(page: Tab) -> None:
    strip = page.page.locator(".pad-canvas").nth(1)
    page.wait_for_text("The strip is empty")
    box = strip.bounding_box()
    assert box
    page.page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 25, box["y"] + 90, steps=5)
    page.page.wait_for_timeout(600)
    assert "The strip is empty" in page.page.inner_text("body")
    page.page.mouse.up()
    page.wait_for_text("probability for this number")
    assert page.page.locator(".lab-reading").nth(1).inner_text() == "1"


@pytest.mark.slow
def test_a_point_and_a_minus_are_no_digits(page: Tab) -> None:
    draw(
        page.page.locator(".pad-canvas").nth(1),
        [*ROW[:1], [(0.16, 0.5), (0.2, 0.5)], *ROW[2:4], [(0.57, 0.8), (0.572, 0.8)]],
    )
    page.wait_for_text("probability for this number")
    page.wait_until(lambda: page.page.locator(".lab-cut .lab-none").count() == 2, "two marks were found")
    assert page.page.locator(".lab-cut span").all_inner_texts() == ["1", "no digit", "4", "no digit"]


def test_on_a_phone_the_answer_is_in_sight_while_the_finger_draws(page: Tab) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    canvas, answer = find_pad(page), page.page.locator(".lab-reading").first
    canvas.evaluate("(canvas) => canvas.scrollIntoView({ block: 'center' })")
    draw(canvas, [[(0.5, 0.1), (0.5, 0.9)]])
    page.wait_until(lambda: answer.inner_text() == "1", "it was read")
    pad_box, box = canvas.bounding_box(), answer.bounding_box()
    assert pad_box
    assert box
    assert pad_box["y"] >= 0
    assert pad_box["y"] + pad_box["height"] <= 844
    assert pad_box["y"] - 80 <= box["y"] <= pad_box["y"] + 80
    assert box["x"] >= pad_box["x"] + pad_box["width"] - 1
    assert box["x"] + box["width"] <= 390


@pytest.mark.slow
def test_rows_of_drawn_digits_are_read(page: Tab, mnist) -> None:
    test, rng, strip = mnist[2], np.random.default_rng(3), page.page.locator(".pad-canvas").nth(1)
    right = 0
    for _ in range(20):
        chosen, left = rng.integers(0, len(test), rng.integers(2, 6)), 0.1
        strokes = []
        for i in chosen:
            digit = trace_strokes(test.x[i], rng.uniform(0.5, 0.65), left, rng.uniform(0.15, 0.25))
            left = max(x for line in digit for x, _ in line) + rng.uniform(0.12, 0.35)
            strokes += [[(x / 5, y) for x, y in line] for line in digit]
        draw(strip, strokes)
        expected = drawing.read_number(read_ink(strip))
        assert not isinstance(expected, str)
        page.wait_until(
            lambda text=expected.text: page.page.locator(".lab-reading").nth(1).inner_text() == text, "it was read"
        )
        right += expected.text == "".join(str(test.y[i]) for i in chosen)
    print(f"of 20 rows of 2 to 5 drawn digits, {right} are read without a mistake")
    # the small digits are harder: other people wrote them, and the reader was not trained on them
    assert right >= (12 if test.name.startswith("mnist") else 8)


@pytest.mark.slow
def test_two_rows_on_the_strip_are_an_error(page: Tab) -> None:
    draw(page.page.locator(".pad-canvas").nth(1), [[(0.1, 0.1), (0.9, 0.1)], [(0.1, 0.9), (0.9, 0.9)]])
    page.wait_for_text(str(drawing.read_number(read_ink(page.page.locator(".pad-canvas").nth(1)))))
