"""Drawings as a network sees them, and the pages Draw and Inside with networks of other images and classes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import marimo as mo
import numpy as np
import pytest
from PIL import Image
from tests.lab.test_lessons import set_to

from deltarule import Dense, LogLikelihood, Network, Sigmoid, fit
from deltarule.data import OneHot, load
from deltarule.data.dataset import Dataset
from deltarule.data.fallback import load_images
from deltarule.lab import drawing, training_form
from deltarule.lab.pad import SIDE, Pad, picture
from deltarule.models.model import Model

ABC = ("a", "b & c", "<i>d</i>")


def named() -> Dataset:
    """Three classes of the small digits, by names of their own."""
    train, _, _ = load("digits")
    three = train.take(np.flatnonzero(train.y < 3))
    return replace(three, classes=ABC, encoding=OneHot(3))


MODELS = {"28 by 28": lambda: load_images("any")[0], "8 by 8": lambda: load("digits")[0], "three names": named}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """The lab's model, as it was started with it."""
    train = MODELS[request.param]().take(slice(200))
    side = train.x[0].size
    network = Network([Dense(10), Sigmoid(), Dense(len(train.classes))], LogLikelihood(), (side,))
    fit(network, train, epochs=1, engine="numpy").save(tmp_path / "model.safetensors")
    drawing.check(tmp_path / "model.safetensors")
    monkeypatch.setenv(drawing.MODEL, str(tmp_path / "model.safetensors"))
    drawing.model.cache_clear()
    yield drawing.model()
    drawing.model.cache_clear()


def run(lesson: str, **defs: Any) -> tuple[str, dict[str, Any]]:
    """All that a page shows, and all that it defines, but for what is given."""
    outputs, shown = import_module(f"deltarule.lab.lessons.{lesson}").app.run(defs=defs)
    return "".join(output.text for output in outputs if hasattr(output, "text")), dict(shown)


def a_stroke() -> np.ndarray:
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[20:90, 50:60] = 255
    return pixels


def darkest(page: str, alt: str) -> int:
    found = re.search(rf'base64,([^"]+)" [^>]*alt="{alt}"', page)
    assert found
    return int(np.asarray(Image.open(BytesIO(base64.b64decode(found[1])))).min())


def test_draw_reads_by_any_network(model: Model) -> None:
    wish, last = run("draw")[1]["wish"], len(model.classes) - 1
    assert list(wish.options) == list(model.classes)
    page, shown = run("draw", pad=mo.ui.anywidget(Pad(ink=a_stroke().tobytes())), wish=set_to(wish, last))
    assert shown["image"].shape == model.example_shape
    for name in ("9",) if last == 9 else ("a", "b &amp; c", "&lt;i&gt;d&lt;/i&gt;"):
        assert f'<th scope="row">{name}</th>' in page
    assert "<i>" not in page
    assert darkest(page, "the drawing as the network sees it") == darkest(page, "the drawing") == 0


def test_inside_shows_images_of_the_networks_kind_or_says_that_there_are_none(model: Model) -> None:
    page, shown = run("inside")
    if len(model.classes) == 3:
        assert "the lab has none such to show it" in page
        assert "<i>" not in page
        assert "read" not in shown
        assert "maps" not in page
    else:
        assert shown["test"].x.shape[1:] == model.example_shape
        assert len(shown["read"].labels) == len(shown["test"]) > 0
        assert darkest(page, r"image \d+") < 40
    assert set(shown["three"]) == {"as they are", "weight decay", "dropout"}


def test_inside_takes_the_data_that_the_lab_was_started_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = load_images("any")[2].take(slice(100))
    np.savez(tmp_path / "own.npz", x=test.x, y=test.y)
    monkeypatch.setenv(training_form.DATA, str(tmp_path / "own.npz"))
    assert run("inside")[1]["test"].name == "own test"


FAINT = {
    "a single pixel": ((slice(50, 51), slice(50, 51)), 1),
    "an edge": ((slice(20, 90), slice(60, 61)), 127),
    "far apart": ((slice(0, None, SIDE - 1), slice(0, None, SIDE - 1)), 3),
}


@pytest.mark.parametrize("where", FAINT)
def test_traces_that_the_eraser_left_are_no_drawing(where: str) -> None:
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[FAINT[where][0]] = FAINT[where][1]
    assert picture({"ink": pixels.tobytes()}) is None
    assert drawing.seen(drawing.model(), pixels).max() == 255
