"""Runs killed at random moments, again and again, have the same result to the bit.

``DELTARULE_KILLS`` is the number of kills on NumPy's and the native engine, by default 20; ``make soak`` sets 500.
"""

from __future__ import annotations

import json
import os

import pytest
from tests.slow import with_slow

from .runs import read_output, start

KILLS = int(os.environ.get("DELTARULE_KILLS", "20"))
SHARE = {"numpy": KILLS, "native": KILLS, "jax": max(20, KILLS // 5)}  # JAX takes longer to start again each time


@pytest.mark.parametrize("engine", with_slow(["numpy", "native", "jax"], "numpy", "jax"))
def test_runs_killed_at_random_moments_have_the_same_result(engine):
    program = "import sys; from training.kills import main; main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"
    found = json.loads(read_output(start(program, engine, str(SHARE[engine]), "1", OPENBLAS_NUM_THREADS="1")))
    moments = [moment for run in found["runs"] for moment in run["moments"]]
    print(f"{engine}: {len(moments)} kills in {len(found['runs'])} runs of {found['duration']:.3f} s: {moments}")
    assert len(found["expected"]) == 64
    assert len(moments) == SHARE[engine]
    for run in found["runs"]:
        assert run["final"] == found["expected"]
        # a run killed at its very end leaves its lock file, which the system has unlocked
        assert run["left"] in (["model.safetensors"], [".model.safetensors.lock", "model.safetensors"])
        steps = [step for step, _ in run["moments"]]
        assert steps == sorted(steps)  # no kill sets a run back behind an earlier one
    assert len({step for step, _ in moments}) > SHARE[engine] ** 0.5 - 1  # at many different steps
    if len(moments) >= 100:
        assert any(parts for _, parts in moments)  # some in the middle of a write
