"""The lab without a server: the digit reader as one file, the lessons as pages, and copies of them to edit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from tests.lab.browser import PATIENCE, until
from tests.lab.strokes import draw, ink, lines

from deltarule import BatchNorm, Dense, Dropout, Network, Quadratic, Tanh, fit
from deltarule.data import load
from deltarule.errors import FileError, UsageError
from deltarule.lab import drawn, editing, export, site
from deltarule.lab.pages import HERE, PAGES
from deltarule.models.model import Model

ANSWERS = "(images) => images.map((image) => Array.from(window.answers(image)))"


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page of a browser that has no network."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


def small(kind: str) -> Model:
    """A network of another kind that has learned the small digits for an epoch."""
    train, _, _ = load("digits")
    networks = {
        "dense": Network.dense([64, 20, 10], cost="cross-entropy"),
        "quadratic, tanh, batch normalisation": Network(
            (Dense(20), BatchNorm(), Tanh(), Dropout(0.2), Dense(10)), Quadratic(), (64,)
        ),
    }
    return fit(networks[kind], train, epochs=1, eta=0.5, seed=1, engine="numpy")


@pytest.mark.parametrize("kind", ["the lab's own", "dense", "quadratic, tanh, batch normalisation"])
def test_the_one_file_answers_as_the_model_does(kind: str, offline: Page, tmp_path: Path, mnist) -> None:
    if kind == "the lab's own":
        model = drawn.model()
        x = np.array([drawn.seen(model, 255 * (one > one.max() / 3)) for one in mnist[2].x[:1000]], np.uint8)
    else:
        model, x = small(kind), np.concatenate([part.x for part in load("digits")])[-1000:]
    path = tmp_path / "reader.html"
    path.write_text(export.reader_page(model), encoding="utf-8")
    offline.goto(path.as_uri())
    answers = np.array(offline.evaluate(ANSWERS, x.reshape(len(x), -1).astype(int).tolist()))
    assert answers.shape == (1000, 10)
    shares = answers / answers.sum(axis=1, keepdims=True)
    assert np.abs(shares - model.probabilities(x)).max() < 1e-5


def test_the_one_file_reads_what_is_drawn(offline: Page, tmp_path: Path, mnist) -> None:
    path, model, test = tmp_path / "reader.html", drawn.model(), mnist[2]
    path.write_text(export.reader_page(model), encoding="utf-8")
    offline.goto(path.as_uri())
    canvas = offline.locator(".pad-canvas")
    right = 0
    for image in test.x[:20]:
        draw(canvas, lines(image, 0.7, 0.15, 0.15))
        # the pad hands on what is drawn once more a moment after the last stroke
        offline.wait_for_timeout(120)
        expected = int(np.argmax(drawn.probabilities(model, drawn.seen(model, ink(canvas)))))
        right += offline.locator("#answer").inner_text() == str(expected)
    assert right >= 19
    assert "http" not in re.sub(r"http-equiv|http://www\.w3\.org", "", path.read_text(encoding="utf-8"))


class Mine(Tanh):
    """A layer that the page has never heard of."""


def test_what_the_page_cannot_hold_is_refused() -> None:
    train, _, _ = load("digits")
    model = fit(Network((Dense(5), Mine(), Dense(10)), Quadratic(), (64,)), train, epochs=1, engine="numpy")
    with pytest.raises(UsageError, match=r"layer 1, Mine\(\): the page knows Dense, Conv"):
        export.described(model)


def test_the_command_exports_the_lessons_as_a_site(tmp_path: Path) -> None:
    done = command("export", "site", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    pages, folder = site.LESSONS, tmp_path / "site"
    names = [Path(line).name for line in done.stdout.splitlines()]
    assert names == ["reader.html", *(f"{page.name}.html" for page in pages), "index.html"]
    index = (folder / "index.html").read_text(encoding="utf-8")
    for page in pages:
        text = (folder / f"{page.name}.html").read_text(encoding="utf-8")
        (carried,) = set(re.findall(r"deltarule @ \.\./([\w./-]+\.whl)", text))
        assert (folder / carried).is_file()
        assert set(re.findall(r'(?:src|href)="\./(assets/[^"]+)"', text)) <= {
            path.relative_to(folder).as_posix() for path in (folder / "assets").iterdir()
        }
        assert str(HERE) not in text
        assert f'href="{page.name}.html"' in index


def test_the_wheel_is_the_package_and_asks_for_no_compiler(tmp_path: Path) -> None:
    """It is installed into a folder of its own, and a lesson runs from there with nothing else of deltarule."""
    made = site.wheel(tmp_path)
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path / "there")
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    assert "jax" not in metadata
    program = (
        "import sys; sys.modules['jax'] = None; import deltarule; assert 'there' in deltarule.__file__\n"
        "from deltarule.lab.lessons.softmax import app; app.run()"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "there")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deltarule.cli", "lab", *words], cwd=cwd, capture_output=True, text=True, timeout=300
    )


def test_the_command_exports_and_overwrites_nothing(tmp_path: Path) -> None:
    done = command("export", "out", "--reader-only", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, str(Path("out") / "reader.html"))
    again = command("export", "out", "--reader-only", cwd=tmp_path)
    assert again.returncode == 1
    assert "out is not empty; choose a new folder" in again.stderr


@pytest.mark.parametrize("lesson", [page.name for page in PAGES])
def test_a_copy_runs_where_it_is_put(lesson: str, tmp_path: Path) -> None:
    path = editing.copied(lesson, tmp_path / "mine.py")
    assert (HERE / "lesson.css").as_posix() in path.read_text(encoding="utf-8")
    with pytest.raises(FileError, match="is there already"):
        editing.copied(lesson, path)


def test_a_lesson_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = command("edit", "softmx", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean softmax" in done.stderr


def test_the_editor_starts_asks_for_its_token_and_ends(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "deltarule.cli", "lab", "edit", "softmax", "--no-browser"]
    with open(tmp_path / "said", "w") as said:
        editor = subprocess.Popen(
            words,
            cwd=tmp_path,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def address() -> str:
        found = re.search(r"http://\S+", (tmp_path / "said").read_text())
        return found[0] if found else ""

    try:
        until(address, "the editor said where it is")
        assert "access_token" in address()
        bare = address().split("?")[0]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{bare}/api/kernel/run", b"{}", method="POST"))
        refused.value.close()
        assert refused.value.code in (401, 403)
        assert (tmp_path / "softmax.py").is_file()
    finally:
        end = time.monotonic() + PATIENCE
        while editor.poll() is None and time.monotonic() < end:
            os.killpg(editor.pid, signal.SIGINT)  # as a terminal does: to the command and its editor
            time.sleep(0.5)
    assert editor.poll() is not None
