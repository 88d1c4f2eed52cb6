"""The pad on the page Draw: what is drawn is read as the network reads it, by mouse, pen and keys."""

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
from tests.lab.strokes import draw, ink, lines

from deltarule.lab import drawing, html

SEEN = 'img[alt="the drawing as the network sees it"]'

STROKE = """
(canvas, [seen, x]) => new Promise((done) => {
  const box = canvas.getBoundingClientRect();
  const send = (kind, y) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, pointerType: "mouse", bubbles: true, composed: true,
    clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
  const before = document.querySelector(seen).src, from = performance.now();
  new MutationObserver((_, observer) => {
    const image = document.querySelector(seen);
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


def digit_pad(page: Tab) -> Locator:
    return page.page.locator(".pad-canvas").first


def shown(page: Tab, image: np.ndarray) -> str:
    """Waits until the page shows what it sees as this image, and returns its reading."""
    source = re.search(r'src="([^"]+)"', html.image(image, 168, "", 255))
    assert source
    page.page.wait_for_function(f"(src) => document.querySelector('{SEEN}')?.src === src", arg=source[1])
    return page.page.locator(".lab-reading").first.inner_text()


def test_digits_drawn_at_any_size_and_place_are_read(page: Tab, mnist) -> None:
    test, rng, model = mnist[2], np.random.default_rng(0), drawing.model()
    canvas = digit_pad(page)
    agree = right = 0
    for image, label in zip(test.x[:100], test.y[:100], strict=True):
        size = rng.uniform(0.5, 0.85)
        left, top = rng.uniform(0.06, 0.94 - size, 2)
        draw(canvas, lines(image, size, left, top))
        seen = drawing.seen(model, ink(canvas))
        reading = shown(page, seen)
        agree += reading == str(int(np.argmax(drawing.predict_proba(model, seen))))
        right += reading == str(label)
    print(f"of 100 drawn digits {agree} are read as predict reads them, {right} rightly")
    assert agree >= 95
    assert right >= 90


def test_a_stroke_is_answered(page: Tab) -> None:
    canvas, took = digit_pad(page), []
    for i in range(10):
        took.append(float(canvas.evaluate(STROKE, [SEEN, 0.1 + 0.08 * i])))
    median = statistics.median(took)
    print(f"from a stroke to its reading: {median:.0f} ms (median of {len(took)})")
    assert median < 1000  # a tenth of a second is promised; other work on the machine has its share
    assert page.page.locator(".lab-reading").first.inner_text() != "–"


def test_keys_draw_erase_and_clear(page: Tab) -> None:
    canvas, model = digit_pad(page), drawing.model()
    canvas.focus()
    for key in ["ArrowUp"] * 9 + [" "] + ["ArrowDown"] * 18 + [" "]:
        canvas.press(key)
    assert shown(page, drawing.seen(model, ink(canvas))) == "1"
    whole = int(ink(canvas).astype(int).sum())
    for key in ["e", " "] + ["ArrowUp"] * 6 + [" ", "e"]:
        canvas.press(key)
    rest = ink(canvas)
    assert 0 < int(rest.astype(int).sum()) < 0.9 * whole
    shown(page, drawing.seen(model, rest))
    canvas.press("Delete")
    page.page.wait_for_function("() => document.querySelector('.lab-reading')?.innerText === '–'")
    assert not ink(canvas).any()


def test_a_drawing_that_is_overtaken_does_not_stay(page: Tab) -> None:
    """Requests that are under way at once may come in another order than they left in."""
    canvas, model, late = digit_pad(page), drawing.model(), list[Route]()
    page.page.route("**/set_model_value", lambda route: late.append(route), times=1)
    canvas.focus()
    canvas.press(" ")
    page.until(lambda: late, "the first drawing was on its way")
    older = drawing.seen(model, ink(canvas))
    for _ in range(9):
        canvas.press("ArrowDown")
    newer = drawing.seen(model, ink(canvas))
    shown(page, newer)
    late[0].continue_()
    shown(page, older)
    shown(page, newer)


def drag(page: Tab, *points: tuple[float, float], button: Literal["left", "middle", "right"] = "left") -> None:
    """The browser's own mouse, through points of the pad."""
    box = digit_pad(page).bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.page.mouse.move(*at[0])
    page.page.mouse.down(button=button)
    for to in at[1:]:
        page.page.mouse.move(*to, steps=8)
    page.page.mouse.up(button=button)


def test_the_mouse_draws_the_eraser_takes_ink_away_and_clear_takes_all(page: Tab) -> None:
    canvas, model = digit_pad(page), drawing.model()
    drag(page, (0.5, 0.1), (0.5, 0.9))
    assert shown(page, drawing.seen(model, ink(canvas))) == "1"
    whole = int(ink(canvas).astype(int).sum())
    eraser = page.page.get_by_role("button", name="eraser").first
    eraser.click()
    assert eraser.get_attribute("aria-pressed") == "true"
    drag(page, (0.3, 0.5), (0.7, 0.5))
    assert 0 < int(ink(canvas).astype(int).sum()) < whole
    shown(page, drawing.seen(model, ink(canvas)))
    page.page.get_by_role("button", name="clear").first.click()
    page.page.wait_for_function("() => document.querySelector('.lab-reading')?.innerText === '–'")


