"""Many networks of one architecture trained at once: other seeds, learning rates, λ or μ, each as if alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from copy import copy
from difflib import get_close_matches
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Schedule
from deltarule.data.dataset import Dataset
from deltarule.engines import Engine
from deltarule.engines.base import Work
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.model import Model
from deltarule.training.agreement import agree
from deltarule.training.arguments import own_data
from deltarule.training.callbacks import Callback
from deltarule.training.fit import fit, planned
from deltarule.training.loop import Answer, Learning, Placed, interruptible, learn, timed
from deltarule.training.moment import Plan, Position

End: TypeAlias = Model | DivergedError | Interrupted
"""How a member's training ended."""


def fit_many(
    network_or_model: Network | Model,
    train: Dataset,
    *,
    seeds: int | Sequence[int] | np.ndarray = 0,
    eta: float | Schedule | Sequence[float | Schedule] | np.ndarray = 0.5,
    optimizer: Optimizer | Sequence[Optimizer] = SGD(),  # noqa: B008 (frozen)
    regularizer: Regularizer | Sequence[Regularizer | None] | None = None,
    resume: Sequence[Position | None] | None = None,
    callbacks: Sequence[Callback] | Callable[[int], Sequence[Callback]] = (),
    **others: Any,
) -> list[Model | DivergedError]:
    """Trains several networks at once and returns their models in order, each what :func:`fit` alone gives.

    ``seeds``, ``eta``, ``optimizer``, ``regularizer`` and ``resume`` are one for all members, or a list
    or an array with one for each. ``callbacks`` are copied for every member; a function of the member's number
    gives each its own. ``others`` are as for :func:`fit`, among them ``epochs``, which is needed.
    A member that diverges is returned as its :class:`DivergedError` and does not disturb the rest.

    On the CPU each core trains the next member that waits, by a program of one thread; on an
    accelerator one program trains all members in step (then ``seconds`` in the histories are those
    of all). NumPy trains one after the other. A member is equal to the run alone to rounding.

    Raises what :func:`fit` raises for arguments, :class:`InvalidArgument` for lists of different lengths,
    and :class:`Interrupted` on Ctrl-C, whose ``model`` is the list of models so far.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> models = fit_many(Network.dense([64, 10]), train, seeds=[1, 2, 3], epochs=5, validation=validation)
    >>> [model.settings["seed"] for model in models]
    [1, 2, 3]
    """
    varied = {"seed": seeds, "eta": eta, "optimizer": optimizer, "regularizer": regularizer, "resume": resume}
    defaults = fit.__kwdefaults__ or {}
    refuse_unknown("fit_many", others, {*defaults, "seeds"} - {"seed"})
    train, others["validation"] = own_data(train, others.get("validation"))
    members = _each(varied)
    watching = [own_callbacks(callbacks, i) for i in range(len(members))]
    plans: list[tuple[Plan, Position, Sequence[Callback]]] = []
    for own, mine in zip(members, watching, strict=True):
        first = plans[0][0] if plans else None
        given = {**defaults, **others, **own, "callbacks": mine, "members": len(members)}
        # one engine for all, as they are of one network
        chosen = None if first is None else (first.engine, first.settings["engine_reason"])
        plans.append(planned(network_or_model, train, **given, chosen=chosen))
    return train_many(plans)


def _each(varied: dict[str, Any]) -> list[dict[str, Any]]:
    """One dictionary a member, from values for all of them and lists, or arrays of one axis, of values."""
    varied = {name: value.tolist() if getattr(value, "ndim", None) == 1 else value for name, value in varied.items()}
    lengths = {name: len(value) for name, value in varied.items() if isinstance(value, Sequence)}
    count = next(iter(lengths.values()), 1)
    if not count or any(length != count for length in lengths.values()):
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InvalidArgument(f"lists of one value a member must be equally long, and not empty: there are {said}")
    return [{name: value[i] if name in lengths else value for name, value in varied.items()} for i in range(count)]


