"""The search for a recipe: candidates are trained on the training set and compared on the validation set.

``python -m benchmarks.search NAME FILE...`` trains the network files, one after another, and adds
the results of each, with all its settings, to ``results/search-NAME.json``. The test set is
never used here.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine
from benchmarks.processes import ROOT
from deltarule import fit
from deltarule.data import build_training_set, find
from deltarule.recipes import Recipe, read, to_toml


def run_trial(recipe: Recipe, seed: int, threads: int | None, data: str) -> dict[str, Any]:
    """Train one recipe with one seed; accuracy and cost are those of the validation set."""
    found = find(data)
    train, validation = build_training_set(*found.data[:2], recipe.shifts)  # never including the validation set
    model = fit(
        recipe.network(train.x.shape[1:], train.targets.shape[1]),
        train,
        recipe.training,
        seed=seed,
        engine="jax",
        threads=threads,
    )
    measured = model.evaluate(validation)
    return {
        "recipe": to_toml(recipe),
        "data": found.name,
        "seed": seed,
        "machine": machine(),
        "threads": model.settings["threads"],
        "training_seconds": round(sum(model.history["seconds"]), 1),
        "validation_accuracy": measured["accuracy"],
        "validation_cost": measured["cost"],
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("name", help="the name of the search, such as best; the log is results/search-NAME.json")
    parser.add_argument("files", nargs="+", type=Path, help="network files, as docs/networks.md describes them")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--data", default="mnist")
    options = parser.parse_args()
    log = ROOT / "results" / f"search-{options.name}.json"
    for file in options.files:
        for seed in options.seeds:
            result = {"candidate": file.stem, **run_trial(read(file).recipe, seed, options.threads, options.data)}
            past = json.loads(log.read_text())["trials"] if log.exists() else []
            write_text(log, json.dumps({"trials": [*past, result]}, indent=1) + "\n")
            print(f"{file.stem}, seed {seed}: {result['validation_accuracy']:.2%}, {result['training_seconds']} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
