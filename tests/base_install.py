"""The wheel, installed with the base alone: what it holds, and what works without any extra or without a compiler.

``make test`` runs it; it takes most of a minute, and pip must reach the packages or have them in its cache.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deltarule.data import load
from deltarule.engines.native_library import FILE_NAME, REASON

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "deltarule"
WHAT_BUILDS = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE")
OF_EXTRAS = ("jax", "scipy", "sklearn", "joblib", "jinja2", "marimo", "zmq", "anywidget", "starlette", "uvicorn")


def run(*words: object, **environment: str) -> str:
    """Run a program without this checkout on its path, and return its output; it must succeed."""
    kept = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "DELTARULE_DATA")}
    done = subprocess.run(
        list(map(str, words)), env={**kept, **environment}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def build_wheel(place: Path, compiler: str) -> Path:
    """Build the wheel from a copy: an old folder ``build`` beside the sources would add old files."""
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", "_native.*", ".native-*")
    for folder in ("src", "native"):
        shutil.copytree(ROOT / folder, place / folder, ignore=ignore)
    for result in (ROOT / "results").glob("[a-z]*/*.json"):
        copy = place / result.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(result, copy)
    for name in WHAT_BUILDS:
        shutil.copy(ROOT / name, place)
    options = {"CXX": compiler, "CXXFLAGS": "-O0"}  # a slow engine, which compiles in a quarter of the time
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", place / "dist", place, **options)
    (built,) = (place / "dist").iterdir()
    return built


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel with the compiler that the checkout uses."""
    compiler = run(sys.executable, ROOT / "native" / "build_library.py", "--find-compiler").strip()
    return build_wheel(tmp_path_factory.mktemp("wheel"), compiler)


HALF_WAY = """#!/bin/sh
case "$*" in *-shared*|*-dynamiclib*) echo "error: no space left" >&2; exit 1;; esac
"""


@pytest.fixture(scope="session")
def pure_wheel(tmp_path_factory) -> Path:
    """Build the wheel with a compiler that fails half-way, when it links."""
    place = tmp_path_factory.mktemp("pure")
    (place / "half-way").write_text(HALF_WAY)
    (place / "half-way").chmod(0o755)
    return build_wheel(place, str(place / "half-way"))


@pytest.fixture(scope="session")
def programs(wheel, tmp_path_factory) -> Path:
    """Create an environment with the wheel and the base, and return its folder of programs."""
    place = tmp_path_factory.mktemp("base") / "env"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", wheel, "-c", constraints)
    return python.parent


@pytest.fixture
def python(programs, tmp_path, monkeypatch):
    """Run code in that environment, in an empty folder and without a network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lambda code, **environment: run(programs / "python", "-W", "error", "-c", code, **environment)


def list_package(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert any(name.endswith("licenses/LICENSE") for name in names)
    return {name for name in names if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_package_the_results_and_the_native_engine(wheel):
    results = {path.relative_to(ROOT).as_posix() for path in (ROOT / "results").glob("[a-z]*/*.json")}
    assert len(results) > 90
    files = {path.relative_to(ROOT / "src").as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    ours = {name for name in files if not re.search(r"__pycache__|engines/(_native\.|\.native-)", name)}
    shipped = {f"deltarule/experiments/{name}" for name in results}
    assert list_package(wheel) == ours | shipped | {f"deltarule/engines/{FILE_NAME}"}
    assert re.search(r"-py3-none-(?!any)\w+\.whl$", wheel.name)


FALLS_BACK = """
import deltarule as dr
train, validation, test = dr.data.load("digits")
model = dr.fit(dr.Network.dense([64, 10]), train, epochs=1)
print(model.settings["engine"], model.settings["engine_reason"])
"""


def test_a_compiler_that_fails_leaves_the_pure_package_and_the_reason(wheel, pure_wheel, programs, tmp_path):
    without = list_package(wheel) - {f"deltarule/engines/{FILE_NAME}"}
    assert list_package(pure_wheel) == without | {f"deltarule/engines/{REASON}"}
    python = programs / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "-t", tmp_path, pure_wheel)
    without_engine = run(python, "-W", "error", "-m", "deltarule.cli", "info", PYTHONPATH=str(tmp_path))
    (line,) = re.findall("^  native +(.*)", without_engine, re.MULTILINE)
    assert re.match(
        r"does not work: it was not built: the C\+\+ compiler .*half-way failed: error: no space left;", line
    )
    engine = run(python, "-W", "error", "-c", FALLS_BACK, PYTHONPATH=str(tmp_path))
    assert engine.startswith("numpy numpy: ")
    assert re.search("^  native +works; ", run(programs / "deltarule", "info"), re.MULTILINE)


def test_no_package_of_an_extra_is_there(python):
    found = python(f"from importlib.util import find_spec\nprint([name for name in {OF_EXTRAS} if find_spec(name)])")
    assert found == "[]\n"


@pytest.mark.parametrize("eager", ["", "1"])
def test_every_public_name_can_be_imported(python, eager):
    python("import deltarule as dr\nfor name in dr.__all__: getattr(dr, name)", EAGER_IMPORT=eager)


LIBRARY = """
import deltarule as dr
train, validation, test = dr.data.load("digits")
network = dr.Network.dense([64, 30, 10], cost="cross-entropy")
model = dr.fit(network, train, epochs=20, validation=validation, seed=1, callbacks=[dr.callbacks.Checkpoint("run")])
assert model.accuracy(test) > 0.9, model.accuracy(test)
assert model.settings["engine"] == "native", model.settings["engine_reason"]
model.save("mine.safetensors")
assert (dr.load("mine.safetensors").predict(test.x) == model.predict(test.x)).all()
assert len(dr.resume("run", train, validation=validation, epochs=21).history) == 21
"""


def test_the_library(python):
    python(LIBRARY)


def test_the_commands(python, programs):
    def deltarule(line: str) -> str:
        return run(programs / "deltarule", *line.split())

    assert "the small digits stand in for MNIST" in deltarule("demo")
    assert Path("runs/demo/misclassified.png").stat().st_size > 10_000
    digit = load("digits")[2].x[0]
    Image.fromarray(255 - np.kron(digit * 15, np.ones((8, 8), np.uint8))).save("digit.png")
    for line in (
        "train --data digits --net 64-30-10 --epochs 2 --out runs/mine",
        "train --resume runs/mine --epochs 3",
        "evaluate runs/mine",
        "predict runs/mine digit.png",
        "show runs/mine",
        "runs",
        "compare runs/mine runs/demo",
        "data",
        "nets",
        "find-eta --data digits --net 64-30-10",
        "experiments",
        "experiments run ch1/nand --quick",
        "experiments plot ch1/nand --quick",
    ):
        assert deltarule(line), line
    assert "These results come with deltarule" in deltarule("experiments")
    shown = deltarule("experiments show ch1/hand-built")
    assert "✓ reproduced" in shown
    assert "This result comes with deltarule" in shown
    assert deltarule("experiments plot ch1/hand-built --out shipped.png").startswith("Plot: shipped.png")
    assert not Path("results").exists()
