"""Measurements: every contender in its own processes, in turn, round after round."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.child import Request
from benchmarks.contenders import CONTENDERS, TODAY, Contender
from benchmarks.jobs import Job
from benchmarks.processes import make_environment, run_json
from benchmarks.today import ADAPTER, find_python
from deltarule.engines.machine import count_cores

Report = Callable[[str], None]
"""A function that is called with one line of progress."""


@dataclass(frozen=True)
class Plan:
    """The extent of the measurements.

    With ``epochs`` and ``examples`` 0 the job decides: its recipe's epochs, all images. Each number of threads is
    tried in ``trials`` processes of ``trial_epochs`` over ``trial_examples`` images.
    """

    jobs: tuple[Job, ...]
    rounds: int = 5
    epochs: int = 0
    examples: int = 0
    trials: int = 2
    trial_examples: int = 3_000
    trial_epochs: int = 2
    data: str | None = None

    def rounds_of(self, job: Job) -> int:
        return min(self.rounds, job.rounds or self.rounds)

    @property
    def processes(self) -> int:
        """The number of processes, if none fails."""
        trials = self.trials * len(thread_counts(count_cores()))
        return sum(len(job.contenders) * (self.rounds_of(job) + trials) for job in self.jobs)


def thread_counts(cores: int) -> list[int]:
    """List the numbers of threads to try: 1, 2, 4, … and all cores.

    >>> thread_counts(1), thread_counts(2), thread_counts(6)
    ([1], [1, 2], [1, 2, 4, 6])
    """
    return sorted({2**i for i in range(cores.bit_length())} | {cores})


def measure(plan: Plan, command: Callable[[Job], str], report: Report) -> Iterator[dict[str, Any]]:
    """Yield all measurements of each job, every single time included, as a JSON object."""
    for job in plan.jobs:
        load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
        with tempfile.TemporaryDirectory() as caches:
            results = _results(plan, job, Path(caches), report)
        replies = [reply for result in results for reply in result["trials"] + result["rounds"]]
        yield {
            **job.to_json(),
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "command": command(job),
            "load_before": load,
            "versions": dict(sorted({item for reply in replies for item in reply.get("versions", {}).items()})),
            "rounds": plan.rounds_of(job),
            "epochs": plan.epochs or job.recipe.training.epochs,
            "examples": max((reply.get("examples", 0) for r in results for reply in r["rounds"]), default=0),
            "results": results,
        }


def _results(plan: Plan, job: Job, caches: Path, report: Report) -> list[dict[str, Any]]:
    contenders = [contender for contender in CONTENDERS if contender.name in job.contenders]
    results = [_trials(plan, job, contender, caches, report) for contender in contenders]
    for round_number in range(plan.rounds_of(job)):
        # forwards and backwards, so that no contender always runs after the same other
        for result in results if round_number % 2 == 0 else reversed(results):
            if result["error"] is None:
                request = Request(
                    *(result["name"], job.name, result["threads"], plan.epochs, plan.examples, round_number, plan.data)
                )
                reply = run(request, caches)
                result["rounds"].append({"round": round_number, **reply})
                result["error"] = reply.get("error")
                report(_line(job, result["label"], f"round {round_number + 1}", reply))
    return results


def _trials(plan: Plan, job: Job, contender: Contender, caches: Path, report: Report) -> dict[str, Any]:
    """Run the trials of a contender, and return its result so far with the number of threads to continue with."""
    trials = []
    for _ in range(plan.trials):
        for threads in thread_counts(count_cores()):
            request = Request(
                *(contender.name, job.name, threads, plan.trial_epochs, plan.trial_examples, 0, plan.data)
            )
            reply = run(request, caches)
            trials.append({"threads": threads, **reply})
            report(_line(job, contender.label, f"trial, {threads} thread{'s' * (threads > 1)}", reply))
    threads = best_threads(trials)
    return {
        "name": contender.name,
        "label": contender.label,
        "group": contender.group,
        "how": contender.how,
        "threads": threads,
        "error": trials[0]["error"] if threads is None else None,
        "trials": trials,
        "rounds": [],
    }


def best_threads(trials: Sequence[dict[str, Any]]) -> int | None:
    """Return the number of threads with the least median time, or a smaller one within 3 % of it; None if all failed.

    >>> best_threads([{"threads": 1, "seconds": [1.1, 1.02, 1.02]}, {"threads": 2, "seconds": [1.0, 1.0, 1.5]}])
    1
    """
    medians: dict[int, list[float]] = {}
    for trial in trials:
        if "error" not in trial:
            medians.setdefault(trial["threads"], []).append(median(trial["seconds"]))
    limit = 1.03 * min(map(median, medians.values()), default=inf)
    return min((threads for threads, each in medians.items() if median(each) <= limit), default=None)


def run(request: Request, caches: Path) -> dict[str, Any]:
    """Run a process and return its reply to the request; a failure gives ``{"error": reason}``."""
    return run_json(make_command(request), make_environment(request.threads, choose_cache(request, caches)))


def make_command(request: Request) -> list[str]:
    """Return the command of the contender's process."""
    if request.contender == TODAY:
        return [str(find_python()), str(ADAPTER), request.to_adapter()]
    return [sys.executable, "-m", "benchmarks.child", request.to_json()]


def choose_cache(request: Request, caches: Path) -> Path:
    """Choose a folder for the contender's compiled programs that no other contender uses."""
    return caches / f"{request.contender}-{request.threads}"


def _line(job: Job, label: str, what: str, reply: dict[str, Any]) -> str:
    if "error" in reply:
        return f"{job.name}: {label}, {what}: failed: {reply['error']}"
    return (
        f"{job.name}: {label}, {what}: {median(reply['seconds']):.3f} s for an epoch of {reply['examples']:,} images, "
        f"{reply['accuracy']:.2%} of the test images right"
    )
