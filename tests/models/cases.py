"""Models to save and load: hand-made, trained, and with parts of the user's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.costs import Cost, Quadratic
from deltarule.core.initializers import He, Large
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.optimizers import Adam
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Exponential
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.models.model import Model
from deltarule.training.callbacks import Monitor
from deltarule.training.fit import fit


def pictures(n: int = 60, seed: int = 0) -> Dataset:
    """5×3 pictures in three classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.integers(0, 120, (n, 5, 3)) + 40 * y[:, None, None]
    return Dataset(x.astype(np.uint8), y, "pictures", 255.0, ("none", "some", "all"))


def every_layer() -> Network:
    """One of every layer and activation, each with other than its default numbers."""
    layers = [Flatten(), Dropout(0.1), Dense(7, Large()), LeakyReLU(0.2), Dense(6, He()), ELU(0.5), Dense(5), ReLU()]
    layers += [Dense(5), ShiftedSigmoid(2.0, -1.0), Dense(4), Tanh(), Linear(), Dense(4), Sigmoid(), Dense(3)]
    return Network(layers, Quadratic(Tanh()), (5, 3))


def trained(network: Network | None = None, **options) -> Model:
    """Three epochs, with everything that a model can carry."""
    given = {
        "epochs": 3,
        "batch_size": 8,
        "eta": Exponential(0.02, 0.9),
        "optimizer": Adam(0.8, 0.99),
        "regularizer": L2(0.5),
        "validation": pictures(20, 1),
        "validate_every": 3,
        "engine": "numpy",
        "keep_best": True,
        "callbacks": [Monitor(largest=lambda model: np.abs(model.params[2]["w"]).max())],
    }
    return fit(network or every_layer(), pictures(), **{**given, **options})


def tiny(dtype: str = "float32", **more) -> Model:
    """A model whose file is as short as one can be."""
    rng = np.random.default_rng(3)
    params = [{"w": rng.normal(size=(2, 3)).astype(dtype), "b": rng.normal(size=2).astype(dtype)}]
    return Model(Network([Dense(2)], Quadratic(), (3,)), params, OneHot(2), **more)


@dataclass(frozen=True)
class Swish(Activation):
    """z σ(βz): an activation of the user's own."""

    beta: float = 1.0

    def function(self, z):
        return z / (1 + np.exp(-self.beta * z))

    def derivative(self, z, a):
        s = 1 / (1 + np.exp(-self.beta * z))
        return s + self.beta * z * s * (1 - s)


@dataclass(frozen=True)
class Scale(Layer):
    """One learned number by which everything is multiplied."""

    def init(self, rng, input_shape):
        return {"gain": np.ones(())}

    def forward(self, params, x, rng=None):
        return params["gain"] * x, x

    def backward(self, params, x, d_y):
        return params["gain"] * d_y, {"gain": (d_y * x).sum()}


@dataclass(frozen=True)
class Absolute(Cost):
    """Σ |z − y|: a cost of the user's own."""

    def activation(self, z):
        return z

    def value(self, z, y):
        return np.abs(z - y).sum() / len(z)

    def delta(self, z, y):
        return np.sign(z - y)


@dataclass(frozen=True)
class Zero:
    """An initializer of the user's own."""

    sign: float = 1.0

    def __call__(self, rng, shape, n_in):
        return {"w": np.zeros(shape), "b": np.zeros(shape[:1])}


OWN = (Swish, Scale, Absolute, Zero)


def of_ones_own() -> Network:
    return Network([Flatten(), Dense(4), Swish(0.7), Scale(), Dense(3, Zero())], Absolute(), (5, 3))
