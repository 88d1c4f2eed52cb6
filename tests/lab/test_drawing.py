"""Drawings as network inputs, and the pages Draw and Inside with models of other image sizes and classes."""

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
from deltarule.lab.pad import SIDE, Pad, read_pixels
from deltarule.models.model import Model

ABC = ("a", "b & c", "<i>d</i>")


def load_three_classes() -> Dataset:
    """Load three classes of the small digits, with names."""
    train, _, _ = load("digits")
    three = train.take(np.flatnonzero(train.y < 3))
    return replace(three, classes=ABC, encoding=OneHot(3))


MODELS = {
    "28 by 28": lambda: load_images("any")[0],
    "8 by 8": lambda: load("digits")[0],
    "three names": load_three_classes,
}


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """A model with which the lab was started."""
    train = MODELS[request.param]().take(slice(200))
    side = train.x[0].size
    network = Network([Dense(10), Sigmoid(), Dense(len(train.classes))], LogLikelihood(), (side,))
    fit(network, train, epochs=1, engine="numpy").save(tmp_path / "model.safetensors")
    drawing.check_model(tmp_path / "model.safetensors")
    monkeypatch.setenv(drawing.MODEL, str(tmp_path / "model.safetensors"))
    drawing.load_model.cache_clear()
    yield drawing.load_model()
    drawing.load_model.cache_clear()


def run(lesson: str, **defs: Any) -> tuple[str, dict[str, Any]]:
    """Run a page with these variables, and return its outputs as text and its variables."""
    outputs, values = import_module(f"deltarule.lab.lessons.{lesson}").app.run(defs=defs)
    return "".join(output.text for output in outputs if hasattr(output, "text")), dict(values)


def make_stroke() -> np.ndarray:
    """Make a drawing with one vertical stroke."""
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[20:90, 50:60] = 255
    return pixels


def find_darkest(page: str, alt: str) -> int:
    """Return the darkest pixel of the image with this alternative text."""
    match = re.search(rf'base64,([^"]+)" [^>]*alt="{alt}"', page)
    assert match
    return int(np.asarray(Image.open(BytesIO(base64.b64decode(match[1])))).min())


def test_draw_works_with_any_model(model: Model) -> None:
    target, last = run("draw")[1]["target"], len(model.classes) - 1
    assert list(target.options) == list(model.classes)
    pad = mo.ui.anywidget(Pad(ink=make_stroke().tobytes()))
    page, values = run("draw", pad=pad, target=set_to(target, last))
    assert values["image"].shape == model.example_shape
    for name in ("9",) if last == 9 else ("a", "b &amp; c", "&lt;i&gt;d&lt;/i&gt;"):
        assert f'<th scope="row">{name}</th>' in page
    assert "<i>" not in page
    assert find_darkest(page, "the drawing as the network sees it") == find_darkest(page, "the drawing") == 0


def test_inside_shows_test_images_for_the_model_or_says_that_it_has_none(model: Model) -> None:
    page, values = run("inside")
    if len(model.classes) == 3:
        assert "the lab has no such test images" in page
        assert "<i>" not in page
        assert "evaluation" not in values
        assert "maps" not in page
    else:
        assert values["test"].x.shape[1:] == model.example_shape
        assert len(values["evaluation"].labels) == len(values["test"]) > 0
        assert find_darkest(page, r"image \d+") < 40
    assert set(values["three"]) == {"no regularization", "weight decay", "dropout"}


def test_inside_uses_the_data_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = load_images("any")[2].take(slice(100))
    np.savez(tmp_path / "own.npz", x=test.x, y=test.y)
    monkeypatch.setenv(training_form.DATA, str(tmp_path / "own.npz"))
    assert run("inside")[1]["test"].name == "own test"


FAINT = {
    "a single pixel": ((slice(50, 51), slice(50, 51)), 1),
    "an edge": ((slice(20, 90), slice(60, 61)), 127),
    "far apart": ((slice(0, None, SIDE - 1), slice(0, None, SIDE - 1)), 3),
}


@pytest.mark.parametrize("kind", FAINT)
def test_traces_left_by_the_eraser_count_as_empty(kind: str) -> None:
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[FAINT[kind][0]] = FAINT[kind][1]
    assert read_pixels({"ink": pixels.tobytes()}) is None
    assert drawing.prepare_image(drawing.load_model(), pixels).max() == 255