def test_traces_that_the_eraser_left_are_no_drawing(page: Tab) -> None:
    canvas = digit_pad(page)
    draw(canvas, [[(0.5, 0.1), (0.5, 0.9)]])
    page.says("towards 3")
    page.page.get_by_role("button", name="eraser").first.click()
    draw(canvas, [[(0.5435, 0.0), (0.5435, 1.0)]], clear=False)
    assert 0 < ink(canvas).max() < 128
    page.says("Draw something")
    assert page.page.locator(".lab-reading").first.inner_text() == "–"


def columns(canvas: Locator) -> np.ndarray:
    """Where across the pad there is ink."""
    return np.flatnonzero(ink(canvas).any(axis=0))


def test_one_finger_draws_and_no_second_beside_it(page: Tab) -> None:
    canvas = digit_pad(page)
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
    page.until(lambda: ink(canvas).any(), "the first finger drew")
    assert columns(canvas).max() < 0.3 * 112
    assert np.flatnonzero(ink(canvas).any(axis=1)).max() > 0.75 * 112


def test_a_pen_draws_in_place_of_the_palm(page: Tab) -> None:
    canvas = digit_pad(page)
    canvas.evaluate("(canvas) => { canvas.setPointerCapture = () => {}; }")  # for there is no such pointer
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
    drawn_at = columns(canvas) / 112
    assert ((drawn_at < 0.3) | (drawn_at > 0.8)).all()
    assert drawn_at.min() < 0.2


def test_other_buttons_and_chords_of_keys_draw_nothing(page: Tab) -> None:
    canvas = digit_pad(page)
    for button in ("right", "middle"):
        canvas.click(button=button)
        drag(page, (0.2, 0.2), (0.8, 0.8), button=button)
    canvas.focus()
    for key in ("Control+e", "Alt+e", "Meta+e", "Control+ArrowLeft"):
        canvas.press(key)
    assert not ink(canvas).any()
    assert page.page.get_by_role("button", name="eraser").first.get_attribute("aria-pressed") == "false"


def test_what_the_keys_do_is_said(page: Tab) -> None:
    canvas = page.page.get_by_role("application", name="Drawing pad").first
    said = page.page.locator(".pad-said").first
    for key, words in ((" ", "pen down"), ("e", "eraser"), (" ", "pen up"), ("e", "pen"), ("Delete", "cleared")):
        canvas.press(key)
        assert said.inner_text() == words
    assert said.get_attribute("aria-live") == "polite"


def test_what_would_make_it_another(page: Tab) -> None:
    canvas = digit_pad(page)
    draw(canvas, [[(0.5, 0.1), (0.5, 0.9)]])
    page.says("towards 3")
    page.page.get_by_label("What would make it a").select_option("7")
    page.says("towards 7")
    page.says("is read as a 7|not read as a 7")


def test_a_whole_number_is_read_on_the_strip(page: Tab) -> None:
    strip = page.page.locator(".pad-canvas").nth(1)
    page.says("nothing is written yet")
    draw(strip, ROW[:3])
    page.says("of all that could stand here")
    draw(strip, ROW[3:], clear=False)
    drawn_row = ink(strip)
    assert drawn_row.shape == (112, 560)
    expected = drawing.number(drawn_row)
    assert not isinstance(expected, str)
    assert expected.text == "1742"
    page.until(lambda: page.page.locator(".lab-reading").nth(1).inner_text() == "1742", "the number was read")
    assert page.page.locator(".lab-cut span").all_inner_texts() == list("1742")
    page.page.get_by_role("button", name="clear").nth(1).click()
    page.says("nothing is written yet")


def test_rows_of_drawn_digits_are_read(page: Tab, mnist) -> None:
    test, rng, strip = mnist[2], np.random.default_rng(3), page.page.locator(".pad-canvas").nth(1)
    right = 0
    for _ in range(20):
        chosen, left = rng.integers(0, len(test), rng.integers(2, 6)), 0.1
        strokes = []
        for i in chosen:
            digit = lines(test.x[i], rng.uniform(0.5, 0.65), left, rng.uniform(0.15, 0.25))
            left = max(x for line in digit for x, _ in line) + rng.uniform(0.12, 0.35)
            strokes += [[(x / 5, y) for x, y in line] for line in digit]
        draw(strip, strokes)
        expected = drawing.number(ink(strip))
        assert not isinstance(expected, str)
        page.until(
            lambda text=expected.text: page.page.locator(".lab-reading").nth(1).inner_text() == text, "it was read"
        )
        right += expected.text == "".join(str(test.y[i]) for i in chosen)
    print(f"of 20 rows of 2 to 5 drawn digits {right} are read without a mistake")
    # the small digits, of other hands and new to the reader, are harder
    assert right >= (12 if test.name.startswith("mnist") else 8)


def test_two_rows_on_the_strip_are_named_as_such(page: Tab) -> None:
    draw(page.page.locator(".pad-canvas").nth(1), [[(0.1, 0.1), (0.9, 0.1)], [(0.1, 0.9), (0.9, 0.9)]])
    page.says(str(drawing.number(ink(page.page.locator(".pad-canvas").nth(1)))))
