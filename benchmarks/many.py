"""Several networks trained at once against one after another, native engine: `python -m benchmarks.many`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.command import command
from benchmarks.processes import ROOT, make_environment, run_json
from benchmarks.results import save_results
from deltarule import Dataset, Execution, Model, Network, Training, data, fit, fit_many
from deltarule.engines.machine import count_cores

SIZES, BATCH_SIZE, ETA, ENGINE = (784, 30, 10), 10, 0.5, "native"

MEMBERS = 5, 16


def train_one_after_another(train: Dataset, trainings: Sequence[Training], threads: int) -> list[Model]:
    execution = Execution(engine=ENGINE, threads=threads)
    network = Network.dense(SIZES)
    return [fit(network, train, training, execution=execution) for training in trainings]


def train_at_once(train: Dataset, trainings: Sequence[Training]) -> list[Model]:
    models = fit_many(Network.dense(SIZES), train, trainings, execution=Execution(engine=ENGINE))
    return [model for model in models if isinstance(model, Model)]


def measure(train: Dataset, members: int, epochs: int, rounds: int) -> dict[str, Any]:
    """Measure the seconds of each way, in turn, round after round."""
    trainings = Training(epochs=epochs, batch_size=BATCH_SIZE, eta=ETA).vary(seed=range(members))
    ways = {
        "one after another, 1 thread": lambda: train_one_after_another(train, trainings, 1),
        "one after another, all threads": lambda: train_one_after_another(train, trainings, count_cores()),
        "at once": lambda: train_at_once(train, trainings),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    fingerprints: dict[str, list[str]] = {}
    for number in range(rounds + 1):  # the first is not counted
        for name in ways if number % 2 == 0 else reversed(ways):
            started = perf_counter()
            models = ways[name]()
            if number:
                seconds[name].append(round(perf_counter() - started, 4))
            fingerprints[name] = [model.parameters_sha256 for model in models]
    best = min(median(times) for name, times in seconds.items() if name != "at once")
    return {
        "members": members,
        "sizes": SIZES,
        "batch_size": BATCH_SIZE,
        "epochs": epochs,
        "examples": len(train),
        "seconds": seconds,
        "gain": round(best / median(seconds["at once"]), 3),
        "same_bytes": fingerprints["one after another, 1 thread"] == fingerprints["at once"],
    }


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--members", type=int, help="measure only so many, in this process, and print JSON")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder of results/ (default: the repository)")
    options = parser.parse_args(arguments)
    train, _, _ = data.load("mnist", options.data)
    if options.members:
        print(json.dumps(measure(train, options.members, options.epochs, options.rounds)))
        return 0
    given = [
        f"--epochs={options.epochs}",
        f"--rounds={options.rounds}",
        *([f"--data={options.data}"] * bool(options.data)),
    ]
    groups = []
    for members in MEMBERS:
        words = [sys.executable, "-m", "benchmarks.many", f"--members={members}", *given]
        found = run_json(words, make_environment())
        if "error" in found:
            print(f"benchmarks: {found['error']}", file=sys.stderr)
            return 1
        print(f"{members} networks at once: {found['gain']:.2f} ×; same bytes: {found['same_bytes']}", flush=True)
        groups.append(found)
    made = {"date": datetime.now(UTC).strftime("%Y-%m-%d"), "command": "python -m benchmarks.many", "groups": groups}
    print(save_results(options.out, many=made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
