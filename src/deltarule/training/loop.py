"""The training loop of stochastic gradient descent: over epochs, and within them over groups of mini-batches.

After each group the loop pauses for measurements and callbacks. The loop over the mini-batches of a group belongs to
the engine (``run``, in :mod:`deltarule.engines.numpy_engine`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from math import isfinite
from time import perf_counter
from typing import Any

from deltarule.engines import Epoch, Examples, Program
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.history import Record
from deltarule.models.metrics import evaluate_outputs
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback
from deltarule.training.divergence import raise_diverged
from deltarule.training.plan import Moment, Plan, Position

PAUSE = 0.15
"""The time between two pauses, at which callbacks run and training can stop, in seconds."""

FIRST = 32
"""The number of mini-batches before the first pause of an epoch, when their speed is still unknown."""


@dataclass(frozen=True)
class Run:
    """A plan with its program, its data in the program's place and its callbacks.

    ``interrupts`` gets an entry when the user interrupts training.
    """

    plan: Plan
    program: Program
    train: Examples
    validation: Examples | None
    callbacks: Sequence[Callback] = ()
    interrupts: list[Any] = field(default_factory=list)

    @contextmanager
    def start(self, at: Position) -> Iterator[Position]:
        """Compile the program and call ``on_start``; call ``on_exit`` when the block ends, also after an error."""
        at = at.convert(self.program.params)
        epoch, begun = self.plan.epoch_at(at), perf_counter()
        self.program.warm_up(at.params, at.state, self.train, epoch, self.validation)
        at = replace(at, compile_seconds=(at.compile_seconds or 0.0) + perf_counter() - begun)
        with ExitStack() as exits:
            for callback in self.callbacks:
                callback.on_start(Moment(self.plan, at))
                exits.callback(callback.on_exit)
            yield at


def descend(run: Run, at: Position) -> Model:
    """Train from a position to the end, and return the model.

    Raises :class:`DivergedError`, and :class:`Interrupted` on Ctrl-C before the last step.
    """
    plan, finished = run.plan, run.plan.is_finished(at)
    while not finished:
        epoch, length = plan.epoch_at(at), FIRST
        while at.step < epoch.steps:
            start, stop, begun = at.step, _next_pause(plan, epoch, at, length), perf_counter()
            params, state, finite = run.program.run(at.params, at.state, run.train, epoch, start, stop)
            seconds = perf_counter() - begun
            if not finite and plan.training.stop_if_not_finite:
                raise_diverged(plan, run.program, run.train, epoch, at, stop)
            at = replace(at, params=params, state=state, step=stop, seconds=at.seconds + seconds)
            at = _pause(run, epoch, at)
            slowest, interrupted = plan.engine.all_reduce_max(seconds, len(run.interrupts))
            length = max(1, int((stop - start) * min(8.0, PAUSE / max(slowest, 1e-9))))
            if interrupted and stop < epoch.steps:
                _interrupt(run, at)
        at = _record_epoch(run, epoch, at)
        finished, interrupted = _finish_epoch(run, at)
        if interrupted and not finished:
            _interrupt(run, at)
    for callback in run.callbacks:
        callback.on_end(Moment(plan, at))
    return Moment(plan, at).model


def _next_pause(plan: Plan, epoch: Epoch, at: Position, length: int) -> int:
    """Return the step of the epoch before which to pause next: after ``length`` steps, or where the plan pauses."""
    done = at.epoch * epoch.steps
    planned = [(done + at.step) // every * every + every - done for every in plan.pauses]
    return min([at.step + length, epoch.steps, *planned])


def _pause(run: Run, epoch: Epoch, at: Position) -> Position:
    """Evaluate the validation set if it is due, and call the callbacks' ``on_steps``."""
    every, done = run.plan.training.validate_every, at.epoch * epoch.steps + at.step
    if every and done % every == 0 and at.step < epoch.steps:
        record = {"epoch": at.epoch, "step": done, **_validate(run, at)}
        at = replace(at, history=at.history.add_within(record))
    for callback in run.callbacks:
        callback.on_steps(Moment(run.plan, at))
    return at


def _record_epoch(run: Run, epoch: Epoch, at: Position) -> Position:
    """Record the epoch, and return the position at the start of the next one."""
    record: Record = {
        "epoch": at.epoch,
        "step": (at.epoch + 1) * epoch.steps,
        "eta": float(epoch.eta[-1]),
        "seconds": at.seconds,
        **({} if at.compile_seconds is None else {"compile_seconds": at.compile_seconds}),
        **_validate(run, at),
    }
    for callback in run.callbacks:
        record |= _measure(callback, Moment(run.plan, at), record)
    best, history = at.best, at.history.add(record)
    if run.plan.training.keep_best and history.best(history.score) is record:
        best = run.plan.params_in_use(at)
    return replace(at, epoch=at.epoch + 1, step=0, seconds=0.0, compile_seconds=None, history=history, best=best)


def _finish_epoch(run: Run, at: Position) -> tuple[bool, bool]:
    """Call the callbacks; return whether this was the last epoch, and whether any process was interrupted."""
    wishes = [callback.on_epoch(Moment(run.plan, at)) for callback in run.callbacks]
    stopping = any(wishes) or run.plan.training.schedule.is_finished(at.history.records)
    stop, interrupted = map(bool, run.plan.engine.all_reduce_max(stopping, len(run.interrupts)))
    last = stop or at.epoch == run.plan.training.epochs
    for callback in run.callbacks:
        callback.after_epoch(Moment(run.plan, at), last)
    return last, interrupted


def _measure(callback: Callback, moment: Moment, record: Record) -> Mapping[str, Any]:
    """Return a callback's measurements. Raises :class:`InvalidArgument` unless they are a mapping of new names."""
    method, figures = f"{type(callback).__name__}.measure", callback.measure(moment)
    if not isinstance(figures, Mapping):
        raise InvalidArgument(
            argument=method,
            expected="it to return a dictionary from names to numbers",
            value=figures,
            remedy="return {} if there is nothing to record",
        )
    if repeated := [name for name in figures if name in record]:
        raise InvalidArgument(
            f"expected new names, got {repeated[0]!r}, which is already recorded",
            argument=method,
            value=figures,
            remedy="choose another name",
        )
    return figures


def _validate(run: Run, at: Position) -> Record:
    """Evaluate the validation set. Raises :class:`DivergedError` for a cost that is not finite, if so set."""
    plan = run.plan
    if run.validation is None or plan.validation is None:
        return {}
    z = run.program.weighted_inputs(plan.params_in_use(at), run.validation)
    figures = evaluate_outputs(plan.network, z, run.validation.y, plan.validation, plan.preprocessing)
    if plan.training.stop_if_not_finite and not isfinite(figures["cost"]):
        raise DivergedError(
            f"the cost of the last layer on the validation set is {figures['cost']}, probably because the learning "
            "rate is too large",
            position=f"epoch {at.epoch + 1}, step {at.step}",
            remedy="try a smaller one; if it is already small, check the numbers in the data set and the first weights",
        )
    return {f"validation_{name}": value for name, value in figures.items()}


def _interrupt(run: Run, at: Position) -> None:
    moment = Moment(run.plan, at)
    for callback in run.callbacks:
        callback.on_interrupt(moment)
    raise Interrupted(f"interrupted in epoch {at.epoch + 1} after step {at.step}", moment.model)
