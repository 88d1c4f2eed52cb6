"""``python -m benchmarks``: measure deltarule and its peers, and write the results and the report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.command import command
from benchmarks.contenders import CONTENDERS, TODAY
from benchmarks.jobs import JOBS, Job
from benchmarks.measure import Plan, measure
from benchmarks.processes import ROOT
from benchmarks.report import write_report
from benchmarks.results import save_reason, save_results
from benchmarks.today import find_python
from deltarule import data

QUICK = ROOT / "build" / "benchmarks"


@command
def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    out: Path = options.out or (QUICK if options.quick else ROOT)
    console = Console(stderr=True, highlight=False)
    if options.reason:
        save_reason(out, *options.reason)
    elif not options.report:
        data.load("mnist", options.data)
        _measure(options, out, console)
    for path in write_report(out):
        console.print(f"written: {os.path.relpath(path)}", markup=False, soft_wrap=True)
    return 0


def _measure(options: argparse.Namespace, out: Path, console: Console) -> None:
    if any(TODAY in job.contenders for job in options.jobs):
        find_python()
    plan = Plan(options.jobs, options.rounds, options.epochs, trials=options.trials, data=options.data)
    if options.quick:
        plan = Plan(options.jobs, 1, 1, examples=1000, trials=1, trial_examples=500, trial_epochs=1, data=options.data)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("processes", total=plan.processes)

        def report(line: str) -> None:
            progress.console.print(line, markup=False, soft_wrap=True)
            progress.advance(task)

        for job in measure(plan, lambda job: _command(options, job, plan.rounds_of(job)), report):
            path = save_results(out, [job])  # after each job, so that an error loses no results
    console.print(f"written: {os.path.relpath(path)}", markup=False, soft_wrap=True)


def _command(options: argparse.Namespace, job: Job, rounds: int) -> str:
    """Return the command that repeats the measurement, without the paths of this machine."""
    words = [f"python -m benchmarks --jobs {job.name}"]
    words += [f"--contenders {' '.join(job.contenders)}"] * bool(options.contenders)
    if options.quick:
        words.append("--quick")
    else:
        words += [f"--rounds {rounds}"] + [f"--trials {options.trials}"] * (options.trials != Plan.trials)
        words += [f"--epochs {options.epochs}"] * bool(options.epochs)
    return " ".join(words)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_whole, default=5, help="processes of each contender (default 5)")
    parser.add_argument(
        "--trials", type=_whole, default=Plan.trials, help=f"tries of each number of threads (default {Plan.trials})"
    )
    parser.add_argument("--epochs", type=_whole, default=0, help="epochs in each process (default: the job's)")
    parser.add_argument(
        "--jobs", type=_job, nargs="+", default=JOBS, metavar="JOB", help=f"of {', '.join(job.name for job in JOBS)}"
    )
    parser.add_argument(
        "--contenders", nargs="+", metavar="NAME", help="measure only these of the contenders (default: the job's)"
    )
    parser.add_argument("--data", help="the folder with MNIST's four files (default: as deltarule finds it)")
    parser.add_argument("--quick", action="store_true", help="a short run of some minutes; writes to build/benchmarks")
    parser.add_argument(
        "--report", action="store_true", help="write the report of earlier measurements, without measuring"
    )
    parser.add_argument(
        "--reason", nargs=2, metavar=("KEY", "TEXT"), help="store why a target was missed, by the name of the job"
    )
    parser.add_argument("--out", type=Path, help="where results/ and docs/ are (default: the repository)")
    options = parser.parse_args(arguments)
    options.jobs = tuple({job.name: job for job in options.jobs}.values())
    if options.contenders:
        known = [contender.name for contender in CONTENDERS]
        if unknown := [name for name in options.contenders if name not in known]:
            parser.error(f"expected some of {', '.join(known)}, got {unknown[0]!r}")
        options.jobs = tuple(_take_contenders(job, options.contenders) for job in options.jobs)
    options.data = None if options.data is None else os.path.abspath(options.data)
    return options


def _take_contenders(job: Job, names: Sequence[str]) -> Job:
    return replace(job, contenders=tuple(name for name in job.contenders if name in names))


def _job(name: str) -> Job:
    for job in JOBS:
        if name == job.name:
            return job
    raise argparse.ArgumentTypeError(f"expected one of {', '.join(job.name for job in JOBS)}, got {name!r}")


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
