"""deltarule's public function ``fit``, with each engine."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from benchmarks.contenders.task import Outcome, Task
from deltarule import Callback, fit
from deltarule.training.plan import Moment


def native(task: Task) -> Outcome:
    return _fit(task, "native")


def jax(task: Task) -> Outcome:
    return _fit(task, "jax")


def numpy(task: Task) -> Outcome:
    return _fit(task, "numpy")


class Stopwatch(Callback):
    """A callback that records the time of every epoch as a user sees it, with all the work around the steps."""

    def __init__(self, wait: Callable[[], None]) -> None:
        self.wait = wait

    def on_start(self, moment: Moment) -> None:
        self.seconds: list[float] = []
        self.wait()
        self.last = perf_counter()

    def on_epoch(self, moment: Moment) -> bool:
        self.seconds.append(perf_counter() - self.last)
        if not moment.is_last:
            self.wait()
        self.last = perf_counter()
        return False


def _fit(task: Task, engine: str) -> Outcome:
    watch = Stopwatch(task.wait)
    model = fit(
        task.network,
        task.train,
        task.recipe.training,
        seed=task.seed,
        engine=engine,
        threads=task.threads,
        callbacks=[watch],
    )
    return Outcome(watch.seconds, model.history.records[0]["compile_seconds"], model.predict)
