"""Training: both engines, and all that may be set, kept, resumed and done at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import deltarule as dr

from . import api
from .api import fit
from .table import FLOAT32, Arrays, found, named, noise, some_digits


def dense() -> Any:
    return dr.Network.dense([64, 20, 10])


def convolutional(*middle: Any) -> Any:
    first = [dr.Conv(4, 3, initializer=dr.initializers.He()), *middle, dr.ReLU(), dr.MaxPool(2), dr.Flatten()]
    rest = [dr.Dropout(0.3), dr.Dense(12), dr.ReLU(), dr.Dropout(0.5), dr.Dense(10)]
    return dr.Network([*first, *rest], dr.LogLikelihood(), (8, 8, 1))


def on_digits(net: Any, **settings: Any) -> Arrays:
    train, validation = some_digits()
    return found(fit(net, train, **settings), validation)


def with_all(engine: str) -> Arrays:
    """Weight decay, a schedule, validation within epochs and after them, the best epoch, and all that is watched."""
    train, validation = some_digits()
    watched = [
        dr.callbacks.Monitor(),
        dr.callbacks.Monitor(test=validation),
        dr.callbacks.GradientNorms(100),
    ]
    parts = {"eta": dr.schedules.Exponential(0.5, 0.8), "regularizer": dr.L2(1.0), "validation": validation}
    model = fit(dense(), train, engine=engine, epochs=4, validate_every=7, keep_best=True, callbacks=watched, **parts)
    return {**found(model, validation), "best": api.parameters(api.best(model))}


@named("dense, L2, schedule, validation, best kept: numpy")
def _(folder: Path) -> Arrays:
    return with_all("numpy")


@named("dense, L2, schedule, validation, best kept: jax")
def _(folder: Path) -> Arrays:
    return with_all("jax")


@named("convolution, ReLU, dropout: numpy")
def _(folder: Path) -> Arrays:
    return on_digits(convolutional(), eta=0.05)


@named("convolution, ReLU, dropout: jax")
def _(folder: Path) -> Arrays:
    return on_digits(convolutional(), eta=0.05, engine="jax")


@named("convolution, ReLU, dropout, float32: numpy", FLOAT32)
def _(folder: Path) -> Arrays:
    return on_digits(convolutional(), eta=0.05, epochs=1, dtype="float32")


@named("convolution, ReLU, dropout, float32: jax", FLOAT32)
def _(folder: Path) -> Arrays:
    return on_digits(convolutional(), eta=0.05, epochs=1, dtype="float32", engine="jax")


@named("batch normalization, label smoothing, one cycle, L1")
def _(folder: Path) -> Arrays:
    net = convolutional(dr.BatchNorm())
    smoothed = dr.Network(net.layers, dr.LabelSmoothing(dr.LogLikelihood(), 0.1), (8, 8, 1))
    return on_digits(smoothed, eta=dr.schedules.OneCycle(0.1), regularizer=dr.L1(0.1))


@named("Adam, averaged weights")
def _(folder: Path) -> Arrays:
    return on_digits(dense(), eta=0.01, optimizer=dr.ExponentialMovingAverage(dr.Adam(), 0.9))


@named("momentum, averaged weights: jax")
def _(folder: Path) -> Arrays:
    return on_digits(dense(), eta=0.1, optimizer=dr.ExponentialMovingAverage(dr.Momentum(0.5), 0.9), engine="jax")


@named("Nesterov, tanh, quadratic cost, large weights, order as given")
def _(folder: Path) -> Arrays:
    net = dr.Network.dense([64, 20, 10], cost="quadratic", hidden=dr.Tanh(), init="large")
    return on_digits(net, eta=0.1, optimizer=dr.Nesterov(0.5), order=dr.data.AsGiven())


@named("halving on plateaus, early stopping")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    halving = dr.schedules.ReduceOnPlateau(1.0, patience=1, stop_at=1 / 8)
    settings = {"validation": validation, "eta": halving, "epochs": 12, "callbacks": [dr.callbacks.EarlyStopping(4)]}
    return found(fit(dense(), train, **settings), validation)


@named("images varied by Affine, Elastic and Shift: numpy")
def _(folder: Path) -> Arrays:
    return on_digits(
        dense(),
        augmentation=dr.augmentation.Chain(
            [dr.augmentation.Affine(rotation=10, scale=0.1), dr.augmentation.Elastic(2, 3), dr.augmentation.Shift(1)]
        ),
    )


@named("images varied by Affine, on a convolution: jax")
def _(folder: Path) -> Arrays:
    return on_digits(convolutional(), eta=0.05, augmentation=dr.augmentation.Affine(rotation=10, shift=1), engine="jax")


@named("images with shifted copies")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    more = dr.data.with_shifts(train, 1)
    return {**found(fit(dense(), more, epochs=1), validation), "images": more.x, "labels": more.y}


@named("other encodings: bits, is it a nine, real numbers")
def _(folder: Path) -> Arrays:
    train, x = some_digits()[0], np.linspace(0, 1, 60).reshape(-1, 1)
    tasks = {
        "bits": (dr.Network.dense([64, 12, 4]), replace(train, encoding=dr.encodings.Bits(4))),
        "nine": (dr.Network.dense([64, 12, 1]), replace(train, encoding=dr.encodings.OneVsRest(9))),
        "real": (
            dr.Network.dense([1, 5, 1], cost="quadratic"),
            dr.Dataset(x, x[:, 0] ** 2, encoding=dr.encodings.Real()),
        ),
    }
    models = {name: fit(*task) for name, task in tasks.items()}
    answered = {f"{name} answers": api.answers(one, tasks[name][1]) for name, one in models.items()}
    return {**{name: api.parameters(one) for name, one in models.items()}, **answered}


@named("a model trained further, saved and loaded")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    further = fit(fit(dense(), train, epochs=1), train, epochs=1, seed=4)
    further.save(folder / "model.safetensors")
    return found(dr.load(folder / "model.safetensors"), validation)


@named("an ensemble of three: numpy")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    return found(api.fit_ensemble(dense(), train, 3, validation=validation, voting="soft"), validation)


@named("an ensemble of three: jax")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    return found(api.fit_ensemble(dense(), train, 3, engine="jax", folder=folder / "run"), validation)


@named("many at once, of several η and λ: jax")
def _(folder: Path) -> Arrays:
    train, validation = some_digits()
    varied = {"eta": [0.1, 0.5, 2.0], "regularizer": [None, dr.L2(1.0), dr.L2(5.0)]}
    models = api.fit_many(dense(), train, seeds=[1, 2, 3], engine="jax", **varied)
    return {f"{name} {i}": array for i, one in enumerate(models) for name, array in found(one, validation).items()}


def interrupted(folder: Path, engine: str) -> Arrays:
    train, validation = some_digits()
    parts = {
        "optimizer": dr.ExponentialMovingAverage(dr.Adam(), 0.9),
        "eta": dr.schedules.Exponential(0.02, 0.9),
        "validation": validation,
    }
    settings = {"epochs": 3, "engine": engine, **parts}
    resumed = api.fit_interrupted(convolutional(), train, folder / "run", after=20, **settings)
    return {**found(resumed, validation), "best": api.parameters(api.best(resumed))}


@named("interrupted within an epoch and resumed: numpy")
def _(folder: Path) -> Arrays:
    return interrupted(folder, "numpy")


@named("interrupted within an epoch and resumed: jax")
def _(folder: Path) -> Arrays:
    return interrupted(folder, "jax")


@named("find_eta")
def _(folder: Path) -> Arrays:
    return api.find_eta(dr.Network.dense([36, 3]), noise())
