"""The table of runs, and how one is done: what it computes, as arrays by name."""

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
"""Differences between machines, as parts of the size of the numbers."""


@dataclass(frozen=True)
class Entry:
    """A run, and how far other machines may be from it."""

    run: Run
    tolerance: float


RUNS: dict[str, Entry] = {}


def named(name: str, tolerance: float = SHARP) -> Callable[[Run], Run]:
    """Enter a run into the table."""

    def enter(run: Run) -> Run:
        RUNS[name] = Entry(run, tolerance)
        return run

    return enter


def compute(name: str, folder: Path) -> Arrays:
    """Do one run, or one experiment's miniature, on one thread of BLAS; global generators stay as they were."""
    some_digits()  # what is imported to read them draws numbers, too
    with threadpool_limits(1), generators_kept():
        return RUNS[name].run(folder) if name in RUNS else {"figures": api.experiment(name)}


@contextmanager
def generators_kept() -> Iterator[None]:
    before = random.getstate(), np.random.get_state()
    random.seed(1)
    np.random.seed(1)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


@lru_cache
def some_digits() -> tuple[Any, Any]:
    """300 small digits to train with, and 100 others."""
    train, validation, _ = api.read_digits()
    return train.take(slice(300)), validation.take(slice(100))


@lru_cache
def noise(n: int = 90) -> Any:
    """Noisy 6 × 6 images in three classes, from NumPy alone."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n)
    bright = rng.integers(0, 60, (3, 6, 6))
    return dr.Dataset((bright[y] + rng.integers(0, 190, (n, 6, 6))).astype(np.uint8), y, "noise", 255.0, tuple("abc"))


def found(model: Any, dataset: Any) -> Arrays:
    """What a run is compared by: parameters, outputs, answers, figures and all that was recorded on the way."""
    return {
        "parameters": api.parameters(model),
        "outputs": api.outputs(model, dataset),
        "answers": api.answers(model, dataset),
        "figures": api.figures(model, dataset),
        "history": api.history(model),
    }
