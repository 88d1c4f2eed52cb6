"""The record: seconds from a cold process to a mean of 99 % on MNIST's test set, on CPU cores.

`python -m benchmarks.record` runs every entry with ten seeds, in turn, and writes docs/record.md.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from benchmarks.processes import LIMIT, ROOT, make_environment, shorten_reason
from benchmarks.record_text import render
from deltarule import data
from deltarule.data import Dataset
from deltarule.data.idx import write_idx

ENTRIES = ROOT / "benchmarks" / "entries"
SEEDS = range(1, 11)

Reply = dict[str, Any]


def write_images(folder: Path, train: Dataset, validation: Dataset, test: Dataset) -> None:
    """Write the files that entries get: all but the labels of the test set."""
    files = {
        "train-images-idx3-ubyte": np.concatenate([train.x, validation.x]),
        "train-labels-idx1-ubyte": np.concatenate([train.y, validation.y]).astype(np.uint8),
        "t10k-images-idx3-ubyte": test.x,
    }
    for name, array in files.items():
        (folder / name).write_bytes(write_idx(array))


def run_entry(entry: Path, folder: Path, seed: int, labels: np.ndarray) -> Reply:
    """Run an entry in a cold process, and only then compare its labels with those of the test set."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        out, caches = place / "labels", place / "caches"
        environment = make_environment(cache=caches) | {"CUDA_VISIBLE_DEVICES": "", "XDG_CACHE_HOME": str(caches)}
        program = [sys.executable, str(entry)] if entry.suffix == ".py" else [str(entry)]
        words = [*program, str(folder), str(seed), str(out)]
        started = perf_counter()
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=LIMIT, check=False, cwd=place, env=environment
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            return {"error": shorten_reason(str(error))}
        seconds = perf_counter() - started
        if done.returncode or not out.exists():
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            return {"error": shorten_reason(f"the process ended with {done.returncode}: {last}")}
        found = np.frombuffer(out.read_bytes(), np.uint8)
    if found.shape != labels.shape:
        return {"error": f"expected {len(labels):,} bytes, one label each, got {len(found):,}"}
    return {"seed": seed, "seconds": round(seconds, 3), "accuracy": float((found == labels).mean())}


def describe_entry(entry: Path) -> str:
    """Return the description of an entry: the first line of its docstring, or its name."""
    if entry.suffix != ".py":
        return entry.stem
    text = ast.get_docstring(ast.parse(entry.read_text(encoding="utf-8"))) or entry.stem
    return text.splitlines()[0].removeprefix("An entry for the record: ").rstrip(".")


def measure(entries: Sequence[Path], folder: Path, labels: np.ndarray, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Run all entries with each seed, in turn, backwards with every second; a run with seed 0 does not count."""
    found: dict[Path, dict[str, Any]] = {
        entry: {"name": entry.name, "label": describe_entry(entry), "runs": [], "error": None} for entry in entries
    }
    for number, seed in enumerate((0, *seeds)):
        for entry in entries if number % 2 == 0 else reversed(entries):
            result = found[entry]
            if result["error"] is None:
                reply = run_entry(entry, folder, seed, labels)
                result["error"] = reply.get("error")
                if number and "error" not in reply:
                    result["runs"].append(reply)
                print(f"{entry.name}, seed {seed}: {_describe(reply)}", flush=True)
    return list(found.values())


def _describe(reply: Mapping[str, Any]) -> str:
    return reply.get("error") or f"{reply['accuracy']:.2%} after {reply['seconds']:.2f} s"


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record", description=__doc__)
    parser.add_argument("entries", nargs="*", type=Path, help="scripts (default: those in benchmarks/entries)")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="the number of seeds (default 10)")
    parser.add_argument("--report", action="store_true", help="write the page of earlier measurements only")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="where results/ and docs/ are (default: the repository)")
    options = parser.parse_args(arguments)
    entries = [entry.resolve() for entry in options.entries] or sorted(ENTRIES.glob("[!_]*"))
    entries = [entry for entry in entries if entry.is_file()]
    if not options.report:
        splits = data.load("mnist", options.data)
        load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
        with tempfile.TemporaryDirectory() as folder:
            write_images(Path(folder), *splits)
            found = measure(entries, Path(folder), splits[2].y.astype(np.uint8), range(1, options.seeds + 1))
        here = machine()
        content = {
            "format": 1,
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "command": "python -m benchmarks.record" + f" --seeds {options.seeds}" * (options.seeds != len(SEEDS)),
            "machine": here,
            "load_before": load,
            "entries": found,
        }
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        write_text(options.out / "results" / f"record-{slug(here)}.json", text)
    paths = sorted(options.out.glob("results/record-*.json"))
    page = options.out / "docs" / "record.md"
    write_text(page, render([json.loads(path.read_text(encoding="utf-8")) for path in paths]))
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
