"""The task of a contender, and its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from deltarule.core.network import Network
from deltarule.core.schedules import Clock, Constant
from deltarule.data import Dataset
from deltarule.recipes import Recipe


@dataclass(frozen=True, eq=False)
class Task:
    """A recipe to train once, with this seed and number of threads; ``wait`` waits before each timed epoch."""

    recipe: Recipe
    train: Dataset
    seed: int
    threads: int
    wait: Callable[[], None] = field(default=lambda: None)

    @cached_property
    def network(self) -> Network:
        return self.recipe.network(self.train.x.shape[1:], self.train.targets.shape[1])

    @cached_property
    def params(self) -> list[dict[str, Any]]:
        """The initial weights and biases of deltarule for this seed, float64."""
        return self.network.init(self.seed)

    @property
    def eta(self) -> float:
        """The learning rate of a recipe with a constant one."""
        if not isinstance(self.recipe.training.schedule, Constant):
            raise ValueError(f"{self.recipe.training.schedule} changes from step to step")
        return self.recipe.training.schedule.value

    @property
    def etas(self) -> list[float]:
        """The learning rate of each step, from the first to the last."""
        clock = Clock(-(-len(self.train) // self.recipe.training.batch_size), self.recipe.training.epochs)
        return self.recipe.training.schedule.eta(np.arange(clock.steps), clock, []).tolist()

    @property
    def sizes(self) -> list[int]:
        """The numbers of neurons of a dense network, inputs to outputs."""
        return [shape[0] for shape in self.network.shapes[:1]] + [len(leaf["b"]) for leaf in self.params if leaf]

    def images(self, images: np.ndarray) -> np.ndarray:
        """Reshape images (bytes) to the network's input, (n, n_in) or (n, height, width, channels)."""
        return images.reshape(len(images), *self.network.input_shape)


@dataclass(frozen=True, eq=False)
class Outcome:
    """The seconds of each epoch, the seconds of compiling, and a function that predicts labels of images (bytes)."""

    seconds: list[float]
    compile_seconds: float
    predict: Callable[[np.ndarray], np.ndarray]


def time_epochs(epoch: Callable[[], None], task: Task) -> list[float]:
    """Measure the seconds of each epoch of the task."""
    seconds = []
    for _ in range(task.recipe.training.epochs):
        task.wait()
        seconds.append(seconds_of(epoch))
    return seconds


def seconds_of(function: Callable[[], object]) -> float:
    """Measure the seconds of one call."""
    started = perf_counter()
    function()
    return perf_counter() - started
