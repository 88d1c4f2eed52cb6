"""The lab without a server: the digit reader in one file, the exported lessons, and copies of lessons for editing."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from tests.fields import has
from tests.lab.browser import PATIENCE, wait_until
from tests.lab.exported import EXPORTED, run_command
from tests.lab.screenshots import FIVE
from tests.lab.selection import mark_others_slow
from tests.lab.strokes import draw, read_ink, trace_strokes

from deltarule import BatchNorm, Dense, Dropout, Network, Quadratic, Tanh, fit
from deltarule.data import load
from deltarule.data.dataset import Dataset
from deltarule.data.fallback import load_images
from deltarule.errors import FileError, InvalidArgument
from deltarule.lab import drawing, editing, export, page_network
from deltarule.lab.pages import HERE, LESSONS, PAGES
from deltarule.models.ensemble import Ensemble
from deltarule.models.model import Model

OUTPUTS = """
([text, size]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const images = Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  return images.map((image) => Array.from(window.computeOutputs(image)));
}
"""


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page of a browser without internet."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def train_network(network: Network, train: Dataset) -> Model:
    """Train a network for one epoch."""
    return fit(network, train, epochs=1, eta=0.5, seed=1, engine="numpy")


def pad_images(small: Dataset) -> Dataset:
    """Put the small digits in the middle of 20 × 40 pixels, with class names."""
    x = np.pad(small.x, ((0, 0), (6, 6), (16, 16)))
    return replace(small, x=x, classes=tuple(f"<b>{k}</b>" for k in range(10)))


def paint_dark(small: Dataset) -> Dataset:
    """Make the small digits dark on light, 16 × 16 bytes."""
    x = 255 - np.kron(small.x * 15.9375, np.ones((1, 2, 2))).astype(np.uint8)
    return replace(small, x=x, scale=None, style=None)


def rescale(data: Dataset) -> Dataset:
    """Rescale the images to 0 to 1."""
    return replace(data, x=(data.x / data.scale).astype(np.float32), scale=1.0)


MODELS: dict[str, Callable[[], Model]] = {
    "the lab's own": drawing.load_model,
    "dense": lambda: train_network(
        Network.dense([784, 20, 10], cost="cross-entropy"), load_images("any")[0].take(slice(1000))
    ),
    "dense, 8 by 8": lambda: train_network(Network.dense([64, 20, 10], cost="cross-entropy"), load("digits")[0]),
    "dense, from 0 to 1": lambda: train_network(Network.dense([64, 20, 10]), rescale(load("digits")[0])),
    "dense, 20 by 40, with names": lambda: train_network(
        Network.dense([800, 20, 10], cost="log-likelihood"), pad_images(load("digits")[0])
    ),
    "dark on light": lambda: train_network(Network.dense([256, 20, 10]), paint_dark(load("digits")[0])),
    "quadratic, tanh, batch normalisation": lambda: train_network(
        Network((Dense(20), BatchNorm(), Tanh(), Dropout(0.2), Dense(10)), Quadratic(Tanh()), (64,)), load("digits")[0]
    ),
}


@pytest.fixture(params=mark_others_slow(MODELS, list(MODELS)[:3]))
def model(request: pytest.FixtureRequest, offline: Page, tmp_path: Path) -> Model:
    """A model, with its reader page open in the browser."""
    model = MODELS[request.param]()
    path = tmp_path / "reader.html"
    path.write_text(export.build_reader_page(model), encoding="utf-8")
    offline.goto(path.as_uri())
    return model


def test_the_reader_page_computes_the_outputs_of_the_model(model: Model, offline: Page) -> None:
    small, _, _ = load("digits")
    sources = (load_images("any")[2], small, pad_images(small), paint_dark(small))
    x = next(one.x[:1000] for one in sources if one.x.shape[1:] == model.example_shape).astype(np.uint8)
    outputs = np.array(offline.evaluate(OUTPUTS, [base64.b64encode(x.tobytes()).decode(), x[0].size]))
    assert outputs.shape == (len(x), 10)
    assert np.abs(outputs - model.outputs(x)).max() < 1e-6


STROKES = {
    "one": [[(0.5, 0.1), (0.5, 0.9)]], "flat": [[(0.05, 0.5), (0.95, 0.52)]], "dot": [[(0.2, 0.7), (0.2, 0.7)]],
    "five": FIVE, "small": [[(0.1, 0.1), (0.3, 0.1), (0.15, 0.3)]],
    "at the edge": [[(0.0, 0.0), (0.4, 1.0), (1.0, 0.9)]],
}  # fmt: skip
READ_CANVAS = """
(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
  copy.drawImage(canvas, 0, 0);
  return Array.from(copy.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 0));
}
"""


def test_the_reader_page_prepares_and_reads_a_drawing_as_the_lab_does(model: Model, offline: Page) -> None:
    canvas = offline.locator(".pad-canvas")
    for name, strokes in STROKES.items():
        draw(canvas, strokes)
        offline.wait_for_timeout(120)  # the pad reports once more after the last stroke
        image = drawing.prepare_image(model, read_ink(canvas))
        grey = np.array(offline.locator("#network-input").evaluate(READ_CANVAS)).reshape(model.example_shape)
        on_page = (255 - grey) * (model.scale / 255)
        assert len(np.unique(image)) > 2, name
        assert np.abs(on_page - drawing.measure_ink(model, image)).max() <= 1.1 * model.scale / 255, name
        probabilities = drawing.predict_proba(model, image)
        rows = [re.split(r"\s+", row) for row in offline.locator("#bars").inner_text().strip().splitlines()]
        assert [row[0] for row in rows] == drawing.get_class_names(model)
        assert np.abs([float(row[1]) - 100 * p for row, p in zip(rows, probabilities, strict=True)]).max() < 0.6, name
        if np.partition(probabilities, -2)[-2] < probabilities.max() - 0.01:
            assert (
                offline.locator("#answer").inner_text() == drawing.get_class_names(model)[int(np.argmax(probabilities))]
            )


def test_outputs_that_are_not_finite_give_no_answer(offline: Page, tmp_path: Path, monkeypatch) -> None:
    model = train_network(Network.dense([64, 10]), load("digits")[0])
    model.params[0]["w"][3, 5] = np.nan
    with pytest.raises(InvalidArgument, match="nan", check=has(position="layer 0, w at [3, 5]")):
        export.build_reader_page(model)
    monkeypatch.setattr(page_network, "find_non_finite", lambda array: None)
    path = tmp_path / "reader.html"
    path.write_text(export.build_reader_page(model), encoding="utf-8")
    offline.goto(path.as_uri())
    draw(offline.locator(".pad-canvas"), FIVE)
    offline.wait_for_timeout(120)  # the pad reports once more after the last stroke
    assert offline.locator("#answer").inner_text() == "no answer"
    assert "NaN" not in offline.locator("#bars").inner_text()


def test_the_reader_page_reads_drawings(offline: Page, tmp_path: Path, mnist) -> None:
    path, model, test = tmp_path / "reader.html", drawing.load_model(), mnist[2]
    path.write_text(export.build_reader_page(model), encoding="utf-8")
    offline.goto(path.as_uri())
    canvas = offline.locator(".pad-canvas")
    right = 0
    for image in test.x[:20]:
        draw(canvas, trace_strokes(image, 0.7, 0.15, 0.15))
        offline.wait_for_timeout(120)  # the pad reports once more after the last stroke
        expected = int(np.argmax(drawing.predict_proba(model, drawing.prepare_image(model, read_ink(canvas)))))
        right += offline.locator("#answer").inner_text() == str(expected)
    assert right >= 19
    assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org", "", path.read_text(encoding="utf-8"))


class Mine(Tanh):
    """A layer that the page cannot compute."""


def test_the_page_refuses_models_that_it_cannot_compute() -> None:
    train, _, _ = load("digits")
    model = fit(Network((Dense(5), Mine(), Dense(10)), Quadratic(), (64,)), train, epochs=1, engine="numpy")
    with pytest.raises(InvalidArgument, check=has(position="layer 1", value=Mine())):
        export.describe_model(model)
    voting = Ensemble([train_network(Network.dense([64, 10]), train)] * 2)
    with pytest.raises(InvalidArgument, match="ensemble of 2", check=has(argument="model")):
        export.describe_model(voting)


MOVE = """
(slider) => {
  const pictures = slider.closest(".lesson").querySelector(".pictures");
  const read = () => pictures.innerHTML + [...pictures.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL());
  const before = read();
  slider.value = Number(slider.value) === Number(slider.max) ? slider.min : slider.max;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return read() !== before;
}
"""
"""Move a slider of a figure, and return whether its pictures change at once."""


@pytest.mark.parametrize("name", mark_others_slow(EXPORTED, ("reader", "playground")))
def test_an_exported_page_works_without_a_network(name: str, exported: Path, offline: Page) -> None:
    asked: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.set_viewport_size({"width": 390, "height": 800})
    offline.goto((exported / f"{name}.html").as_uri())
    offline.wait_for_load_state("load")
    assert offline.evaluate("document.documentElement.scrollWidth <= innerWidth"), "something is cut off"
    figures = offline.locator(".lesson").all()
    for figure in figures:
        for slider in figure.locator("input[type=range]").all()[:1]:
            assert slider.evaluate(MOVE)
    if name in {page.name for page in PAGES} and not figures:
        assert name not in {page.name for page in LESSONS}
        assert "need Python" in offline.locator(".lab-note").inner_text()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_page_names_no_host_but_the_book(name: str, exported: Path) -> None:
    text = (exported / f"{name}.html").read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^/\s\"']+", text)) <= {
        "http://www.w3.org",
        "http://neuralnetworksanddeeplearning.com",
    }
    assert not re.search(r"<marimo-|\|\|[(\[]|<script[^>]* src=|<link (?!rel=\"icon\" href=\"data:)", text)
    assert str(HERE) not in text


def test_links_of_the_exported_pages_lead_to_files(exported: Path) -> None:
    for path in exported.iterdir():
        for address in re.findall(r'href="([^"#:]+)(?:#[^"]*)?"', path.read_text(encoding="utf-8")):
            assert (exported / address).is_file(), f"{path.name} links to {address}"


def test_the_command_exports_and_overwrites_nothing(tmp_path: Path) -> None:
    completed = run_command("export", "out", "--reader-only", cwd=tmp_path)
    assert (completed.returncode, completed.stdout.strip()) == (0, str(Path("out") / "reader.html"))
    again = run_command("export", "out", "--reader-only", cwd=tmp_path)
    assert again.returncode == 1
    assert "out: " in again.stderr


@pytest.mark.parametrize("lesson", [page.name for page in PAGES])
def test_a_lesson_is_copied_and_never_overwritten(lesson: str, tmp_path: Path) -> None:
    path = editing.copy_lesson(lesson, tmp_path / "mine.py")
    assert (HERE / "lesson.css").as_posix() in path.read_text(encoding="utf-8")
    with pytest.raises(FileError, check=has(path=path)):
        editing.copy_lesson(lesson, path)


def test_an_unknown_lesson_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    completed = run_command("edit", "softmx", cwd=tmp_path)
    assert completed.returncode == 2
    assert "did you mean softmax" in completed.stderr


@pytest.mark.slow
def test_the_editor_starts_requires_its_token_and_ends(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "deltarule.cli", "lab", "edit", "softmax", "--no-browser"]
    with open(tmp_path / "output", "w") as output:
        editor = subprocess.Popen(
            words,
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def find_address() -> str:
        match = re.search(r"http://\S+", (tmp_path / "output").read_text())
        return match[0] if match else ""

    try:
        wait_until(find_address, "the editor printed its address")
        assert "access_token" in find_address()
        bare = find_address().split("?")[0]

        def request_status() -> int:
            """Return the status of a request without the token; 0 while the editor does not listen yet."""
            try:
                return urllib.request.urlopen(f"{bare}/api/kernel/run", b"{}").status
            except urllib.error.HTTPError as refused:
                refused.close()
                return refused.code
            except urllib.error.URLError:
                return 0

        wait_until(request_status, "the editor answered")
        assert request_status() in (401, 403)
        assert (tmp_path / "softmax.py").is_file()
    finally:
        end = time.monotonic() + PATIENCE
        while editor.poll() is None and time.monotonic() < end:
            os.killpg(editor.pid, signal.SIGINT)  # a terminal also sends it to both processes
            time.sleep(0.5)
    assert editor.poll() is not None
