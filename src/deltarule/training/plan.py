"""The plan of a training run, the position it has reached, and both together, at which a callback may look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.core.augmentation import OnImages
from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import State, params_in_use
from deltarule.core.schedules import Clock
from deltarule.core.trees import Tree, map_leaves
from deltarule.data.dataset import Dataset
from deltarule.data.order import compute_positions
from deltarule.engines.base import Engine, Epoch
from deltarule.engines.execution import Execution
from deltarule.errors import InvalidArgument
from deltarule.models.history import ALWAYS, VALIDATED, History
from deltarule.models.model import Model
from deltarule.training.training import Training


@dataclass(frozen=True)
class Plan:
    """What a training run does, from the first step to the last; it does not change on the way.

    ``engine`` is the one that ``execution`` led to, for the ``reason``. The run pauses at every so many
    steps as each of ``pauses`` says: in all processes, whether or not they have a callback to call there.
    """

    network: Network
    train: Dataset
    validation: Dataset | None
    training: Training
    execution: Execution
    engine: Engine
    reason: str
    pauses: tuple[int, ...] = ()

    @cached_property
    def descent(self) -> Descent:
        """One step of it."""
        return make_descent(self.network, self.train, self.training)

    @property
    def clock(self) -> Clock:
        """How long it is."""
        return Clock(-(-len(self.train) // self.training.batch_size), self.training.epochs)

    @property
    def settings(self) -> Mapping[str, Any]:
        """How it was trained, as plain JSON, for the model's file: the training, and how it was executed."""
        return {
            **self.training.description,
            "engine": self.engine.name,
            "engine_reason": self.reason,
            "threads": self.engine.threads,
            "devices": self.execution.total,
            "training_examples": len(self.train),
            "training_data": self.train.name,
        }

    @property
    def recorded_names(self) -> tuple[str, ...]:
        """The names of what is recorded of each epoch in any case, whatever callbacks measure."""
        validated = () if self.validation is None else VALIDATED
        return (*ALWAYS, "compile_seconds", *validated)

    def start_from(self, params: Tree) -> Position:
        """Where it begins, with these parameters."""
        return Position(params, self.training.optimizer.init(params))

    def params_in_use(self, at: Position) -> Tree:
        """The parameters to measure, keep and hand out: those being learned, or what the optimizer makes of them."""
        return params_in_use(self.training.optimizer, at.params, at.state)

    def is_finished(self, at: Position) -> bool:
        """Whether there is no epoch left to do, by the number of them and by the schedule."""
        return at.epoch >= self.training.epochs or self.training.schedule.is_finished(at.history.records)

    def epoch_at(self, at: Position) -> Epoch:
        """The epoch in which a position stands: a pure function of the plan, its seed above all, and its number."""
        training, steps = self.training, self.clock.steps_per_epoch
        order = compute_positions(training.order, len(self.train), training.seed, at.epoch)
        every = np.arange(at.epoch * steps, (at.epoch + 1) * steps)
        eta = np.asarray(training.schedule.eta(every, self.clock, at.history.records), dtype=float)
        if eta.shape != (steps,):
            raise InvalidArgument(
                f"expected a schedule that gives a learning rate for each of {steps} steps, got {eta.shape} numbers",
                argument="eta",
                value=training.eta,
            )
        return Epoch(order, training.batch_size, eta, random.fold(random.key(training.seed), at.epoch))


def make_descent(network: Network, train: Dataset, training: Training) -> Descent:
    """Make the step of a training: with augmentation, for images of the shape that the data or the network say."""
    images = None
    if training.augmentation is not None:
        shapes = (train.x.shape[1:], network.input_shape)
        images = OnImages(training.augmentation, next(shape for shape in shapes if len(shape) in (2, 3)))
    return Descent(network, training.optimizer, training.regularizer, len(train), images)


@dataclass(frozen=True)
class Position:
    """Where a run stands: ``epoch`` and the ``step`` within it that come next, and what was learned so far.

    ``params`` are those being learned. ``best`` are those that were in use in the epoch with the
    highest validation accuracy, where they are kept, and ``seconds`` is the time spent in the present epoch.
    ``compile_seconds`` is the time spent on getting ready, until it is recorded.
    """

    params: Tree
    state: State
    epoch: int = 0
    step: int = 0
    history: History = History()
    best: Tree | None = None
    seconds: float = 0.0
    compile_seconds: float | None = None

    def convert(self, params: Callable[[Tree], Tree]) -> Position:
        """The same with parameters and state as a program has them."""
        return replace(
            self, params=params(self.params), state={name: params(tree) for name, tree in self.state.items()}
        )


@dataclass(frozen=True)
class Moment:
    """The plan, and the position reached."""

    plan: Plan
    at: Position

    @property
    def is_last(self) -> bool:
        """Whether there is no epoch left to do, by the plan and its schedule."""
        return self.plan.is_finished(self.at)

    @property
    def model(self) -> Model:
        """The model as it is now, with the parameters in use."""
        plan, at = self.plan, self.at
        assert plan.train.encoding is not None
        model = Model(
            plan.network,
            map_leaves(np.asarray, plan.params_in_use(at)),
            plan.train.encoding,
            plan.train.scale,
            plan.train.classes,
            plan.train.x.shape[1:],
            at.history,
            plan.settings,
            style=plan.train.style,
        )
        if at.best is None:
            return model
        best = at.history.best("validation_accuracy")["epoch"]
        until = History(at.history.records[: best + 1])
        return replace(model, best=replace(model, params=map_leaves(np.asarray, at.best), history=until))
