"""Child processes: their environment, and their replies in JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

LIMIT = 3600
"""The time limit of a process, in seconds."""

REMOVED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")
"""Variables that no process inherits, so that the BLAS chooses its kernels by the processor itself, and that Python
keeps the modules of this repository compiled, as pip compiles those that it installs."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Variables by which libraries learn their number of threads."""


def make_environment(threads: int | None = None, cache: Path | None = None) -> dict[str, str]:
    """Build the environment of a process that works on the CPU.

    Args:
        threads: The number of threads of all libraries; None leaves it to them.
        cache: The folder for compiled programs; None leaves it to the libraries.
    """
    kept = {name: value for name, value in os.environ.items() if name not in (*REMOVED, *THREADS)}
    made = kept | {"JAX_PLATFORMS": "cpu"}
    if threads is not None:
        made |= dict.fromkeys(THREADS, str(threads))
    if cache is not None:
        made |= {
            "JAX_COMPILATION_CACHE_DIR": str(cache),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.1",
            "TORCHINDUCTOR_CACHE_DIR": str(cache),
        }
    return made


def run_json(command: Sequence[str], environment: dict[str, str], folder: Path = ROOT) -> dict[str, Any]:
    """Run a process that prints one JSON object, and return this; a failure gives ``{"error": reason}``."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT, check=False, cwd=folder, env=environment
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no reply within {LIMIT} s"}
    return read_reply(done.stdout, done.stderr, done.returncode)


def read_reply(printed: str, errors: str, code: int | None) -> dict[str, Any]:
    """Read the reply of a process from its output, or make an error of its last line."""
    try:
        reply = json.loads(printed)
    except json.JSONDecodeError:
        last = (errors.strip().splitlines() or ["no output"])[-1]
        reply = {"error": f"the process ended with {code}: {last}"}
    return {**reply, "error": shorten_reason(reply["error"])} if "error" in reply else reply


def shorten_reason(reason: str) -> str:
    """Return the first line of a reason, without the paths of this machine.

    >>> shorten_reason("No such file: '/home/me/lib/libx.so'\\nmore")
    "No such file: 'libx.so'"
    """
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given")
    return re.sub(r"(?:/[^/\s'\":,]+)+/", "", line)[:300]
