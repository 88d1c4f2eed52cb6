"""The lessons as programs: each runs without JAX; test_figures.py tests the effects of their controls."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from deltarule import Network
from deltarule.data import OneHot
from deltarule.lab import drawing
from deltarule.lab.pages import PAGES
from deltarule.lab.reader import load_bundled_model
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

LESSONS = [page.name for page in PAGES]


@cache
def open_lesson(lesson: str) -> dict[str, Any]:
    """Run a lesson, and return its variables."""
    _, values = import_module(f"deltarule.lab.lessons.{lesson}").app.run()
    return dict(values)


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
