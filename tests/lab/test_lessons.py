"""The lessons as programs: each runs on NumPy alone, and its controls do to its figures what they say."""

from __future__ import annotations

import subprocess
import sys
from copy import copy
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from tests.lab.moves import MOVES, Move

from deltarule.lab.pages import PAGES

LESSONS = [page.name for page in PAGES]


@cache
def as_it_opens(lesson: str) -> dict[str, Any]:
    """All that a lesson defines, as it is opened."""
    _, shown = import_module(f"deltarule.lab.lessons.{lesson}").app.run()
    return dict(shown)


def controls(shown: dict[str, Any]) -> dict[str, Any]:
    from marimo._plugins.ui._core.ui_element import UIElement

    return {name: value for name, value in shown.items() if isinstance(value, UIElement)}


def set_to(control: Any, value: Any) -> Any:
    """The control as if the reader had set it."""
    control = copy(control)
    control._value = value
    return control


def moved(lesson: str, **values: Any) -> dict[str, Any]:
    """All that a lesson defines, with its controls set so; the others stay as they are."""
    there = controls(as_it_opens(lesson))
    assert set(values) <= set(there), f"{lesson} has the controls {', '.join(there)}"
    app = import_module(f"deltarule.lab.lessons.{lesson}").app
    return dict(app.run(defs=there | {name: set_to(there[name], value) for name, value in values.items()})[1])


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.lesson}: {move.what}")
def test_a_control_does_what_it_says(move: Move) -> None:
    assert move.seen(as_it_opens(move.lesson), moved(move.lesson, **move.controls))


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_moves_or_tests_of_its_own(lesson: str) -> None:
    assert lesson in {move.lesson for move in MOVES} | {"train", "draw"}


def test_all_run_on_numpy_alone() -> None:
    """As in the browser's Python, where there is no JAX."""
    program = (
        "import sys; sys.modules['jax'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name.split('.')[0] in ('jax', 'jaxlib') else real(name, *a)\n"
        "from importlib import import_module\n"
        f"for name in {LESSONS!r}: import_module(f'deltarule.lab.lessons.{{name}}').app.run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", program], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_its_picture_and_its_length(page) -> None:
    assert page.picture.is_file()
    lines = page.notebook.read_text(encoding="utf-8").splitlines()
    assert 50 <= len(lines) <= 300
    assert lines[0].startswith('"""')
