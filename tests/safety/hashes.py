"""Hashes of every bit, for machines of one kind, and digests of five numbers, for all machines."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.engines import native_library

RECORDED = Path(__file__).parent / "runs.json"


def read() -> dict[str, Any]:
    """Read the recorded ``digests`` for all machines, and the ``hashes`` by kind of machine."""
    return json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {"digests": {}, "hashes": {}}


@cache
def key() -> str:
    """Describe the kind of machine that the bits depend on: processor, NumPy and its BLAS, JAX, native."""
    import jax
    import jaxlib
    from threadpoolctl import threadpool_info

    kernels = [one for one in threadpool_info() if one["user_api"] == "blas"]
    blas = min(kernels, key=lambda one: "numpy" not in one["filepath"], default={})  # SciPy may have its own
    simd = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    works = not native_library.find_fault()
    parts = (
        platform.machine(),
        processor(),
        f"simd {'+'.join(simd)}",
        f"{blas.get('internal_api')} {blas.get('version')} {blas.get('architecture')}",
        f"numpy {np.__version__}",
        f"jax {jax.__version__}",
        f"jaxlib {jaxlib.__version__}",
        jax.devices()[0].device_kind,
        " ".join(platform.libc_ver()),
        f"native {native_library.describe_level()} {native_library.describe_compiler()}" if works else "",
        os.environ.get("XLA_FLAGS", ""),
    )
    return ", ".join(filter(None, parts))


def processor() -> str:
    """Return vendor, family and model on Linux, by which XLA's compiler chooses instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    values = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return "-".join(values.get(name, "?") for name in ("vendor_id", "cpu family", "model"))


def sha256(array: np.ndarray) -> str:
    """Compute the SHA-256 of type, shape and every bit."""
    array = np.ascontiguousarray(array)
    return hashlib.sha256(f"{array.dtype.str} {array.shape}".encode() + array.tobytes()).hexdigest()


def digest(array: np.ndarray) -> list[float]:
    """Compute mean, standard deviation and three random projections, each of the size of one number of the array."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    directions = np.random.default_rng(flat.size).standard_normal((3, flat.size))
    return [float(flat.mean()), float(flat.std()), *(float(p) for p in directions @ flat / np.sqrt(flat.size))]


def differ(array: np.ndarray, expected: list[float], tolerance: float) -> bool:
    """Return True if a digest is off by more than ``tolerance`` times the root mean square of the numbers."""
    size = np.hypot(expected[0], expected[1])
    return not np.allclose(digest(array), expected, rtol=0, atol=tolerance * max(size, 1e-300))
