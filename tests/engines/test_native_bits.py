"""The same bits: on every run, at levels of the same width, on any number of cores, beside others, and after a fork."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
from functools import cache
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import ReLU, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import MaxPool
from deltarule.core.regularizers import L2
from deltarule.errors import InvalidArgument

from .cases import ADAM, Ready, bytes_of, epoch_of, make_images, prepare, run_python
from .native_cases import find_levels
from .test_agreement import relative_distance

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deltarule has no native engine on Windows")

N = 59  # with mini-batches of 4: the last has 3 examples, so that some of five parts are empty
DESCENTS = {
    "dense": Descent(Network([Dropout(0.2), Dense(40), ReLU(), Dense(4)], LogLikelihood(), (64,)), ADAM, L2(1.0), N),
    "convolutions": Descent(
        Network(
            [Conv(9, 3), ReLU(), MaxPool(2), Conv(5, 2), BatchNorm(), Tanh(), Flatten(), Dense(4)],
            LogLikelihood(), (8, 8, 1),
        ), ADAM, L2(1.0), N,
    ),
}  # fmt: skip
each = pytest.mark.parametrize("name", DESCENTS)


@cache
def get_run(name: str, threads: int, level: str = "", dtype: str = "float32") -> Ready:
    return prepare("native", DESCENTS[name], make_images(N, shape=(8, 8)), dtype, threads, level)


def train(run: Ready, epochs: int = 2, cuts: tuple[int, ...] = ()) -> tuple[list, dict]:
    params, state = run.params, run.state
    for number in range(epochs):
        epoch = epoch_of(N, number, eta=0.01)
        for start, stop in zip([0, *cuts], [*cuts, epoch.steps], strict=True):
            params, state, finite = run.program.run(params, state, run.examples, epoch, start, stop)
            assert finite
    return params, state


def hash_of(run: Ready, epochs: int = 2, cuts: tuple[int, ...] = ()) -> str:
    """Return a hash of all that training changes, and of the weighted inputs afterwards."""
    params, state = train(run, epochs, cuts)
    z = run.program.weighted_inputs(params, run.examples)
    return hashlib.sha256(bytes_of(params, *state.values()) + z.tobytes()).hexdigest()


@pytest.mark.parametrize("level", ["v1", "V3", "avx2", "x" * 1000])
def test_a_level_that_is_none(level):
    with pytest.raises(InvalidArgument, check=has(argument="level", value=level)):
        train(get_run("dense", 1, level))


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_again_and_in_stretches(name, dtype, threads):
    run = get_run(name, threads, dtype=dtype)
    first = hash_of(run)
    assert hash_of(run) == first
    assert hash_of(run, cuts=(1, 2, 7, 14)) == first
    other = get_run(name, 1, dtype=dtype)
    assert relative_distance(train(run)[0], train(other)[0]) < 200 * np.finfo(dtype).eps


@each
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_levels(name, dtype):
    levels = find_levels()
    assert levels[:1] in (["v2"], ["neon"])
    hashes = {level: hash_of(get_run(name, 2, level, dtype)) for level in levels}
    assert hashes[levels[-1]] == hash_of(get_run(name, 2, "", dtype))  # the best one is the default
    if levels[0] == "v2":  # without v4 or v3, v2 has been tried
        assert len({hashes[level] for level in levels[1:]}) <= 1
        exact = train(get_run(name, 2, "v2", dtype))[0]
        for level in levels[1:]:
            assert relative_distance(train(get_run(name, 2, level, dtype))[0], exact) < 200 * np.finfo(dtype).eps


@each
def test_calls_at_once_of_which_one_has_the_team(name):
    run, at_once = get_run(name, 2), 4
    expected, found, barrier = hash_of(run, epochs=20), [], Barrier(at_once)

    def work() -> None:
        barrier.wait()
        found.append(hash_of(run, epochs=20))

    threads = [Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [expected] * at_once


ON_ONE_CORE = """
import os
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from engines.test_native_bits import DESCENTS, get_run, hash_of
print(*(hash_of(get_run(name, threads)) for name in DESCENTS for threads in (2, 3)))
"""


def run_here(program: str, root: Path) -> str:
    return run_python(program, PYTHONPATH=os.pathsep.join(map(str, (root, root / "tests"))))


def test_one_core_does_the_parts_of_several(pytestconfig):
    expected = [hash_of(get_run(name, threads)) for name in DESCENTS for threads in (2, 3)]
    assert run_here(ON_ONE_CORE, pytestconfig.rootpath).split() == expected


FORKED = """
import multiprocessing, os, warnings
from engines.test_native_bits import get_run, hash_of

def work(name, results):
    results.put(hash_of(get_run(name, 2)))

before = [hash_of(get_run(name, 2)) for name in ("dense", "convolutions")]
warnings.simplefilter("ignore", DeprecationWarning)  # Python's about forks beside threads
for turn in range(3):
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, hash_of(get_run("convolutions", 2)).encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reader, 100).decode() == before[1]
    assert hash_of(get_run("dense", 2)) == before[0]
context = multiprocessing.get_context("fork")
results = context.SimpleQueue()
children = [context.Process(target=work, args=("dense", results)) for _ in range(3)]
for child in children:
    child.start()
assert [results.get() for _ in children] == before[:1] * 3
for child in children:
    child.join()
assert [child.exitcode for child in children] == [0, 0, 0]
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_after_training_trains(pytestconfig):
    assert run_here(FORKED, pytestconfig.rootpath) == "done\n"


def work_in_pool(threads: int) -> str:
    return hash_of(get_run("dense", threads))


def test_spawned_processes_give_the_same_bits():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(work_in_pool, [1, 2]) == [hash_of(get_run("dense", threads)) for threads in (1, 2)]
