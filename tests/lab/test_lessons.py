"""The lessons as programs: each runs on NumPy alone, and its controls do to its figures what they say."""

from __future__ import annotations

import subprocess
import sys
from copy import copy
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import marimo as mo
import numpy as np
import pytest
from marimo._ast.app import InternalApp
from marimo._runtime.dataflow import transitive_closure
from tests.lab.moves import MOVES, Move

from deltarule import Network
from deltarule.data import OneHot
from deltarule.lab import drawing
from deltarule.lab.pad import SIDE, Pad
from deltarule.lab.pages import PAGES
from deltarule.lab.reader import reader
from deltarule.models.model import Model

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
    """All that a lesson defines, with its controls set so; as on the page, only what depends on them runs again."""
    opened = as_it_opens(lesson)
    there = controls(opened)
    assert set(values) <= set(there), f"{lesson} has the controls {', '.join(there)}"
    app = import_module(f"deltarule.lab.lessons.{lesson}").app
    graph = InternalApp(app).graph
    homes = {cell for cell, of_it in graph.cells.items() if of_it.defs & set(values)}
    again = transitive_closure(graph, homes) - homes
    same = {name: opened[name] for cell, of_it in graph.cells.items() if cell not in again for name in of_it.defs}
    return dict(app.run(defs=same | {name: set_to(there[name], value) for name, value in values.items()})[1])


@cache
def as_given(lesson: str, *given: tuple[str, Any]) -> dict[str, Any]:
    """What a lesson defines before a move."""
    return moved(lesson, **dict(given)) if given else as_it_opens(lesson)


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.lesson}: {move.what}")
def test_a_control_does_what_it_says(move: Move) -> None:
    before = as_given(move.lesson, *move.given.items())
    assert not move.controls or not move.seen(before, before), "this holds whether or not anything is moved"
    assert move.seen(before, moved(move.lesson, **move.given | move.controls))


@pytest.mark.parametrize("lesson", [page.name for page in PAGES if page.name not in ("train", "draw")])
def test_every_control_is_moved_alone(lesson: str) -> None:
    """Those of Train and Draw, and what is drawn or chosen in a picture, are moved in the browser."""
    alone = {name for move in MOVES if move.lesson == lesson and len(move.controls) == 1 for name in move.controls}
    there = controls(as_it_opens(lesson))
    assert {name for name, one in there.items() if not isinstance(one, mo.ui.anywidget)} == alone


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_remedy_leads_after_the_first_epoch(seed: int) -> None:
    train_network = as_it_opens("first_weights")["train_network"]
    assert train_network("default", 1, seed)[0] > train_network("large", 1, seed)[0] + 0.15


@pytest.mark.parametrize(
    ("lesson", "value", "networks"),
    [
        ("data_expansion", {"degrees": 15}, 1),
        ("inside", {"lmbda": 1.0}, 1),
        ("dropout_ensembles", {"members": 6}, 1),
        ("dropout_ensembles", {"members": 4}, 0),
        ("choosing_eta", {"low": -1.5}, 1),
    ],
    ids=str,
)
def test_what_a_control_does_not_concern_is_not_learned_again(
    lesson: str, value: dict[str, float], networks: int
) -> None:
    train_network = as_it_opens(lesson)["train_network"]
    before = train_network.cache_info().misses
    moved(lesson, **value)
    assert train_network.cache_info().misses == before + networks


@pytest.mark.parametrize("lesson", [page.name for page in PAGES if page.name not in ("train", "draw")])
def test_a_slider_that_trains_waits_until_it_is_let_go(lesson: str) -> None:
    graph = InternalApp(import_module(f"deltarule.lab.lessons.{lesson}").app).graph
    fits = {
        cell for cell, of_it in graph.cells.items() if "fit" in of_it.refs or {"fit", "train_network"} <= of_it.defs
    }
    there = {name: one for name, one in controls(as_it_opens(lesson)).items() if isinstance(one, mo.ui.slider)}
    using = {name: {cell for cell, of_it in graph.cells.items() if name in of_it.refs} for name in there}
    training = {name for name in there if transitive_closure(graph, using[name]) & transitive_closure(graph, fits)}
    assert {name for name, one in there.items() if one._args.args["debounce"]} == training


@pytest.mark.parametrize("side", [28, 8])
def test_convolution_shows_the_reader_that_comes_with_it_whatever_the_lab_reads_with(
    side: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = Network.dense([side * side, 10])
    Model(dense, dense.init(1), OneHot(10), 255.0, example_shape=(side, side)).save(tmp_path / "dense.safetensors")
    monkeypatch.setenv(drawing.MODEL, str(tmp_path / "dense.safetensors"))
    drawing.model.cache_clear()
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[20:90, 50:60] = 255
    opened = as_it_opens("convolution")
    beside = {name: opened[name] for name in ("bias", "kernel", "pooling", "shift")}
    app = import_module("deltarule.lab.lessons.convolution").app
    _, shown = app.run(defs=beside | {"pad": mo.ui.anywidget(Pad(ink=pixels.tobytes()))})
    assert np.array_equal(shown["image"], drawing.seen(reader(), pixels))
    assert np.array_equal(shown["learned"], reader().models[0].params[0]["w"][..., 0])


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
    assert page.thumbnail.is_file()
    lines = page.notebook.read_text(encoding="utf-8").splitlines()
    assert 50 <= len(lines) <= 300
    assert lines[0].startswith('"""')
