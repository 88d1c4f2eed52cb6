"""fit: stochastic gradient descent, epoch by epoch, from a network to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from deltarule.core.constraints import check, whole
from deltarule.core.network import Network
from deltarule.core.trees import Tree
from deltarule.data.dataset import Dataset
from deltarule.engines import Engine, Examples, Program, choose_engine
from deltarule.engines.execution import Execution
from deltarule.errors import Interrupted
from deltarule.models.model import Model
from deltarule.training.arguments import check_arguments, check_fit
from deltarule.training.callbacks import Callback
from deltarule.training.consistency import check_agreement
from deltarule.training.interrupt import catch_interrupts
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.loop import Run, descend
from deltarule.training.plan import Plan, Position
from deltarule.training.training import Training


@dataclass(frozen=True)
class FitArguments(Execution, Training):
    """What :func:`fit` takes besides network and data: records, or fields of a Training and an Execution."""

    training: Training | None = None
    _: KW_ONLY
    validation: Dataset | None = None
    execution: Execution | None = None
    callbacks: Sequence[Callback] = ()


@with_keywords_of(FitArguments)
def fit(
    network: Network | Model,
    train: Dataset,
    training: Training | None = None,
    *,
    validation: Dataset | None = None,
    execution: Execution | None = None,
    callbacks: Sequence[Callback] = (),
    **keywords: Any,
) -> Model:
    """Train a network, or a model further, and return the model of the last epoch.

    Of a model it takes the parameters, and begins anew with all else, the optimizer's state and the
    history; to go on with a run that was broken off, or to prolong one, see :func:`deltarule.resume`.

    Args:
        network: The network, or the model whose parameters are the first.
        train: The training examples, copied when training begins: changing the arrays meanwhile changes nothing.
        training: The settings that decide the result; see :class:`Training`.
        validation: Examples to measure after every epoch.
        execution: Where and how fast; see :class:`Execution`.
        callbacks: What may watch, stop and save the run; see :mod:`deltarule.callbacks`.
        **keywords: Fields of ``training`` and ``execution`` by their names, such as ``epochs=30, engine="numpy"``.

    Raises:
        InvalidArgument, ShapeError, DataError: For what is not as expected, or does not fit.
        DivergedError: When parameters stop being finite.
        Interrupted: On Ctrl-C; a ``KeyboardInterrupt`` that holds the model so far.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> model = fit(Network.dense([64, 30, 10]), train, epochs=20, validation=validation, seed=1)
    >>> model.accuracy(test) > 0.9, len(model.history)
    (True, 20)
    """
    training, execution = split_keywords("fit", training, execution, keywords)
    check_arguments(network, train, validation, callbacks)
    network, params = prepare_network(network, training)
    plan = make_plan(network, params, *copy_data(train, validation), training, execution, callbacks)
    return train_from(plan, plan.start_from(params), callbacks)


def prepare_network(network: Network | Model, training: Training) -> tuple[Network, Tree]:
    """The network to train, and the parameters to begin with: its first ones, or those of a model."""
    if isinstance(network, Model):
        return network.network, network.params
    return network, network.init(training.seed)


def copy_data(train: Dataset, validation: Dataset | None) -> tuple[Dataset, Dataset | None]:
    """Copy the data, so that nobody changes them while a network learns from them."""
    return train.copy(), None if validation is None else validation.copy()


def make_plan(
    network: Network,
    params: Tree,
    train: Dataset,
    validation: Dataset | None,
    training: Training,
    execution: Execution,
    callbacks: Sequence[Callback],
    members: int = 1,
    chosen: tuple[Engine, str] | None = None,
) -> Plan:
    """Plan a run: see that settings, network and data fit together, and choose the engine.

    ``members`` runs train at once; ``chosen`` are their engine and why it is, if that is settled.
    """
    check_fit(network, train, validation, training)
    for callback in callbacks:
        check("every", callback.every, whole(0), type(callback).__name__)
    steps = training.epochs * -(-len(train) // training.batch_size)
    engine, reason = chosen or choose_engine(execution, network, params, steps, training.batch_size, members)
    asked = (training.validate_every, *(callback.every for callback in callbacks))
    pauses = tuple(sorted({every for every in asked if every > 0}))
    return Plan(network, train, validation, training, execution, engine, reason, pauses)


def train_from(plan: Plan, at: Position, callbacks: Sequence[Callback]) -> Model:
    """Train by a plan, from a position to the end, and return the model."""
    check_agreement([(plan, at)])
    run = make_run(plan, plan.engine.program(plan.descent, plan.training.dtype), callbacks)
    with run.start(at) as started, catch_interrupts(run.interrupts):
        model = descend(run, started)
    if run.interrupts:  # too late to stop this run, but whoever asked wants to stop what comes after it, too
        raise Interrupted("interrupted when the training was done", model)
    return model


def make_run(plan: Plan, program: Program, callbacks: Sequence[Callback]) -> Run:
    """Place the data where a program wants them, and pick the callbacks that this process calls."""

    def place(dataset: Dataset) -> Examples:
        return program.place(Examples.of(dataset, plan.network, plan.training.dtype))

    own = [one for one in callbacks if plan.execution.process == 0 or not one.first_process_only]
    validation = None if plan.validation is None else place(plan.validation)
    return Run(plan, program, place(plan.train), validation, own)
