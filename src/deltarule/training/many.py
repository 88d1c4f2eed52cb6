"""Many networks of one architecture trained at once: other seeds, learning rates, λ or μ, each as if alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from threading import RLock
from time import perf_counter
from typing import Any, TypeAlias

from deltarule.core.constraints import check, instance, list_of
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.engines.base import WarmUp
from deltarule.engines.execution import EXECUTION, Execution
from deltarule.engines.lockstep import InStep, Meeting
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.model import Model
from deltarule.training.arguments import check_arguments
from deltarule.training.callbacks import Callback
from deltarule.training.consistency import check_agreement
from deltarule.training.fit import copy_data, make_plan, make_run, prepare_network
from deltarule.training.interrupt import catch_interrupts
from deltarule.training.loop import Run, descend
from deltarule.training.plan import Plan, Position
from deltarule.training.training import Training

End: TypeAlias = Model | DivergedError | Interrupted
"""How a member's training ended."""

MemberCallbacks: TypeAlias = Sequence[Callback] | Callable[[int], Sequence[Callback]]
"""Callbacks to be copied for every member, or a function that makes those of the member with a number."""

_TRAININGS = list_of(
    instance(Training, "a Training"), "a list of Training records, such as Training().vary(seed=[1, 2])"
)


@dataclass(frozen=True)
class Member:
    """One of the runs: its plan, where it begins, and its callbacks."""

    plan: Plan
    at: Position
    callbacks: Sequence[Callback]


def fit_many(
    network: Network | Model,
    train: Dataset,
    trainings: Sequence[Training],
    *,
    validation: Dataset | None = None,
    execution: Execution | None = None,
    callbacks: MemberCallbacks = (),
) -> list[Model | DivergedError]:
    """Train several networks at once and return their models in order, each what :func:`fit` alone gives.

    Args:
        network: The network, or a model whose parameters are the first of every member.
        train: The training examples, the same for all.
        trainings: The settings of each member; :meth:`Training.vary` makes such a list. They share ``dtype``.
        validation: Examples to measure after every epoch.
        execution: Where and how fast.
        callbacks: Copied for every member; a function of the member's number gives each its own. They are called
            one at a time, in a thread of the member.

    A member that diverges is returned as its :class:`DivergedError` and does not disturb the rest.

    On the CPU each core trains the next member that waits, by a program of one thread; on an
    accelerator one program trains all members in step (then ``seconds`` in the histories are those
    of all). NumPy trains one after the other. A member is equal to the run alone to rounding.

    Raises what :func:`fit` raises for arguments, and :class:`Interrupted` on Ctrl-C, whose ``model`` is the list of
    models so far.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> trainings = Training(epochs=5).vary(seed=[1, 2, 3])
    >>> models = fit_many(Network.dense([64, 10]), train, trainings, validation=validation)
    >>> [model.settings["seed"] for model in models]
    [1, 2, 3]
    """
    check_arguments(network, train, validation, ())
    check("trainings", trainings, _TRAININGS)
    check("execution", execution, EXECUTION)
    if not trainings or len({training.dtype for training in trainings}) > 1:
        raise InvalidArgument(
            argument="trainings", expected="one Training or more, all of the same dtype", value=list(trainings)
        )
    train, validation = copy_data(train, validation)
    members: list[Member] = []
    for i, training in enumerate(trainings):
        own, (layers, params) = make_callbacks(callbacks, i), prepare_network(network, training)
        # one engine for all, as they are of one network
        chosen = (members[0].plan.engine, members[0].plan.reason) if members else None
        plan = make_plan(
            layers, params, train, validation, training, execution or Execution(), own, len(trainings), chosen
        )
        members.append(Member(plan, plan.start_from(params), own))
    return train_many(members)


def make_callbacks(callbacks: MemberCallbacks, i: int) -> list[Callback]:
    """A member's own: what a function of its number gives, or copies of those in a list."""
    found = callbacks(i) if callable(callbacks) else callbacks
    if not isinstance(found, Sequence) or not all(isinstance(callback, Callback) for callback in found):
        raise InvalidArgument(
            argument="callbacks",
            expected="a list of callbacks, such as [EarlyStopping(10)], or a function that makes such a list for the "
            "number of a member",
            value=found,
        )
    return list(found) if callable(callbacks) else [copy(callback) for callback in found]


