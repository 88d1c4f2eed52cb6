"""The estimators against scikit-learn's MLP, accuracy and speed: `python -m benchmarks.estimators`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from statistics import mean, median, stdev
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.comparison import MARGINS, SEEDS, Table, build_tables, describe_conditions
from benchmarks.estimators_text import format_page
from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from benchmarks.processes import ROOT
from deltarule.data import Dataset
from deltarule.engines.numpy_engine import limit_blas_threads

RESULTS = ROOT / "results" / f"estimators-{slug(machine())}.json"
PAGE = ROOT / "docs" / "sklearn-comparison.md"

ROUNDS = 5
TARGETS = {10: 8.0, 200: 2.0}
"""How many times as fast as MLPClassifier an epoch must be, for each size of mini-batch."""

SOLVERS = ("adam", "sgd")
EPOCHS = {10: 1, 200: 5}
"""The epochs of a fit whose time is measured, for each size of mini-batch."""

Estimators = dict[str, Callable[[], Any]]


def load_mnist() -> tuple[Table, np.ndarray]:
    """Load MNIST as a table; see :func:`build_mnist`."""
    from deltarule.data import load

    return build_mnist(*load("mnist", os.environ.get("DELTARULE_DATA")))


def build_mnist(train: Dataset, validation: Dataset, test: Dataset) -> tuple[Table, np.ndarray]:
    """Build a table of all images as float32 from 0 to 1, and return it with the positions of those to train on."""
    parts = (train, validation, test)
    x = np.concatenate([part.x.reshape(len(part.x), -1) for part in parts]).astype(np.float32) / np.float32(train.white)
    y = np.concatenate([part.y for part in parts]).astype(str)
    columns = tuple(f"pixel {i}" for i in range(x.shape[1]))
    return Table("MNIST", columns, x, ("digit",), y), np.arange(len(train) + len(validation))


def list_tables() -> Iterator[Table]:
    """List the tables of the comparison: scikit-learn's own."""
    return (table for table in build_tables() if table.name != "made-up")


