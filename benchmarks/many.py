"""Five networks trained at once against five runs one after another: `python -m benchmarks.many`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from deltarule import Dataset, Execution, Model, Network, Training, data, fit, fit_many

SIZES, BATCH_SIZE, ETA = (784, 30, 10), 10, 0.5


def train_one_after_another(train: Dataset, members: int, epochs: int, threads: int) -> list[Model]:
    return [_fit(train, epochs, seed, threads) for seed in range(members)]


def train_at_once(train: Dataset, members: int, epochs: int) -> list[Model]:
    network = Network.dense(SIZES)
    trainings = Training(epochs=epochs, batch_size=BATCH_SIZE, eta=ETA).vary(seed=range(members))
    models = fit_many(network, train, trainings, execution=Execution(engine="jax"))
    return [model for model in models if isinstance(model, Model)]


def _fit(train: Dataset, epochs: int, seed: int, threads: int) -> Model:
    network = Network.dense(SIZES)
    return fit(network, train, epochs=epochs, batch_size=BATCH_SIZE, eta=ETA, seed=seed, engine="jax", threads=threads)


def measure(train: Dataset, members: int, epochs: int, rounds: int) -> dict[str, Any]:
    """Measure the seconds of each way, in turn, round after round; the time of compiling is reported separately."""
    ways = {
        "one after another, 1 thread": lambda: train_one_after_another(train, members, epochs, 1),
        "one after another, all threads": lambda: train_one_after_another(train, members, epochs, machine()["cores"]),
        "at once": lambda: train_at_once(train, members, epochs),
    }
    for way in ways.values():
        way()  # compiles, and fills the cache of compiled programs
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    compiling: dict[str, list[float]] = {name: [] for name in ways}
    fingerprints: dict[str, list[str]] = {}
    for number in range(rounds):
        for name in ways if number % 2 == 0 else reversed(ways):
            started = perf_counter()
            models = ways[name]()
            whole = perf_counter() - started
            compiled = sum(model.history.records[0]["compile_seconds"] for model in models)
            seconds[name].append(round(whole - compiled, 4))
            compiling[name].append(round(compiled, 4))
            fingerprints[name] = [model.parameters_sha256 for model in models]
    best = min(median(times) for name, times in seconds.items() if name != "at once")
    return {
        "format": 1,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m benchmarks.many",
        "machine": machine(),
        "job": {"sizes": SIZES, "batch_size": BATCH_SIZE, "eta": ETA, "members": members, "epochs": epochs},
        "examples": len(train),
        "seconds": seconds,
        "compile_seconds": compiling,
        "gain": round(best / median(seconds["at once"]), 3),
        "same_bytes": fingerprints["one after another, 1 thread"] == fingerprints["at once"],
    }


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=Path("results"), help="the folder for the JSON (default: results)")
    options = parser.parse_args()
    train, _, _ = data.load("mnist", options.data)
    found = measure(train, options.members, options.epochs, options.rounds)
    for name, times in found["seconds"].items():
        print(f"{name}: {median(times):.3f} s for {options.members} networks, {options.epochs} epochs each")
    print(f"gain over the best of the others: {found['gain']:.2f} ×; same bytes: {found['same_bytes']}")
    path = options.out / f"many-{slug(found['machine'])}.json"
    write_text(path, json.dumps(found, indent=2) + "\n")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
