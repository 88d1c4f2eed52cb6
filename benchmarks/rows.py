"""An LSTM that reads digits row by row, deltarule's engines beside PyTorch: `python -m benchmarks.rows`.

All processes of one mini-batch size start first. Then they take turns: one trains some mini-batches while the others
wait. All begin with the same weights and take the same mini-batches.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.command import command
from benchmarks.measure import thread_counts
from benchmarks.processes import ROOT, make_environment
from benchmarks.results import save_results
from deltarule import LSTM, Dense, LastStep, LogLikelihood, Network, data
from deltarule.engines.machine import count_cores
from deltarule.errors import DeltaruleError

CELLS, ETA, BATCHES = 128, 0.1, (10, 100)
PYTORCH = "PyTorch"
EXAMPLES = 20_000


@dataclass(frozen=True)
class Form:
    """A form of a contender, and how many mini-batches it trains in a turn, for each mini-batch size."""

    library: str
    name: str
    steps: tuple[int, int]


FORMS = (
    Form("deltarule", "native", (150, 15)),
    Form("deltarule", "jax", (40, 8)),
    Form("deltarule", "numpy", (20, 4)),
    Form(PYTORCH, "eager", (50, 8)),
    Form(PYTORCH, "eager, batch first", (50, 8)),
    Form(PYTORCH, "compiled", (50, 8)),
)


class RowsError(DeltaruleError):
    """A process of this benchmark that failed."""


@dataclass(eq=False)
class Seat:
    """A form's process with one number of threads, which waits for its turn."""

    form: Form
    threads: int
    process: subprocess.Popen[str]
    log: Path

    def take_turn(self) -> tuple[float, float]:
        """Let the process train, and return the milliseconds of a mini-batch, of the clock and of the processor."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            last = (self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no output"])[-1]
            raise RowsError(f"expected times from {self.form.library}, {self.form.name}, got {last!r}")
        wall, cpu = json.loads(line)
        return wall, cpu


def measure(
    batch_size: int, file: Path, python: str, forms: Sequence[Form], threads: Sequence[int], rounds: int
) -> list[dict[str, Any]]:
    """Measure the forms in turn, round after round; the first round is not counted."""
    with ExitStack() as stack:
        seats = [_start(form, n, batch_size, file, python, stack) for form in forms for n in threads]
        for seat in seats:
            seat.take_turn()
        taken: dict[Seat, list[tuple[float, float]]] = {seat: [] for seat in seats}
        for number in range(rounds):
            for seat in seats if number % 2 == 0 else reversed(seats):
                taken[seat].append(seat.take_turn())
    return [
        {
            "library": seat.form.library,
            "form": seat.form.name,
            "threads": seat.threads,
            "milliseconds": [round(wall, 4) for wall, _ in times],
            "cpu_milliseconds": [round(cpu, 4) for _, cpu in times],
        }
        for seat, times in taken.items()
    ]


def _start(form: Form, threads: int, batch_size: int, file: Path, python: str, stack: ExitStack) -> Seat:
    script = "rows_pytorch" if form.library == PYTORCH else "rows_own"
    asked = {
        "file": str(file),
        "form": form.name,
        "threads": threads,
        "batch_size": batch_size,
        "eta": ETA,
        "steps": form.steps[BATCHES.index(batch_size)],
    }
    words = [python, str(ROOT / "benchmarks" / "contenders" / f"{script}.py")]
    if form.library != PYTORCH:
        words = [sys.executable, "-m", f"benchmarks.contenders.{script}"]
    log = file.with_name(f"{form.library}-{form.name}-{threads}-{batch_size}.log")
    errors = stack.enter_context(log.open("w"))
    process = subprocess.Popen(
        [*words, json.dumps(asked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
        cwd=ROOT, env=make_environment(threads),
    )  # fmt: skip
    stack.enter_context(process)
    stack.callback(process.kill)
    return Seat(form, threads, process, log)


def find_best(results: Sequence[dict[str, Any]], library: str, figure: str = "milliseconds") -> dict[str, Any]:
    """Return the form and number of threads of a library with the least median time."""
    return min((r for r in results if r["library"] == library), key=lambda result: median(result[figure]))


def compare(results: Sequence[dict[str, Any]], figure: str = "milliseconds") -> list[float]:
    """Return for each round the time of PyTorch's best form relative to that of deltarule's."""
    own, other = (find_best(results, library, figure)[figure] for library in ("deltarule", PYTORCH))
    return [theirs / mine for mine, theirs in zip(own, other, strict=True)]


def write_arrays(file: Path, folder: str | None) -> None:
    """Write the images, their labels and the first weights for all processes."""
    train, _, _ = data.load("mnist", folder)
    network = Network([LSTM(CELLS), LastStep(), Dense(10)], LogLikelihood(), (28, 28))
    first, _, last = ({name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in network.init(0))
    images = train.x[:EXAMPLES].reshape(-1, 28, 28)
    np.savez(file, x=images, y=train.y[:EXAMPLES], **first, w_out=last["w"], b_out=last["b"])


@command
def main(arguments: Sequence[str] | None = None) -> int:
    options = make_parser().parse_args(arguments)
    threads = options.threads or thread_counts(count_cores())
    forms = [form for form in FORMS if not options.forms or form.name in options.forms]
    version = subprocess.run(
        [options.pytorch, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True, check=True
    )
    cells = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.npz"
        write_arrays(file, options.data)
        for batch_size in BATCHES:
            load = os.getloadavg()[0]
            results = measure(batch_size, file, options.pytorch, forms, threads, options.rounds)
            cells.append({"batch_size": batch_size, "load_before": round(load, 2), "results": results})
            for result in results:
                print(f"mini-batch {batch_size}: {_describe(result)}", flush=True)
    made = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": write_command(options),
        "cells": CELLS,
        "rounds": options.rounds,
        "torch": version.stdout.strip(),
        "batches": cells,
    }
    print(save_results(options.out, lstm=made))
    return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rows", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pytorch", default=sys.executable, help="the Python that has PyTorch (default: this one)")
    parser.add_argument("--forms", nargs="+", help="only these forms (default: all)")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads (default: 1, 2, 4, … and all cores)")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder of results/ (default: the repository)")
    return parser


def write_command(options: argparse.Namespace) -> str:
    """Return the command that repeats a run, but for where its data and results are."""
    words = ["python", "-m", "benchmarks.rows", "--rounds", options.rounds]
    words += ["--threads", *options.threads] if options.threads else []
    words += ["--forms", *options.forms] if options.forms else []
    return shlex.join(map(str, words))


def _describe(result: dict[str, Any]) -> str:
    wall, cpu = result["milliseconds"], result["cpu_milliseconds"]
    return (
        f"{result['library']}, {result['form']}, {result['threads']} threads: {median(wall):.2f} ms "
        f"(least {min(wall):.2f}), of the processor {median(cpu):.2f} ms (least {min(cpu):.2f})"
    )


if __name__ == "__main__":
    sys.exit(main())
