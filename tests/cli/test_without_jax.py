"""Where JAX cannot be imported: the demo, all recipes and all experiments; tests/lab does the same for the lessons."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from deltarule.data import load
from deltarule.experiments.registry import MODULES
from deltarule.recipes import RECIPES

from .conftest import here

BLOCK = """
import sys
for name in ("jax", "jaxlib"):
    sys.modules[name] = None  # imports of it fail
"""

TRAIN = """
import numpy as np
import deltarule as dr
x = np.random.default_rng(1).integers(0, 256, (20, 28, 28)).astype(np.uint8)
data = dr.Dataset(x, np.arange(20) % 10, "noise", 255.0)
for name, recipe in dr.recipes.RECIPES.items():
    model = dr.fit(recipe.network((28, 28), 10), data, recipe.for_epochs(1).training, validation=data)
    print(name, model.settings["engine"], len(model.history))
"""

COMMANDS = """
from deltarule.cli.__main__ import main
for line in {lines}:
    sys.argv = ["deltarule", *line.split()]
    try:
        main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{{line}}: {{end.code}}")
"""

EXPERIMENTS = """
from deltarule.experiments.comparison import compare_miniature
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.run import run_once
for id in {ids}:
    result = run_once(EXPERIMENTS[id])
    errors = [run.error for run in result.runs if run.error]
    for one in EXPERIMENTS[id].quick.expected:
        verdict = "no figure" if errors else compare_miniature(one, result.figures(one.figure, one.variant)).verdict
        print(id, verdict)
    print(*errors, sep="\\n", end="")
"""


def run_without_jax(program: str, **names: object) -> str:
    """Run a program in a process where JAX cannot be imported, and return its output; it must succeed."""
    code = BLOCK + program.format(**names)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return done.stdout


def test_every_recipe_is_trained():
    assert run_without_jax(TRAIN).splitlines() == [f"{name} native 1" for name in RECIPES]


@pytest.mark.slow
def test_the_commands_train_the_demo_and_every_recipe():
    digits = load("digits")[0]
    images = np.kron(digits.x[:120].reshape(-1, 8, 8), np.ones((3, 3)))
    np.savez("few.npz", x=np.pad(images * 15, ((0, 0), (2, 2), (2, 2))).astype(np.uint8), y=digits.y[:120])
    lines = [f"train --data few.npz --net {name} --epochs 1 --out runs/{name}" for name in RECIPES]
    run_without_jax(COMMANDS, lines=["demo --data digits", *lines])
    for run in ("demo", *RECIPES):
        assert here("show", f"runs/{run}", "--json").json["settings"]["engine"] == "native", run


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_miniature_reproduces_its_expected_figures(module):
    ids = [experiment.id for experiment in module.EXPERIMENTS]
    expected = [f"{one.id} as expected" for one in module.EXPERIMENTS for _ in one.quick.expected]
    assert run_without_jax(EXPERIMENTS, ids=ids).splitlines() == expected
