"""The figures of the lessons, in Chromium: what controls do, at once, and the questions that they answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.lab.moves import Move
from tests.lab.test_lessons import open_lesson

from deltarule.lab.figure import Figure
from deltarule.lab.pages import PAGES

MODULES = {
    path.stem: import_module(f"tests.lab.figures.{path.stem}")
    for path in sorted((Path(__file__).parent / "figures").glob("[!_]*.py"))
}
"""What each figure must do."""

LOAD = """
async ([code, data]) => {
  const decode = (value) => value?.base64 !== undefined
    ? new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer)
    : Array.isArray(value) ? value.map(decode)
    : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, decode(v)]))
    : value;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  window.figure = (await import(url)).default;
  window.data = decode(data);
  window.saved = 0;
  const get = (name) => ({ data: window.data, values: {} })[name], save_changes = () => { saved++; };
  const model = { get, set() {}, on() {}, save_changes };
  window.figure.render({ model, el: document.querySelector("main") });
}
"""
"""Load a figure's module and its data into an empty page, and draw it without a notebook."""

DEFAULTS = "Object.fromEntries(figure.controls.filter((spec) => !spec.press).map((spec) => [spec.name, spec.value]))"


def encode(value: Any) -> Any:
    """Return a figure's data as JSON can hold it."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {key: encode(one) for key, one in value.items()}
    return [encode(one) for one in value] if isinstance(value, list | tuple) else value


@cache
def find_figures() -> dict[str, tuple[str, Figure]]:
    """Find the figures of all lessons: the lesson and the widget of each."""
    found = {}
    for page in PAGES:
        if page.name not in ("train", "draw") and "make_figure" in page.notebook.read_text(encoding="utf-8"):
            for value in open_lesson(page.name).values():
                if isinstance(getattr(value, "widget", None), Figure):
                    found[value.widget.script] = page.name, value.widget
    return found


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[dict[str, Page]]:
    """A page for each figure, once it was opened."""
    opened: dict[str, Page] = {}
    yield opened
    for page in opened.values():
        page.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, pages: dict[str, Page]) -> Page:
    """The page of the figure that the test's parameters name; it must have no errors."""
    name = request.node.callspec.params["name"]
    if name not in pages:
        pages[name] = browser.new_page(viewport={"width": 1200, "height": 1600})
        pages[name].errors = []  # type: ignore[attr-defined] # kept with the page
        pages[name].on("pageerror", lambda error: pages[name].errors.append(str(error)))  # type: ignore[attr-defined]
        pages[name].set_content("<main></main>")
        _, figure = find_figures()[name]
        pages[name].evaluate(LOAD, [figure._esm, encode(figure.data)])
    return pages[name]


def compute(page: Page, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Compute a figure's state with these values of its controls; return all values, and the state."""
    script = f"(values) => {{ const all = {{ ...{DEFAULTS}, ...values }}; return [all, figure.compute(all, data)]; }}"
    all_values, state = page.evaluate(script, values)
    assert set(values) <= set(all_values), f"the figure has the controls {', '.join(all_values)}"
    return all_values, state


LEARNING = {name for name, module in MODULES.items() if hasattr(module, "LEARNING")}
"""The figures in which networks learn: the quick tests make their first move, the slow ones all."""

LONG = {"completion", "data_expansion", "dream", "weight_histograms"}
"""The figures that compute for seconds: the quick tests redraw them, the slow ones compare what they compute."""

MOVES = [
    pytest.param(
        name,
        move,
        id=f"{name}: {move.claim}",
        marks=[pytest.mark.slow] * (name in LONG or (name in LEARNING and move != module.MOVES[0])),
    )
    for name, module in MODULES.items()
    for move in module.MOVES
]


@pytest.mark.parametrize(("name", "move"), MOVES)
def test_a_control_has_its_effect(name: str, move: Move, page: Page) -> None:
    _, before = compute(page, **move.setup)
    assert not move.controls or not move.holds(before, before), "this also holds without the change"
    _, after = compute(page, **{**move.setup, **move.controls})
    assert move.holds(before, after)


def test_each_figure_has_its_module() -> None:
    assert set(find_figures()) == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_every_control_has_a_move_of_its_own(name: str, page: Page) -> None:
    alone = {control for move in MODULES[name].MOVES if len(move.controls) == 1 for control in move.controls}
    assert set(page.evaluate(DEFAULTS)) == alone


SET = """
([values, one]) => {
  const write = (name, value) => {
    const spec = figure.controls.find((spec) => spec.name === name), input = document.querySelector(`[name="${name}"]`);
    if (spec.inPicture) input.value = JSON.stringify(value);
    else if (spec.options) input.value = Object.values(spec.options).indexOf(value);
    else if (typeof spec.value === "boolean") input.checked = value;
    else input.value = spec.steps ? spec.steps.indexOf(value) : value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const pictures = document.querySelector(".pictures");
  const read = () => pictures.innerHTML + [...pictures.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
  Object.entries(values).forEach(([name, value]) => write(name, value));
  const before = read(), was = saved;
  Object.entries(one).forEach(([name, value]) => write(name, value));
  return [read() !== before, saved - was];
}
"""
"""Set controls to values, and then one more; return whether this redrew the pictures, and how often it was sent."""


@pytest.mark.parametrize("name", MODULES)
def test_a_control_redraws_the_picture_within_its_event(name: str, page: Page) -> None:
    """Within the event nothing can come back from a server; and nothing is sent while a control moves."""
    defaults = page.evaluate(DEFAULTS)
    for move in MODULES[name].MOVES:
        if len(move.controls) == 1:
            redrawn, sent = page.evaluate(SET, [{**defaults, **move.setup}, move.controls])
            assert (redrawn, sent) == (True, 0), move.controls
    assert page.errors == []  # type: ignore[attr-defined] # kept with the page


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LEARNING | LONG)) for name in MODULES]
)
def test_every_question_is_open_at_first_and_has_an_answer(name: str, page: Page) -> None:
    answers = MODULES[name].ANSWERS
    script = f"(values) => {{ const all = {{ ...{DEFAULTS}, ...values }}, state = figure.compute(all, data); \
        return figure.questions.map(({{ holds }}) => Boolean(holds(state, all))); }}"
    assert page.evaluate(script, {}) == [False] * len(answers)
    for i, answer in enumerate(answers):
        assert page.evaluate(script, answer)[i], f"question {i + 1} is not answered by {answer}"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in LONG))
        for name, module in MODULES.items()
        if hasattr(module, "IN_PYTHON")
    ],
)
def test_the_figure_computes_what_the_lesson_does_in_python(name: str, page: Page) -> None:
    module, lesson = MODULES[name], find_figures()[name][0]
    settings = [{**move.setup, **move.controls} for move in module.MOVES]
    for one in getattr(module, "LEARNING", settings):
        values, state = compute(page, **one)
        module.check_python(open_lesson(lesson)[module.IN_PYTHON], values, state)


@pytest.mark.parametrize("name", [name for name, module in MODULES.items() if hasattr(module, "check_picture")])
def test_things_are_dragged_and_moved_by_keys_where_they_are(name: str, page: Page) -> None:
    page.evaluate(SET, [page.evaluate(DEFAULTS), {}])
    MODULES[name].check_picture(page)
    assert page.errors == []  # type: ignore[attr-defined] # kept with the page
