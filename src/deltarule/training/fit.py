"""fit: stochastic gradient descent, epoch by epoch, from a network to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from deltarule.core.checks import check_whole
from deltarule.core.descent import Descent
from deltarule.core.expansion import Expansion, OnImages
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Constant, Schedule
from deltarule.data.dataset import Dataset
from deltarule.data.order import Order, Shuffled
from deltarule.engines import Engine, choose_engine
from deltarule.engines.devices import Spread
from deltarule.errors import UsageError
from deltarule.models.description import describe
from deltarule.models.ensemble import Ensemble
from deltarule.models.model import Model
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
    expansion: Expansion | None = None,
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
    ``optimizer`` at the learning rate ``eta``, a number or a schedule. ``expansion`` varies the images
    of each mini-batch before it, another way every time. ``validation`` data is measured after every
    epoch, and every ``validate_every`` steps if that is above 0. ``seed`` decides the first weights,
    the order if it is random, and all that layers draw; with the same seed, engine, threads and
    machine the result is the same to the bit. ``engine`` is ``"numpy"``, ``"jax"`` or ``"auto"``;
    ``dtype`` is ``"float32"`` or ``"float64"``. ``resume`` goes on from a position that a checkpoint
    kept.
    So many ``devices`` of each of ``processes`` share every mini-batch: the processes meet at
    ``coordinator``, ``"host:port"``, where ``process`` 0 runs, which alone writes files.

    Raises :class:`UsageError` and :class:`ShapeError` for what cannot be meant or does not fit,
    :class:`DivergedError` when parameters stop being finite, and :class:`Interrupted` (a
    ``KeyboardInterrupt`` that holds the model so far) on Ctrl-C.

    >>> from deltarule.data import load
    >>> train, validation, test = load("digits")
    >>> model = fit(Network.dense([64, 30, 10]), train, epochs=20, validation=validation, seed=1)
    >>> model.accuracy(test) > 0.9, len(model.history)
    (True, 20)
    """
    return train_by(*planned(**locals()))


def planned(
    network_or_model: Network | Model,
    train: Dataset,
    epochs: int,
    batch_size: int,
    eta: float | Schedule,
    optimizer: Optimizer,
    regularizer: Regularizer | None,
    expansion: Expansion | None,
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
    _check_data(train=train, **({} if validation is None else {"validation": validation}))
    check_whole(1, epochs=epochs, batch_size=batch_size, **({} if threads is None else {"threads": threads}))
    check_whole(0, seed=seed, validate_every=validate_every)
    if seed >= 2**64:
        raise UsageError(f"seed {seed}: give a whole number below 2**64")
    if validate_every and validation is None:
        raise UsageError(f"validate_every {validate_every}: give validation data, too")
    if dtype not in ("float32", "float64"):
        raise UsageError(f"dtype {dtype!r} is not known; choose float32 or float64")
    spread = Spread(devices, coordinator, processes, process)
    schedule = Constant(float(eta)) if isinstance(eta, (int, float, np.number)) else eta
    _check_parts(eta=schedule, optimizer=optimizer, **({} if regularizer is None else {"regularizer": regularizer}))
    if not isinstance(network_or_model, (Network, Model)):
        raise UsageError(f"network_or_model {network_or_model!r}: give a Network or a Model")
    if isinstance(network_or_model, Ensemble):
        raise UsageError(
            f"network_or_model {network_or_model!r}: an ensemble is trained further member by member: "
            "Ensemble([fit(model, train, ...) for model in ensemble.models], ensemble.voting)"
        )
    if not isinstance(callbacks, Sequence) or not all(isinstance(callback, Callback) for callback in callbacks):
        raise UsageError(f"callbacks {callbacks!r}: give a list of callbacks, such as [EarlyStopping(10)]")
    if isinstance(order, type) or not is_dataclass(order) or not callable(order):
        raise UsageError(
            f"order {order!r}: give an object such as Shuffled() or AsGiven(), "
            "or a frozen dataclass of your own that can be called with (n, seed, epoch)"
        )
    network = network_or_model if isinstance(network_or_model, Network) else network_or_model.network
    descent = Descent(network, optimizer, regularizer, len(train), _on_images(expansion, train, network))
    epochs, batch_size, seed, dtype = int(epochs), int(batch_size), int(seed), str(dtype)  # from NumPy's types, too
    taken, why = chosen or choose_engine(
        engine, descent, epochs * -(-len(train) // batch_size), batch_size, threads, members, spread
    )
    settings = {
        "optimizer": describe(optimizer),
        "regularizer": describe(regularizer),
        "expansion": describe(expansion),
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


def _check_data(**datasets: Any) -> None:
    for name, dataset in datasets.items():
        if not isinstance(dataset, Dataset):
            raise UsageError(f"{name}: give a Dataset, not a {type(dataset).__name__}")
        if not len(dataset):
            raise UsageError(f"{name}: {dataset.name} holds no examples")


def _on_images(expansion: Expansion | None, train: Dataset, network: Network) -> OnImages | None:
    """The expansion for examples as the network takes them; the data or the network say what an image is."""
    if expansion is None:
        return None
    if isinstance(expansion, type) or not is_dataclass(expansion) or not callable(expansion):
        raise UsageError(
            f"expansion {expansion!r}: give an object such as Shift(1) or Affine(rotation=10), "
            "or a frozen dataclass of your own that can be called with (images, rng)"
        )
    shapes = [shape for shape in (train.x.shape[1:], network.input_shape) if len(shape) in (2, 3)]
    if not shapes:
        raise UsageError(
            f"expansion {expansion!r}: {train.name} holds no images, its examples have shape {train.x.shape[1:]}; "
            "give x the shape (n, height, width) or (n, height, width, channels)"
        )
    return OnImages(expansion, shapes[0])


_PARTS = {
    "eta": (("eta", "finished"), "a number, or a schedule such as Exponential(0.5, 0.9)"),
    "optimizer": (("init", "update"), "an optimizer such as Adam()"),
    "regularizer": (("value", "gradient"), "a regularizer such as L2(5.0)"),
}
"""The functions that a part must have, and what it can be."""


def _check_parts(**parts: Any) -> None:
    for name, part in parts.items():
        functions, such = _PARTS[name]
        if isinstance(part, type) or not all(callable(getattr(part, function, None)) for function in functions):
            raise UsageError(f"{name} {part!r}: give {such} (one of your own has {' and '.join(functions)})")
