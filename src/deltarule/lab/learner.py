"""Training in a thread: a run that can be watched, paused, changed and stopped."""

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
from deltarule.training.plan import Moment, Position, Start
from deltarule.training.training import Training

MEASURED_EXAMPLES = 2000
"""The most training examples on which accuracy and cost are measured after each epoch."""

CHECK_INTERVAL = 1.0
"""Seconds between two checks of a paused thread whether its page still exists."""


@dataclass(frozen=True)
class Rates:
    """The settings that may change during training: learning rate η and weight decay λ (divided by n)."""

    eta: float = 0.5
    lmbda: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """The state of a run at one moment.

    ``status`` is "ready", "training", "paused", "done" or "failed". ``epoch`` is the epoch of the last mini-batch,
    counted from 1, and ``steps`` the number of mini-batches so far. ``records`` has one record per finished epoch
    (their "epoch" counts from 0). ``speed`` is in examples per second. ``rates`` are the η and λ that were used, in
    order. ``model`` is the model so far (None before training starts). ``problem`` says why the run failed.
    """

    status: str = "ready"
    epoch: int = 0
    steps: int = 0
    records: tuple[Record, ...] = ()
    speed: float = 0.0
    rates: tuple[Rates, ...] = ()
    model: Model | None = None
    problem: str = ""


@dataclass(frozen=True)
class Job:
    """The settings of a run: the network, the data and the training."""

    network: Network
    train: Dataset
    validation: Dataset
    batch_size: int = 10
    optimizer: Optimizer = field(default_factory=SGD)
    seed: int = 1
    epochs: int = 1000
    engine: str = "auto"


class Learner:
    """A run in a thread.

    The run ends when its job is done or :meth:`stop` is called, when the learner is garbage-collected, and when the
    thread that started it ends, as that of a closed page does.

    >>> from deltarule.data import load
    >>> train, validation, _ = load("digits")
    >>> learner = Learner(Job(Network.dense([64, 10, 10]), train, validation, epochs=2))
    >>> learner.start()
    >>> learner.wait().status
    'done'
    """

    def __init__(self, job: Job, rates: Rates = Rates()) -> None:
        self.job = job
        self._run = _Run(job, rates)
        weakref.finalize(self, self._run.command, action="end")

    @property
    def snapshot(self) -> Snapshot:
        """The state of the run now."""
        return self._run.snapshot

    @property
    def rates(self) -> Rates:
        """η and λ for the next mini-batch; after the end of the run, the last ones."""
        return self._run.rates

    @property
    def has_ended(self) -> bool:
        """Return whether the run has ended or is about to end."""
        return self._run.action == "end"

    def start(self) -> None:
        """Start training, or continue after a pause."""
        self._run.command(action="train")

    def pause(self) -> None:
        """Pause between two mini-batches."""
        self._run.command(action="pause")

    def step(self, steps: int = 1) -> None:
        """Train on ``steps`` more mini-batches, and then pause."""
        check("steps", steps, whole(1))
        self._run.command(action="step", steps=steps)

    def stop(self) -> None:
        """End the run; its last snapshot stays available."""
        self._run.command(action="end")

    def change(self, **rates: float) -> None:
        """Change ``eta`` or ``lmbda`` from the next mini-batch on; after the end of the run, do nothing."""
        self._run.command(rates=replace(self.rates, **rates))

    def wait(self, seconds: float | None = None) -> Snapshot:
        """Wait until the thread has ended, at most ``seconds``, and return the snapshot."""
        self._run.join(seconds)
        return self.snapshot


class _Restart(Exception):
    """Raised in the training loop to continue from ``at`` with other rates."""

    def __init__(self, at: Position) -> None:
        self.at = at


class _End(Exception):
    """Raised in the training loop to end it."""


