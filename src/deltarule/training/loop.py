"""The loop over epochs: run a stretch, pause to look, save or stop, and go on."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np

from deltarule.core import random
from deltarule.data.dataset import Dataset
from deltarule.data.order import positions
from deltarule.engines import Epoch, Examples, Program
from deltarule.engines.base import Evaluation, Stretch, WarmUp, Work
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.history import Record
from deltarule.models.metrics import evaluate_outputs
from deltarule.models.model import Model
from deltarule.training.agreement import agree
from deltarule.training.callbacks import Callback, needs_accuracy
from deltarule.training.moment import Moment, Plan, Position

PAUSE = 0.15
"""Seconds of training between two pauses, in which one can look, stop and save."""


@dataclass(frozen=True)
class Placed:
    """A program, and the data where it wants them."""

    program: Program
    train: Examples
    validation: Examples | None

    @classmethod
    def of(cls, plan: Plan, program: Program) -> Placed:
        def placed(dataset: Dataset) -> Examples:
            return program.place(Examples.of(dataset, plan.descent.network, plan.dtype))

        return cls(program, placed(plan.train), None if plan.validation is None else placed(plan.validation))


Answer: TypeAlias = tuple[Any, float]
"""What a work came to, and the seconds that it took."""

Learning: TypeAlias = Generator[Work, Answer, Model]
"""A training run that asks for its work to be done, piece by piece, and ends with the model."""


@dataclass(frozen=True)
class _Setup:
    """A plan with everything it needs at hand; ``interrupted`` is filled when the user wants to stop."""

    plan: Plan
    callbacks: Sequence[Callback]
    placed: Placed
    interrupted: Sequence[Any]


def train_by(plan: Plan, at: Position, callbacks: Sequence[Callback]) -> Model:
    """Trains by the plan, from a position to the end, and returns the model."""
    agree([(plan, at)])
    interrupted: list[Any] = []
    placed = Placed.of(plan, plan.engine.program(plan.descent, plan.dtype))
    with closing(learn(plan, at, callbacks, placed, interrupted)) as learning:
        model = done_alone(learning, interrupted)
    if interrupted:  # too late to stop this run, but whoever asked wants to stop what comes after it, too
        raise Interrupted("interrupted when the training was done", model)
    return model


def done_alone(learning: Learning, interrupted: list[Any]) -> Model:
    """Does one work after the other, all but the first, the warm-up, safe from being torn apart by Ctrl-C."""
    try:
        work = learning.send(timed(next(learning)))
        with interruptible(interrupted):
            while True:
                work = learning.send(timed(work))
    except StopIteration as end:
        model: Model = end.value
        return model


def timed(work: Work) -> Answer:
    """Does a work."""
    started = perf_counter()
    result = work.done()
    return result, perf_counter() - started


def learn(
    plan: Plan, at: Position, callbacks: Sequence[Callback], placed: Placed, interrupted: Sequence[Any]
) -> Learning:
    """The loop over epochs, from a position to the end."""
    if plan.settings["keep_best"]:
        needs_accuracy("KeepBest", plan)
    program = placed.program
    setup = _Setup(plan, callbacks, placed, interrupted)
    at = replace(at, params=program.params(at.params), state={k: program.params(v) for k, v in at.state.items()})
    _, seconds = yield WarmUp(program, at.params, at.state, placed.train, epoch_of(plan, at), placed.validation)
    with ExitStack() as exits:
        for callback in callbacks:
            callback.on_start(Moment(plan, at))
            exits.callback(callback.on_exit)
        return (yield from _run_epochs(setup, at, {"compile_seconds": seconds}))


def _run_epochs(setup: _Setup, at: Position, news: Record) -> Learning:
    """Train epoch by epoch until the last, or until a callback or the schedule stops; ``news`` goes into the first."""
    plan, callbacks, interrupted = setup.plan, setup.callbacks, setup.interrupted
    stop = plan.schedule.finished(at.history.records)
    while at.epoch < plan.epochs and not stop:
        epoch = epoch_of(plan, at)
        at = yield from _run_epoch(setup, epoch, at)
        at = yield from _record_epoch(setup, epoch, at, news)
        news = {}
        stops = [callback.on_epoch(Moment(plan, at)) for callback in callbacks]
        stopping = any(stops) or plan.schedule.finished(at.history.records)
        stop, asked = map(bool, plan.engine.greatest(stopping, len(interrupted)))
        for callback in callbacks:
            callback.after_epoch(Moment(plan, at), stop or at.epoch == plan.epochs)
        if asked and at.epoch < plan.epochs and not stop:
            _interrupt(setup, at)
    for callback in callbacks:
        callback.on_end(Moment(plan, at))
    return Moment(plan, at).model


def epoch_of(plan: Plan, at: Position) -> Epoch:
    """The epoch in which a position stands: a pure function of the plan, its seed above all, and the epoch's number."""
    n, steps = len(plan.train), plan.clock.steps_per_epoch
    order = positions(plan.order, n, plan.seed, at.epoch)
    eta = plan.schedule.eta(np.arange(at.epoch * steps, (at.epoch + 1) * steps), plan.clock, at.history.records)
    return Epoch(order, plan.batch_size, eta, random.fold(random.key(plan.seed), at.epoch))


