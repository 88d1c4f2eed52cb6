"""Drawings as network inputs, and the pages Draw and Inside with models of other image sizes and classes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import marimo as mo
import numpy as np
import pytest
from PIL import Image

from deltarule import CrossEntropy, Dense, LogLikelihood, Network, Sigmoid, fit
from deltarule.data import OneHot, load
from deltarule.data.dataset import Dataset
from deltarule.data.fallback import load_images
from deltarule.data.schema import Column, Schema
from deltarule.lab import diagnosis, drawing, training_form
from deltarule.lab.pad import SIDE, Pad, read_pixels
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

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


def set_to(control: Any, value: Any) -> Any:
    """Copy a control with another value, as if the user had set it."""
    control = copy(control)
    control._value = value
    return control


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
        assert "maps" not in values
    else:
        assert values["test"].x.shape[1:] == model.example_shape
        assert len(values["evaluation"].labels) == len(values["test"]) > 0
        assert max(values["errors"].widget.data["pixels"]) > 200
        assert len(values["layers"]) == len(diagnosis.find_convolutions(model.models[0].network))
    assert "train_network" in values


def test_inside_uses_the_data_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = load_images("any")[2].take(slice(100))
    np.savez(tmp_path / "own.npz", x=test.x, y=test.y)
    monkeypatch.setenv(training_form.DATA, str(tmp_path / "own.npz"))
    assert run("inside")[1]["test"].name == "own test"


def invert(data: Dataset) -> Dataset:
    """Turn images of bytes around: dark ink on light paper."""
    return replace(data, x=255 - data.x, scale=None, style=None)


@pytest.fixture(scope="module")
def two_polarities() -> tuple[Model, Model]:
    """Models for the same images, light on dark and dark on light, with equal outputs."""
    light = replace(load_images("any")[0].take(slice(500)), scale=None, style=None)
    if light.x.shape[1] == 8:
        light = replace(light, x=np.kron(light.x * 15, np.ones((1, 3, 3), np.uint8)).astype(np.uint8))
    network = Network([Dense(10), Sigmoid(), Dense(10)], LogLikelihood(), (light.x[0].size,))
    model = fit(network, light, epochs=3, engine="numpy", seed=1)
    (w, b), dark = (model.params[0][name] for name in "wb"), Preprocessing.fit(invert(light))
    assert dark.is_dark_on_light
    return model, replace(model, params=[{"w": -w, "b": b}, *model.params[1:]], preprocessing=dark)


def test_ink_is_dark_for_a_model_of_dark_ink(two_polarities) -> None:
    light, dark = two_polarities
    drawn, inverted = (drawing.prepare_image(model, make_stroke()) for model in (light, dark))
    assert np.allclose(inverted, 255 - drawn)
    for model, image in ((light, drawn), (dark, inverted)):
        assert np.allclose(drawing.predict_proba(model, image), model.predict_proba(image[None])[0])
        assert np.allclose(drawing.measure_ink(model, image), drawn)
        assert not drawing.is_empty(model, image)
        empty = drawing.prepare_image(model, None)
        assert drawing.is_empty(model, empty)
        assert np.ptp(drawing.predict_proba(model, empty)) == 0
        last = drawing.compute_activations(model, image)[-1][1]
        assert np.allclose(model.network.cost.activation(last[None]), model.outputs(image[None]), atol=1e-5)


def test_a_change_of_dark_ink_is_the_change_of_light_ink(two_polarities) -> None:
    directions, changes, steps = [], [], []
    for model in two_polarities:
        image = drawing.prepare_image(model, make_stroke())
        target = int(np.argsort(drawing.predict_proba(model, image))[-2])
        directions.append(drawing.compute_descent_direction(model, image, target))
        changed, n = drawing.move_to_class(model, image, target)
        assert model.predict(changed[None])[0] == target
        assert changed.min() > -1e-3
        assert changed.max() < 255 + 1e-3
        changes.append(drawing.measure_ink(model, changed))
        steps.append(n)
    assert np.allclose(*directions, atol=1e-5)
    assert np.allclose(*changes, atol=0.05)
    assert steps[0] == steps[1] > 0


def test_pages_for_pictures_explain_that_a_model_of_a_table_cannot_read_them(tmp_path, monkeypatch) -> None:
    schema = Schema((Column("width"), Column("<b>soil</b>", ("clay", "sand"))))
    table = Dataset(np.array([[1.0, 0.0], [3.0, 1.0]]), np.array([0, 1]), schema=schema)
    path = tmp_path / "model.safetensors"
    fit(Network.dense([3, 2]), table, epochs=1, engine="numpy").save(path)
    drawing.check_model(path)
    monkeypatch.setenv(drawing.MODEL, str(path))
    drawing.load_model.cache_clear()
    for lesson in ("draw", "inside"):
        page, values = run(lesson)
        assert page.count("(its columns: width, &lt;b&gt;soil&lt;/b&gt;) and cannot read pictures") == 1
        assert "model" not in values
    drawing.load_model.cache_clear()


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


def test_draw_explains_why_softmax_answers_and_what_label_smoothing_caps(mnist) -> None:
    model = drawing.load_model()
    text = drawing.explain_probabilities(model)
    assert "must answer something" in text
    assert "not 100 % but 91 %" in text
    if mnist[2].x.shape[1:] == model.example_shape:  # the figures are those of MNIST
        top = model.predict_proba(mnist[2].x[:200]).max(axis=1)
        assert 0.9 < np.median(top) < 0.94
        assert np.percentile(top, 95) < 0.97
    bare = Network([Dense(2)], CrossEntropy(), (16,))
    fitted = Preprocessing(OneHot(2), Scaling(255.0), example_shape=(4, 4))
    assert drawing.explain_probabilities(Model(bare, bare.init(1), fitted)) == ""
