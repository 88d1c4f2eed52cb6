"""A command whose extra is not installed names it in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Ran

WITHOUT = """
import sys
for name in {packages}:
    sys.modules[name] = None  # imports of it fail
sys.argv = ["deltarule", *{words}]
from deltarule.cli.__main__ import main
main()
"""


def without(packages: list[str], *words: str) -> Ran:
    """Run the command in a process where these packages cannot be imported."""
    code = WITHOUT.format(packages=packages, words=list(words))
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("package", "extra", "command"),
    [
        ("uvicorn", "lab", "lab --no-browser --port 0"),
        pytest.param("marimo", "lab", "lab --no-browser --port 0", marks=pytest.mark.slow),
        pytest.param("anywidget", "lab", "lab --no-browser --port 0", marks=pytest.mark.slow),
        pytest.param("marimo", "lab", "lab edit softmax --no-browser", marks=pytest.mark.slow),
        pytest.param("zmq", "lab", "lab edit softmax --no-browser", marks=pytest.mark.slow),
        pytest.param("marimo", "lab", "lab export site", marks=pytest.mark.slow),
        ("jinja2", "experiments", "experiments report"),
        ("joblib", "experiments", "experiments run ch1/nand --quick --jobs 2"),
        pytest.param(
            *("distributed", "cluster", "experiments run ch1/nand --quick --cluster dask://127.0.0.1:9"),
            marks=pytest.mark.slow,
        ),
        pytest.param("ray", "cluster", "experiments run ch1/nand --quick --cluster ray", marks=pytest.mark.slow),
    ],
)
def test_the_error_names_the_extra(package, extra, command):
    ran = without([package], *command.split())
    last = ran.err.splitlines()[-1]
    assert last.startswith("error: ")
    assert last.endswith(
        f": expected the package {package}, which is not installed; install it: pip install 'deltarule[{extra}]'"
    )
    assert "Traceback" not in ran.err
    assert (ran.code, ran.out) == (1, "")
    assert not Path("softmax.py").exists(), "no copy is made that cannot be edited"


@pytest.mark.parametrize("words", [["--engine", "jax"], ["--devices", "2"]])
def test_the_error_names_jax(words):
    ran = without(["jax", "jaxlib"], "train", "--data", "digits", "--net", "64-10", "--epochs", "1", *words)
    assert ran.code == 2
    assert "jax is not installed; install it: pip install 'deltarule[jax]'" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("experiment", ["ch1/baselines", pytest.param("ch3/search", marks=pytest.mark.slow)])
def test_an_experiment_that_needs_scikit_learn_names_its_extra(experiment):
    """The other experiments of a chapter still run."""
    ran = without(["sklearn"], "experiments", "run", experiment, "--quick", "--results", "kept")
    assert ran.code == 1
    assert "expected the package sklearn, which is not installed; install it: pip install 'deltarule[experiments]'" in (
        ran.out + ran.err
    )
    assert "Traceback" not in ran.out + ran.err


def test_lab_export_reader_only_needs_no_extra():
    ran = without(["marimo", "jax"], "lab", "export", "out", "--reader-only")
    assert (ran.code, ran.err) == (0, "")
