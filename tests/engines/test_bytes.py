"""Equal seeds, engines and threads give equal bytes: repeatedly, in another process, in any stretches."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.slow import with_slow

from deltarule.training.fit import fit

from .cases import BATCH, ENGINES, N, Ready, build_everything, bytes_of, epoch_of, make_images, run_python, shared_run


def run_in_pieces(run: Ready, cuts: list[int]) -> bytes:
    epoch = epoch_of(N, eta=0.01)
    params, state = run.params, run.state
    for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
        params, state, finite = run.program.run(params, state, run.examples, epoch, start, stop)
        assert finite
    return bytes_of(params, *state.values())


@cache
def run_at_once(engine: str, dtype: str) -> bytes:
    return run_in_pieces(shared_run(engine, dtype), [])


@pytest.mark.parametrize(
    ("engine", "dtype"),
    with_slow([*product(("numpy", "native"), ("float32", "float64")), ("jax", "float32")], ("jax", "float32")),
)
@given(cuts=st.lists(st.integers(0, 13), max_size=6).map(sorted))
@settings(max_examples=20)
def test_stretches_of_an_epoch_give_the_same_bytes(engine, dtype, cuts):
    assert run_in_pieces(shared_run(engine, dtype), cuts) == run_at_once(engine, dtype)


@pytest.mark.parametrize("engine", ENGINES)
def test_warming_up_takes_no_step(engine):
    run = shared_run(engine, "float32")
    before = bytes_of(run.params, *run.state.values())
    run.program.warm_up(run.params, run.state, run.examples, epoch_of(N))
    assert bytes_of(run.params, *run.state.values()) == before
    assert run_in_pieces(run, []) == run_at_once(engine, "float32")


TRAIN = """
import json
from deltarule import Adam, L2, fit
from engines.cases import build_everything, make_images
descent = build_everything(51)
for engine in ("numpy", "native", "jax"):
    model = fit(descent.network, make_images(51), epochs=2, batch_size=4, eta=0.01, optimizer=Adam(),
                regularizer=L2(1.0), seed=5, engine=engine, threads=1)
    print(engine, model.parameters_sha256, model.settings["threads"])
"""


@pytest.mark.slow
def test_the_same_bytes_in_two_processes(pytestconfig):
    path = str(pytestconfig.rootpath / "tests")
    first, second = run_python(TRAIN, PYTHONPATH=path), run_python(TRAIN, PYTHONPATH=path, PYTHONHASHSEED="7")
    assert first == second
    assert [line.split()[::2] for line in first.splitlines()] == [[engine, "1"] for engine in ENGINES]


def test_the_same_bytes_again_and_others_from_another_seed():
    network, data = build_everything(N).network, make_images(N)
    same, again, other = (
        fit(network, data, epochs=2, batch_size=BATCH, eta=0.01, seed=seed, engine="numpy").parameters_sha256
        for seed in (5, 5, 6)
    )
    assert same == again != other


@pytest.mark.parametrize("engine", ENGINES)
def test_run_reports_infinite_parameters_without_raising(engine):
    run, epoch = shared_run(engine, "float32"), epoch_of(N, eta=1e30)
    params, _, finite = run.program.run(run.params, run.state, run.examples, epoch, 0, epoch.steps)
    assert not finite
    assert not all(np.isfinite(np.asarray(leaf)).all() for layer in params for leaf in layer.values())