def train_many(members: Sequence[Member]) -> list[Model | DivergedError]:
    """Train by plans for the same network and data, each from its position."""
    check_agreement([(member.plan, member.at) for member in members])
    engine = members[0].plan.engine
    meeting = Meeting(engine, len(members)) if engine.in_step else None
    runs, positions = _runs(members, meeting), [member.at for member in members]
    if meeting is not None:
        positions = _warmed_up(runs, positions, meeting)
    interrupted = runs[0].interrupts
    with ExitStack() as exits:
        started = [exits.enter_context(run.start(at)) for run, at in zip(runs, positions, strict=True)]

        def end_of(i: int) -> End:
            try:
                with meeting.attended() if meeting is not None else nullcontext():
                    return descend(runs[i], started[i])
            except (DivergedError, Interrupted) as error:
                return error

        ends = _side_by_side(end_of, len(runs), len(runs) if meeting else engine.workers, interrupted)
    if interrupted:
        models = [end.model if isinstance(end, Interrupted) else end for end in ends]
        raise Interrupted(f"interrupted when {len(ends)} of {len(members)} networks had begun", models)
    return [end for end in ends if not isinstance(end, Interrupted)]


def _runs(members: Sequence[Member], meeting: Meeting | None) -> list[Run]:
    """The runs, which share the data, what is compiled, and the list that Ctrl-C fills."""
    first, lock = members[0].plan, RLock()
    programs = first.engine.programs([member.plan.descent for member in members], first.training.dtype)
    runs: list[Run] = []
    for i, (member, program) in enumerate(zip(members, programs, strict=True)):
        run = runs[0] if runs else make_run(first, program, member.callbacks)
        process = member.plan.execution.process
        callbacks = [
            _one_at_a_time(one, lock) for one in member.callbacks if process == 0 or not one.first_process_only
        ]
        own = program if meeting is None else InStep(program, meeting, i)
        runs.append(replace(run, plan=member.plan, program=own, callbacks=callbacks))
    return runs


def _warmed_up(runs: Sequence[Run], positions: Sequence[Position], meeting: Meeting) -> list[Position]:
    """Compile the program for all members at once."""
    begun = perf_counter()
    works = []
    for run, at in zip(runs, positions, strict=True):
        assert isinstance(run.program, InStep)
        program, placed = run.program.program, at.convert(run.program.params)
        epoch = run.plan.epoch_at(at)
        works.append(WarmUp(program, placed.params, placed.state, run.train, epoch, run.validation))
    meeting.engine.together(works, len(runs))
    return [replace(at, compile_seconds=perf_counter() - begun) for at in positions]


def _side_by_side(end_of: Callable[[int], End], members: int, workers: int, interrupted: list[Any]) -> list[End]:
    """Train so many members at a time, in threads; one at a time in the thread that calls."""
    if workers == 1:
        ends: list[End] = []
        for i in range(members):
            with catch_interrupts(interrupted):
                ends.append(end_of(i))
            if interrupted:
                break
        return ends
    pool = ThreadPoolExecutor(workers)
    try:
        with catch_interrupts(interrupted):
            futures = [pool.submit(end_of, i) for i in range(members)]
            done = wait(futures, return_when=FIRST_EXCEPTION).done
            if failed := next((error for future in done if (error := future.exception())), None):
                interrupted.append(failed)  # the others need not go on
                raise failed
            return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


HOOKS = [name for name, value in vars(Callback).items() if callable(value) and not name.startswith("_")]
"""The methods of a callback that training calls."""


def _one_at_a_time(callback: Callback, lock: RLock) -> Callback:
    """A callback whose methods wait while those of other members run."""

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            with lock:
                return method(*arguments)

        return call

    proxy: Callback = type(type(callback).__name__, (Callback,), {})()
    for name in HOOKS:
        setattr(proxy, name, guarded(getattr(callback, name)))
    return proxy
