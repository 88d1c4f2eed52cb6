"""Save, load and use a model file above 4 GiB, beyond what a size of 32 bits holds: `python -m benchmarks.large_model`.

It needs 11 GiB of free memory and 5 GiB of disk, and stops if less than 2 GiB of memory are left.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import TypeVar

import numpy as np

import deltarule as dr
from deltarule.data.encodings import OneHot
from deltarule.lab.memory import find_free_memory
from deltarule.preprocessing import Preprocessing

GIB = 2**30
NEEDED, LEAST, DISK = 11 * GIB, 2 * GIB, 5 * GIB

T = TypeVar("T")


def build_model(n: int) -> dr.Model:
    """Build a network with a layer of n × n weights, of which each row has another value on the diagonal."""
    network = dr.Network([dr.Dense(n), dr.Sigmoid(), dr.Dense(3)], dr.LogLikelihood(), (n,))
    w = np.empty((n, n), np.float32)
    w[:] = np.linspace(-1e-3, 1e-3, n, dtype=np.float32)
    w[np.arange(n), np.arange(n)] = np.arange(n) % 7
    last = (np.arange(n) % 3 == np.arange(3)[:, None]).astype(np.float32)
    params = [{"w": w, "b": np.zeros(n, np.float32)}, {}, {"w": last, "b": np.zeros(3, np.float32)}]
    return dr.Model(network, params, Preprocessing(OneHot(3)))


def measure(name: str, action: Callable[[], T]) -> T:
    """Run an action, and print its CPU seconds."""
    began, busy = monotonic(), process_time()
    result = action()
    print(f"{name:8} {process_time() - busy:7.1f} CPU seconds, {monotonic() - began:7.1f} seconds", flush=True)
    return result


def watch_memory() -> None:
    """End the process before the machine has no memory left."""
    while (free := find_free_memory()) is None or free > LEAST:
        sleep(0.1)
    os._exit(3)


def take_sample(model: dr.Model, n: int) -> dict[str, np.ndarray]:
    """Take every hundredth row of the parameters, by their names."""
    step = max(n // 100, 1)
    return {
        f"{i}/{name}": np.array(leaf[::step]) for i, layer in enumerate(model.params) for name, leaf in layer.items()
    }


def save(n: int, path: Path, x: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Save a model, and return what it predicts, and a sample of its parameters; its memory is free afterwards."""
    model = build_model(n)
    found = measure("predict", lambda: model.predict_proba(x))
    measure("save", lambda: model.save(path))
    print(f"{path.stat().st_size:,} bytes")
    return found, take_sample(model, n)


def compare(n: int, folder: Path) -> None:
    """Save a model, load it, and compare parameters and predictions, bit for bit."""
    path, x = folder / "large.safetensors", np.random.default_rng(1).random((4, n), dtype=np.float32)
    probabilities, sample = save(n, path, x)
    again = measure("load", lambda: dr.load(path))
    found = take_sample(again, n)
    if found.keys() != sample.keys() or not all(np.array_equal(found[name], sample[name]) for name in sample):
        raise SystemExit("the parameters are other ones")
    if not np.array_equal(measure("predict", lambda: again.predict_proba(x)), probabilities):
        raise SystemExit("the predictions are other ones")
    print("the same parameters and predictions")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_model", description=__doc__)
    parser.add_argument("--side", type=int, default=32_768, help="the rows and columns of the weights")
    options = parser.parse_args()
    free, disk = find_free_memory() or 0, shutil.disk_usage(tempfile.gettempdir()).free
    if options.side >= 32_768 and (free < NEEDED or disk < DISK):
        raise SystemExit(f"expected 11 GiB of free memory and 5 GiB of disk, got {free / GIB:.1f} and {disk / GIB:.1f}")
    threading.Thread(target=watch_memory, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        compare(options.side, Path(folder))


if __name__ == "__main__":
    main()
