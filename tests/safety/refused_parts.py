"""Parts of invalid calls: data, valid settings, and custom classes."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import deltarule as dr
from deltarule.book import network3


def pictures(n: int = 30, seed: int = 0, **options: Any) -> Any:
    """Make noisy 4 × 4 images in three classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return dr.Dataset(rng.integers(0, 255, (n, 4, 4)).astype(np.uint8), y, "pictures", 255.0, **options)


TRAIN, VALIDATION = train, validation = pictures(), pictures(12, 1)
flat = replace(train, x=train.x.reshape(-1, 16))
real = dr.Dataset(np.linspace(0, 1, 8).reshape(-1, 1), np.linspace(0, 1, 8), "real", encoding=dr.encodings.Real())


def net(*sizes: int) -> Any:
    return dr.Network.dense(sizes or (16, 3))


def fit(network: Any = None, train: Any = TRAIN, **settings: Any) -> Any:
    """Call ``dr.fit`` with valid settings, except for those in the arguments."""
    usual = {"epochs": 1, "engine": "numpy", "validation": VALIDATION if train is TRAIN else None}
    return dr.fit(net() if network is None else network, train, **{**usual, **settings})


def fit_many(**settings: Any) -> Any:
    callbacks = settings.pop("callbacks", ())
    trainings = settings.pop("trainings", None) or dr.Training(epochs=1).vary(**{"seed": [1, 2], **settings})
    return dr.fit_many(net(), TRAIN, trainings, execution=dr.Execution(engine="numpy"), callbacks=callbacks)


def fit_ensemble(**settings: Any) -> Any:
    return dr.fit_ensemble(net(), TRAIN, **{"members": 2, "epochs": 1, "engine": "numpy", **settings})


def find_eta(network: Any = None, train: Any = TRAIN, **settings: Any) -> Any:
    return dr.find_eta(net() if network is None else network, train, engine="numpy", **settings)


@lru_cache
def model() -> Any:
    return fit()


def vary(**changed: Any) -> Any:
    """Copy the model with some fields changed."""
    return replace(model(), **changed)


def prepare_with(**changed: Any) -> Any:
    """Copy the model with another preprocessing."""
    return vary(preprocessing=replace(model().preprocessing, **changed))


def in_float32(params: Any) -> Any:
    return [{name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in params]


def build_gradient(loss: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Build a gradient function for parameters of one layer that has only weights."""
    return lambda params: [{"w": loss(params[0]["w"])}]


@dataclass(frozen=True)
class Reversed:
    """A custom order."""

    def __call__(self, n: int, seed: int, epoch: int) -> Any:
        return np.arange(n)[::-1]


@dataclass(frozen=True)
class OrderBy:
    """An order that returns the result of a function."""

    what: Any = field(hash=False)

    def __call__(self, n: int, seed: int, epoch: int) -> Any:
        return self.what(n)


@dataclass(frozen=True)
class Still(dr.SGD):
    """An optimizer that changes nothing."""

    def update(self, grads: Any, state: Any, params: Any, eta: Any) -> Any:
        return params, state


class Mine(dr.Tanh):
    """A custom activation."""


class Says(dr.Callback):
    """A callback with a constant measurement."""

    def __init__(self, what: Any) -> None:
        self.what = what

    def measure(self, moment: Any) -> Any:
        return self.what


class Stop(dr.Callback):
    """A callback that breaks off after the first of two epochs."""

    def after_epoch(self, moment: Any, last: bool) -> None:
        if not last:
            raise ZeroDivisionError


def with_env(name: str, value: str, call: Callable[[], Any]) -> Any:
    with patch.dict(os.environ, {name: value}):
        return call()


def with_nan(net: Any) -> Any:
    """Set a weight of a network of the book to NaN."""
    net.weights[0][0, 0] = np.nan
    return net


@dataclass(frozen=True)
class Huge:
    """Initial weights whose squares are not finite."""

    def __call__(self, rng: Any, shape: Any, n_in: int) -> Any:
        return {"w": np.full(shape, 1e30), "b": np.zeros(shape[:1])}


def huge() -> Any:
    return dr.Network([dr.Dense(1, Huge())], dr.Quadratic(dr.Linear()), 1)


def tasks(experiment: str, folder: Path, **options: Any) -> Any:
    """List the runs that an experiment still has to do."""
    return at("experiments.run").list_tasks(at("experiments.registry").EXPERIMENTS[experiment], folder, **options)


def thick_bar() -> Any:
    """Build a picture of one bar, 540 pixels wide."""
    return np.pad(np.zeros((80, 540), np.uint8), (120, 30), constant_values=255)


def two_rows() -> Any:
    """Draw a picture of two rows of strokes."""
    row = np.full((60, 300), 255, np.uint8)
    row[15:45, 40:260:40] = row[15:45, 41:260:40] = row[15:45, 42:260:40] = 0
    return np.vstack([row, row])


def high_or_low() -> Any:
    """Draw images with ink everywhere, and strokes at different heights."""
    x = np.zeros((4, 6, 6), np.uint8)
    x[:, :, 2] = 255
    x[:2, 3:] = x[2:, :3] = 40
    return dr.Dataset(x, np.arange(4), "bars", 255.0)


def at(module: str) -> Any:
    """Import a module of the library."""
    return importlib.import_module(f"deltarule.{module}")


def sgd(**settings: Any) -> None:
    """Call SGD of the book's third program with valid settings, except for those in the arguments."""
    layers = [network3.ConvPoolLayer((2, 1, 3, 2), (2, 1, 9, 8)), network3.SoftmaxLayer(18, 3)]
    pair = np.random.default_rng(0).random((6, 72)), np.arange(6) % 3
    usual = {"epochs": 1, "mini_batch_size": 2, "eta": 0.1, "validation_data": pair, "test_data": pair}
    network3.Network(layers, 2).SGD(**{"training_data": pair, **usual, **settings})
