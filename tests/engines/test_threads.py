"""The number of threads: fixed, recorded, and for JAX the same for the whole life of a process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from deltarule.core.costs import CrossEntropy
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.training.fit import fit

from .cases import pictures, python

SEEN: list[int] = []


@dataclass(frozen=True)
class CountThreads(Layer):
    """Notes the threads of the matrix products around it."""

    def forward(self, params, x, rng=None):
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        # SciPy may bring another BLAS into the process, with which NumPy does not multiply
        own = [pool for pool in pools if "numpy" in Path(pool["filepath"]).parent.name] or pools
        SEEN.extend(pool["num_threads"] for pool in own)
        return x, None

    def backward(self, params, cache, d_y):
        return d_y, {}


@pytest.mark.parametrize("threads", [None, 1, 2])
def test_numpy_multiplies_with_the_threads_that_are_recorded(threads):
    network = Network([CountThreads(), Dense(4)], CrossEntropy(), (36,))
    SEEN.clear()
    model = fit(network, pictures(4), epochs=1, engine="numpy", threads=threads)
    assert model.settings["threads"] == (threads or 1)
    assert set(SEEN) == {threads or 1}


FRESH = """
import os
from pathlib import Path
from deltarule import Network, UsageError, fit
from deltarule.engines.jax_engine import cores, jax_engine
from engines.cases import pictures

def workers():
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    return sum("XLAEigen" in name for name in names)
"""

DEMANDED = """
model = fit(Network.dense([36, 4]), pictures(4), epochs=1, engine="jax", threads=3)
assert model.settings["threads"] == 3, model.settings
assert "NPROC" not in os.environ
assert jax_engine().threads == 3 == jax_engine(preferred=1).threads == jax_engine(3).threads
if Path("/proc/self/task").is_dir():
    assert workers() == 3, workers()
try:
    fit(Network.dense([36, 4]), pictures(4), epochs=1, engine="jax", threads=2)
except UsageError as error:
    print(error)
"""

FROM_OUTSIDE = """
assert jax_engine(preferred=1).threads == 4
assert os.environ["NPROC"] == "4"
print(fit(Network.dense([36, 4]), pictures(4), epochs=1, engine="jax").settings["threads"])
"""

RUNNING_BEFORE = """
import jax
jax.devices()
assert jax_engine(preferred=cores() + 1).threads == cores()
try:
    jax_engine(cores() + 1)
except UsageError as error:
    print(error)
"""

SMALL = """
print(fit(Network.dense([36, 4]), pictures(4), epochs=1, engine="jax").settings["threads"])
"""


@pytest.mark.parametrize(
    ("program", "environment", "said"),
    [
        (DEMANDED, {}, "JAX runs with 3 threads in this process and cannot change to 2"),
        (FROM_OUTSIDE, {"NPROC": "4"}, "4"),
        (RUNNING_BEFORE, {}, "start a new process, or use the numpy engine"),
        (SMALL, {}, "1"),
    ],
    ids=["demanded", "from outside", "running before", "small steps"],
)
def test_jax_keeps_the_threads_it_started_with(program, environment, said, pytestconfig):
    assert said in python(FRESH + program, PYTHONPATH=str(pytestconfig.rootpath / "tests"), **environment)
