"""The engines that work here, each with its libraries, or the reason why it does not work and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from deltarule.engines import jax_setup, native_library


@dataclass(frozen=True)
class Availability:
    """An engine: if it works (None: unknown), with what, and what to do if it does not."""

    name: str
    works: bool | None
    detail: str
    remedy: str = ""


def list_engines(is_full: bool = False) -> list[Availability]:
    """List the three engines. JAX is imported only if ``is_full``, because that takes a second.

    >>> [engine.name for engine in list_engines()]
    ['numpy', 'native', 'jax']
    """
    return [_describe_numpy(), _describe_native(), _describe_jax(is_full)]


def _describe_numpy() -> Availability:
    import numpy as np

    settings = np.show_config(mode="dicts") or {}
    blas = settings.get("Build Dependencies", {}).get("blas", {})
    return Availability("numpy", True, f"BLAS: {blas.get('name', 'unknown')} {blas.get('version', '')}".strip())


def _describe_native() -> Availability:
    if fault := native_library.find_fault():
        return Availability("native", False, fault, native_library.suggest_remedy())
    return Availability("native", True, f"instructions: {native_library.describe_level()}")


def _describe_jax(is_full: bool) -> Availability:
    if not jax_setup.is_installed():
        return Availability("jax", False, "jax is not installed", jax_setup.suggest_remedy())
    if not is_full:
        return Availability("jax", None, f"installed, {_find_version('jax')}")
    if fault := jax_setup.find_fault():
        return Availability("jax", False, fault, jax_setup.suggest_remedy())
    import jax

    devices = ", ".join(str(device) for device in jax.local_devices())
    return Availability("jax", True, f"{jax.__version__}, devices: {devices}")


def _find_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"
