"""The thread of a run: it trains, publishes snapshots, saves, and carries out commands between mini-batches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from deltarule.core.regularizers import L2
from deltarule.core.schedules import Constant
from deltarule.engines.execution import Execution
from deltarule.errors import DeltaruleError, DivergedError
from deltarule.lab.cost_probe import CostProbe
from deltarule.lab.run_records import Job, Rates, Snapshot, add_point
from deltarule.lab.run_store import open_run_folder
from deltarule.models import files
from deltarule.models.description import describe
from deltarule.models.files import MODEL_FILE
from deltarule.training.callbacks import Callback, GradientNorms, Monitor
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import make_plan, train_from
from deltarule.training.plan import Moment, Position, Start
from deltarule.training.saved_run import SavedRun
from deltarule.training.training import Training

NAME = "learner"
"""The name of the threads that train."""

MEASURED_EXAMPLES = 2000
"""The most training examples on which accuracy and cost are measured after each epoch."""

CHECK_INTERVAL = 1.0
"""Seconds between two checks of a paused thread whether its page still exists."""

SAVE_INTERVAL = 3.0
"""The least seconds between checkpoints after two epochs."""


class Restart(Exception):
    """Raised in the training loop to continue from ``at`` with other rates."""

    def __init__(self, at: Position) -> None:
        self.at = at


class End(Exception):
    """Raised in the training loop to end it."""


class TrainingThread(Callback):
    """The thread's side of a run, without a reference to the :class:`Learner`, so that the learner can be collected."""

    def __init__(self, build: Callable[[], Job], rates: Rates | None, after: TrainingThread | None = None) -> None:
        self.rates, self.snapshot = rates, Snapshot()
        self.job: Job | None = None
        self.action = "pause"
        self._build, self._after = build, after
        self._pause_at = 0
        self._current: Rates | None = None
        self._checkpoint: Checkpoint | None = None
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
                self._thread = threading.Thread(target=self._work, name=NAME, daemon=True)
                self.snapshot = replace(self.snapshot, status="preparing")
                self._thread.start()
            elif action == "end" and self.snapshot.status != "failed":
                self.snapshot = replace(self.snapshot, status="done")
            self._condition.notify_all()

    def join(self, seconds: float | None) -> None:
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        at: Position | None = None
        try:
            if self._after is not None:
                self._after.join(None)
                self._after = None
            self.job = self._build()
            with ExitStack() as resources:
                if self.job.folder is not None:
                    resources.enter_context(open_run_folder(self.job.folder, self.job.notes))
                    write = partial(files.write, self.job.folder / MODEL_FILE)
                    self._checkpoint = Checkpoint(self.job.folder, write=write, pause=SAVE_INTERVAL)
                while True:
                    try:
                        self._train(self.job, at)
                        return self._end(status="done")
                    except Restart as restart:
                        at = restart.at
        except End:
            self._end(status="done")
        except DeltaruleError as error:
            self._fail(str(error), isinstance(error, DivergedError))
        except Exception as error:  # shown on the page, since nobody looks at the console
            self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, problem: str, diverged: bool = False) -> None:
        self._end(status="failed", problem=problem, diverged=diverged, rates=self._rates_so_far())

    def _end(self, **fields: Any) -> None:
        with self._condition:
            self.snapshot = replace(self.snapshot, **fields)
            self.action = "end"

    def _train(self, job: Job, at: Position | None) -> None:
        self._check_action()
        saved, before = job.saved, self._current
        self.rates = self._current = rates = self.rates or read_rates(saved)
        self.every = 1 if self.action == "step" else 0
        training = build_training(job, rates)
        callbacks: list[Callback] = [Monitor(training=job.train.take(slice(MEASURED_EXAMPLES))), GradientNorms(), self]
        if self._checkpoint is not None:
            self._checkpoint.at_start = at is None
            callbacks.append(self._checkpoint)
        if saved is not None:
            if job.folder is not None:
                saved.check_data(job.folder, job.train, job.validation)
            start = Start(saved.model.network, saved.model.params, saved.model.preprocessing)
            at, before = at or saved.at, before or read_rates(saved)
        else:
            start = Start(job.network, job.network.init(job.seed) if at is None else at.params)
        plan = make_plan(start, job.train, job.validation, training, Execution(engine=job.engine), callbacks)
        at = plan.start_from(start.params) if at is None else at
        if before is not None and before.eta != rates.eta:
            at = _note_eta(at, plan.clock.steps_per_epoch, before.eta, rates.eta)
        self._clock = perf_counter(), at.epoch * plan.clock.steps_per_epoch + at.step
        self._probe = CostProbe(plan)
        train_from(plan, at, callbacks)

    def _rates_so_far(self) -> tuple[Rates, ...]:
        """Return the rates used so far, including the current ones."""
        before = self.snapshot.rates
        return before if self._current is None or before[-1:] == (self._current,) else (*before, self._current)

    def on_start(self, moment: Moment) -> None:
        self._publish(moment)

    def on_steps(self, moment: Moment) -> None:
        self._publish(moment)

    def on_epoch(self, moment: Moment) -> bool:
        self._publish(moment, measure=True)
        return False

    def _check_action(self) -> None:
        """Raise :class:`End` if the run must end, also as its page is closed."""
        if self.action == "end" or not self._owner.is_alive():
            raise End

    def _publish(self, moment: Moment, measure: bool = False) -> None:
        """Publish a snapshot, wait during a pause, and carry out the last command; ``measure`` the cost also soon.

        At the end of an epoch a command waits until the epoch is recorded: before that a saved run would have more
        steps than its history, and could not be continued.
        """
        at, clock = moment.at, moment.plan.clock
        steps = at.epoch * clock.steps_per_epoch + at.step
        started, first_steps = self._clock
        costs, cost = self.snapshot.costs, self._probe.measure(moment, measure)
        snapshot = replace(
            self.snapshot,
            epoch=-(-steps // clock.steps_per_epoch),
            steps=steps,
            records=at.history.records,
            speed=(steps - first_steps) * moment.plan.training.batch_size / max(perf_counter() - started, 1e-9),
            rates=self._rates_so_far() if steps > self.snapshot.steps else self.snapshot.rates,
            model=moment.model,
            costs=costs if cost is None else add_point(costs, steps, cost),
            steps_per_epoch=clock.steps_per_epoch,
        )
        with self._condition:
            self.snapshot = replace(snapshot, status="done" if self.action == "end" else "training")
            if self.action == "step" and steps >= self._pause_at:
                self.action = "pause"
        if at.step == clock.steps_per_epoch:  # the epoch is recorded next; only then the run can be saved
            return
        if self.action == "pause" or self.action == "end":
            self._save(moment)
        with self._condition:
            while self.action == "pause" and self._owner.is_alive():
                self.snapshot = replace(self.snapshot, status="paused")
                self._condition.wait(CHECK_INTERVAL)
                self._clock = perf_counter(), steps
            if self.action != "end":
                self.snapshot = replace(self.snapshot, status="training")
        if not self._owner.is_alive():
            self._save(moment)
        self._check_action()
        if self.rates != self._current or (self.action == "step") != bool(self.every):
            raise Restart(at)

    def _save(self, moment: Moment) -> None:
        """Save the run as of now, if it has a folder; before its first step the checkpoint does it."""
        if self._checkpoint is not None and self.snapshot.steps:
            self._checkpoint.on_interrupt(moment)


def build_training(job: Job, rates: Rates) -> Training:
    """Build the settings with these rates; the others are those of the job, or of the saved run."""
    training = Training(batch_size=job.batch_size, optimizer=job.optimizer, seed=job.seed)
    training = training if job.saved is None else job.saved.training
    return replace(training, epochs=job.epochs, eta=rates.eta, regularizer=L2(rates.lmbda) if rates.lmbda else None)


def read_rates(saved: SavedRun | None) -> Rates:
    """Read the last η and λ of a saved run."""
    if saved is None:
        return Rates()
    schedule, regularizer = saved.training.schedule, saved.training.regularizer
    eta = schedule.value if isinstance(schedule, Constant) else Rates.eta
    return Rates(eta, regularizer.lmbda if isinstance(regularizer, L2) else 0.0)


def _note_eta(at: Position, steps: int, before: float, after: float) -> Position:
    """Record another η in the history, as a resumed run does."""
    change = {"epoch": at.epoch, "step": at.epoch * steps + at.step}
    rates = {"before": describe(Constant(before)), "after": describe(Constant(after))}
    return replace(at, history=at.history.add_change({**change, **rates}))
