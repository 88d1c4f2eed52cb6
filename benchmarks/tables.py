"""Reading of tables, against NumPy alone and against the reader of an earlier commit: `python -m benchmarks.tables`.

Each reading takes place in its own process, in turn, round after round. The printed table has the medians.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.command import command
from benchmarks.processes import ROOT
from deltarule import data

EARLIER = "83234c5"
"""The commit whose reader is measured too."""

_CHILD = """
import json, sys
from pathlib import Path
from time import perf_counter, process_time
from benchmarks.memory import peak_memory
path = Path(sys.argv[1])
{setup}
before, started, cpu = peak_memory(), perf_counter(), process_time()
{statement}
print(json.dumps([perf_counter() - started, process_time() - cpu, (peak_memory() - before) / 2**20]))
"""
_OPEN = """
from deltarule.data.delimited import open_delimited
from deltarule.data.options import DataOptions
"""


@dataclass(frozen=True)
class Way:
    """A way to read a table, as Python code that knows its ``path``; ``earlier`` if it is the earlier commit's."""

    name: str
    setup: str
    statement: str
    earlier: bool = False


DIGITS = (
    Way("numpy.loadtxt, uint8", "import numpy", "x = numpy.loadtxt(path, 'u1', delimiter=',', skiprows=1)"),
    Way("deltarule, labels as text", _OPEN, "table = open_delimited(path, DataOptions()).read(text=['label'])"),
    Way("deltarule, all as numbers", _OPEN, "table = open_delimited(path, DataOptions()).read()"),
    Way(f"commit {EARLIER}", "from deltarule.data.tables import read_csv", "x = read_csv(path)", earlier=True),
)
"""The ways to read a table of digits; the first is the one that the others are compared with."""

NUMBERS = (
    Way("numpy.loadtxt, float64", "import numpy", "x = numpy.loadtxt(path, delimiter=',', skiprows=1)"),
    Way("deltarule, whole", _OPEN, "table = open_delimited(path, DataOptions()).read()"),
    Way(
        "deltarule, in blocks of 4096 rows",
        _OPEN,
        "n = sum(len(block.x) for block in open_delimited(path, DataOptions()).blocks(4096, words={}))",
    ),
)
"""The ways to read a table of numbers with fractions."""


def write_digits(path: Path, rows: int, folder: str | None) -> None:
    """Write the first training images as a table: a label and the pixels."""
    training, *_ = data.load("mnist", folder)
    table = np.column_stack([training.y, training.x.reshape(len(training.x), -1)])
    while len(table) < rows:
        table = np.concatenate([table, table])
    heading = ",".join(["label", *(f"pixel{i}" for i in range(table.shape[1] - 1))])
    np.savetxt(path, table[:rows], fmt="%d", delimiter=",", header=heading, comments="")


def write_numbers(path: Path, rows: int, columns: int = 30) -> None:
    """Write a table of numbers with fractions; its rows repeat after 10,000, to be written faster."""
    block = io.StringIO()
    np.savetxt(block, np.random.default_rng(0).normal(size=(min(rows, 10_000), columns)), fmt="%.9g", delimiter=",")
    with open(path, "w") as file:
        file.write(",".join(f"x{i}" for i in range(columns)) + "\n")
        for _ in range(max(rows // 10_000, 1)):
            file.write(block.getvalue())


def measure(path: Path, ways: Sequence[Way], rounds: int, earlier: Path) -> dict[str, list[list[float]]]:
    """Measure each way; return lists of seconds, seconds of the processor, and MiB above the import."""
    results: dict[str, list[list[float]]] = {way.name: [] for way in ways}
    for i in range(rounds):
        for way in ways if i % 2 == 0 else reversed(ways):
            environment = os.environ | ({"PYTHONPATH": str(earlier / "src")} if way.earlier else {})
            code = _CHILD.format(setup=way.setup, statement=way.statement)
            done = subprocess.run(
                [sys.executable, "-c", code, str(path)], env=environment, cwd=ROOT, capture_output=True, check=True
            )
            results[way.name].append(json.loads(done.stdout))
    return results


def format_results(title: str, results: dict[str, list[list[float]]]) -> str:
    """Format medians as a table in Markdown; a ratio is the median of the rounds' ratios to the first way."""
    first = next(iter(results.values()))
    lines = [
        f"| {title} | s | CPU s | s, times the first | CPU s, times the first | MiB |",
        "|---|---|---|---|---|---|",
    ]
    for name, replies in results.items():
        seconds, cpu, memory = (median(column) for column in zip(*replies, strict=True))
        ratios = [median(reply[i] / base[i] for reply, base in zip(replies, first, strict=True)) for i in range(2)]
        lines.append(f"| {name} | {seconds:.2f} | {cpu:.2f} | {ratios[0]:.2f} | {ratios[1]:.2f} | {memory:.0f} |")
    return "\n".join(lines)


def extract_earlier(folder: Path) -> bool:
    """Extract the earlier commit into a folder; return False if the repository lacks it."""
    done = subprocess.run(["git", "archive", EARLIER, "src"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
    return done.returncode == 0


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="processes of each way (default 5)")
    parser.add_argument("--rows", type=int, default=60_000, help="rows of the table of digits (default 60000)")
    parser.add_argument(
        "--numbers", type=int, default=1_000_000, help="rows of the table of numbers, 0 for none (default 1000000)"
    )
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = extract_earlier(folder)
        ways = [way for way in DIGITS if found or not way.earlier]
        write_digits(folder / "digits.csv", options.rows, options.data)
        results = measure(folder / "digits.csv", ways, options.rounds, folder)
        print(format_results(f"{options.rows:,} × 785 bytes", results))
        if options.numbers:
            write_numbers(folder / "numbers.csv", options.numbers)
            results = measure(folder / "numbers.csv", NUMBERS, min(options.rounds, 3), folder)
            print("\n" + format_results(f"{options.numbers:,} × 30 fractions", results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