def _run_epoch(setup: _Setup, epoch: Epoch, at: Position) -> Generator[Work, Answer, Position]:
    """The position at the end of the epoch, reached in stretches of about ``PAUSE`` seconds."""
    plan, length = setup.plan, 32
    done = at.epoch * epoch.steps
    every = plan.settings["validate_every"]
    while at.step < epoch.steps:
        next_pauses = [(done + at.step) // n * n + n - done for n in plan.pauses]
        stop = min([at.step + length, epoch.steps, *next_pauses])
        stretch = Stretch(setup.placed.program, at.params, at.state, setup.placed.train, epoch, at.step, stop)
        (params, state, finite), seconds = yield stretch
        if not finite and plan.settings["stop_if_not_finite"]:
            _diverged(setup, epoch, at, stop)
        done_now = stop - at.step
        at = replace(at, params=params, state=state, step=stop, seconds=at.seconds + seconds)
        if every and (done + stop) % every == 0 and stop < epoch.steps:
            record = {"epoch": at.epoch, "step": done + stop, **(yield from _validate(setup, at))}
            at = replace(at, history=at.history.add_within(record))
        for callback in setup.callbacks:
            callback.on_steps(Moment(plan, at))
        slowest, asked = plan.engine.greatest(seconds, len(setup.interrupted))
        length = max(1, int(done_now * min(8.0, PAUSE / max(slowest, 1e-9))))
        if asked and stop < epoch.steps:
            _interrupt(setup, at)
    return at


def _record_epoch(setup: _Setup, epoch: Epoch, at: Position, news: Record) -> Generator[Work, Answer, Position]:
    """The position at the start of the next epoch, with the record of this one in its history."""
    record: Record = {
        "epoch": at.epoch,
        "step": (at.epoch + 1) * epoch.steps,
        "eta": float(epoch.eta[-1]),
        "seconds": at.seconds,
        **news,
        **(yield from _validate(setup, at)),
    }
    for callback in setup.callbacks:
        record |= _measured_by(callback, Moment(setup.plan, at), record)
    best, history = at.best, at.history.add(record)
    if setup.plan.settings["keep_best"] and history.best("validation_accuracy") is record:
        best = setup.plan.in_use(at)
    return replace(at, epoch=at.epoch + 1, step=0, seconds=0.0, history=history, best=best)


def _measured_by(callback: Callback, moment: Moment, record: Record) -> Mapping[str, Any]:
    """What a callback adds to a record. Raises :class:`InvalidArgument` if it replaces something, or is no mapping."""
    who, found = type(callback).__name__, callback.measure(moment)
    if not isinstance(found, Mapping):
        raise InvalidArgument(
            f"{who}.measure gave {found!r}: return a dictionary of numbers by name, an empty one for none"
        )
    if taken := [name for name in found if name in record]:
        raise InvalidArgument(f"{who} measured {taken[0]!r}, which is recorded already; give it another name")
    return found


def _validate(setup: _Setup, at: Position) -> Generator[Work, Answer, Record]:
    """What the validation data say. Raises :class:`DivergedError` for a cost that is not finite, if asked to."""
    plan, placed = setup.plan, setup.placed
    if placed.validation is None or plan.validation is None:
        return {}
    z, _ = yield Evaluation(placed.program, plan.in_use(at), placed.validation)
    found = evaluate_outputs(plan.descent.network, z, placed.validation.y, plan.validation)
    if plan.settings["stop_if_not_finite"] and not isfinite(found["cost"]):
        raise DivergedError(
            f"epoch {at.epoch}, step {at.step}: the cost of the last layer on the validation data is {found['cost']}. "
            "The likeliest cause is a learning rate that is too large"
        )
    return {f"validation_{name}": value for name, value in found.items()}


def _interrupt(setup: _Setup, at: Position) -> None:
    moment = Moment(setup.plan, at)
    for callback in setup.callbacks:
        callback.on_interrupt(moment)
    raise Interrupted(f"interrupted in epoch {at.epoch} after step {at.step}", moment.model)


def _diverged(setup: _Setup, epoch: Epoch, at: Position, stop: int) -> None:
    """Finds the first step after which a parameter is not finite, by halving, and reports it."""
    first, params, state = at.step, at.params, at.state
    while stop - first > 1:
        middle = (first + stop) // 2
        later_params, later_state, finite = setup.placed.program.run(
            params, state, setup.placed.train, epoch, first, middle
        )
        if finite:
            first, params, state = middle, later_params, later_state
        else:
            stop = middle
    params, _, _ = setup.placed.program.run(params, state, setup.placed.train, epoch, first, stop)
    broken = [not all(np.isfinite(np.asarray(leaf)).all() for leaf in layer.values()) for layer in params].index(True)
    eta = float(epoch.eta[first])
    raise DivergedError(
        f"epoch {at.epoch}, step {first}: the parameters of layer {broken}, "
        f"{setup.plan.descent.network.layers[broken]}, are no longer finite. The likeliest cause is a learning rate "
        f"that is too large: eta was {eta:g}, try {eta / 10:g}"
    )


@contextmanager
def interruptible(asked: list[Any]) -> Iterator[None]:
    """Within the block, the first Ctrl-C only fills the list; a second one acts at once."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def ask(number: int, frame: Any) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
