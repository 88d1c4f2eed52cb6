"""A moment of training: everything a callback may look at, and all that is needed to go on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from deltarule.core.descent import Descent
from deltarule.core.optimizers import State, in_use
from deltarule.core.schedules import Clock, Schedule
from deltarule.core.trees import Tree, leafwise
from deltarule.data.dataset import Dataset
from deltarule.data.order import Order
from deltarule.engines.base import Engine
from deltarule.models.history import ALWAYS, VALIDATED, History
from deltarule.models.model import Model


@dataclass(frozen=True)
class Plan:
    """What a training run does, from the first step to the last; it does not change on the way.

    It pauses at every so many steps as each of ``pauses`` says: in all processes, whether or not
    they have a callback to call there.
    """

    descent: Descent
    schedule: Schedule
    epochs: int
    batch_size: int
    seed: int
    engine: Engine
    dtype: str
    train: Dataset
    validation: Dataset | None
    order: Order
    pauses: tuple[int, ...]
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def clock(self) -> Clock:
        return Clock(-(-len(self.train) // self.batch_size), self.epochs)

    @property
    def recorded(self) -> tuple[str, ...]:
        """The names of what is recorded of each epoch in any case, whatever callbacks measure."""
        validated = () if self.validation is None else VALIDATED
        return (*ALWAYS, "compile_seconds", *validated)

    def in_use(self, at: Position) -> Tree:
        """The parameters to measure, keep and hand out: those being learned, or what the optimizer makes of them."""
        return in_use(self.descent.optimizer, at.params, at.state)


@dataclass(frozen=True)
class Position:
    """Where a run stands: ``epoch`` and the ``step`` within it that come next, and what was learned so far.

    ``params`` are those being learned. ``best`` are those that were in use in the epoch with the
    highest validation accuracy, where they are kept, and ``seconds`` is the time spent in the present epoch.
    """

    params: Tree
    state: State
    epoch: int = 0
    step: int = 0
    history: History = History()
    best: Tree | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Moment:
    """The plan, and the position reached."""

    plan: Plan
    at: Position

    @property
    def is_last(self) -> bool:
        """Whether there is no epoch left to do, by the plan and its schedule."""
        plan, at = self.plan, self.at
        return at.epoch >= plan.epochs or plan.schedule.finished(at.history.records)

    @property
    def model(self) -> Model:
        """The model as it is now, with the parameters in use."""
        plan, at = self.plan, self.at
        assert plan.train.encoding is not None
        model = Model(
            plan.descent.network,
            leafwise(np.asarray, plan.in_use(at)),
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
        return replace(model, best=replace(model, params=leafwise(np.asarray, at.best), history=until))
