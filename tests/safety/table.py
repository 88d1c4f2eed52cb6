"""The table of runs: functions that compute arrays by name."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import deltarule as dr

from . import api

Arrays = dict[str, np.ndarray]
Run = Callable[[Path], Arrays]

SHARP, FLOAT32 = 1e-9, 1e-4
"""Tolerances for differences between machines, relative to the size of the numbers."""


@dataclass(frozen=True)
class Entry:
    """A run, and the tolerance on other machines."""

    run: Run
    tolerance: float


RUNS: dict[str, Entry] = {}


def register(name: str, tolerance: float = SHARP) -> Callable[[Run], Run]:
    """Add a run to the table."""

    def enter(run: Run) -> Run:
        RUNS[name] = Entry(run, tolerance)
        return run

    return enter


def compute(name: str, folder: Path) -> Arrays:
    """Compute a run, or the miniature of an experiment, on one BLAS thread; keep the state of global generators."""
    load_digits()  # the modules that it imports draw random numbers
    with threadpool_limits(1), keep_generators():
        return RUNS[name].run(folder) if name in RUNS else {"figures": api.run_experiment(name)}


@contextmanager
def keep_generators() -> Iterator[None]:
    before = random.getstate(), np.random.get_state()
    random.seed(1)
    np.random.seed(1)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


@lru_cache
def load_digits() -> tuple[Any, Any]:
    """Load 300 small digits for training and 100 for validation."""
    train, validation, _ = api.read_digits()
    return train.take(slice(300)), validation.take(slice(100))


@lru_cache
def make_noise(n: int = 90) -> Any:
    """Make noisy 6 × 6 images in three classes, with NumPy alone."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n)
    bright = rng.integers(0, 60, (3, 6, 6))
    return dr.Dataset((bright[y] + rng.integers(0, 190, (n, 6, 6))).astype(np.uint8), y, "noise", 255.0, tuple("abc"))


def collect_results(model: Any, dataset: Any) -> Arrays:
    """Collect the results to compare: parameters, outputs, predictions, figures and the history."""
    return {
        "parameters": api.collect_parameters(model),
        "outputs": api.compute_outputs(model, dataset),
        "answers": api.predict_labels(model, dataset),
        "figures": api.evaluate(model, dataset),
        "history": api.collect_history(model),
    }
