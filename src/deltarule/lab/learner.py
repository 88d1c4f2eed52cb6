"""A network that learns in a thread of its own, and can be watched, paused, changed and stopped meanwhile."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from deltarule.core.constraints import check, whole
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.regularizers import L2
from deltarule.data.dataset import Dataset
from deltarule.engines.execution import Execution
from deltarule.errors import DeltaruleError
from deltarule.models.history import Record
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback, GradientNorms, Monitor
from deltarule.training.fit import make_plan, train_from
from deltarule.training.plan import Moment, Position
from deltarule.training.training import Training

LOOKED_AT = 2000
"""Training examples on which training accuracy is measured after each epoch."""

ALIVE = 1.0
"""Seconds after which a paused thread looks whether there is still somebody to go on for."""


@dataclass(frozen=True)
class Pace:
    """What can be changed while it learns: the learning rate η and weight decay λ (divided by n)."""

    eta: float = 0.5
    lmbda: float = 0.0


@dataclass(frozen=True)
class Seen:
    """What there is to see at a moment: ``status`` is "ready", "learning", "paused", "done" or "failed".

    ``steps`` mini-batches are done; ``records`` one an epoch; ``rate`` is in examples a second;
    ``paces`` by which mini-batches were learned, in their order;
    ``model`` what was learned so far (None before the first step); ``problem`` why it failed.
    """

    status: str = "ready"
    epoch: int = 0
    steps: int = 0
    records: tuple[Record, ...] = ()
    rate: float = 0.0
    paces: tuple[Pace, ...] = ()
    model: Model | None = None
    problem: str = ""


@dataclass(frozen=True)
class Job:
    """What is to be learned: the network, from which data, and how."""

    network: Network
    train: Dataset
    validation: Dataset
    batch_size: int = 10
    optimizer: Optimizer = field(default_factory=SGD)
    seed: int = 1
    epochs: int = 1000
    engine: str = "auto"


class Learner:
    """Learns a job, until nobody holds it any longer, or the thread that began it has ended: a closed page's.

    >>> from deltarule.data import load
    >>> train, validation, _ = load("digits")
    >>> learner = Learner(Job(Network.dense([64, 10, 10]), train, validation, epochs=2))
    >>> learner.start()
    >>> learner.wait().status
    'done'
    """

    def __init__(self, job: Job, pace: Pace = Pace()) -> None:
        self.job = job
        self._run = _Run(job, pace)
        weakref.finalize(self, self._run.order, wanted="end")

    @property
    def seen(self) -> Seen:
        """How far it is."""
        return self._run.seen

    @property
    def pace(self) -> Pace:
        """η and λ of the next mini-batch; once it has ended, as they were when it did."""
        return self._run.pace

    @property
    def ended(self) -> bool:
        """Whether it learns no more, or is about to end."""
        return self._run.wanted == "end"

    def start(self) -> None:
        """Begins to learn, or goes on after a pause."""
        self._run.order(wanted="learn")

    def pause(self) -> None:
        """Waits where it is, between two mini-batches."""
        self._run.order(wanted="pause")

    def step(self, steps: int = 1) -> None:
        """Learns so many mini-batches more, and then pauses."""
        check("steps", steps, whole(1))
        self._run.order(wanted="step", steps=steps)

    def stop(self) -> None:
        """Ends the learning; what was learned stays to be seen."""
        self._run.order(wanted="end")

    def change(self, **changed: float) -> None:
        """Goes on with another ``eta`` or ``lmbda``, from the very next mini-batch; nothing, once it has ended."""
        self._run.order(pace=replace(self.pace, **changed))

    def wait(self, seconds: float | None = None) -> Seen:
        """Waits until the thread has ended, or so many seconds."""
        self._run.join(seconds)
        return self.seen


class _Again(Exception):
    """Thrown through the loop to go on from ``at`` by another pace."""

    def __init__(self, at: Position) -> None:
        self.at = at


class _Ended(Exception):
    """Thrown through the loop to end it."""


class _Run(Callback):
    """The thread's side: it holds no reference to the :class:`Learner`, whose end is its own."""

    def __init__(self, job: Job, pace: Pace) -> None:
        self.job, self.pace, self.seen = job, pace, Seen()
        self.wanted = "pause"
        self._until = 0
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._began = threading.current_thread()

    def order(self, wanted: str = "", pace: Pace | None = None, steps: int = 0) -> None:
        with self._news:
            if self.wanted == "end":
                return
            self.pace = pace or self.pace
            if wanted:
                self.wanted = wanted
                self._until = self.seen.steps + steps
            if self._thread is None and wanted in ("learn", "step"):
                self._began = threading.current_thread()
                self._thread = threading.Thread(target=self._work, name="learner", daemon=True)
                self.seen = replace(self.seen, status="learning")
                self._thread.start()
            elif self._thread is None and wanted == "end":
                self.seen = replace(self.seen, status="done")
            self._news.notify_all()

    def join(self, seconds: float | None) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        at: Position | None = None
        try:
            while True:
                try:
                    self._learn(at)
                    return self._end(status="done")
                except _Again as again:
                    at = again.at
        except _Ended:
            self._end(status="done")
        except DeltaruleError as error:
            self._end(status="failed", problem=str(error), paces=self._paces())
        except Exception as error:  # shown where the user looks, not in a console that nobody sees
            self._end(status="failed", problem=f"{type(error).__name__}: {error}", paces=self._paces())

    def _end(self, **changed: Any) -> None:
        with self._news:
            self.wanted = "end"
            self.seen = replace(self.seen, **changed)

    def _learn(self, at: Position | None) -> None:
        job, self._going = self.job, self.pace
        self.every = 1 if self.wanted == "step" else 0
        self._clock = perf_counter(), self.seen.steps
        training = Training(
            epochs=job.epochs,
            batch_size=job.batch_size,
            eta=self._going.eta,
            optimizer=job.optimizer,
            regularizer=L2(self._going.lmbda) if self._going.lmbda else None,
            seed=job.seed,
        )
        callbacks = [Monitor(training=job.train.take(slice(LOOKED_AT))), GradientNorms(), self]
        params = job.network.init(job.seed) if at is None else at.params
        plan = make_plan(
            job.network, params, job.train, job.validation, training, Execution(engine=job.engine), callbacks
        )
        train_from(plan, at or plan.start_from(params), callbacks)

    def _paces(self) -> tuple[Pace, ...]:
        """Those that were learned by, the present one included."""
        before = self.seen.paces
        return before if before[-1:] == (self._going,) else (*before, self._going)

    def on_start(self, moment: Moment) -> None:
        self._look(moment)

    def on_steps(self, moment: Moment) -> None:
        self._look(moment)

    def on_epoch(self, moment: Moment) -> bool:
        self._look(moment)
        return False

    def _look(self, moment: Moment) -> None:
        """Shows what there is, and does what was ordered; waits while it is to pause."""
        at, clock = moment.at, moment.plan.clock
        steps = at.epoch * clock.steps_per_epoch + at.step
        began, from_steps = self._clock
        rate = (steps - from_steps) * moment.plan.training.batch_size / max(perf_counter() - began, 1e-9)
        seen = replace(
            self.seen,
            epoch=at.epoch,
            steps=steps,
            records=at.history.records,
            rate=rate,
            paces=self._paces() if steps > self.seen.steps else self.seen.paces,
            model=moment.model,
            status="learning",
        )
        with self._news:
            self.seen = seen
            if self.wanted == "step" and steps >= self._until:
                self.wanted = "pause"
            while self.wanted == "pause" and self._began.is_alive():
                self.seen = replace(self.seen, status="paused")
                self._news.wait(ALIVE)
                self._clock = perf_counter(), steps
            if self.wanted == "end" or not self._began.is_alive():
                raise _Ended
            if self.pace != self._going or (self.wanted == "step") != bool(self.every):
                raise _Again(at)


def by_epoch(records: tuple[Record, ...], name: str) -> tuple[list[int], list[float]]:
    """The epochs in which something was measured, from 1, and what it was.

    >>> by_epoch(({"epoch": 0, "cost": 0.5}, {"epoch": 1}), "cost")
    ([1], [0.5])
    """
    found: list[Mapping[str, Any]] = [record for record in records if name in record]
    return [int(record["epoch"]) + 1 for record in found], [np.asarray(record[name]).tolist() for record in found]
