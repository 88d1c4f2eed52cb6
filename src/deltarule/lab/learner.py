"""Training in a thread: a run that can be watched, paused, changed, stopped and continued."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace

from deltarule.core.constraints import check, whole
from deltarule.lab.run_records import FIRST_RATES, Job, Rates, Snapshot, select_by_epoch
from deltarule.lab.training_thread import TrainingThread

__all__ = ["Job", "Learner", "Rates", "Snapshot", "select_by_epoch"]


class Learner:
    """A run in a thread.

    The run ends when its job is done or :meth:`stop` is called, when the learner is garbage-collected, and when the
    thread that started it ends, as that of a closed page does. If its job has a folder, it saves itself there as an
    ordinary run: at the start, after epochs, when it is paused, and at its end.

    Args:
        job: The job, or a function that builds it, which is called in the run's thread.
        rates: The first η and λ; None for those of a saved run.
        after: Another run to wait for, which uses the same folder.

    >>> from deltarule import Network
    >>> from deltarule.data import load
    >>> train, validation, _ = load("digits")
    >>> learner = Learner(Job(Network.dense([64, 10, 10]), train, validation, epochs=2))
    >>> learner.start()
    >>> learner.wait().status
    'done'
    """

    def __init__(
        self, job: Job | Callable[[], Job], rates: Rates | None = FIRST_RATES, after: Learner | None = None
    ) -> None:
        build = (lambda: job) if isinstance(job, Job) else job
        self._run: TrainingThread = TrainingThread(build, rates, None if after is None else after._run)
        weakref.finalize(self, self._run.command, action="end")

    @property
    def job(self) -> Job | None:
        """The job, or None while it is being built."""
        return self._run.job

    @property
    def snapshot(self) -> Snapshot:
        """The state of the run now."""
        return self._run.snapshot

    @property
    def rates(self) -> Rates:
        """η and λ for the next mini-batch; after the end of the run, the last ones."""
        return self._run.rates or Rates()

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
        """End the run: its snapshot is "done" at once, and its thread ends after what it computes now."""
        self._run.command(action="end")

    def change(self, **rates: float) -> None:
        """Change ``eta`` or ``lmbda`` from the next mini-batch on; after the end of the run, do nothing."""
        self._run.command(rates=replace(self.rates, **rates))

    def wait(self, seconds: float | None = None) -> Snapshot:
        """Wait until the thread has ended, at most ``seconds``, and return the snapshot."""
        self._run.join(seconds)
        return self.snapshot