def build_estimators(table: Table, seed: int) -> Estimators:
    """Return functions that build both estimators with their defaults, standardizing the columns of a table."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    from deltarule.sklearn import NetworkClassifier, NetworkRegressor

    kinds = (NetworkClassifier, MLPClassifier) if table.figure == "accuracy" else (NetworkRegressor, MLPRegressor)
    scaler = FunctionTransformer if table.name == "MNIST" else StandardScaler
    names = ("deltarule", "scikit-learn")
    return {
        name: lambda kind=kind: make_pipeline(scaler(), kind(random_state=seed))
        for name, kind in zip(names, kinds, strict=True)
    }


def measure_accuracy(table: Table, seeds: Sequence[int], split: Callable[[int], Any]) -> dict[str, Any]:
    """Train both with the same rows for each seed, and return their scores and epochs."""
    runs: dict[str, list[dict[str, Any]]] = {"deltarule": [], "scikit-learn": []}
    for seed in seeds:
        train, test = split(seed)
        for name, build in build_estimators(table, seed).items():
            with limit_blas_threads(1), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that 200 iterations do not suffice
                estimator = build().fit(table.x[train], table.y[train].squeeze())
            score = float(estimator.score(table.x[test], table.y[test].squeeze()))
            runs[name].append({"score": score, "epochs": int(estimator[-1].n_iter_)})
    differences = [a["score"] - b["score"] for a, b in zip(*runs.values(), strict=True)]
    return {
        "name": table.name,
        "figure": table.figure,
        "rows": len(table.x),
        "columns": table.x.shape[1],
        "runs": runs,
        "difference": mean(differences),
        "spread": stdev(differences) if len(differences) > 1 else 0.0,
        "met": mean(differences) >= -MARGINS[table.figure] - 1e-12,
    }


def build_fast(batch_size: int, solver: str, epochs: int, threads: int) -> Estimators:
    """Return functions that build both with equal settings: 784-100-10, ReLU, softmax, no weight decay."""
    from sklearn.neural_network import MLPClassifier

    import deltarule as dr
    from deltarule.sklearn import NetworkClassifier

    optimizer = dr.Adam() if solver == "adam" else dr.SGD()
    ours = {"optimizer": optimizer, "eta": 0.001, "epochs": epochs, "tol": None, "n_jobs": threads}
    theirs = {"solver": solver, "learning_rate_init": 0.001, "max_iter": epochs, "alpha": 0.0, "momentum": 0.0}
    both = {"batch_size": batch_size, "random_state": 0}
    return {
        "deltarule": lambda: NetworkClassifier((100,), **both, **ours),
        "scikit-learn": lambda: MLPClassifier((100,), **both, **theirs),
    }


def measure_speed(
    x: np.ndarray, y: np.ndarray, batch_size: int, solver: str, rounds: int, threads: Sequence[int]
) -> dict[str, Any]:
    """Measure the seconds of an epoch of both in turn, with each number of threads; the best number counts for each."""
    epochs, found = EPOCHS[batch_size], {}
    for _ in range(rounds):
        for number in threads:
            for name, build in build_fast(batch_size, solver, epochs, number).items():
                with limit_blas_threads(number), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    estimator, wall, cpu = build(), perf_counter(), process_time()
                    estimator.fit(x, y)
                    times = (perf_counter() - wall) / epochs, (process_time() - cpu) / epochs
                found.setdefault(name, {}).setdefault(str(number), []).append(times)
    best = {name: min(median(t[0] for t in each) for each in runs.values()) for name, runs in found.items()}
    cpu = {name: min(median(t[1] for t in each) for each in runs.values()) for name, runs in found.items()}
    ratio = best["scikit-learn"] / best["deltarule"]
    return {
        "batch_size": batch_size,
        "solver": solver,
        "dtype": str(x.dtype),
        "seconds": best,
        "cpu_seconds": cpu,
        "ratio": ratio,
        "cpu_ratio": cpu["scikit-learn"] / cpu["deltarule"],
        "target": TARGETS[batch_size],
        "met": ratio >= TARGETS[batch_size],
        "runs": found,
    }


def parse_options(arguments: Sequence[str] | None, tables: Collection[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("--only", choices=("accuracy", "speed"), help="measure only one; the other's results stay")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds and splits, from 0 (default {SEEDS})")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds of the speed (default {ROUNDS})")
    parser.add_argument(
        "--tables", nargs="+", choices=tables, metavar="NAME", help=f"measure only some of: {', '.join(tables)}"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file of all results")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    tables = {table.name: table for table in list_tables()}
    options = parse_options(arguments, [*tables, "MNIST"])
    kept = json.loads(options.results.read_text(encoding="utf-8")) if options.results.exists() else {}
    program = ["benchmarks.estimators", *([f"--only={options.only}"] if options.only else [])]
    conditions = describe_conditions(program, options, os.getloadavg()[0])
    if options.only != "speed":
        found = {one["name"]: one for one in kept.get("accuracy", {}).get("tables", [])}
        for name in options.tables or [*tables, "MNIST"]:
            found[name] = {**measure_table(tables, name, range(options.seeds)), "conditions": conditions}
            print(f"{name}: {found[name]['difference']:+.4f}", file=sys.stderr, flush=True)
            kept["accuracy"] = {"tables": list(found.values())}
            write_text(options.results, json.dumps(kept, indent=1) + "\n")
    if options.only != "accuracy":
        kept["speed"] = {"conditions": conditions, "jobs": measure_speeds(options.rounds)}
        write_text(options.results, json.dumps(kept, indent=1) + "\n")
    page = format_page(kept)
    print(page)
    write_text(options.out, page)
    return 0


def measure_table(tables: dict[str, Table], name: str, seeds: Sequence[int]) -> dict[str, Any]:
    """Measure the accuracy on a table, with a split for each seed; MNIST has its own split."""
    if name != "MNIST":
        return measure_accuracy(tables[name], seeds, tables[name].split)
    table, train = load_mnist()
    return measure_accuracy(table, seeds, lambda seed: (train, np.arange(len(train), len(table.x))))


def measure_speeds(rounds: int) -> list[dict[str, Any]]:
    """Measure the speed on MNIST's 60,000 training images, for each size of mini-batch and each solver."""
    table, train = load_mnist()
    x, y = table.x[train], table.y[train].astype(int)
    threads = sorted({1, machine()["cores"]})
    return [measure_speed(x, y, size, solver, rounds, threads) for size in TARGETS for solver in SOLVERS]


if __name__ == "__main__":
    sys.exit(main())
