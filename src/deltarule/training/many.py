"""Training of several networks of one architecture at once, with different seeds or other settings."""

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
from deltarule.engines.lockstep import LockstepProgram, Meeting
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.model import Model
from deltarule.training.arguments import check_arguments
from deltarule.training.callbacks import Callback
from deltarule.training.consistency import check_agreement
from deltarule.training.fit import copy_data, make_plan, make_run, prepare_network, select_callbacks
from deltarule.training.interrupt import catch_interrupts
from deltarule.training.loop import Run, descend
from deltarule.training.plan import Plan, Position, Start
from deltarule.training.training import Training

End: TypeAlias = Model | DivergedError | Interrupted
"""The result of a member's training."""

MemberCallbacks: TypeAlias = Sequence[Callback] | Callable[[int], Sequence[Callback]]
"""Callbacks to copy for every member, or a function that makes a member's callbacks from its number."""

_TRAININGS = list_of(
    instance(Training, "a Training"), "a list of Training records, such as Training().vary(seed=[1, 2])"
)


@dataclass(frozen=True)
class Member:
    """One of several runs: its plan, the position to start from, and its callbacks."""

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
    """Train several networks at once. Each model equals, up to rounding, the one that :func:`fit` would return.

    On the CPU each core trains one member at a time, with one thread. On an accelerator one program trains all members
    together, step by step, and ``seconds`` in the histories is the time of all. NumPy trains one member after another.

    Args:
        network: The network, or a model from whose parameters every member starts.
        train: The training set of all members.
        trainings: The settings of each member, all with the same ``dtype``; :meth:`Training.vary` makes such a list.
        validation: The validation set, evaluated after every epoch.
        execution: The engine, threads, devices and processes; see :class:`Execution`.
        callbacks: Callbacks to copy for every member, or a function that makes a member's callbacks from its number.
            They run one at a time, in the thread of their member.

    Returns:
        The models in order. For a member that diverges the list contains its :class:`DivergedError`; the others are
        not affected.

    Raises:
        InvalidArgument, ShapeError, DataError: As in :func:`fit`.
        Interrupted: On Ctrl-C; its ``model`` is the list of the models so far.

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
            argument="trainings", expected="one or more Training records, all of the same dtype", value=list(trainings)
        )
    train, validation = copy_data(train, validation)
    own = [make_callbacks(callbacks, i) for i in range(len(trainings))]
    starts = [prepare_network(network, train, training) for training in trainings]
    plans = make_plans(starts, train, validation, trainings, execution or Execution(), own)
    places = [plan.start_from(start.params, start.history) for plan, start in zip(plans, starts, strict=True)]
    return train_many([Member(*member) for member in zip(plans, places, own, strict=True)])


def make_plans(
    starts: Sequence[Start],
    train: Dataset,
    validation: Dataset | None,
    trainings: Sequence[Training],
    execution: Execution,
    callbacks: Sequence[Sequence[Callback]],
) -> list[Plan]:
    """Plan runs that train at once, each from a network with its parameters, all with the engine of the first."""
    plans: list[Plan] = []
    for start, training, own in zip(starts, trainings, callbacks, strict=True):
        first = plans[0] if plans else None
        plans.append(make_plan(start, train, validation, training, execution, own, trainings, first))
    return plans


def make_callbacks(callbacks: MemberCallbacks, i: int) -> list[Callback]:
    """Make the callbacks of member ``i`` by a function of its number, or copy those in a list."""
    made = callbacks(i) if callable(callbacks) else callbacks
    if not isinstance(made, Sequence) or not all(isinstance(callback, Callback) for callback in made):
        raise InvalidArgument(
            argument="callbacks",
            expected="a list of callbacks, such as [EarlyStopping(10)], or a function that makes such a list from a "
            "member's number",
            value=made,
        )
    return list(made) if callable(callbacks) else [copy(callback) for callback in made]


def train_many(members: Sequence[Member]) -> list[Model | DivergedError]:
    """Train members of the same network and data as planned, each from its position."""
    check_agreement([(member.plan, member.at) for member in members])
    engine = members[0].plan.engine
    meeting = Meeting(engine, len(members)) if engine.prefers_lockstep else None
    runs, positions = _make_runs(members, meeting), [member.at for member in members]
    if meeting is not None:
        positions = _warm_up(runs, positions, meeting)
    interrupts = runs[0].interrupts
    with ExitStack() as exits:
        started = [exits.enter_context(run.start(at)) for run, at in zip(runs, positions, strict=True)]

        def train_member(i: int) -> End:
            try:
                with meeting.attend() if meeting is not None else nullcontext():
                    return descend(runs[i], started[i])
            except (DivergedError, Interrupted) as error:
                return error

        ends = _train_side_by_side(train_member, len(runs), len(runs) if meeting else engine.workers, interrupts)
    if interrupts:
        models = [end.model if isinstance(end, Interrupted) else end for end in ends]
        raise Interrupted(f"interrupted when {len(ends)} of {len(members)} networks had begun", models)
    return [end for end in ends if not isinstance(end, Interrupted)]


def _make_runs(members: Sequence[Member], meeting: Meeting | None) -> list[Run]:
    """Build the runs, which share the data, the compiled programs and the list of interrupts."""
    first, lock = members[0].plan, RLock()
    programs = first.engine.programs([member.plan.descent for member in members], first.training.dtype)
    runs: list[Run] = []
    for i, (member, program) in enumerate(zip(members, programs, strict=True)):
        run = runs[0] if runs else make_run(first, program, member.callbacks)
        callbacks = [_add_lock(one, lock) for one in select_callbacks(member.plan, member.callbacks)]
        own = program if meeting is None else LockstepProgram(program, meeting, i)
        runs.append(replace(run, plan=member.plan, program=own, callbacks=callbacks))
    return runs


def _warm_up(runs: Sequence[Run], positions: Sequence[Position], meeting: Meeting) -> list[Position]:
    """Compile the program for all members at once."""
    begun = perf_counter()
    works = []
    for run, at in zip(runs, positions, strict=True):
        assert isinstance(run.program, LockstepProgram)
        program, placed = run.program.program, at.convert(run.program.params)
        epoch = run.plan.epoch_at(at)
        works.append(WarmUp(program, placed.params, placed.state, run.train, epoch, run.validation))
    meeting.engine.compute_together(works, len(runs))
    return [replace(at, compile_seconds=perf_counter() - begun) for at in positions]


def _train_side_by_side(
    train_member: Callable[[int], End], members: int, workers: int, interrupts: list[Any]
) -> list[End]:
    """Train as many members at a time as there are workers, in threads; a single worker uses the calling thread."""
    if workers == 1:
        ends: list[End] = []
        for i in range(members):
            with catch_interrupts(interrupts):
                ends.append(train_member(i))
            if interrupts:
                break
        return ends
    pool = ThreadPoolExecutor(workers)
    try:
        with catch_interrupts(interrupts):
            futures = [pool.submit(train_member, i) for i in range(members)]
            done = wait(futures, return_when=FIRST_EXCEPTION).done
            if failed := next((error for future in done if (error := future.exception())), None):
                interrupts.append(failed)  # stops the others
                raise failed
            return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


HOOKS = [name for name, value in vars(Callback).items() if callable(value) and not name.startswith("_")]
"""The methods of a callback that the training loop calls."""


def _add_lock(callback: Callback, lock: RLock) -> Callback:
    """Return a callback whose methods wait while callbacks of other members run."""

    def guard(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            with lock:
                return method(*arguments)

        return call

    proxy: Callback = type(type(callback).__name__, (Callback,), {})()
    for name in HOOKS:
        setattr(proxy, name, guard(getattr(callback, name)))
    return proxy
