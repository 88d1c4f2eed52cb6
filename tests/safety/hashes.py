"""Two ways to say what arrays hold: every bit, on machines alike; and five numbers, on all machines."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parent / "runs.json"


def read() -> dict[str, Any]:
    """What was recorded: ``digests`` of all machines, and ``hashes`` by what the bits depend on."""
    return json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {"digests": {}, "hashes": {}}


@cache
def key() -> str:
    """What the bits depend on: the processor, NumPy and the kernels of its BLAS, JAX and where it computes, libm."""
    import jax
    import jaxlib
    from threadpoolctl import threadpool_info

    kernels = [one for one in threadpool_info() if one["user_api"] == "blas"]
    blas = min(kernels, key=lambda one: "numpy" not in one["filepath"], default={})  # SciPy may have its own
    simd = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
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
        os.environ.get("XLA_FLAGS", ""),
    )
    return ", ".join(filter(None, parts))


def processor() -> str:
    """Maker, family and model where Linux says so, by which XLA's compiler chooses instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return "-".join(told.get(name, "?") for name in ("vendor_id", "cpu family", "model"))


def sha256(array: np.ndarray) -> str:
    """The fingerprint of type, shape and every bit."""
    array = np.ascontiguousarray(array)
    return hashlib.sha256(f"{array.dtype.str} {array.shape}".encode() + array.tobytes()).hexdigest()


def digest(array: np.ndarray) -> list[float]:
    """Mean, standard deviation and three random projections, each of the size of one number of the array."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    lots = np.random.default_rng(flat.size).standard_normal((3, flat.size))
    return [float(flat.mean()), float(flat.std()), *(float(p) for p in lots @ flat / np.sqrt(flat.size))]


def differ(array: np.ndarray, expected: list[float], tolerance: float) -> bool:
    """Whether a digest is farther from another than this part of the numbers' size (their root mean square)."""
    size = np.hypot(expected[0], expected[1])
    return not np.allclose(digest(array), expected, rtol=0, atol=tolerance * max(size, 1e-300))
