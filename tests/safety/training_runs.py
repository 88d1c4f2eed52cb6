"""Runs of training with both engines: all settings, callbacks, resuming and several networks at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import deltarule as dr

from . import api
from .api import fit
from .table import FLOAT32, Arrays, collect_results, load_digits, make_noise, register


def build_dense() -> Any:
    return dr.Network.dense([64, 20, 10])


def build_convolutional(*middle: Any) -> Any:
    first = [dr.Conv(4, 3, initializer=dr.initializers.He()), *middle, dr.ReLU(), dr.MaxPool(2), dr.Flatten()]
    rest = [dr.Dropout(0.3), dr.Dense(12), dr.ReLU(), dr.Dropout(0.5), dr.Dense(10)]
    return dr.Network([*first, *rest], dr.LogLikelihood(), (8, 8, 1))


def fit_digits(net: Any, **settings: Any) -> Arrays:
    train, validation = load_digits()
    return collect_results(fit(net, train, **settings), validation)


def fit_with_everything(engine: str) -> Arrays:
    """Fit with weight decay, a schedule, validation within and after epochs, keep_best and three callbacks."""
    train, validation = load_digits()
    callbacks = [
        dr.callbacks.Monitor(),
        dr.callbacks.Monitor(test=validation),
        dr.callbacks.GradientNorms(100),
    ]
    parts = {"eta": dr.schedules.Exponential(0.5, 0.8), "regularizer": dr.L2(1.0), "validation": validation}
    model = fit(
        build_dense(), train, engine=engine, epochs=4, validate_every=7, keep_best=True, callbacks=callbacks, **parts
    )
    return {**collect_results(model, validation), "best": api.collect_parameters(api.get_best(model))}


@register("dense, L2, schedule, validation, keep_best: numpy")
def _(folder: Path) -> Arrays:
    return fit_with_everything("numpy")


@register("dense, L2, schedule, validation, keep_best: jax")
def _(folder: Path) -> Arrays:
    return fit_with_everything("jax")


@register("convolution, ReLU, dropout: numpy")
def _(folder: Path) -> Arrays:
    return fit_digits(build_convolutional(), eta=0.05)


@register("convolution, ReLU, dropout: jax")
def _(folder: Path) -> Arrays:
    return fit_digits(build_convolutional(), eta=0.05, engine="jax")


@register("convolution, ReLU, dropout, float32: numpy", FLOAT32)
def _(folder: Path) -> Arrays:
    return fit_digits(build_convolutional(), eta=0.05, epochs=1, dtype="float32")


@register("convolution, ReLU, dropout, float32: jax", FLOAT32)
def _(folder: Path) -> Arrays:
    return fit_digits(build_convolutional(), eta=0.05, epochs=1, dtype="float32", engine="jax")


@register("batch normalization, label smoothing, one cycle, L1")
def _(folder: Path) -> Arrays:
    net = build_convolutional(dr.BatchNorm())
    smoothed = dr.Network(net.layers, dr.LabelSmoothing(dr.LogLikelihood(), 0.1), (8, 8, 1))
    return fit_digits(smoothed, eta=dr.schedules.OneCycle(0.1), regularizer=dr.L1(0.1))


@register("Adam, exponential moving average")
def _(folder: Path) -> Arrays:
    return fit_digits(build_dense(), eta=0.01, optimizer=dr.ExponentialMovingAverage(dr.Adam(), 0.9))


@register("momentum, exponential moving average: jax")
def _(folder: Path) -> Arrays:
    return fit_digits(
        build_dense(), eta=0.1, optimizer=dr.ExponentialMovingAverage(dr.Momentum(0.5), 0.9), engine="jax"
    )


@register("Nesterov, tanh, quadratic cost, large weights, AsGiven")
def _(folder: Path) -> Arrays:
    net = dr.Network.dense([64, 20, 10], cost="quadratic", hidden=dr.Tanh(), init="large")
    return fit_digits(net, eta=0.1, optimizer=dr.Nesterov(0.5), order=dr.data.AsGiven())


@register("reduce on plateau, early stopping")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    halving = dr.schedules.ReduceOnPlateau(1.0, patience=1, stop_at=1 / 8)
    settings = {"validation": validation, "eta": halving, "epochs": 12, "callbacks": [dr.callbacks.EarlyStopping(4)]}
    return collect_results(fit(build_dense(), train, **settings), validation)


@register("augmentation by Affine, Elastic and Shift: numpy")
def _(folder: Path) -> Arrays:
    return fit_digits(
        build_dense(),
        augmentation=dr.augmentation.Chain(
            [dr.augmentation.Affine(rotation=10, scale=0.1), dr.augmentation.Elastic(2, 3), dr.augmentation.Shift(1)]
        ),
    )


@register("augmentation by Affine, convolution: jax")
def _(folder: Path) -> Arrays:
    return fit_digits(
        build_convolutional(), eta=0.05, augmentation=dr.augmentation.Affine(rotation=10, shift=1), engine="jax"
    )


@register("shifted copies")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    more = dr.data.with_shifts(train, 1)
    return {**collect_results(fit(build_dense(), more, epochs=1), validation), "images": more.x, "labels": more.y}


@register("other encodings: bits, one-vs-rest, real numbers")
def _(folder: Path) -> Arrays:
    train, x = load_digits()[0], np.linspace(0, 1, 60).reshape(-1, 1)
    tasks = {
        "bits": (dr.Network.dense([64, 12, 4]), replace(train, encoding=dr.encodings.Bits(4))),
        "nine": (dr.Network.dense([64, 12, 1]), replace(train, encoding=dr.encodings.OneVsRest(9))),
        "real": (
            dr.Network.dense([1, 5, 1], cost="quadratic"),
            dr.Dataset(x, x[:, 0] ** 2, encoding=dr.encodings.Real()),
        ),
    }
    models = {name: fit(*task) for name, task in tasks.items()}
    answers = {f"{name} answers": api.predict_labels(one, tasks[name][1]) for name, one in models.items()}
    return {**{name: api.collect_parameters(one) for name, one in models.items()}, **answers}


@register("a model trained further, saved and loaded")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    further = fit(fit(build_dense(), train, epochs=1), train, epochs=1, seed=4)
    further.save(folder / "model.safetensors")
    return collect_results(dr.load(folder / "model.safetensors"), validation)


@register("an ensemble of three: numpy")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    return collect_results(api.fit_ensemble(build_dense(), train, 3, validation=validation, voting="soft"), validation)


@register("an ensemble of three: jax")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    return collect_results(api.fit_ensemble(build_dense(), train, 3, engine="jax", folder=folder / "run"), validation)


@register("fit_many with several η and λ: jax")
def _(folder: Path) -> Arrays:
    train, validation = load_digits()
    varied = {"eta": [0.1, 0.5, 2.0], "regularizer": [None, dr.L2(1.0), dr.L2(5.0)]}
    models = api.fit_many(build_dense(), train, seeds=[1, 2, 3], engine="jax", **varied)
    return {
        f"{name} {i}": array for i, one in enumerate(models) for name, array in collect_results(one, validation).items()
    }


def fit_and_resume(folder: Path, engine: str) -> Arrays:
    train, validation = load_digits()
    parts = {
        "optimizer": dr.ExponentialMovingAverage(dr.Adam(), 0.9),
        "eta": dr.schedules.Exponential(0.02, 0.9),
        "validation": validation,
    }
    settings = {"epochs": 3, "engine": engine, **parts}
    resumed = api.fit_interrupted(build_convolutional(), train, folder / "run", after=20, **settings)
    return {**collect_results(resumed, validation), "best": api.collect_parameters(api.get_best(resumed))}


@register("interrupted within an epoch and resumed: numpy")
def _(folder: Path) -> Arrays:
    return fit_and_resume(folder, "numpy")


@register("interrupted within an epoch and resumed: jax")
def _(folder: Path) -> Arrays:
    return fit_and_resume(folder, "jax")


@register("find_eta")
def _(folder: Path) -> Arrays:
    return api.find_eta(dr.Network.dense([36, 3]), make_noise())
