"""What a contender is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from benchmarks.jobs import Job
from deltarule.data import Dataset


@dataclass(frozen=True, eq=False)
class Task:
    """A job to be done once: for so many epochs, from this seed, with this many threads."""

    job: Job
    train: Dataset
    epochs: int
    seed: int
    threads: int

    @property
    def images(self) -> np.ndarray:
        """The training images as rows of bytes, (n, n_in) uint8."""
        return rows(self.train.x)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Seconds of each epoch, seconds spent on compiling before, and the label of images as bytes."""

    seconds: list[float]
    compile_seconds: float
    predict: Callable[[np.ndarray], np.ndarray]


def rows(images: np.ndarray) -> np.ndarray:
    """Images (n, height, width) as rows, (n, height · width)."""
    return images.reshape(len(images), -1)


def timed(epoch: Callable[[], None], epochs: int) -> list[float]:
    """Seconds of each of so many epochs."""
    return [seconds_of(epoch) for _ in range(epochs)]


def seconds_of(function: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    started = perf_counter()
    function()
    return perf_counter() - started
