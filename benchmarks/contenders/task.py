"""What a contender is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    """A recipe to be followed once: from this seed, with this many threads."""

    recipe: Recipe
    train: Dataset
    seed: int
    threads: int

    @cached_property
    def network(self) -> Network:
        return self.recipe.network(self.train.x.shape[1:], self.train.targets.shape[1])

    @cached_property
    def params(self) -> list[dict[str, Any]]:
        """The first weights and biases, those with which deltarule starts from this seed, float64."""
        return self.network.init(self.seed)

    @property
    def eta(self) -> float:
        """The learning rate of a recipe that keeps it."""
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
        """Images as bytes in the shape that the network takes, (n, n_in) or (n, height, width, channels)."""
        return images.reshape(len(images), *self.network.input_shape)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Seconds of each epoch, seconds spent on compiling before, and the label of images as bytes."""

    seconds: list[float]
    compile_seconds: float
    predict: Callable[[np.ndarray], np.ndarray]


def timed(epoch: Callable[[], None], epochs: int) -> list[float]:
    """Seconds of each of so many epochs."""
    return [seconds_of(epoch) for _ in range(epochs)]


def seconds_of(function: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    started = perf_counter()
    function()
    return perf_counter() - started