def refuse_unknown(who: str, others: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raises :class:`InvalidArgument` for an argument that is not known, or without the one that is needed."""
    allowed = {*known, "epochs"}
    for name in others:
        if name not in allowed:
            near = get_close_matches(name, sorted(allowed), 1)
            raise InvalidArgument(f"{who} has no argument {name}{f'; did you mean {near[0]}?' if near else ''}")
    if "epochs" not in others:
        raise InvalidArgument(f"{who} needs epochs, the number of passes over the training data, such as epochs=30")


def own_callbacks(callbacks: Any, i: int) -> list[Callback]:
    """A member's own: what a function of its number gives, or copies of those in a list."""
    found = callbacks(i) if callable(callbacks) else callbacks
    if not isinstance(found, Sequence):
        raise InvalidArgument(
            f"callbacks {found!r}: give a list of callbacks, such as [EarlyStopping(10)], or a function that makes "
            "such a list for the number of a member"
        )
    return list(found) if callable(callbacks) else [copy(callback) for callback in found]


def train_many(plans: Sequence[tuple[Plan, Position, Sequence[Callback]]]) -> list[Model | DivergedError]:
    """Trains by plans for the same network and data, each from its position."""
    agree([(plan, at) for plan, at, _ in plans])
    interrupted: list[Any] = []
    first = plans[0][0]
    programs = first.engine.programs([plan.descent for plan, _, _ in plans], first.dtype)
    data = Placed.of(first, programs[0])
    learnings = [
        learn(plan, at, callbacks, Placed(program, data.train, data.validation), interrupted)
        for (plan, at, callbacks), program in zip(plans, programs, strict=True)
    ]
    with ExitStack() as exits:
        for learning in learnings:
            exits.callback(learning.close)
        if first.engine.in_step:
            ends = _in_step(learnings, first.engine, interrupted)
        else:
            ends = _side_by_side(learnings, first.engine.workers, interrupted)
    if interrupted:
        models = [end.model if isinstance(end, Interrupted) else end for end in ends]
        raise Interrupted(f"interrupted while {len(ends)} of {len(plans)} networks were learning", models)
    return [end for end in ends if not isinstance(end, Interrupted)]


def _next(learning: Learning, answer: Answer | None) -> Work | End:
    """What a member asks for after the answer to what it asked before, or how its training ended."""
    try:
        return next(learning) if answer is None else learning.send(answer)
    except StopIteration as end:
        model: Model = end.value
        return model
    except (DivergedError, Interrupted) as error:
        return error


def _is_end(found: Work | End) -> bool:
    return isinstance(found, (Model, DivergedError, Interrupted))


def _side_by_side(learnings: Sequence[Learning], workers: int, interrupted: list[Any]) -> list[Any]:
    """So many members at a time work, each a piece, and take their turns; one at a time, each to its end.

    All that is not work, callbacks too, happens in the thread that calls.
    """
    if workers == 1:
        return _one_by_one(learnings, interrupted)
    ends: dict[int, Any] = {}
    asked = {i: _next(learning, timed(next(learning))) for i, learning in enumerate(learnings)}
    pool = ThreadPoolExecutor(workers)
    waiting: dict[Future[Answer], int] = {}
    try:
        with interruptible(interrupted):
            while asked or waiting:
                ends |= {i: found for i, found in asked.items() if _is_end(found)}
                waiting |= {pool.submit(timed, work): i for i, work in asked.items() if i not in ends}  # type: ignore[arg-type]
                done = wait(waiting, return_when=FIRST_COMPLETED).done if waiting else set()
                answers = {waiting.pop(future): future.result() for future in done}
                asked = {i: _next(learnings[i], answer) for i, answer in answers.items()}
    finally:
        pool.shutdown(cancel_futures=True)
    return [ends[i] for i in range(len(learnings))]


def _one_by_one(learnings: Sequence[Learning], interrupted: list[Any]) -> list[Any]:
    ends: list[Any] = []
    firsts = [_next(learning, timed(next(learning))) for learning in learnings]
    for learning, asked in zip(learnings, firsts, strict=True):
        with interruptible(interrupted):
            while not _is_end(asked):
                asked = _next(learning, timed(asked))  # type: ignore[arg-type]
        ends.append(asked)
        if interrupted:
            break
    return ends


def _in_step(learnings: Sequence[Learning], engine: Engine, interrupted: list[Any]) -> list[Any]:
    """All members work at the same time, by one program for all of them."""
    ends: dict[int, Any] = {}
    answers: dict[int, Answer | None] = dict.fromkeys(range(len(learnings)))
    with interruptible(interrupted):
        while answers:
            asked = {i: _next(learnings[i], answer) for i, answer in answers.items()}
            ends |= {i: found for i, found in asked.items() if _is_end(found)}
            works = {i: found for i, found in asked.items() if i not in ends}
            if not works:
                break
            started = perf_counter()
            results = engine.together(list(works.values()), len(learnings))  # type: ignore[arg-type]
            seconds = perf_counter() - started
            answers = {i: (result, seconds) for i, result in zip(works, results, strict=True)}
    return [ends[i] for i in range(len(learnings))]
