"""The small networks, data and epochs on which the engines are compared."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from deltarule.core import random
from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, ClipNorm, ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.data.dataset import Dataset
from deltarule.engines import Engine, Epoch, Examples, Program
from deltarule.engines.native_engine import NativeEngine
from deltarule.engines.numpy_engine import NumpyEngine

ENGINES = ("numpy", "native", "jax")
BATCH = 4  # compiling takes longer the more examples a mini-batch has


def engine_of(name: str, threads: int = 1, level: str = "") -> Engine:
    """Make an engine; JAX is imported only for its own, so that the native one can be tried without it."""
    if name != "jax":
        return NumpyEngine() if name == "numpy" else NativeEngine(threads, level)
    from deltarule.engines.jax_engine import make_jax_engine

    return make_jax_engine()


@cache
def build_cpu_mesh(devices: int) -> Any:
    """Build a mesh of the CPU as several devices, without the flag that would do so for the whole process."""
    from jax.sharding import Mesh
    from jaxlib import xla_client

    from deltarule.engines.jax_setup import AXIS

    client = xla_client.make_cpu_client(asynchronous=False, num_devices=devices)
    return Mesh(np.asarray(client.local_devices()), (AXIS,))


def make_divided_engine(devices: int) -> Engine:
    """Make an engine that divides each mini-batch over such devices."""
    from deltarule.engines.jax_engine import JaxEngine
    from deltarule.engines.jax_setup import configure_jax

    configure_jax()
    return JaxEngine(threads=1, mesh=build_cpu_mesh(devices))


@dataclass(frozen=True)
class Case:
    """A kind of network with an optimizer and a regularizer."""

    activation: Activation = Sigmoid()
    cost: Cost = CrossEntropy()
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    on_images: tuple[Layer, ...] = ()

    def __str__(self) -> str:
        parts = (*self.on_images, self.activation, self.cost, self.optimizer, self.regularizer)
        return "-".join(str(part).partition("(")[0] for part in parts)

    def descent(self, n: int) -> Descent:
        layers = [*self.on_images, Dense(8), self.activation, Dense(4)]
        network = Network(layers, self.cost, (6, 6, 1) if self.on_images else (36,))
        return Descent(network, self.optimizer, self.regularizer, n)


# an epsilon of about the size of the gradients, since with the usual one Adam makes a step of full
# size for a gradient that consists only of rounding error
ADAM = Adam(0.7, 0.9, 0.1)
TABLE = (  # each layer, activation, cost, optimizer and regularizer at least once; each line takes a second to compile
    Case(Sigmoid(), CrossEntropy(), SGD(), None),
    Case(Tanh(), LogLikelihood(), Momentum(0.8), L2(2.0)),
    Case(ReLU(), Quadratic(Sigmoid()), Nesterov(0.8), L1(2.0)),
    Case(LeakyReLU(0.3), Quadratic(Tanh()), ADAM, None),
    Case(ELU(0.5), Quadratic(Linear()), SGD(), L2(2.0)),
    Case(Linear(), CrossEntropy(), Momentum(0.8), L1(2.0)),
    Case(ShiftedSigmoid(), LogLikelihood(), Nesterov(0.8), L2(2.0)),
    Case(ShiftedSigmoid(2, -1), CrossEntropy(), ADAM, L1(2.0)),
    Case(
        Tanh(),
        LabelSmoothing(LogLikelihood(), 0.1),
        Momentum(0.8),
        L2(2.0),
        (Conv(3, (3, 2)), ReLU(), MaxPool((2, 1)), Flatten()),
    ),
    Case(
        Sigmoid(),
        CrossEntropy(),
        ExponentialMovingAverage(SGD(), 0.9),
        None,
        (Conv(2, 2, stride=2), Tanh(), BatchNorm(), L2Pool(2, stride=1), Flatten()),
    ),
    Case(
        Tanh(),
        LogLikelihood(),
        ClipNorm(Momentum(0.8), 0.5),
        L2(2.0),
        (Conv(3, (3, 2)), BatchNorm(), ReLU(), MaxPool((2, 1)), Flatten()),
    ),
)


def build_everything(n: int, optimizer: Optimizer = Momentum(0.8)) -> Descent:  # noqa: B008 (frozen)
    """Build a descent with dropout twice, weight decay and an optimizer with a state."""
    layers = [Dropout(0.2), Dense(12), ReLU(), Dropout(0.5), Dense(4)]
    return Descent(Network(layers, LogLikelihood(), (36,)), optimizer, L2(1.0), n)


def make_images(n: int, seed: int = 0, shape: tuple[int, ...] = (6, 6), classes: int = 4) -> Dataset:
    """Draw noisy uint8 images; each class is brighter at different places."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    bright = np.random.default_rng(1).integers(0, 180, (classes, *shape))
    x = (bright[y] + rng.integers(0, 75, (n, *shape))).astype(np.uint8)
    return Dataset(x, y, "pictures", 255.0, tuple(map(str, range(classes))))


def epoch_of(n: int, number: int = 0, batch_size: int = BATCH, eta: float = 0.1) -> Epoch:
    """Return an epoch in random order; η falls from step to step, so that a step out of place shows."""
    order = np.random.default_rng(number).permutation(np.arange(n, dtype=np.int32))
    etas = eta * np.linspace(1.0, 0.5, -(-n // batch_size))
    return Epoch(order, batch_size, etas, random.fold(random.key(3), number))


@dataclass(frozen=True)
class Ready:
    """A program with its placed examples and initial parameters."""

    program: Program
    examples: Examples
    params: list
    state: dict


def prepare(
    engine: str, descent: Descent, data: Dataset, dtype: str, threads: int = 1, level: str = "", mean: float = 0.0
) -> Ready:
    """Prepare a run; ``threads`` and ``level`` are the native engine's, and ``mean`` is subtracted from the inputs."""
    program = engine_of(engine, threads, level).program(descent, dtype)
    # no parameter starts at 0, as normalization's do, since relative distances are taken
    init = descent.network.init(seed=2)
    params = [{name: leaf if name == "w" else leaf + 0.1 for name, leaf in layer.items()} for layer in init]
    state = {name: program.params(tree) for name, tree in descent.optimizer.init(params).items()}
    examples = replace(Examples.from_dataset(data, descent.network, dtype), mean=mean)
    return Ready(program, program.place(examples), program.params(params), state)


N = 51  # thirteen steps, the last of three examples


@cache
def shared_run(engine: str, dtype: str) -> Ready:
    """Return a run with Adam that several tests share, compiled once."""
    return prepare(engine, build_everything(N, Adam()), make_images(N), dtype)


def bytes_of(*trees) -> bytes:
    """Return every bit of some trees of parameters."""
    return b"".join(
        np.asarray(leaf).dtype.str.encode() + np.asarray(leaf).tobytes()
        for tree in trees
        for layer in tree
        for _, leaf in sorted(layer.items())
    )


def run_python(program: str, **environment: str) -> str:
    """Run a program in a new Python process and return its output; it must succeed without warnings."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
