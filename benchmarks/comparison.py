"""Tables by command with nothing set, against scikit-learn's MLP: `python -m benchmarks.comparison`."""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import mean, stdev
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.comparison_text import format_page
from benchmarks.files import write_text
from benchmarks.machine import machine
from benchmarks.processes import ROOT
from deltarule.engines.numpy_engine import limit_blas_threads

MARGINS = {"accuracy": 0.01, "R²": 0.02}
"""The most that deltarule may be below scikit-learn: 1 point of accuracy, 0.02 of R²."""

TEST_SHARE, SEEDS = 0.25, 10
ITERATIONS = {"scikit-learn": 200, "scikit-learn, 2,000 iterations": 2000}
"""The most passes over the training set of each scikit-learn contender; 200 is its default."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Table:
    """A table with named columns: inputs (n, columns); targets (n,) of text, or (n, targets) of numbers."""

    name: str
    columns: tuple[str, ...]
    x: np.ndarray
    targets: tuple[str, ...]
    y: np.ndarray
    is_judged: bool = True

    @property
    def figure(self) -> str:
        return "accuracy" if self.y.dtype.kind == "U" else "R²"

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command that this table needs: several targets must be named."""
        return ("--label", ",".join(self.targets)) if len(self.targets) > 1 else ()

    def split(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw the rows of the training and the test set, with equal shares of the classes."""
        from sklearn.model_selection import train_test_split

        classes = self.y if self.figure == "accuracy" else None
        train, test = train_test_split(
            np.arange(len(self.x)), test_size=TEST_SHARE, random_state=seed, stratify=classes
        )
        return train, test

    def write(self, path: Path, rows: np.ndarray) -> None:
        """Write some of the rows as CSV, every digit included, with the targets last."""
        y = self.y.reshape(len(self.y), -1)
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*self.columns, *self.targets])
            writer.writerows([*self.x[i].tolist(), *y[i].tolist()] for i in rows)


def build_tables() -> Iterator[Table]:
    """Build the seven tables: scikit-learn's, with the names that it gives to columns and classes, and our own."""
    from sklearn import datasets

    for name in ("iris", "wine", "breast_cancer", "digits"):
        bunch = getattr(datasets, f"load_{name}")()
        classes = np.array([str(bunch.target_names[i]) for i in bunch.target])
        title = name.replace("_", " ")
        yield Table(title, tuple(map(str, bunch.feature_names)), bunch.data, ("target",), classes)
    bunch = datasets.load_diabetes()
    yield Table("diabetes", tuple(bunch.feature_names), bunch.data, ("target",), bunch.target)
    yield build_made_up()
    bunch = datasets.load_linnerud()
    yield Table("linnerud", tuple(bunch.feature_names), bunch.data, tuple(bunch.target_names), bunch.target, False)


def build_made_up(rows: int = 20_000, seed: int = 0) -> Table:
    """Build a smooth regression with noise on eight normal inputs of different scales; the last two do not matter.

    With z the inputs before they are scaled and shifted, the target is
    2 sin z₁ + z₂ z₃ + z₄²/2 + 2 tanh(2 z₅) + z₆, plus normal noise with the standard deviation 0.3.
    """
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(rows, 8))
    y = 2 * np.sin(z[:, 0]) + z[:, 1] * z[:, 2] + z[:, 3] ** 2 / 2 + 2 * np.tanh(2 * z[:, 4]) + z[:, 5]
    y += 0.3 * rng.normal(size=rows)
    scales, means = np.array([1, 10, 0.1, 100, 1, 1000, 1, 5]), np.array([0, 50, 0, -20, 3, 4000, 0, 1])
    return Table("made-up", tuple(f"x{i}" for i in range(1, 9)), z * scales + means, ("target",), y)


def run_command(table: Table, train: np.ndarray, test: np.ndarray, seed: int, folder: Path) -> dict[str, Any]:
    """Train by the command, with the options that the table needs and no others; return score, seconds, epochs."""
    folder.mkdir(parents=True, exist_ok=True)
    table.write(folder / "train.csv", train)
    table.write(folder / "test.csv", test)
    words = ["train", "--data", "train.csv", "--test", "test.csv", *table.options, "--seed", str(seed), "--out", "run"]
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "deltarule.cli", *words, "--json"],
        cwd=folder,
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"deltarule {' '.join(words)}: {done.stderr.strip()}")
    whole, result = perf_counter() - started, json.loads(done.stdout)
    return {
        "score": result["test_accuracy" if table.figure == "accuracy" else "test_r2"],
        "seconds": sum(result["seconds_per_epoch"]) + result["compile_seconds"],
        "whole": whole,
        "epochs": result["epochs"],
    }


