"""Where JAX computes: the CPU by as many threads as a program wants, or the accelerator that it finds."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from deltarule.engines.base import Batches, Examples

THREADS = "NPROC"
"""The variable from which a CPU client of JAX takes its number of threads when it starts."""

AXIS = "part"
"""The name of the devices that share the work, to what is computed on all of them."""


@cache
def start() -> None:
    """Teaches JAX to pass data sets as it passes arrays, and to keep compiled programs in the user's cache folder."""
    import jax
    import platformdirs
    from jax.tree_util import register_dataclass

    register_dataclass(Examples, ["x", "y", "scale"], [])
    register_dataclass(Batches, ["order", "eta", "key", "first"], [])
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", os.path.join(platformdirs.user_cache_dir("deltarule"), "jax"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def on_cpu() -> bool:
    """Whether JAX found no accelerator."""
    import jax

    return jax.default_backend() == "cpu"


@cache
def device(threads: int) -> Any:
    """The accelerator, or a CPU whose programs run by this number of threads.

    A CPU client's threads are fixed when it is made, so each number has a client of its own. Its
    programs run in the Python thread that asks for them: several threads run several at once.
    """
    import jax

    return _cpus(threads, 1)[0] if on_cpu() else jax.local_devices()[0]


@cache
def one_each(threads: int) -> Any:
    """The CPU as so many devices, each of one thread, to share the work."""
    import numpy as np
    from jax.sharding import Mesh

    return Mesh(np.asarray(_cpus(threads, threads)), (AXIS,))


def _cpus(threads: int, devices: int) -> list[Any]:
    from jaxlib import xla_client

    outside = os.environ.get(THREADS)
    os.environ[THREADS] = str(threads)
    try:
        return list(xla_client.make_cpu_client(asynchronous=False, num_devices=devices).local_devices())
    finally:
        os.environ.pop(THREADS)
        if outside is not None:
            os.environ[THREADS] = outside


def aligned(array: Any) -> Any:
    """A copy at an address from which the devices of a CPU take it as it is: they share it instead of copying it."""
    import numpy as np

    memory = np.empty(array.nbytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    copy = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def demanded_threads() -> int:
    """The threads that the environment demands of JAX, 0 if it says nothing."""
    return int(os.environ.get(THREADS) or 0)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
