"""Threads that take parts of each mini-batch against threads that share products: `python -m benchmarks.parts`.

It tests the threshold by which `deltarule.engines.choice` decides between the two.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.jobs import JOBS
from benchmarks.machine import machine, slug
from deltarule import Dataset, Dense, Sigmoid, data
from deltarule.core.descent import Descent
from deltarule.core.random import key
from deltarule.engines import Engine, Epoch, Examples
from deltarule.engines.choice import count_operations
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.recipes import Output, Recipe
from deltarule.training.plan import make_descent
from deltarule.training.training import Training


def _dense(hidden: int, batch_size: int) -> Recipe:
    return Recipe([Dense(hidden), Sigmoid(), Output()], training=Training(batch_size=batch_size))


RECIPES = {
    **{f"784-{hidden}-10, mini-batch {m}": _dense(hidden, m) for hidden, m in ((100, 100), (400, 100), (100, 500))},
    **{job.title: job.recipe for job in JOBS if job.name in ("conv-10", "conv-100", "fast-99")},
}


def measure(recipe: Recipe, train: Dataset, rounds: int, threads: int) -> dict[str, Any]:
    """Measure the seconds for these images each way, in turn, round after round, without compiling."""
    network = recipe.network(train.x.shape[1:], train.targets.shape[1])
    descent, batch_size = make_descent(network, train, recipe.training), recipe.training.batch_size
    ways = {
        "one thread": make_jax_engine(1),
        "products shared": make_jax_engine(threads),
        "parts": make_jax_engine(threads, batch=batch_size),
    }
    runs = {name: _prepare(engine, descent, train, batch_size) for name, engine in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name in ways if number % 2 == 0 else reversed(ways):
            started = perf_counter()
            runs[name]()
            seconds[name].append(round(perf_counter() - started, 4))
    parameters = sum(leaf.size for layer in network.init(0) for leaf in layer.values())
    return {"operations_a_parameter": round(count_operations(network, batch_size) / parameters), "seconds": seconds}


def _prepare(engine: Engine, descent: Descent, train: Dataset, batch_size: int) -> Any:
    """Return a compiled function that takes the steps of an epoch from the first weights."""
    program = engine.program(descent, "float32")
    start = descent.network.init(0)
    params = program.params(start)
    state = {name: program.params(tree) for name, tree in descent.optimizer.init(start).items()}
    examples = program.place(Examples.from_dataset(train, descent.network, "float32"))
    order = np.random.default_rng(0).permutation(np.arange(len(train), dtype=np.int32))
    epoch = Epoch(order, batch_size, np.full(-(-len(train) // batch_size), 0.01), key(0))

    def run() -> None:
        program.run(params, state, examples, epoch, 0, epoch.steps)

    run()
    return run


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--examples", type=int, default=5_000, help="images per round (default: 5000)")
    parser.add_argument("--threads", type=int, default=machine()["cores"])
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=Path("results"), help="the folder for the JSON (default: results)")
    options = parser.parse_args()
    train, _, _ = data.load("mnist", options.data)
    found = {}
    for title, recipe in RECIPES.items():
        found[title] = measure(recipe, train[: options.examples], options.rounds, options.threads)
        times = ", ".join(f"{name} {median(each):.3f} s" for name, each in found[title]["seconds"].items())
        print(f"{title}: {found[title]['operations_a_parameter']} operations per parameter: {times}")
    result = {
        "format": 1,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python -m benchmarks.parts --rounds {options.rounds}",
        "machine": machine(),
        "threads": options.threads,
        "examples": options.examples,
        "networks": found,
    }
    path = options.out / f"parts-{slug(result['machine'])}.json"
    write_text(path, json.dumps(result, indent=2) + "\n")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
