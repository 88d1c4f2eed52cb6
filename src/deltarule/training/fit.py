"""fit: stochastic gradient descent, epoch by epoch, from a network to a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltarule.core.augmentation import Augmentation
from deltarule.core.checks import check_whole
from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Constant, Schedule
from deltarule.data.dataset import Dataset
from deltarule.data.order import Order, Shuffled
from deltarule.engines import Engine, choose_engine
from deltarule.engines.devices import Spread
from deltarule.errors import InvalidArgument
from deltarule.models.description import describe
from deltarule.models.model import Model
from deltarule.models.targets import check_targets
from deltarule.training.arguments import check_callbacks, check_learner, check_order, check_parts, on_images, own_data
from deltarule.training.callbacks import Callback, KeepBest
from deltarule.training.loop import train_by
from deltarule.training.moment import Plan, Position


def fit(
    network_or_model: Network | Model,
    train: Dataset,
    *,
    epochs: int,
    batch_size: int = 10,
    eta: float | Schedule = 0.5,
    optimizer: Optimizer = SGD(),  # noqa: B008 (frozen)
    regularizer: Regularizer | None = None,
    augmentation: Augmentation | None = None,
    order: Order = Shuffled(),  # noqa: B008 (frozen)
    validation: Dataset | None = None,
    validate_every: int = 0,
    seed: int = 0,
    engine: str = "auto",
    threads: int | None = None,
    dtype: str = "float32",
    stop_if_not_finite: bool = True,
    callbacks: Sequence[Callback] = (),
    resume: Position | None = None,
    devices: int = 1,
    coordinator: str | None = None,
    processes: int = 1,
    process: int = 0,
) -> Model:
    """Trains a network, or a model further, and returns the model of the last epoch.

    Of a model it takes the parameters, and begins anew with all else, the optimizer's state and the
    history; to go on with a run that was broken off, or to prolong one, see :func:`deltarule.resume`.

    Each epoch takes the training examples in an ``order``, shuffled anew unless another is given, in
    mini-batches of ``batch_size`` (a short last one is kept), and after each of them makes a step by
    ``optimizer`` at the learning rate ``eta``, a number or a schedule. ``augmentation`` varies the images
    of each mini-batch before it, another way every time. ``validation`` data is measured after every
    epoch, and every ``validate_every`` steps if that is above 0. ``seed`` decides the first weights,
    the order if it is random, and all that layers draw; with the same seed, engine, threads and
    machine the result is the same to the bit. ``engine`` is ``"numpy"``, ``"jax"`` or ``"auto"``;
    ``dtype`` is ``"float32"`` or ``"float64"``. ``resume`` goes on from a position that a checkpoint
    kept.
    So many ``devices`` of each of ``processes`` share every mini-batch: the processes meet at
    ``coordinator``, ``"host:port"``, where ``process`` 0 runs, which alone writes files.

    The data are copied when training begins: changing the arrays meanwhile changes nothing.

    Raises :class:`InvalidArgument` and :class:`ShapeError` for what cannot be meant or does not fit,
    :class:`DivergedError` when parameters stop being finite, and :class:`Interrupted` (a
    ``KeyboardInterrupt`` that holds the model so far) on Ctrl-C.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> model = fit(Network.dense([64, 30, 10]), train, epochs=20, validation=validation, seed=1)
    >>> model.accuracy(test) > 0.9, len(model.history)
    (True, 20)
    """
    train, validation = own_data(train, validation)
    return train_by(*planned(**locals()))


def planned(
    network_or_model: Network | Model,
    train: Dataset,
    epochs: int,
    batch_size: int,
    eta: float | Schedule,
    optimizer: Optimizer,
    regularizer: Regularizer | None,
    augmentation: Augmentation | None,
    order: Order,
    validation: Dataset | None,
    validate_every: int,
    seed: int,
    engine: str,
    threads: int | None,
    dtype: str,
    stop_if_not_finite: bool,
    callbacks: Sequence[Callback],
    resume: Position | None,
    devices: int,
    coordinator: str | None,
    processes: int,
    process: int,
    members: int = 1,
    chosen: tuple[Engine, str] | None = None,
) -> tuple[Plan, Position, Sequence[Callback]]:
    """What :func:`fit` does with its arguments, when they have proved right.

    ``members`` train at once; ``chosen`` are their engine and why it is, if that is settled.
    """
    check_whole(1, epochs=epochs, batch_size=batch_size, **({} if threads is None else {"threads": threads}))
    check_whole(0, seed=seed, validate_every=validate_every)
    if seed >= 2**64:
        raise InvalidArgument(f"seed {seed}: give a whole number below 2**64")
    if validate_every and validation is None:
        raise InvalidArgument(f"validate_every {validate_every}: give validation data, too")
    if dtype not in ("float32", "float64"):
        raise InvalidArgument(f"dtype {dtype!r} is not known; choose float32 or float64")
    spread = Spread(devices, coordinator, processes, process)
    schedule = Constant(float(eta)) if isinstance(eta, (int, float, np.number)) else eta
    check_parts(eta=schedule, optimizer=optimizer, **({} if regularizer is None else {"regularizer": regularizer}))
    check_learner(network_or_model)
    check_callbacks(callbacks)
    check_order(order)
    network = network_or_model if isinstance(network_or_model, Network) else network_or_model.network
    check_targets(network.cost, train=train, validation=validation)
    descent = Descent(network, optimizer, regularizer, len(train), on_images(augmentation, train, network))
    epochs, batch_size, seed, dtype = int(epochs), int(batch_size), int(seed), str(dtype)  # from NumPy's types, too
    taken, why = chosen or choose_engine(
        engine, descent, epochs * -(-len(train) // batch_size), batch_size, threads, members, spread
    )
    settings = {
        "optimizer": describe(optimizer),
        "regularizer": describe(regularizer),
        "augmentation": describe(augmentation),
        "order": describe(order),
        "eta": describe(schedule),
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "validate_every": validate_every,
        "stop_if_not_finite": stop_if_not_finite,
        "keep_best": any(isinstance(callback, KeepBest) for callback in callbacks),
        "engine": taken.name,
        "engine_reason": why,
        "threads": taken.threads,
        "devices": spread.total,
        "dtype": dtype,
        "training_examples": len(train),
        "training_data": train.name,
    }
    pauses = tuple(sorted({n for n in (validate_every, *(callback.every for callback in callbacks)) if n > 0}))
    plan = Plan(descent, schedule, epochs, batch_size, seed, taken, dtype, train, validation, order, pauses, settings)
    if resume is None:
        params = network.init(seed) if isinstance(network_or_model, Network) else network_or_model.params
        resume = Position(params, optimizer.init(params))
    return plan, resume, [one for one in callbacks if process == 0 or not one.first_process_only]
