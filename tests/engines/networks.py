"""Networks and examples drawn at random, of every kind that the native engine runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from tests.core.table import ACTIVATIONS, COSTS, TARGETS

from deltarule.core.convolution import Conv
from deltarule.core.descent import Descent
from deltarule.core.layer import Layer, Shape
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, ExponentialMovingAverage, Momentum, Nesterov
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.regularizers import L1, L2
from deltarule.engines import Examples

from .cases import ADAM
from .native_cases import find_levels

KINDS = st.lists(st.sampled_from(["weights", "weights", "pool", "f", "norm", "dropout"]), max_size=6).filter(
    lambda kinds: kinds.count("norm") <= 2  # each can multiply rounding errors by 1/√ε, where all numbers are equal
)
TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64", "bool")
WIDTHS = st.integers(1, 20) | st.sampled_from([24, 32, 33, 41, 64, 130])
OPTIMIZERS = (SGD(), Momentum(0.8), Nesterov(0.8), ADAM)


@dataclass(frozen=True)
class Drawn:
    """A descent, examples for it, and how they are trained on."""

    descent: Descent
    examples: Examples
    batch_size: int
    threads: int
    level: str


@st.composite
def draw_window(draw, shape: Shape, most: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Draw the size and the step of a window in an image."""
    size = tuple(draw(st.integers(1, min(most, n))) for n in shape[:2])
    return size, (draw(st.integers(1, 3)), draw(st.integers(1, 3)))


@st.composite
def draw_pool(draw, shape: Shape) -> Layer:
    """Draw a pool whose regions cover an image exactly; side by side, as is usual, or not."""
    kind = draw(st.sampled_from([MaxPool, MaxPool, L2Pool]))
    if draw(st.booleans()):
        return kind(tuple(draw(st.sampled_from([d for d in range(1, 5) if n % d == 0])) for n in shape[:2]))
    size, step = draw(draw_window(shape, 4))
    return kind(size, tuple(s if (n - k) % s == 0 else 1 for n, k, s in zip(shape, size, step, strict=False)))


@st.composite
def draw_layers(draw, shape: Shape) -> tuple[Layer, ...]:
    """Draw the layers of a network for inputs of a shape."""
    layers: list[Layer] = []

    def add(layer: Layer) -> None:
        nonlocal shape
        layers.append(layer)
        shape = layer.output_shape(shape)

    for kind in draw(KINDS):
        if kind == "f":
            add(draw(st.sampled_from(ACTIVATIONS)))
        elif kind == "norm":
            add(BatchNorm())
        elif kind == "dropout":
            add(Dropout(draw(st.sampled_from([0.0, 0.1, 0.5]))))
        elif len(shape) == 1:
            add(Dense(draw(WIDTHS)))
        elif kind == "pool":
            add(draw(draw_pool(shape)))
        else:
            size, step = draw(draw_window(shape, 5))
            add(Conv(draw(WIDTHS), size, draw(st.sampled_from([1, 1, step]))))
            if draw(st.booleans()):  # what becomes one with the convolution
                for extra in draw(st.sampled_from([[], [draw(st.sampled_from(ACTIVATIONS))]])):
                    add(extra)
                add(draw(draw_pool(shape)))
    return (*layers, Flatten(), Dense(draw(st.integers(1, 6))))


def make_inputs(rng: np.random.Generator, shape: Shape, kind: str, share: float) -> np.ndarray:
    """Make inputs of a type, of which a share is 0, and of each image also a whole corner."""
    x = rng.normal(size=shape) if kind.startswith("float") else rng.integers(0, 2 if kind == "bool" else 128, shape)
    x = np.where(rng.uniform(size=shape) < share, 0, x)
    x[:, : shape[1] // 2] *= share < 0.5
    return x.astype(kind)


@st.composite
def draw_all(draw) -> Drawn:
    """Draw a network, how it is trained, and examples."""
    side = st.integers(1, 13)
    shape = draw(st.tuples(side, side, st.sampled_from([1, 1, 2, 3, 9])) | st.tuples(st.integers(1, 150)))
    network = Network(draw(draw_layers(shape)), draw(st.sampled_from(COSTS)), shape)
    optimizer = draw(st.sampled_from(OPTIMIZERS))
    if draw(st.booleans()):
        optimizer = ExponentialMovingAverage(optimizer, 0.9)
    n, rng = draw(st.integers(1, 16)), np.random.default_rng(draw(st.integers(0, 2**16)))
    x = make_inputs(rng, (n, *shape), draw(st.sampled_from(TYPES)), draw(st.sampled_from([0.0, 0.3, 0.8, 1.0])))
    y = TARGETS[type(network.cost)](rng, (n, network.n_out))
    scale, mean = (1.0 if x.dtype.kind in "fb" else 127.0), draw(st.sampled_from([None, 0.0, 0.3]))
    weights = draw(st.sampled_from([None, rng.uniform(0, 3, n)]))
    return Drawn(
        Descent(network, optimizer, draw(st.sampled_from([None, L1(2.0), L2(2.0)])), n),
        Examples(x, y, scale, mean, weights),
        draw(st.integers(1, 9)),
        draw(st.integers(1, 3)),
        draw(st.sampled_from(find_levels()[::-1])),
    )
