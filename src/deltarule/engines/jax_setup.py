"""Where JAX computes: the CPU by as many threads as a program wants, or the accelerator that it finds."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from textwrap import shorten
from typing import Any

from deltarule.engines.base import Batches, Examples

THREADS = "NPROC"
"""The variable from which a CPU client of JAX takes its number of threads when it starts."""

AXIS = "part"
"""The name of the devices that share the work, to what is computed on all of them."""


def is_installed() -> bool:
    """Tell whether there is a package jax, without importing it, which takes a second."""
    try:
        return find_spec("jax") is not None
    except ValueError:  # something put into sys.modules that is no package
        return False


@cache
def find_import_fault() -> str:
    """Say why JAX cannot be imported, in one line; empty if it can be.

    An installed JAX may still raise anything: its jaxlib is missing or of another version, built for
    other processors or another CUDA.
    """
    if not is_installed():
        return "jax is not installed"
    try:
        configure_jax()
    except Exception as error:
        return f"jax cannot be imported ({summarize_error(error)})"
    return ""


@cache
def find_fault() -> str:
    """Say why JAX cannot compute here, in one line; empty if it can. It initializes JAX's backends."""
    if found := find_import_fault():
        return found
    try:
        is_on_cpu()
    except Exception as error:
        return f"jax finds no device ({summarize_error(error)})"
    return ""


def summarize_error(error: Exception) -> str:
    """The kind of an error and the first line of its message, shortened.

    >>> summarize_error(RuntimeError("This version of jaxlib was built using AVX.\\nYou may build it yourself."))
    'RuntimeError: This version of jaxlib was built using AVX.'
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {shorten(first, 240, placeholder=' …')}" if first else type(error).__name__


def suggest_remedy() -> str:
    """Say what to do where JAX does not work."""
    mend = "mend it by pip install --force-reinstall jax jaxlib"
    install = "install it: pip install 'deltarule[jax]'"
    return f"{mend if is_installed() else install}, or use the numpy engine on one device"


@cache
def configure_jax() -> None:
    """Teaches JAX to pass data sets as it passes arrays, and to keep compiled programs in the user's cache folder."""
    import jax
    import platformdirs
    from jax.tree_util import register_dataclass

    register_dataclass(Examples, ["x", "y", "scale"], [])
    register_dataclass(Batches, ["order", "eta", "key", "first"], [])
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", os.path.join(platformdirs.user_cache_dir("deltarule"), "jax"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def is_on_cpu() -> bool:
    """Whether JAX found no accelerator."""
    import jax

    return bool(jax.default_backend() == "cpu")


@cache
def select_device(threads: int) -> Any:
    """The accelerator, or a CPU whose programs run by this number of threads.

    A CPU client's threads are fixed when it is made, so each number has a client of its own. Its
    programs run in the Python thread that asks for them: several threads run several at once.
    """
    import jax

    return _cpus(threads, 1)[0] if is_on_cpu() else jax.local_devices()[0]


@cache
def build_cpu_mesh(threads: int) -> Any:
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


def read_environment_threads() -> int:
    """The threads that the environment demands of JAX, 0 if it says nothing."""
    return int(os.environ.get(THREADS) or 0)
