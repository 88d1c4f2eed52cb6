"""The lessons as programs: each runs without JAX, and its controls have the effects in moves.py."""

from __future__ import annotations

import subprocess
import sys
from copy import copy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import marimo as mo
import pytest
from marimo._ast.app import InternalApp
from marimo._runtime.dataflow import transitive_closure
from tests.lab.moves import MOVES, Move

from deltarule import Network
from deltarule.data import OneHot
from deltarule.lab import drawing
from deltarule.lab.pages import PAGES
from deltarule.lab.reader import load_bundled_model
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

LESSONS = [page.name for page in PAGES]

TRAINING = ("inside",)
"""The lessons that train networks after most moves: the quick tests make the first move of each, the slow ones all."""


def list_moves() -> list[Any]:
    """List all moves as parameters; those of the lessons above are slow, but for the first of each."""
    first = {lesson: next(move for move in MOVES if move.lesson == lesson) for lesson in LESSONS if lesson in TRAINING}
    assert set(first) == set(TRAINING)
    return [pytest.param(move, marks=[pytest.mark.slow] * (first.get(move.lesson, move) is not move)) for move in MOVES]


@cache
def open_lesson(lesson: str) -> dict[str, Any]:
    """Run a lesson, and return its variables."""
    _, values = import_module(f"deltarule.lab.lessons.{lesson}").app.run()
    return dict(values)


def find_controls(values: dict[str, Any]) -> dict[str, Any]:
    """Return the variables that are controls."""
    from marimo._plugins.ui._core.ui_element import UIElement

    return {name: value for name, value in values.items() if isinstance(value, UIElement)}


def set_to(control: Any, value: Any) -> Any:
    """Copy a control with another value, as if the user had set it."""
    control = copy(control)
    control._value = value
    return control


def run_with(lesson: str, **values: Any) -> dict[str, Any]:
    """Return a lesson's variables with these values of controls; only the cells that depend on them run again."""
    opened = open_lesson(lesson)
    controls = find_controls(opened)
    assert set(values) <= set(controls), f"{lesson} has the controls {', '.join(controls)}"
    app = import_module(f"deltarule.lab.lessons.{lesson}").app
    graph = InternalApp(app).graph
    defining = {i for i, cell in graph.cells.items() if cell.defs & set(values)}
    rerun = transitive_closure(graph, defining) - defining
    same = {name: opened[name] for i, cell in graph.cells.items() if i not in rerun for name in cell.defs}
    return dict(app.run(defs=same | {name: set_to(controls[name], value) for name, value in values.items()})[1])


@cache
def run_setup(lesson: str, *setup: tuple[str, Any]) -> dict[str, Any]:
    """Return a lesson's variables before a move."""
    return run_with(lesson, **dict(setup)) if setup else open_lesson(lesson)


@pytest.mark.parametrize("move", list_moves(), ids=lambda move: f"{move.lesson}: {move.claim}")
@pytest.mark.slow
def test_a_control_has_its_effect(move: Move) -> None:
    before = run_setup(move.lesson, *move.setup.items())
    assert not move.controls or not move.holds(before, before), "this also holds without the change"
    assert move.holds(before, run_with(move.lesson, **move.setup | move.controls))


@pytest.mark.parametrize("lesson", [page.name for page in PAGES if page.name not in ("train", "draw")])
def test_every_control_has_a_move_of_its_own(lesson: str) -> None:
    """The browser tests cover the controls of Train and Draw, the pad and the confusion matrix."""
    alone = {name for move in MOVES if move.lesson == lesson and len(move.controls) == 1 for name in move.controls}
    controls = find_controls(open_lesson(lesson))
    assert {name for name, one in controls.items() if not isinstance(one, mo.ui.anywidget)} == alone


@pytest.mark.parametrize(
    ("lesson", "value", "networks"),
    [
        ("inside", {"lmbda": 1.0}, 1),
    ],
    ids=str,
)
def test_a_control_retrains_only_the_networks_that_depend_on_it(
    lesson: str, value: dict[str, float], networks: int
) -> None:
    train_network = open_lesson(lesson)["train_network"]
    before = train_network.cache_info().misses
    run_with(lesson, **value)
    assert train_network.cache_info().misses == before + networks


@pytest.mark.parametrize("lesson", [page.name for page in PAGES if page.name not in ("train", "draw")])
def test_a_slider_that_retrains_waits_until_it_is_released(lesson: str) -> None:
    graph = InternalApp(import_module(f"deltarule.lab.lessons.{lesson}").app).graph
    fits = {i for i, cell in graph.cells.items() if "fit" in cell.refs or {"fit", "train_network"} <= cell.defs}
    sliders = {name: one for name, one in find_controls(open_lesson(lesson)).items() if isinstance(one, mo.ui.slider)}
    using = {name: {i for i, cell in graph.cells.items() if name in cell.refs} for name in sliders}
    training = {name for name in sliders if transitive_closure(graph, using[name]) & transitive_closure(graph, fits)}
    assert {name for name, one in sliders.items() if one._args.args["debounce"]} == training


def test_convolution_shows_the_bundled_network_whatever_model_the_lab_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = Network.dense([784, 10])
    own = Preprocessing(OneHot(10), Scaling(255.0), example_shape=(28, 28))
    Model(dense, dense.init(1), own).save(tmp_path / "dense.safetensors")
    monkeypatch.setenv(drawing.MODEL, str(tmp_path / "dense.safetensors"))
    drawing.load_model.cache_clear()
    data = import_module("deltarule.lab.lessons.convolution").app.run()[1]["figure"].widget.data
    drawing.load_model.cache_clear()
    learned = load_bundled_model().models[0].params[0]
    assert data["kernels"] == learned["w"].astype("<f4").tobytes()
    assert data["biases"] == learned["b"].astype("<f4").tobytes()


@pytest.mark.slow
def test_all_lessons_run_without_jax() -> None:
    """JAX is an extra of its own."""
    program = (
        "import sys; sys.modules['jax'] = None\n"
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name.split('.')[0] in ('jax', 'jaxlib') else real(name, *a)\n"
        "from importlib import import_module\n"
        f"for name in {LESSONS!r}: import_module(f'deltarule.lab.lessons.{{name}}').app.run()\n"
    )
    completed = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", program], capture_output=True, text=True
    )
    assert completed.returncode == 0, completed.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_a_thumbnail_and_50_to_300_lines(page) -> None:
    assert page.thumbnail.is_file()
    lines = page.notebook.read_text(encoding="utf-8").splitlines()
    assert 50 <= len(lines) <= 300
    assert lines[0].startswith('"""')
