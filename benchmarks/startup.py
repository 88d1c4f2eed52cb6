"""Figures of small work, before and now, in turn: `python -m benchmarks.startup`.

They are the time and memory of `import deltarule`, the time of one prediction and of the first epoch of the demo by a
fresh process, and the fixed cost of `fit`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from PIL import Image

from benchmarks.command import command
from benchmarks.processes import ROOT, make_environment, run_json
from benchmarks.results import save_results
from benchmarks.today import find_python
from deltarule import data
from deltarule.errors import DeltaruleError

Measurement = Callable[[], dict[str, Any]]
"""One measurement in its own process: ``seconds``, and more figures by name."""

IMPORT = """
import json, re, sys, time
started = time.perf_counter()
import {module}
seconds = time.perf_counter() - started
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(json.dumps({{"seconds": seconds, "memory": int(peak[1]) * 1024}}))
"""

FUNCTION = "deltarule; deltarule.fit"
"""The import with a function, which loads what the bare import leaves out."""

FIT = """
import json, statistics, time
import numpy as np
import deltarule as dr
rng = np.random.default_rng(0)
images, labels = rng.integers(0, 256, (20, 784), dtype=np.uint8), np.arange(20) % 10
train, seconds = dr.Dataset(images, labels, "noise", scale=255.0), []
for _ in range(60):
    started = time.perf_counter()
    dr.fit(dr.Network.dense([784, 30, 10]), train, epochs=1, eta=0.5, engine="{engine}")
    seconds.append(time.perf_counter() - started)
print(json.dumps({{"seconds": statistics.median(seconds[10:])}}))
"""
"""Twenty images, one epoch: two mini-batches. The first ten calls are not counted."""

MODEL = """
import json, sys
import deltarule as dr
train = dr.data.load("mnist")[0].take(slice(5000))
dr.fit(dr.Network.dense([784, 30, 10]), train, epochs=1, eta=0.5, engine="numpy").save(sys.argv[1])
print(json.dumps({}))
"""


class StartupError(DeltaruleError):
    """A process of these measurements that failed."""


def run_code(python: Path, code: str, *arguments: str) -> dict[str, Any]:
    """Run Python code that prints JSON, outside of this repository."""
    with tempfile.TemporaryDirectory() as folder:
        found = run_json([str(python), "-c", code, *arguments], make_environment(), Path(folder))
    if "error" in found:
        raise StartupError(f"expected figures from a process, got {found['error']!r}")
    return found


def time_command(words: Sequence[str], folder: Path, until: str = "") -> dict[str, Any]:
    """Measure the seconds from the start of a command to its end, or to a line that begins with ``until``."""
    environment = make_environment() | {"PYTHONUNBUFFERED": "1"}
    started = perf_counter()
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment
    ) as process:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if until and line.startswith(until):
                seconds = perf_counter() - started
                process.kill()
                return {"seconds": seconds}
        code = process.wait()
    if code or until:
        last = (printed or ["no output"])[-1].strip()
        raise StartupError(f"expected {' '.join(words[1:])!r} to succeed, got exit code {code} and {last!r}")
    return {"seconds": perf_counter() - started}


def list_ways(folder: Path, images: Path) -> Mapping[str, Mapping[str, Measurement]]:
    """List the figures, and for each the ways that take turns; the first way is the one that is judged."""
    own, before = Path(sys.executable), find_python()
    models = {python: folder / f"{i}.safetensors" for i, python in enumerate((own, before))}
    for python, model in models.items():
        run_code(python, MODEL, str(model))

    def predict(python: Path) -> Measurement:
        words = [str(python.with_name("deltarule")), "predict", str(models[python]), str(images)]
        return lambda: time_command(words, folder)

    def demo(python: Path) -> Measurement:
        words = [str(python.with_name("deltarule")), "demo", "--data", "mnist"]
        return lambda: time_command(words, folder, "Epoch ")

    return {
        "import": {
            "import deltarule": lambda: run_code(own, IMPORT.format(module="deltarule")),
            "import numpy": lambda: run_code(own, IMPORT.format(module="numpy")),
            "import deltarule, before": lambda: run_code(before, IMPORT.format(module="deltarule")),
            "import deltarule; deltarule.fit": lambda: run_code(own, IMPORT.format(module=FUNCTION)),
            "import deltarule; deltarule.fit, before": lambda: run_code(before, IMPORT.format(module=FUNCTION)),
        },
        "predict": {"now": predict(own), "before": predict(before)},
        "demo": {"now": demo(own), "before": demo(before)},
        "fit": {
            "native engine": lambda: run_code(own, FIT.format(engine="native")),
            "NumPy engine": lambda: run_code(own, FIT.format(engine="numpy")),
            "before, NumPy engine": lambda: run_code(before, FIT.format(engine="numpy")),
        },
    }


def take_turns(ways: Mapping[str, Measurement], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Measure each way once per round, backwards in every second round; a first round fills the caches of files."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name in ways if number % 2 == 0 else reversed(ways):
            measured = ways[name]()
            if number:
                found[name].append({key: round(value, 6) for key, value in measured.items()})
    return found


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each figure (default 9)")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder of results/ (default: the repository)")
    options = parser.parse_args(arguments)
    test = data.load("mnist", options.data)[2]
    found: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python -m benchmarks.startup --rounds {options.rounds}",
        "figures": {},
    }
    with tempfile.TemporaryDirectory() as name:
        picture = Path(name) / "digit.png"
        Image.fromarray(test.x[0]).save(picture)
        for figure, ways in list_ways(Path(name), picture).items():
            found["figures"][figure] = take_turns(ways, options.rounds)
            for way, replies in found["figures"][figure].items():
                print(f"{figure}: {way}: {sorted(reply['seconds'] for reply in replies)}", flush=True)
    print(save_results(options.out, startup=found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
