"""The plan of a training run, its position, and both together as a callback gets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

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
from deltarule.preprocessing import Preprocessing
from deltarule.training.training import Training


class Start(NamedTuple):
    """The start of a run: a network, its first parameters, and the preprocessing and a record of their model."""

    network: Network
    params: Tree
    preprocessing: Preprocessing | None = None
    history: History = History()


@dataclass(frozen=True)
class Plan:
    """Everything that determines a training run, fixed from the first step to the last.

    Attributes:
        network: The network.
        train: The training set.
        validation: The validation set, or None.
        preprocessing: The transforms of raw inputs and labels, fitted to the training set or taken from a model.
        training: The settings of the training.
        execution: The settings of the execution.
        engine: The engine chosen for ``execution``.
        reason: Why this engine was chosen.
        pauses: Numbers of steps; the run pauses after every multiple of each, in all processes, even those without a
            callback to call there.
    """

    network: Network
    train: Dataset
    validation: Dataset | None
    preprocessing: Preprocessing
    training: Training
    execution: Execution
    engine: Engine
    reason: str
    pauses: tuple[int, ...] = ()

    @cached_property
    def descent(self) -> Descent:
        """The step of gradient descent."""
        return make_descent(self.network, self.train, self.training)

    @property
    def clock(self) -> Clock:
        """The number of steps and epochs."""
        return Clock(-(-len(self.train) // self.training.batch_size), self.training.epochs)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of training and execution as plain JSON, for the model's file."""
        return {
            **self.training.description,
            "engine": self.engine.name,
            "engine_reason": self.reason,
            "threads": self.engine.threads,
            "level": self.engine.level,
            "devices": self.execution.total,
            "training_examples": len(self.train),
            "training_data": self.train.name,
        }

    @property
    def recorded_names(self) -> tuple[str, ...]:
        """The names recorded for each epoch without any callbacks."""
        validated = () if self.validation is None else VALIDATED
        return (*ALWAYS, "compile_seconds", *validated)

    def start_from(self, params: Tree, history: History | None = None) -> Position:
        """Return the position at the start, with these parameters, and a record of the model that they come from."""
        state = self.training.optimizer.init(params)
        return Position(params, state, history=History() if history is None else history)

    def params_in_use(self, at: Position) -> Tree:
        """Return the parameters to evaluate and save: those being trained, or the optimizer's averages of them.

        Running means are those being trained: they are averages already, and begin far from their values.
        """
        used = params_in_use(self.training.optimizer, at.params, at.state)
        return self.network.with_statistics(used, at.params)

    def is_finished(self, at: Position) -> bool:
        """Check whether the run is at its end, by the number of epochs or by the schedule."""
        return at.epoch >= self.training.epochs or self.training.schedule.is_finished(at.history.records)

    def epoch_at(self, at: Position) -> Epoch:
        """Return the epoch of a position, a pure function of the plan, its seed and the epoch's number."""
        training, steps = self.training, self.clock.steps_per_epoch
        order = compute_positions(training.order, len(self.train), training.seed, at.epoch)
        every = np.arange(at.epoch * steps, (at.epoch + 1) * steps)
        eta = np.asarray(training.schedule.eta(every, self.clock, at.history.records), dtype=float)
        if eta.shape != (steps,):
            raise InvalidArgument(
                f"expected a schedule that returns {steps} learning rates, one per step, got the shape {eta.shape}",
                argument="eta",
                value=training.eta,
            )
        return Epoch(order, training.batch_size, eta, random.fold(random.key(training.seed), at.epoch))


def make_descent(network: Network, train: Dataset, training: Training) -> Descent:
    """Build the step of a training; augmentation gets images in the shape of the data or of the network's input."""
    images = None
    if training.augmentation is not None:
        shapes = (train.x.shape[1:], network.input_shape)
        images = OnImages(training.augmentation, next(shape for shape in shapes if len(shape) in (2, 3)))
    return Descent(network, training.optimizer, training.regularizer, len(train), images)


@dataclass(frozen=True)
class Position:
    """The position of a run: the next epoch and step, and everything trained so far.

    Attributes:
        params: The parameters being trained.
        state: The state of the optimizer.
        epoch: The number of finished epochs, which is the index of the current one.
        step: The number of finished steps of the current epoch.
        history: The records so far.
        best: The parameters in use after the epoch with the highest validation accuracy, if they are kept.
        seconds: The training time of the current epoch.
        compile_seconds: The time spent on compiling, until it is recorded.
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
        """Return the position with parameters and state converted to a program's arrays."""
        return replace(
            self, params=params(self.params), state={name: params(tree) for name, tree in self.state.items()}
        )


@dataclass(frozen=True)
class Moment:
    """The plan and the current position of a run, as callbacks get them.

    >>> import deltarule as dr
    >>> class Watch(dr.Callback):
    ...     def on_epoch(self, moment):
    ...         print(moment.at.epoch, "of", moment.plan.training.epochs, moment.is_last)
    >>> train = dr.data.load("digits")[0].take(slice(100))
    >>> model = dr.fit(dr.Network.dense([64, 10]), train, epochs=2, callbacks=[Watch()])
    1 of 2 False
    2 of 2 True
    """

    plan: Plan
    at: Position

    @property
    def is_last(self) -> bool:
        """Check whether the run is at its end, by the number of epochs or by the schedule."""
        return self.plan.is_finished(self.at)

    @property
    def model(self) -> Model:
        """The current model, with the parameters in use."""
        plan, at = self.plan, self.at
        params = map_leaves(np.asarray, plan.params_in_use(at))
        model = Model(plan.network, params, plan.preprocessing, at.history, plan.settings)
        if at.best is None:
            return model
        best = at.history.best(at.history.score)["epoch"]
        until = History(at.history.records[: best + 1])
        return replace(model, best=replace(model, params=map_leaves(np.asarray, at.best), history=until))