class _Run(Callback):
    """The thread's side of a run, without a reference to the :class:`Learner`, so that the learner can be collected."""

    def __init__(self, job: Job, rates: Rates) -> None:
        self.job, self.rates, self.snapshot = job, rates, Snapshot()
        self.action = "pause"
        self._pause_at = 0
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._owner = threading.current_thread()

    def command(self, action: str = "", rates: Rates | None = None, steps: int = 0) -> None:
        """Set the action ("train", "pause", "step" or "end") or the rates, and start the thread if needed."""
        with self._condition:
            if self.action == "end":
                return
            self.rates = rates or self.rates
            if action:
                self.action = action
                self._pause_at = self.snapshot.steps + steps
            if self._thread is None and action in ("train", "step"):
                self._owner = threading.current_thread()
                self._thread = threading.Thread(target=self._work, name="learner", daemon=True)
                self.snapshot = replace(self.snapshot, status="training")
                self._thread.start()
            elif self._thread is None and action == "end":
                self.snapshot = replace(self.snapshot, status="done")
            self._condition.notify_all()

    def join(self, seconds: float | None) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        at: Position | None = None
        try:
            while True:
                try:
                    self._train(at)
                    return self._end(status="done")
                except _Restart as restart:
                    at = restart.at
        except _End:
            self._end(status="done")
        except DeltaruleError as error:
            self._end(status="failed", problem=str(error), rates=self._rates_so_far())
        except Exception as error:  # shown on the page, since nobody looks at the console
            self._end(status="failed", problem=f"{type(error).__name__}: {error}", rates=self._rates_so_far())

    def _end(self, **fields: Any) -> None:
        with self._condition:
            self.action = "end"
            self.snapshot = replace(self.snapshot, **fields)

    def _train(self, at: Position | None) -> None:
        job, self._current = self.job, self.rates
        self.every = 1 if self.action == "step" else 0
        self._clock = perf_counter(), self.snapshot.steps
        training = Training(
            epochs=job.epochs,
            batch_size=job.batch_size,
            eta=self._current.eta,
            optimizer=job.optimizer,
            regularizer=L2(self._current.lmbda) if self._current.lmbda else None,
            seed=job.seed,
        )
        callbacks = [Monitor(training=job.train.take(slice(MEASURED_EXAMPLES))), GradientNorms(), self]
        params = job.network.init(job.seed) if at is None else at.params
        start = Start(job.network, params)
        plan = make_plan(start, job.train, job.validation, training, Execution(engine=job.engine), callbacks)
        train_from(plan, at or plan.start_from(params), callbacks)

    def _rates_so_far(self) -> tuple[Rates, ...]:
        """Return the rates used so far, including the current ones."""
        before = self.snapshot.rates
        return before if before[-1:] == (self._current,) else (*before, self._current)

    def on_start(self, moment: Moment) -> None:
        self._publish(moment)

    def on_steps(self, moment: Moment) -> None:
        self._publish(moment)

    def on_epoch(self, moment: Moment) -> bool:
        self._publish(moment)
        return False

    def _publish(self, moment: Moment) -> None:
        """Publish a snapshot, wait during a pause, and carry out the last command."""
        at, clock = moment.at, moment.plan.clock
        steps = at.epoch * clock.steps_per_epoch + at.step
        started, first_steps = self._clock
        speed = (steps - first_steps) * moment.plan.training.batch_size / max(perf_counter() - started, 1e-9)
        snapshot = replace(
            self.snapshot,
            epoch=-(-steps // clock.steps_per_epoch),
            steps=steps,
            records=at.history.records,
            speed=speed,
            rates=self._rates_so_far() if steps > self.snapshot.steps else self.snapshot.rates,
            model=moment.model,
            status="training",
        )
        with self._condition:
            self.snapshot = snapshot
            if self.action == "step" and steps >= self._pause_at:
                self.action = "pause"
            while self.action == "pause" and self._owner.is_alive():
                self.snapshot = replace(self.snapshot, status="paused")
                self._condition.wait(CHECK_INTERVAL)
                self._clock = perf_counter(), steps
            if self.action == "end" or not self._owner.is_alive():
                raise _End
            if self.rates != self._current or (self.action == "step") != bool(self.every):
                raise _Restart(at)


def select_by_epoch(records: tuple[Record, ...], name: str) -> tuple[list[int], list[float]]:
    """Select the values of one figure, and the epochs, counted from 1, that recorded it.

    >>> select_by_epoch(({"epoch": 0, "cost": 0.5}, {"epoch": 1}), "cost")
    ([1], [0.5])
    """
    complete: list[Mapping[str, Any]] = [record for record in records if name in record]
    return [int(record["epoch"]) + 1 for record in complete], [np.asarray(record[name]).tolist() for record in complete]
