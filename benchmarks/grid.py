"""Dense networks of many sizes, one cell after another, in one run: `python -m benchmarks.grid`.

In a cell every contender has one process for each number of threads. All of them start and compile first. Then they
take turns: one trains an epoch while the others wait.
"""

from __future__ import annotations

import argparse
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

from benchmarks.child import Request
from benchmarks.command import command
from benchmarks.contenders import CONTENDERS
from benchmarks.jobs import GRID, HIDDEN, TURNS, Job
from benchmarks.measure import choose_cache, make_command, thread_counts
from benchmarks.processes import LIMIT, ROOT, make_environment, read_reply
from benchmarks.results import save_results
from benchmarks.today import find_python
from deltarule import data
from deltarule.engines.machine import count_cores


@dataclass(eq=False)
class Seat:
    """A contender's process with one number of threads, which waits for its turn."""

    request: Request
    process: subprocess.Popen[str]
    log: Path
    reply: dict[str, Any] | None = None

    def wait(self) -> None:
        """Wait until the process is ready for its next epoch, or has ended with its reply."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line != "ready\n":
            code = self.process.wait(LIMIT)
            self.reply = read_reply(line, self.log.read_text(encoding="utf-8", errors="replace"), code)

    def take_turn(self) -> None:
        if self.reply is None:
            assert self.process.stdin is not None
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
            self.wait()


def measure(job: Job, threads: Sequence[int], folder: str | None) -> dict[str, Any]:
    """Measure a cell, and return the seconds of all epochs of each contender but the first."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        requests = [
            Request(name, job.name, n, epochs=0, examples=0, seed=0, data=folder, turns=True)
            for name in job.contenders
            for n in threads
        ]
        seats = [_start(request, place / f"{i}.log", place, stack) for i, request in enumerate(requests)]
        for seat in seats:
            seat.wait()
        for turn in range(TURNS):
            for seat in seats if turn % 2 == 0 else reversed(seats):
                seat.take_turn()
    return {
        "name": job.name,
        "title": job.title,
        "examples": job.examples,
        "results": [_summarize(name, seats) for name in job.contenders],
    }


def _start(request: Request, log: Path, caches: Path, stack: ExitStack) -> Seat:
    errors = stack.enter_context(log.open("w"))
    process = subprocess.Popen(
        make_command(request),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        cwd=ROOT,
        env=make_environment(request.threads, choose_cache(request, caches)),
    )
    stack.enter_context(process)  # which waits for its end
    stack.callback(process.kill)
    return Seat(request, process, log)


def _summarize(name: str, seats: Sequence[Seat]) -> dict[str, Any]:
    """Return the times of a contender with its best number of threads."""
    taken = [seat for seat in seats if seat.request.contender == name]
    own = [(seat.request.threads, seat.reply or {"error": "no reply"}) for seat in taken]
    group = next(contender.group for contender in CONTENDERS if contender.name == name)
    found = [(median(reply["seconds"][1:]), threads, reply) for threads, reply in own if "error" not in reply]
    if not found:
        return {"name": name, "group": group, "error": own[0][1]["error"]}
    _, threads, reply = min(found, key=lambda each: each[0])
    return {"name": name, "group": group, "threads": threads, "seconds": reply["seconds"][1:]}


def _describe(cell: dict[str, Any]) -> str:
    def describe(result: dict[str, Any]) -> str:
        if "error" in result:
            return f"{result['name']} failed: {result['error']}"
        return f"{result['name']} {1000 * median(result['seconds']):.1f} ms ({result['threads']})"

    times = map(describe, cell["results"])
    return f"{cell['title']}, {cell['examples']:,} images: {', '.join(times)}"


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid", description=__doc__)
    parser.add_argument("--hidden", type=int, nargs="+", default=HIDDEN, choices=HIDDEN, help="rows (default: all)")
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--out", type=Path, default=ROOT, help="the folder of results/ (default: the repository)")
    options = parser.parse_args(arguments)
    data.load("mnist", options.data)
    find_python()
    cells = []
    for job in GRID:
        if any(job.name.startswith(f"grid-{hidden}-") for hidden in options.hidden):
            cells.append(measure(job, thread_counts(count_cores()), options.data))
            print(_describe(cells[-1]), flush=True)
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": "python -m benchmarks.grid",
        "turns": TURNS - 1,
        "cells": cells,
    }
    print(save_results(options.out, grid=found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