def run_sklearn(table: Table, train: np.ndarray, test: np.ndarray, seed: int, iterations: int) -> dict[str, Any]:
    """Train scikit-learn's MLP on standardized inputs, all else its defaults; return score, seconds, epochs."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    mlp = (MLPClassifier if table.figure == "accuracy" else MLPRegressor)(max_iter=iterations, random_state=seed)
    y = table.y.squeeze()
    pipeline = make_pipeline(StandardScaler(), mlp)
    with limit_blas_threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        started = perf_counter()
        pipeline.fit(table.x[train], y[train])
        seconds = perf_counter() - started
        score = float(pipeline.score(table.x[test], y[test]))
    return {"score": score, "seconds": seconds, "epochs": mlp.n_iter_, "stopped": mlp.n_iter_ == iterations}


def measure(table: Table, seeds: Sequence[int], folder: Path) -> dict[str, Any]:
    """Measure all contenders on the same training and test rows, a split for each seed."""
    runs: dict[str, list[dict[str, Any]]] = {"deltarule": [], **{name: [] for name in ITERATIONS}}
    for seed in seeds:
        train, test = table.split(seed)
        runs["deltarule"].append(run_command(table, train, test, seed, folder / f"{table.name}-{seed}"))
        for name, iterations in ITERATIONS.items():
            runs[name].append(run_sklearn(table, train, test, seed, iterations))
    return {
        "name": table.name,
        "figure": table.figure,
        "rows": len(table.x),
        "columns": len(table.columns),
        "options": table.options,
        "runs": runs,
        **compare({name: [run["score"] for run in each] for name, each in runs.items()}, table),
    }


def compare(scores: dict[str, list[float]], table: Table) -> dict[str, Any]:
    """Compare deltarule's scores with those of the better scikit-learn contender, seed by seed.

    The target is met if the mean difference is at least minus the margin of the figure.
    """
    peer = max(ITERATIONS, key=lambda name: mean(scores[name]))
    differences = [ours - theirs for ours, theirs in zip(scores["deltarule"], scores[peer], strict=True)]
    is_met = mean(differences) >= -MARGINS[table.figure] - 1e-12
    return {
        "peer": peer,
        "difference": mean(differences),
        "spread": stdev(differences) if len(differences) > 1 else 0.0,
        "verdict": ("target met" if is_met else "missed") if table.is_judged else "reported only",
    }


def describe_conditions(program: Sequence[str], options: argparse.Namespace, load: float) -> dict[str, Any]:
    """Return the machine, the versions, the date and the command of a measurement, which begins with ``program``."""
    words = ["python", "-m", *program]
    words += ["--seeds", str(options.seeds)] if options.seeds != SEEDS else []
    words += ["--tables", *options.tables] if options.tables else []
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": shlex.join(words),
        "machine": machine(),
        "versions": {name: version(name) for name in ("deltarule", "numpy", "scikit-learn")},
        "seeds": options.seeds,
        "load": load,
    }


def parse_options(arguments: Sequence[str] | None, tables: Collection[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparison", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds and splits, from 0 (default {SEEDS})")
    parser.add_argument(
        "--tables", nargs="+", choices=tables, metavar="NAME", help=f"measure only some of: {', '.join(tables)}"
    )
    parser.add_argument("--keep", type=Path, help="keep the CSV files and the runs in this folder")
    parser.add_argument("--out", type=Path, help="write the page to this file (default: none with --tables)")
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    tables = {table.name: table for table in build_tables()}
    options = parse_options(arguments, tables)
    out = options.out or (None if options.tables else ROOT / "docs" / "tables-comparison.md")
    conditions, found = describe_conditions(["benchmarks.comparison"], options, os.getloadavg()[0]), []
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.tables or tables:
            found.append(measure(tables[name], range(options.seeds), options.keep or Path(temporary)))
            print(f"{name}: {found[-1]['verdict']}", file=sys.stderr, flush=True)
    page = format_page(conditions, found)
    print(page)
    if out:
        write_text(out, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
