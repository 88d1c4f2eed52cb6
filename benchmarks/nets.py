"""``python -m benchmarks.nets``: train the named networks on MNIST, and write their results.

``deltarule nets`` shows these figures as long as the recipe is the measured one. They are
written seed by seed: the same command continues after an interruption, and one with other seeds
adds these. The trained models are stored in the user's cache, so that all of them can vote.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine
from benchmarks.processes import ROOT
from deltarule import Ensemble, data, load
from deltarule.data.split import Splits
from deltarule.models.voting import VOTING
from deltarule.recipes import RECIPES
from deltarule.recipes.measurements import MEASURED_FILE, MNIST, format_settings
from deltarule.training import fit

MEASURED = ROOT / "src" / "deltarule" / "recipes" / MEASURED_FILE
QUICK = ROOT / "build" / "benchmarks" / MEASURED_FILE


@command
def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    out = options.out or (QUICK if options.quick else MEASURED)
    splits = data.load("mnist", options.data)
    if options.quick:
        splits = tuple(part.take(slice(0, 1000)) for part in splits)
    models = options.models or (_cache() if out == MEASURED else out.parent / "models")
    for name in options.names:
        measure_recipe(name, splits, options, out, models)
    return 0


def measure_recipe(name: str, splits: Splits, options: argparse.Namespace, out: Path, models: Path) -> None:
    """Measure the seeds of a recipe that are not measured yet, and the vote of all."""
    settings = {"recipe": format_settings(RECIPES[name]), "machine": machine(), "demanded_threads": options.threads}
    entry = _recipes(out).get(name, {})
    if options.again or any(entry.get(key) != value for key, value in settings.items()):
        entry = {"runs": []}
    done = {run["seed"] for run in entry["runs"]}
    for seed in options.seeds:
        if seed in done:
            print(f"{name}, seed {seed}: already measured")
            continue
        run = measure_seed(name, splits, seed, options, models)
        runs = sorted([*entry["runs"], run], key=lambda run: run["seed"])
        entry = {**settings, "date": run["date"], "command": _command(name, options, runs), "runs": runs}
        _write(out, name, entry)
    paths = [_model(models, name, run["seed"]) for run in entry["runs"]]
    if len(paths) > 1 and all(path.exists() for path in paths):
        members = [load(path) for path in paths]
        votes = {voting: Ensemble(members, voting).accuracy(splits[2]) for voting in VOTING}
        _write(out, name, {**entry, "vote": {"members": len(members), **votes}})
        print(f"{name}: {' and '.join(f'{100 * vote:.2f} % by their {voting} vote' for voting, vote in votes.items())}")
    mean_accuracy = mean(run["test_accuracy"] for run in entry["runs"])
    print(f"{name}: {100 * mean_accuracy:.2f} % over {len(entry['runs'])} seeds", flush=True)


def measure_seed(name: str, splits: Splits, seed: int, options: argparse.Namespace, models: Path) -> dict[str, Any]:
    """Measure one run of a recipe: the parameters of the last epoch are evaluated once on the test images."""
    recipe = RECIPES[name].for_epochs(1) if options.quick else RECIPES[name]
    training, validation, test = splits
    examples, left = data.build_training_set(training, validation, recipe.shifts, recipe.with_validation)
    model = fit(
        recipe.network(*MNIST),
        examples,
        recipe.training,
        validation=left,
        seed=seed,
        threads=options.threads,
    )
    models.mkdir(parents=True, exist_ok=True)
    model.save(_model(models, name, seed))
    run = {
        "seed": seed,
        "test_accuracy": model.accuracy(test),
        "validation_accuracy": model.history.last.get("validation_accuracy"),
        "seconds": sum(model.history["seconds"]),
        "compile_seconds": model.history.records[0].get("compile_seconds", 0.0),
        "engine": model.settings["engine"],
        "threads": model.settings["threads"],
        "date": datetime.now(UTC).date().isoformat(),
    }
    print(f"{name}, seed {seed}: {100 * run['test_accuracy']:.2f} % in {run['seconds']:.1f} s", flush=True)
    return run


def _command(name: str, options: argparse.Namespace, runs: Sequence[dict[str, Any]]) -> str:
    words = [f"python -m benchmarks.nets {name} --seeds", *(str(run["seed"]) for run in runs)]
    words += [f"--threads {options.threads}"] * bool(options.threads) + ["--quick"] * options.quick
    return " ".join(words)


def _model(models: Path, name: str, seed: int) -> Path:
    """Return the file of a trained model; it depends on the recipe's settings."""
    which = hashlib.sha256(format_settings(RECIPES[name]).encode()).hexdigest()[:12]
    return models / f"{name}-{which}-{seed}.safetensors"


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("deltarule", appauthor=False) / "nets"


def _recipes(out: Path) -> dict[str, Any]:
    return json.loads(out.read_text(encoding="utf-8"))["recipes"] if out.exists() else {}


def _write(out: Path, name: str, entry: dict[str, Any]) -> None:
    """Write one entry into the file, in the order of the recipes."""
    known = {**_recipes(out), name: entry}
    content = {"format": 1, "recipes": {one: known[one] for one in RECIPES if one in known}}
    write_text(out, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nets", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)} (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="default 1 2 3")
    parser.add_argument("--threads", type=int, help="threads of each run (default: deltarule's choice)")
    parser.add_argument("--again", action="store_true", help="measure all seeds again")
    parser.add_argument("--models", type=Path, help="the folder for the trained models (default: the user's cache)")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--quick", action="store_true", help="an epoch of 1,000 images; writes to build/benchmarks")
    parser.add_argument("--out", type=Path, help="the file to write (default: the one that deltarule nets reads)")
    options = parser.parse_args(arguments)
    options.names = options.names or list(RECIPES)
    if unknown := [name for name in options.names if name not in RECIPES]:
        parser.error(f"expected one of {', '.join(RECIPES)}, got {unknown[0]!r}")
    return options


if __name__ == "__main__":
    sys.exit(main())
