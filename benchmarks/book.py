"""The book's first program against the book's listing, both in float64 on one thread: `python -m benchmarks.book`."""

from __future__ import annotations

import argparse
import json
import random
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from tests.book.listing import Plain

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from deltarule.book import mnist_loader, network
from deltarule.engines.numpy_engine import limit_blas_threads

SIZES, BATCH_SIZE, ETA = (784, 30, 10), 10, 3.0
MNIST = 50_000


def train_module(training: list[Any]) -> list[np.ndarray]:
    net = network.Network(SIZES)
    with redirect_stdout(StringIO()):
        net.SGD(training, 1, BATCH_SIZE, ETA)
    return [*net.weights, *net.biases]


def train_listing(training: list[Any]) -> list[np.ndarray]:
    net = Plain(SIZES)
    list(net.epochs(training, 1, BATCH_SIZE, ETA))
    return [*net.w, *net.b]


def measure(training: list[Any], rounds: int) -> dict[str, Any]:
    """Measure CPU seconds for an epoch of each, in turn, with the same random numbers, and the final difference."""
    seconds: dict[str, list[float]] = {"listing": [], "network": []}
    ways = {"listing": train_listing, "network": train_module}
    apart = 0.0
    for number in range(rounds):
        ends = {}
        for name in ways if number % 2 == 0 else reversed(ways):
            random.seed(number)
            np.random.seed(number)
            with limit_blas_threads(1):
                started = process_time()
                ends[name] = ways[name](list(training))
                seconds[name].append(round(process_time() - started, 4))
        pairs = zip(ends["listing"], ends["network"], strict=True)
        apart = max(apart, *(float(np.abs(a - b).max()) for a, b in pairs))
    gains = [a / b for a, b in zip(seconds["listing"], seconds["network"], strict=True)]
    return {
        "format": 1,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m benchmarks.book",
        "machine": machine(),
        "job": {"sizes": SIZES, "batch_size": BATCH_SIZE, "eta": ETA, "epochs": 1},
        "examples": len(training),
        "seconds": seconds,
        "seconds_per_50_000": {name: round(median(s) * MNIST / len(training), 3) for name, s in seconds.items()},
        "gain": round(median(gains), 2),
        "gains": [round(gain, 2) for gain in gains],
        "farthest_apart": apart,
    }


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.book", description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000, help="the number of MNIST's images (default: 10000)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=Path("results"), help="the folder for the JSON (default: results)")
    options = parser.parse_args()
    training = mnist_loader.load_data_wrapper(options.data)[0][: options.examples]
    found = measure(training, options.rounds)
    for name, seconds in found["seconds_per_50_000"].items():
        print(f"{name}: {seconds:.2f} s for an epoch of 50,000 images")
    print(f"gain: {found['gain']:.2f} × (rounds: {found['gains']}); farthest apart: {found['farthest_apart']:.1e}")
    path = options.out / f"book-modules-{slug(found['machine'])}.json"
    write_text(path, json.dumps(found, indent=2) + "\n")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
