"""The search for a recipe: candidates are trained on 50,000 images and compared on the 10,000 that are held out.

``python -m benchmarks.search NAME CANDIDATE...`` trains each candidate, a network file or a built-in recipe, with each
seed on each fold, and adds every trial, with all its settings, to ``results/search-NAME.json`` as soon as it ends.
Trials that are there already are not repeated. Fold k holds out the images 10,000 k to 10,000 k + 9,999 of the 60,000
that are not test images, so fold 5 holds out the book's validation set. The test set is never used here.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine
from benchmarks.processes import ROOT
from deltarule import Dataset, fit
from deltarule.data import build_training_set, find
from deltarule.recipes import Recipe, read, recipe, to_toml

BOOK = 5
"""The fold that holds out the book's validation set."""


def hold_out(data: str, fold: int) -> tuple[Dataset, Dataset]:
    """Divide the images that are not test images into those to train on and a sixth that is held out."""
    training, validation, _ = find(data).data
    x, y = np.concatenate([training.x, validation.x]), np.concatenate([training.y, validation.y])
    whole = Dataset(x, y, scale=training.scale)
    held_out = np.arange(len(whole)) * 6 // len(whole) == fold
    return whole.take(np.flatnonzero(~held_out)), whole.take(np.flatnonzero(held_out))


def run_trial(candidate: Recipe, fold: int, seed: int, threads: int | None, data: str) -> dict[str, Any]:
    """Train a candidate; accuracy, cost and errors (predictions by position) are those on the images held out."""
    training, held_out = hold_out(data, fold)
    examples, _ = build_training_set(training, held_out, candidate.shifts)  # never including those held out
    model = fit(
        candidate.network(examples.x.shape[1:], examples.targets.shape[1]),
        examples,
        candidate.training,
        seed=seed,
        threads=threads,
    )
    measured = model.evaluate(held_out)
    predicted = model.predict(held_out)
    return {
        "recipe": to_toml(candidate),
        "data": data,
        "fold": fold,
        "seed": seed,
        "machine": machine(),
        "engine": model.settings["engine"],
        "threads": model.settings["threads"],
        "training_seconds": round(sum(model.history["seconds"]), 1),
        "validation_accuracy": measured["accuracy"],
        "validation_cost": measured["cost"],
        "errors": {str(i): int(predicted[i]) for i in np.flatnonzero(predicted != held_out.y)},
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def read_trials(log: Path) -> list[dict[str, Any]]:
    """Read the trials of a search, none if it has no file; those without a fold held out the book's validation set."""
    trials = json.loads(log.read_text(encoding="utf-8"))["trials"] if log.exists() else []
    return [{"fold": BOOK, **trial} for trial in trials]


def add_trial(log: Path, trial: dict[str, Any]) -> None:
    """Add a trial to the file of a search; a lock makes other processes that add theirs wait."""
    lock = ROOT / "build" / "benchmarks" / f"{log.stem}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        write_text(log, json.dumps({"trials": [*read_trials(log), trial]}, indent=1) + "\n")


def read_candidate(name: str) -> tuple[str, Recipe]:
    """Read a network file, or find the built-in recipe of this name."""
    path = Path(name)
    return (path.stem, read(path).recipe) if path.suffix else (name, recipe(name))


@command
def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("name", help="the name of the search, such as best; the log is results/search-NAME.json")
    parser.add_argument("candidates", nargs="+", help="network files, as docs/networks.md describes them, or recipes")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--folds", type=int, nargs="+", default=[BOOK], choices=range(6))
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--data", default="mnist")
    options = parser.parse_args()
    log = ROOT / "results" / f"search-{options.name}.json"
    for seed in options.seeds:
        for fold in options.folds:
            for name, candidate in map(read_candidate, options.candidates):
                same = {"recipe": to_toml(candidate), "data": options.data, "fold": fold, "seed": seed}
                if any({key: trial[key] for key in same} == same for trial in read_trials(log)):
                    print(f"{name}, fold {fold}, seed {seed}: already measured")
                    continue
                trial = {"candidate": name, **run_trial(candidate, fold, seed, options.threads, options.data)}
                add_trial(log, trial)
                accuracy, seconds = trial["validation_accuracy"], trial["training_seconds"]
                print(f"{name}, fold {fold}, seed {seed}: {accuracy:.2%}, {seconds} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
