"""``python -m benchmarks.nets``: trains the networks that have names on MNIST, and writes what they reach.

``deltarule nets`` shows these figures as long as a recipe is the one that was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.files import write_text
from benchmarks.machine import machine
from benchmarks.measure import ROOT
from deltarule import data
from deltarule.data.augment import with_shifts
from deltarule.data.split import Splits
from deltarule.errors import DeltaruleError
from deltarule.recipes import RECIPES
from deltarule.recipes.measured import MEASURED_FILE, MNIST, identity
from deltarule.training import fit

MEASURED = ROOT / "src" / "deltarule" / "recipes" / MEASURED_FILE
QUICK = ROOT / "build" / "benchmarks" / MEASURED_FILE


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    out = options.out or (QUICK if options.quick else MEASURED)
    try:
        splits = data.load("mnist", options.data)
    except DeltaruleError as error:
        print(f"benchmarks.nets: {error}", file=sys.stderr)
        return 1
    if options.quick:
        splits = tuple(part.take(slice(0, 1000)) for part in splits)
    for name in options.names:
        runs = [measure(name, splits, seed, 1 if options.quick else None) for seed in options.seeds]
        command = f"python -m benchmarks.nets {name} --seeds {' '.join(map(str, options.seeds))}"
        entry = {
            "recipe": identity(RECIPES[name]),
            "date": datetime.now(UTC).date().isoformat(),
            "command": command + " --quick" * options.quick,
            "machine": machine(),
            "runs": runs,
        }
        write_text(out, json.dumps(_with(out, name, entry), indent=1, ensure_ascii=False) + "\n")
        print(f"{name}: {100 * mean(run['test_accuracy'] for run in runs):.2f} % over {len(runs)} seeds")
    return 0


def measure(name: str, splits: Splits, seed: int, epochs: int | None = None) -> dict[str, Any]:
    """One run of a recipe: the test images are read once, by the parameters of the last epoch."""
    recipe = RECIPES[name] if epochs is None else RECIPES[name].for_epochs(epochs)
    training, validation, test = splits
    model = fit(
        recipe.network(*MNIST),
        with_shifts(training, recipe.shifts) if recipe.shifts else training,
        **recipe.arguments,
        validation=validation,
        seed=seed,
    )
    run = {
        "seed": seed,
        "test_accuracy": model.accuracy(test),
        "validation_accuracy": model.history.last["validation_accuracy"],
        "seconds": sum(model.history["seconds"]),
        "compile_seconds": model.history.records[0].get("compile_seconds", 0.0),
        "engine": model.settings["engine"],
        "threads": model.settings["threads"],
    }
    print(f"{name}, seed {seed}: {100 * run['test_accuracy']:.2f} % in {run['seconds']:.1f} s", flush=True)
    return run


def _with(out: Path, name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """What the file says, with one entry new; in the order of the recipes."""
    known = json.loads(out.read_text(encoding="utf-8"))["recipes"] if out.exists() else {}
    known[name] = entry
    return {"format": 1, "recipes": {one: known[one] for one in RECIPES if one in known}}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nets", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)} (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="default 1 2 3")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--quick", action="store_true", help="an epoch of 1,000 images; writes to build/benchmarks")
    parser.add_argument("--out", type=Path, help="the file to write (default: the one that deltarule nets reads)")
    options = parser.parse_args(arguments)
    options.names = options.names or list(RECIPES)
    if unknown := [name for name in options.names if name not in RECIPES]:
        parser.error(f"no network {unknown[0]!r}; there are {', '.join(RECIPES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
