"""The number of threads: a property of the program, recorded with the model."""

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

from .cases import make_images, run_python

SEEN: list[int] = []


@dataclass(frozen=True)
class CountThreads(Layer):
    """A layer that records the number of threads of matrix products."""

    def forward(self, params, x, rng=None):
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        # SciPy may bring another BLAS into the process, with which NumPy does not multiply
        own = [pool for pool in pools if "numpy" in Path(pool["filepath"]).parent.name] or pools
        SEEN.extend(pool["num_threads"] for pool in own)
        return x, None

    def backward(self, params, cache, d_y):
        return d_y, {}


@pytest.mark.parametrize("threads", [None, 1, 2])
def test_numpy_uses_the_recorded_number_of_threads(threads):
    network = Network([CountThreads(), Dense(4)], CrossEntropy(), (36,))
    SEEN.clear()
    model = fit(network, make_images(4), epochs=1, engine="numpy", threads=threads)
    assert model.settings["threads"] == (threads or 1)
    assert set(SEEN) == {threads or 1}


FRESH = """
import os
from pathlib import Path
from deltarule import Network, fit
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.machine import count_cores
from engines.cases import make_images

def threads_of(**demand):
    model = fit(Network.dense([36, 4]), make_images(4), epochs=1, engine="jax", **demand)
    return model.settings["threads"]

def workers():
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    return sum("XLAEigen" in name for name in names)
"""

DEMANDED = """
assert threads_of() == 1
before = workers()
assert threads_of(threads=3) == 3
if Path("/proc/self/task").is_dir():
    assert workers() - before == 3, (before, workers())
assert threads_of(threads=2) == 2
assert "NPROC" not in os.environ
"""

FROM_OUTSIDE = """
assert make_jax_engine(preferred=1).threads == 4
assert threads_of() == 4
assert threads_of(threads=1) == 1
assert os.environ["NPROC"] == "4"
"""

RUNNING_BEFORE = """
import jax
jax.devices()
assert make_jax_engine().threads == count_cores()
assert threads_of(threads=count_cores() + 1) == count_cores() + 1
"""


@pytest.mark.parametrize(
    ("program", "environment"),
    [
        (DEMANDED, {}),
        pytest.param(FROM_OUTSIDE, {"NPROC": "4"}, marks=pytest.mark.slow),
        pytest.param(RUNNING_BEFORE, {}, marks=pytest.mark.slow),
    ],
    ids=["demanded", "from outside", "running before"],
)
def test_jax_programs_use_the_recorded_number_of_threads(program, environment, pytestconfig):
    run_python(FRESH + program, PYTHONPATH=str(pytestconfig.rootpath / "tests"), **environment)


BIG = """
import jax, numpy as np
from pathlib import Path
from deltarule.engines.jax_setup import configure_jax, select_device

def seconds(thread):
    return int((thread / "schedstat").read_text().split()[0]) / 1e9

configure_jax()
multiply = jax.jit(lambda a: a @ a @ a)
a = jax.device_put(np.ones((1500, 1500), np.float32), select_device(1))
jax.block_until_ready(multiply(a))
tasks = Path("/proc/self/task")
before = {thread: seconds(thread) for thread in tasks.glob("*")} if tasks.is_dir() else {}
jax.block_until_ready(multiply(a))
busy = [name for name, spent in before.items() if seconds(name) - spent > 0.01]
assert len(busy) <= 1, busy
"""


def test_one_thread_stays_one_for_large_products():
    run_python(BIG)
