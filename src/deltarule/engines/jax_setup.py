"""The setup of JAX: its devices, the CPU with the threads that a program needs, or the accelerator that it finds."""

from __future__ import annotations

import os
import sys
from functools import cache
from glob import glob
from importlib.util import find_spec
from textwrap import shorten
from typing import Any

THREADS = "NPROC"
"""The environment variable from which a CPU client of JAX takes its number of threads when it starts."""

AXIS = "part"
"""The name of the mesh axis over which the devices share the work."""


def is_installed() -> bool:
    """Tell whether a package jax is installed, without importing it, which takes a second."""
    return _has_package("jax")


def _has_package(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ValueError:  # an object in sys.modules that is not a package
        return False


@cache
def find_import_fault() -> str:
    """Return why JAX cannot be imported, in one line; empty if it can be.

    An installed JAX may still raise any error: its jaxlib may be missing, of another version, or built for
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
    """Return why JAX cannot compute here, in one line; empty if it can. This initializes JAX's backends."""
    if found := find_import_fault():
        return found
    try:
        is_on_cpu()
    except Exception as error:
        return f"jax finds no device ({summarize_error(error)})"
    return ""


DEVICES = (
    "/dev/nvidia[0-9]*", "/dev/dxg",  # CUDA, and CUDA in Windows' Linux
    "/dev/kfd",  # ROCm
    "/dev/dri/renderD*",  # Intel's
    "/dev/accel*", "/dev/vfio/[0-9]*",  # TPUs
)  # fmt: skip
"""The files that Linux has for the accelerators that JAX may use."""


@cache
def has_accelerator_hint() -> bool:
    """Tell whether JAX may find an accelerator, without importing it: it has a plugin for one, and there is a device.

    JAX itself knows only the CPU. The packages that add an accelerator, such as jax-cuda13-plugin and libtpu, register
    a plugin. Only Linux shows devices as files; elsewhere a plugin suffices.
    """
    if not is_installed() or os.environ.get("JAX_PLATFORMS") == "cpu":
        return False
    if sys.platform == "linux" and not any(glob(pattern) for pattern in DEVICES):
        return False
    from importlib.metadata import entry_points

    return _has_package("jax_plugins") or _has_package("libtpu") or bool(entry_points(group="jax_plugins"))


def summarize_error(error: Exception) -> str:
    """Return the class of an error and the first line of its message, shortened.

    >>> summarize_error(RuntimeError("This version of jaxlib was built using AVX.\\nYou may build it yourself."))
    'RuntimeError: This version of jaxlib was built using AVX.'
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {shorten(first, 240, placeholder=' …')}" if first else type(error).__name__


def suggest_remedy() -> str:
    """Return what to do if JAX does not work."""
    repair = "repair it: pip install --force-reinstall jax jaxlib"
    install = "install it: pip install 'deltarule[jax]'"
    return f"{repair if is_installed() else install}; or use the native or numpy engine on one device"


@cache
def configure_jax() -> None:
    """Register data sets as JAX types, and let JAX store compiled programs in the user's cache folder."""
    import jax
    import platformdirs
    from jax.tree_util import register_dataclass

    from deltarule.engines.base import Batches
    from deltarule.engines.examples import Examples

    register_dataclass(Examples, ["x", "y", "scale", "mean", "weights", "lengths"], [])
    register_dataclass(Batches, ["order", "eta", "key", "first"], [])
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", os.path.join(platformdirs.user_cache_dir("deltarule"), "jax"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)


def is_on_cpu() -> bool:
    """Tell whether JAX computes on the CPU, because it found no accelerator."""
    import jax

    return bool(jax.default_backend() == "cpu")


@cache
def select_device(threads: int) -> Any:
    """Return the accelerator, or a CPU whose programs use this number of threads.

    The threads of a CPU client are fixed when it is created, so each number has its own client. A
    program runs in the Python thread that calls it: several Python threads run several at once.
    """
    import jax

    return _make_cpu(threads) if is_on_cpu() else jax.local_devices()[0]


def _make_cpu(threads: int) -> Any:
    from jaxlib import xla_client

    outside = os.environ.get(THREADS)
    os.environ[THREADS] = str(threads)
    try:
        return xla_client.make_cpu_client(asynchronous=False).local_devices()[0]
    finally:
        os.environ.pop(THREADS)
        if outside is not None:
            os.environ[THREADS] = outside


def read_environment_threads() -> int:
    """Return the number of threads that the environment sets for JAX, 0 if it sets none."""
    return int(os.environ.get(THREADS) or 0)
