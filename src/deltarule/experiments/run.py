"""Running experiments: each variant and seed is a run of its own, which is saved as soon as it ends."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from filelock import FileLock

from deltarule.core.constraints import check, optional, whole
from deltarule.engines.machine import describe_machine
from deltarule.errors import DeltaruleError, FileError, InvalidArgument
from deltarule.experiments.comparison import count_seeds, find_differences
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.records import Config, Settings
from deltarule.experiments.result import Result, Run, check_figures, locate_result, read_or_create_result, write_result
from deltarule.models.description import list_versions

Seeds: TypeAlias = int | Literal["auto"] | None
"""A number of seeds, the number that the verdicts need, or None: as many as the experiment specifies."""

AUTO: Literal["auto"] = "auto"

RUNNING = ".running"
"""The subfolder of a results folder with the checkpoints of unfinished runs."""


@dataclass(frozen=True)
class Task:
    """One run to do, with everything that another process needs."""

    id: str
    variant: str
    seed: int
    settings: Settings
    command: str = ""
    scratch: Path | None = None


def choose_seeds(experiment: Experiment, number: int | None, quick: bool) -> range:
    """Return the seeds 1 to ``number`` (None: as many as the experiment has); 1 alone where nothing is random."""
    check("seeds", number, optional(whole(1)))
    full = 1 if quick or experiment.seeds == 1 else experiment.seeds
    return range(1, 1 + (full if number is None or experiment.seeds == 1 else number))


def list_seeds(experiment: Experiment, result: Result, seeds: Seeds, quick: bool) -> list[tuple[int, str]]:
    """List the seeds and variants of a full run; with "auto", as many as the rule of the verdicts asks for."""
    variants = experiment.variants_of(quick)
    if seeds != AUTO:
        return [(seed, variant) for seed in choose_seeds(experiment, seeds, quick) for variant in variants]
    usual = len(choose_seeds(experiment, None, quick))
    numbers = {name: max(usual, count_seeds(result, experiment, name)) for name in variants}
    return [(seed, name) for seed in range(1, 1 + max(numbers.values())) for name in variants if seed <= numbers[name]]


def list_tasks(
    experiment: Experiment,
    folder: Path,
    *,
    seeds: Seeds = None,
    quick: bool = False,
    resume: bool = False,
    changed: Settings | None = None,
    command: str = "",
) -> list[Task]:
    """List the runs to do; with ``resume``, leave out those that ``folder`` already holds with the same settings.

    With ``seeds="auto"``, list the runs that verdicts still need; list again after them, because their spread counts.

    Raises:
        InvalidArgument: If a miniature would be mixed with full results, or a run with ``changed`` settings would
            replace one with the experiment's own, or for "auto" with either.
    """
    if seeds == AUTO and (quick or changed):
        expected = "a number, because miniatures and changed settings get no verdict"
        raise InvalidArgument(argument="seeds", expected=expected, value=seeds)
    resume = resume or seeds == AUTO
    found = read_or_create_result(folder, experiment.id, quick)
    own = {
        (run.variant, run.seed) for run in found.successful_runs if not find_differences(run, experiment, found.quick)
    }
    done = {(run.variant, run.seed): run.settings for run in found.successful_runs if resume}
    wanted = []
    for seed, variant in list_seeds(experiment, found, seeds, quick):
        settings = experiment.settings_of(variant, quick, changed)
        if done.get((variant, seed)) != _to_json(settings):
            if (variant, seed) in own and _to_json(settings) != _to_json(experiment.settings_of(variant, quick)):
                raise InvalidArgument(
                    path=locate_result(folder, experiment.id),
                    argument="changed",
                    expected="the experiment's own settings, because the file holds runs with them",
                    value=changed,
                    remedy="choose another folder",
                )
            scratch = None if quick else _scratch_folder(folder, experiment.id, variant, seed, settings)
            if scratch is not None and not resume:
                shutil.rmtree(scratch, ignore_errors=True)
            wanted.append(Task(experiment.id, variant, seed, settings, command, scratch))
    return wanted


def run_task(task: Task, experiment: Experiment | None = None) -> Run:
    """Do one run (of ``experiment``, or of the one with the task's id); an exception becomes the run's ``error``."""
    from deltarule.experiments.registry import EXPERIMENTS

    started = time.perf_counter()
    found: dict[str, Any] = {}
    error = ""
    try:
        measured = (experiment or EXPERIMENTS[task.id]).measure(Config(task.settings, task.seed, task.scratch))
        figures, series = _to_json(dict(measured.figures)), _to_json(dict(measured.series))
        check_figures(figures)
        found = {"figures": figures, "series": series}
    except DeltaruleError as problem:
        error = str(problem)
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}\n{_format_traceback()}"
    if task.scratch is not None and not error:
        shutil.rmtree(task.scratch, ignore_errors=True)
    return Run(
        task.variant,
        task.seed,
        _to_json(task.settings),
        **found,
        error=error,
        seconds=round(time.perf_counter() - started, 2),
        date=date.today().isoformat(),
        command=task.command,
        commit=find_commit(),
        machine=describe_machine(),
        versions=list_versions(),
    )


def run_tasks(
    todo: Sequence[Task], folder: Path, *, jobs: int = 1, quick: bool = False, cluster: str | None = None
) -> Generator[tuple[Task, Run]]:
    """Do the tasks, ``jobs`` at a time, and save each run in its experiment's result as soon as it ends.

    On a ``cluster`` ("dask://host:port", "ray") as many run at a time as it has workers.

    Raises:
        DeltaruleError: If a worker process was killed; the runs that had ended are saved.
    """
    from deltarule.experiments.workers import map_unordered

    if cluster is not None:
        todo = [replace(task, scratch=None) for task in todo]  # workers write nothing
    with closing(map_unordered(cluster or jobs, _run_with_task, todo)) as pairs:
        for task, finished in pairs:
            save_run(folder, task.id, finished, quick)
            yield task, finished


def save_run(folder: Path, id: str, finished: Run, quick: bool = False) -> None:
    """Save a run in its experiment's result; a failed run never replaces a successful one.

    A lock makes other processes that run the same experiment wait.
    """
    with _lock_result(folder, id):
        found = read_or_create_result(folder, id, quick)
        succeeded = {(run.variant, run.seed) for run in found.successful_runs}
        if not (finished.error and (finished.variant, finished.seed) in succeeded):
            write_result(folder, found.with_run(finished))


@contextmanager
def _lock_result(folder: Path, id: str) -> Generator[None]:
    """Hold the lock of an experiment's result in this folder."""
    lock = folder / RUNNING / f"{id}.lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock):
            yield
    except OSError as error:
        raise FileError(f"the file could not be written: {error.strerror or error}", path=lock) from None


def run_once(experiment: Experiment, quick: bool = True, changed: Settings | None = None) -> Result:
    """Run all variants with seed 1 in this process and return the result without saving it."""
    result = Result(experiment.id, quick=quick)
    for variant in experiment.variants_of(quick):
        task = Task(experiment.id, variant, 1, experiment.settings_of(variant, quick, changed))
        result = result.with_run(run_task(task, experiment))
    return result


def estimate_seconds(experiment: Experiment, quick: bool) -> float:
    """Estimate the time of one run of the experiment."""
    runs = len(experiment.variants_of()) * len(choose_seeds(experiment, None, quick=False))
    return 1.0 if quick else 60 * experiment.minutes / runs


def find_commit() -> str:
    """Return the commit of the checkout that this runs from, "" outside a checkout."""
    here = Path(__file__).parent
    try:
        process = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return process.stdout.decode().strip() if process.returncode == 0 else ""


def _format_traceback() -> str:
    """Format the traceback of the current exception, with paths that do not depend on the machine."""
    lines = traceback.format_exc()
    for place in (Path(__file__).parents[2], *map(Path, sys.path)):
        lines = lines.replace(f"{place}/", "") if place.is_absolute() else lines
    return lines


def _run_with_task(task: Task) -> tuple[Task, Run]:
    return task, run_task(task)


def _scratch_folder(folder: Path, id: str, variant: str, seed: int, settings: Settings) -> Path:
    """Name the folder of a run's checkpoints by its settings, in characters that any file system accepts."""
    digest = hashlib.sha256(json.dumps(_to_json(settings), sort_keys=True).encode()).hexdigest()[:8]
    return folder / RUNNING / f"{id}-{variant.replace('/', '_') or 'run'}-{seed}-{digest}"


def _to_json(value: Any) -> Any:
    """Convert a value to JSON's types: tuples and arrays to lists, NumPy's numbers to Python's.

    Raises:
        InvalidArgument: For a value that JSON cannot hold.
    """
    import numpy as np

    def convert(thing: Any) -> Any:
        if isinstance(thing, (np.ndarray, np.generic)):
            return thing.tolist()
        expected = "a value that JSON can hold: a number, a text, or a list of them"
        raise InvalidArgument(f"expected {expected}, got {str(thing)[:40]!r}", expected=expected, value=thing)

    return json.loads(json.dumps(value, default=convert))
