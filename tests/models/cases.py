"""Models to save and load: hand-made, trained, and with custom classes."""

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
from deltarule.preprocessing import Preprocessing
from deltarule.training.callbacks import Monitor
from deltarule.training.fit import fit


def make_images(n: int = 60, seed: int = 0) -> Dataset:
    """Make 5×3 images in three classes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.integers(0, 120, (n, 5, 3)) + 40 * y[:, None, None]
    return Dataset(x.astype(np.uint8), y, "images", 255.0, ("none", "some", "all"))


def build_every_layer() -> Network:
    """Build a network with every layer and activation, each with other numbers than its defaults."""
    layers = [Flatten(), Dropout(0.1), Dense(7, Large()), LeakyReLU(0.2), Dense(6, He()), ELU(0.5), Dense(5), ReLU()]
    layers += [Dense(5), ShiftedSigmoid(2.0, -1.0), Dense(4), Tanh(), Linear(), Dense(4), Sigmoid(), Dense(3)]
    return Network(layers, Quadratic(Tanh()), (5, 3))


def train_model(network: Network | None = None, **options) -> Model:
    """Train for three epochs, with everything that a model can hold."""
    given = {
        "epochs": 3,
        "batch_size": 8,
        "eta": Exponential(0.02, 0.9),
        "optimizer": Adam(0.8, 0.99),
        "regularizer": L2(0.5),
        "validation": make_images(20, 1),
        "validate_every": 3,
        "engine": "numpy",
        "keep_best": True,
        "callbacks": [Monitor(largest=lambda model: np.abs(model.params[2]["w"]).max())],
    }
    return fit(network or build_every_layer(), make_images(), **{**given, **options})


def make_tiny_model(dtype: str = "float32", **more) -> Model:
    """Make a model with the shortest possible file."""
    rng = np.random.default_rng(3)
    params = [{"w": rng.normal(size=(2, 3)).astype(dtype), "b": rng.normal(size=2).astype(dtype)}]
    return Model(Network([Dense(2)], Quadratic(), (3,)), params, **{"preprocessing": Preprocessing(OneHot(2)), **more})


@dataclass(frozen=True)
class Swish(Activation):
    """A custom activation: z σ(βz)."""

    beta: float = 1.0

    def function(self, z):
        return z / (1 + np.exp(-self.beta * z))

    def derivative(self, z, a):
        s = 1 / (1 + np.exp(-self.beta * z))
        return s + self.beta * z * s * (1 - s)


@dataclass(frozen=True)
class Scale(Layer):
    """A custom layer that multiplies its input by one trained number."""

    def init(self, rng, input_shape):
        return {"gain": np.ones(())}

    def forward(self, params, x, rng=None):
        return params["gain"] * x, x

    def backward(self, params, x, d_y):
        return params["gain"] * d_y, {"gain": (d_y * x).sum()}


@dataclass(frozen=True)
class Absolute(Cost):
    """A custom cost: Σ |z − y|."""

    def activation(self, z):
        return z

    def value(self, z, y):
        return np.abs(z - y).sum() / len(z)

    def delta(self, z, y):
        return np.sign(z - y)


@dataclass(frozen=True)
class Zero:
    """A custom initializer."""

    sign: float = 1.0

    def __call__(self, rng, shape, n_in):
        return {"w": np.zeros(shape), "b": np.zeros(shape[:1])}


OWN = (Swish, Scale, Absolute, Zero)


def build_custom_network() -> Network:
    return Network([Flatten(), Dense(4), Swish(0.7), Scale(), Dense(3, Zero())], Absolute(), (5, 3))
