"""Training of one network by stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from deltarule.core.constraints import check, whole
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.engines import Examples, Program, choose_engine
from deltarule.engines.execution import Execution
from deltarule.errors import Interrupted
from deltarule.models.history import History
from deltarule.models.model import Model
from deltarule.training.arguments import check_arguments, check_fit
from deltarule.training.callbacks import Callback
from deltarule.training.consistency import check_agreement
from deltarule.training.initialization import fit_preprocessing, initialize
from deltarule.training.interrupt import catch_interrupts
from deltarule.training.keywords import split_keywords, with_keywords_of
from deltarule.training.loop import Run, descend
from deltarule.training.plan import Plan, Position, Start, make_descent
from deltarule.training.training import Training


@dataclass(frozen=True)
class FitArguments(Execution, Training):
    """The arguments of :func:`fit` after network and data: records, or fields of a Training and an Execution."""

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
    """Train a network, or train a model further, and return the model after the last epoch.

    From a model the parameters and the preprocessing are used; the optimizer's state and the history start again, and
    ``history.changes`` names the model. To
    continue an interrupted run, or to extend a finished one, use :func:`deltarule.resume`.

    Args:
        network: The network, or a model whose parameters to start from.
        train: The training set. It is copied at the start, so later changes of its arrays have no effect.
        training: The settings that determine the result; see :class:`Training`.
        validation: The validation set, evaluated after every epoch.
        execution: The engine, threads, devices and processes; see :class:`Execution`.
        callbacks: Callbacks, which can measure, print, stop or save; see :mod:`deltarule.callbacks`.
        **keywords: Fields of ``training`` and ``execution`` by their names, such as ``epochs=30, engine="numpy"``.

    Returns:
        The trained model, with its history.

    Raises:
        InvalidArgument, ShapeError, DataError: If an argument is invalid, or network and data do not fit.
        DivergedError: If a parameter becomes infinite or NaN.
        Interrupted: On Ctrl-C. This is a ``KeyboardInterrupt`` whose ``model`` is the model trained so far.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> model = fit(Network.dense([64, 30, 10]), train, epochs=20, validation=validation, seed=1)
    >>> model.accuracy(test) > 0.9, len(model.history)
    (True, 20)
    """
    training, execution = split_keywords("fit", training, execution, keywords)
    check_arguments(network, train, validation, callbacks)
    start = prepare_network(network, train, training)
    plan = make_plan(start, *copy_data(train, validation), training, execution, callbacks)
    return train_from(plan, plan.start_from(start.params, start.history), callbacks)


def prepare_network(network: Network | Model, train: Dataset, training: Training) -> Start:
    """Return the network to train with its first parameters: random ones, or a model's with its preprocessing."""
    if isinstance(network, Model):
        origin = {"parameters_sha256": network.parameters_sha256, "epochs": len(network.history)}
        history = History().add_change({"epoch": 0, "step": 0, **origin})
        return Start(network.network, network.params, network.preprocessing, history)
    return Start(network, initialize(network, train, training.seed))


def copy_data(train: Dataset, validation: Dataset | None) -> tuple[Dataset, Dataset | None]:
    """Copy the data sets, so that later changes of their arrays do not affect the training."""
    return train.copy(), None if validation is None else validation.copy()


def make_plan(
    start: Start,
    train: Dataset,
    validation: Dataset | None,
    training: Training,
    execution: Execution,
    callbacks: Sequence[Callback],
    members: Sequence[Training] = (),
    first: Plan | None = None,
) -> Plan:
    """Plan a run: fit the preprocessing, check that settings, network and data fit together, and choose the engine.

    If several runs train at once, ``members`` are their trainings, and all use the engine of the ``first``.
    """
    network, params, preprocessing, _ = start
    if preprocessing is None:
        preprocessing = fit_preprocessing(network, train) if first is None else first.preprocessing
    check_fit(network, train, validation, preprocessing, training)
    for callback in callbacks:
        check("every", callback.every, whole(0), type(callback).__name__)
    steps = training.epochs * -(-len(train) // training.batch_size)
    if first is None:
        descents = [make_descent(network, train, each) for each in members or [training]]
        engine, reason = choose_engine(execution, descents, params, steps, training.batch_size)
    else:
        engine, reason = first.engine, first.reason
    intervals = (training.validate_every, *(callback.every for callback in callbacks))
    pauses = tuple(sorted({every for every in intervals if every > 0}))
    return Plan(network, train, validation, preprocessing, training, execution, engine, reason, pauses)


def train_from(plan: Plan, at: Position, callbacks: Sequence[Callback]) -> Model:
    """Train as planned, from a position to the end, and return the model."""
    check_agreement([(plan, at)])
    run = make_run(plan, plan.engine.program(plan.descent, plan.training.dtype), callbacks)
    with run.start(at) as started, catch_interrupts(run.interrupts):
        model = descend(run, started)
    if run.interrupts:  # too late to stop this run, but the interrupt must stop the program after it
        raise Interrupted("interrupted when the training was done", model)
    return model


def make_run(plan: Plan, program: Program, callbacks: Sequence[Callback]) -> Run:
    """Build a run: place the data for the program and select this process's callbacks."""

    def place(dataset: Dataset) -> Examples:
        return program.place(Examples.from_dataset(dataset, plan.network, plan.training.dtype, plan.preprocessing))

    validation = None if plan.validation is None else place(plan.validation)
    return Run(plan, program, place(plan.train), validation, select_callbacks(plan, callbacks))


def select_callbacks(plan: Plan, callbacks: Sequence[Callback]) -> list[Callback]:
    """Select the callbacks that this process calls."""
    return [one for one in callbacks if plan.execution.process == 0 or not one.first_process_only]
