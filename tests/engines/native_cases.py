"""Networks for what only the native engine does in special ways: each row names the path that it takes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from deltarule.book.network3_layers import PublishedConvPool, PublishedDropout
from deltarule.core import random
from deltarule.core.activations import ELU, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.augmentation import Augmentation
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.distortions import Affine, Chain, Elastic, Shift
from deltarule.core.initializers import Zeros
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, ExponentialMovingAverage, Momentum, Nesterov, Optimizer
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.data.dataset import Dataset
from deltarule.engines import Examples
from deltarule.engines.native_engine import NativeEngine
from deltarule.errors import InvalidArgument

from .cases import ADAM

N = 26  # with mini-batches of seven: three whole ones, and five examples


def draw_digits(n: int, shape: tuple[int, ...]) -> np.ndarray:
    """Draw bytes that are mostly 0, as digits are: one bright rectangle of noise in each image, at any place."""
    rng = np.random.default_rng(8)
    x = rng.integers(1, 256, (n, *shape), dtype=np.uint8)
    inside = np.ones(x.shape, bool)
    for axis, size in enumerate(shape[:2], 1):
        start = rng.integers(0, size, n)
        place = np.arange(size) - start[:, None]
        inside &= ((place >= 0) & (place < 1 + size // 2)).reshape(
            n, *(size if i == axis else 1 for i in range(1, x.ndim))
        )
    return np.where(inside, x, np.uint8(0))


def draw_photos(n: int, shape: tuple[int, ...]) -> np.ndarray:
    """Draw bytes of which few are 0."""
    return np.random.default_rng(9).integers(0, 256, (n, *shape), dtype=np.uint8)


def draw_numbers(n: int, shape: tuple[int, ...]) -> np.ndarray:
    """Draw normal numbers."""
    return np.random.default_rng(10).normal(0, 128, (n, *shape))


@cache
def find_levels() -> list[str]:
    """Return the levels of instructions that this processor has."""
    found, network = [], Network([Dense(1)], LogLikelihood(), (1,))
    for level in ("v2", "v3", "v4", "neon"):
        evaluator = NativeEngine(1, level).evaluator(network, "float32")
        examples = evaluator.place(Examples(np.zeros((1, 1)), np.zeros((1, 1)), 1.0))
        with suppress(InvalidArgument):
            evaluator.weighted_inputs(evaluator.params(network.init(0)), examples)
            found.append(level)
    return found


Draw = Callable[[int, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True)
class Row:
    """A network with all that the native engine treats in its own way."""

    layers: tuple[Layer, ...]
    shape: tuple[int, ...] = (12, 12, 1)
    cost: Cost = LogLikelihood()
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    draw: Draw = draw_digits
    type: str = ""
    mean: float = 0.0
    is_weighted: bool = False
    augmentation: Augmentation | None = None
    batch_size: int = 7

    def descent(self) -> Descent:
        network = Network([*self.layers, Flatten(), Dense(4)], self.cost, self.shape)
        return Descent(network, self.optimizer, self.regularizer, N, self.augmentation)

    def data(self) -> Dataset:
        x = self.draw(N, self.shape)
        y = np.random.default_rng(11).integers(0, 4, N)
        x = x.astype(self.type) if self.type else x
        data = Dataset(x, y, "pictures", 255.0, tuple("abcd"))
        return replace(data, weights=np.random.default_rng(12).uniform(0, 3, N)) if self.is_weighted else data


@dataclass(frozen=True)
class Mirror:
    """An augmentation as users write it."""

    def __call__(self, images, rng):
        xp = images.__array_namespace__()
        turned = random.bernoulli(rng, 0.5, (images.shape[0], 1, 1, 1))
        return xp.where(turned, xp.flip(images, axis=2), images)


FIRST = {
    f"first convolution, {name}": Row(layers, shape, **fields)
    for name, layers, shape, fields in (
        ("pool of 2", (Conv(6, 5), ReLU(), MaxPool(2)), (14, 14, 1), {}),
        ("pool of 3", (Conv(5, 4), Sigmoid(), MaxPool(3)), (15, 12, 1), {"optimizer": Momentum(0.8)}),
        ("pool of (2, 1)", (Conv(5, (3, 2)), Tanh(), MaxPool((2, 1))), (12, 9, 1), {"regularizer": L1(2.0)}),
        ("pool of (1, 3)", (Conv(5, 3), ELU(0.5), MaxPool((1, 3))), (11, 11, 1), {}),
        ("pool of 9", (Conv(3, 2), ShiftedSigmoid(), MaxPool(9)), (10, 10, 1), {}),
        ("three channels", (Conv(6, 3), LeakyReLU(0.2), MaxPool(2)), (12, 12, 3), {"optimizer": ADAM}),
        ("nine channels", (Conv(9, 3), ReLU(), MaxPool(2)), (8, 8, 9), {"draw": draw_photos}),
        ("pool of 1", (Conv(3, 2), Tanh(), MaxPool(1)), (6, 6, 1), {}),
        ("ties", (Conv(3, 3, initializer=Zeros()), Tanh(), MaxPool(2)), (8, 8, 1), {}),
        ("ties of overlapping regions", (Conv(3, 3, initializer=Zeros()), MaxPool(2, stride=1)), (8, 8, 1), {}),
        ("no activation", (Conv(6, 3), MaxPool(2), Tanh()), (10, 10, 1), {}),
        ("stride", (Conv(6, 3, stride=(2, 1)), Linear(), MaxPool(2)), (13, 10, 1), {"regularizer": L2(2.0)}),
        ("falling activation", (Conv(6, 3), ShiftedSigmoid(-1.5, 0.3), MaxPool(2)), (10, 10, 1), {}),
        ("mean", (Conv(6, 5), ReLU(), MaxPool(2)), (14, 14, 1), {"mean": 0.3}),
        ("51 maps", (Conv(51, 3), ReLU(), MaxPool(2)), (8, 8, 1), {}),
        ("48 maps without a pool", (Conv(48, 3), ReLU()), (8, 8, 3), {}),
        ("without a pool", (Conv(5, 3, stride=2), Tanh()), (9, 8, 1), {}),
        ("overlapping pool", (Conv(6, 3), ReLU(), MaxPool(3, stride=2)), (11, 11, 1), {}),
        ("averages", (Conv(6, 5), ReLU(), MaxPool(2)), (14, 14, 1), {"optimizer": ExponentialMovingAverage(ADAM, 0.9)}),
    )
}
INNER = {
    f"inner convolution, {name}": Row((Conv(5, 3), Tanh(), *layers), shape, **fields)
    for name, layers, shape, fields in (
        ("3 wide, result of 8", (Conv(6, 3),), (7, 12, 1), {}),
        ("3 wide, result of 6", (Conv(6, 3),), (7, 10, 1), {"optimizer": Momentum(0.8)}),
        ("3 wide, result of 7", (Conv(6, 3),), (7, 11, 1), {}),
        ("5 wide, result of 6", (Conv(6, (2, 5)),), (7, 12, 1), {"optimizer": ADAM}),
        ("5 wide, result of 5", (Conv(6, 5),), (9, 11, 1), {}),
        ("5 wide, pool", (Conv(7, 5), LeakyReLU(0.1), MaxPool(2)), (12, 14, 3), {"regularizer": L2(2.0)}),
        ("3 wide, pool", (Conv(7, 3), Sigmoid(), MaxPool((1, 2))), (8, 12, 1), {"regularizer": L1(2.0)}),
        ("stride in height", (Conv(7, 3, stride=(2, 1)), ReLU()), (10, 12, 1), {}),
        ("stride in width", (Conv(7, 3, stride=(1, 2)), ReLU(), MaxPool(2)), (10, 11, 1), {}),
        ("1 × 2", (Conv(9, (1, 2)), ReLU(), MaxPool(3)), (11, 12, 1), {}),
        ("4 × 1", (Conv(3, (4, 1)), ReLU()), (8, 6, 1), {"optimizer": Nesterov(0.8)}),
        ("51 maps of 5", (Conv(51, 3), ReLU(), MaxPool(2)), (8, 8, 1), {}),
        ("of 17 maps", (Conv(17, 2), ReLU(), Conv(6, 3), ReLU(), MaxPool(2)), (9, 9, 1), {}),
        ("no activation", (Conv(6, 3), MaxPool(2)), (8, 8, 1), {}),
        ("pool of 1", (Conv(6, 3), Sigmoid(), MaxPool(1)), (8, 8, 1), {}),
        ("ties", (Conv(6, 3, initializer=Zeros()), Tanh(), MaxPool(2)), (8, 8, 1), {}),
        ("L1 of zeros", (Conv(6, 3, initializer=Zeros()), Tanh()), (8, 8, 1), {"regularizer": L1(2.0)}),
        ("averages", (Conv(6, 3), ReLU(), MaxPool(2)), (8, 8, 1), {"optimizer": ExponentialMovingAverage(SGD(), 0.9)}),
        ("overlapping pools", (MaxPool((3, 2), stride=1), Conv(6, 3), MaxPool(2, stride=1), ReLU()), (11, 10, 1), {}),
        ("L2 pools", (L2Pool(2), Conv(6, 3), L2Pool((2, 1), stride=1)), (12, 12, 1), {}),
    )
}
BEFORE = {
    f"{layer} before all": Row((layer, Conv(5, 3), ReLU(), MaxPool(2)), (12, 12, channels), draw=draw)
    for layer in (MaxPool(2), L2Pool(2), MaxPool(3, stride=1), BatchNorm(), Dropout(0.3), Sigmoid())
    for channels, draw in ((1, draw_photos), (3, draw_digits))
}
NORMALIZED = {
    f"normalization, {name}": Row(layers, shape, **fields)
    for name, layers, shape, fields in (
        ("twice", (Conv(5, 3), BatchNorm(), ReLU(), Conv(9, 3), MaxPool(2), BatchNorm(0.1), ReLU()), (12, 12, 1), {}),
        ("of neurons", (Flatten(), Dense(20), BatchNorm(), ELU(), Dense(9), BatchNorm()), (6, 6, 1), {}),
        ("of inputs", (BatchNorm(), Dense(9), Tanh()), (30,), {"draw": draw_photos}),
        ("and dropout", (Dropout(0.2), Conv(5, 3), BatchNorm(), Dropout(0.2)), (8, 8, 3), {"draw": draw_photos}),
        (
            "and averages",
            (Conv(5, 3), BatchNorm(), ReLU(), MaxPool(2)),
            (10, 10, 1),
            {"optimizer": ExponentialMovingAverage(Momentum(0.8), 0.9), "cost": LabelSmoothing(LogLikelihood(), 0.1)},
        ),
        ("and Adam", (Conv(5, 3), BatchNorm(), Tanh()), (8, 8, 1), {"optimizer": ADAM}),
        ("of one example", (Conv(5, 3), BatchNorm(), ReLU()), (8, 8, 1), {"batch_size": 1}),
        ("of one number", (Dense(5), BatchNorm(), Tanh()), (20,), {"batch_size": 1}),
    )
}
HIDDEN = (Dense(9), Tanh())
COSTS = {
    str(cost): Row(HIDDEN, (20,), cost, regularizer=L2(1.0), is_weighted=weighted)
    for weighted, cost in enumerate(
        (
            *(Quadratic(a) for a in (Sigmoid(), Tanh(), Linear(), ReLU(), LeakyReLU(0.3), ELU(0.5), ShiftedSigmoid())),
            LabelSmoothing(LabelSmoothing(CrossEntropy(), 0.1), 0.3),
            LabelSmoothing(LabelSmoothing(LogLikelihood(), 0.2), 0.1),
            LabelSmoothing(Quadratic(ShiftedSigmoid(2, -1)), 0.2),
        )
    )
}
SPARSE = {
    f"{n} neurons on sparse bytes, {name}": Row((Flatten(), Dense(n), LeakyReLU(0.1)), shape, **fields)
    for n in (9, 130, 1000)
    for name, shape, fields in (
        ("plain", (100,), {}),
        ("images", (9, 9, 1), {"is_weighted": True}),
        ("mean", (101,), {"mean": 0.4}),
        ("L1 and momentum", (100,), {"regularizer": L1(2.0), "optimizer": Momentum(0.8), "mean": 0.2}),
        ("Adam and averages", (103,), {"regularizer": L2(2.0), "optimizer": ExponentialMovingAverage(ADAM, 0.9)}),
        ("none", (100,), {"draw": draw_photos}),
    )
    if n != 1000 or name in ("plain", "mean", "none")
} | {
    f"{n} neurons on sparse {type}, {name}": Row((Flatten(), Dense(n)), (100,), type=type, **fields)
    for n in (9, 130)
    for type, name, fields in (
        ("float32", "plain", {}),
        ("float64", "plain", {"is_weighted": True}),
        ("int16", "mean", {"mean": 0.4}),
        ("float32", "Adam in large mini-batches", {"optimizer": ADAM, "batch_size": N}),
        (
            "float64",
            "all in large mini-batches",
            {"optimizer": ExponentialMovingAverage(Momentum(0.8), 0.9), "regularizer": L1(2.0), "batch_size": N - 1},
        ),
        ("uint8", "L2 in large mini-batches", {"regularizer": L2(2.0), "batch_size": N}),
    )
}
TYPES = {
    f"inputs of {name}": Row((Conv(5, 3), ReLU(), MaxPool(2)), (8, 8, 1), draw=draw, type=name, mean=0.1 * i)
    for i, name in enumerate(
        ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64", "bool")
    )
    for draw in (draw_photos if name.startswith("u") else draw_numbers,)
}
SIZES = {
    f"mini-batches of {size}": Row((Conv(5, 3), ReLU(), MaxPool(2), Conv(6, 3)), (12, 12, 1), batch_size=size)
    for size in (1, 2, N - 1, N, N + 9)
}
AUGMENTED = {
    f"{augmentation}": Row((Conv(5, 3), ReLU(), MaxPool(2)), (12, 12, 1), augmentation=augmentation, mean=mean)
    for augmentation, mean in (
        (Shift(2), 0.0),
        (Shift(1), 0.3),
        (Affine(rotation=15, shift=1, scale=0.2, skew=0.1), 0.0),
        (Elastic(), 0.0),
        (Chain((Shift(1), Affine(rotation=15), Elastic(20, 4))), 0.2),
        (Mirror(), 0.0),
    )
}
PUBLISHED = {
    f"all ties win, {name}": Row(layers, shape, **fields)
    for name, layers, shape, fields in (
        ("everywhere", (PublishedConvPool(3, 3, 2, Zeros()), Tanh()), (8, 8, 1), {}),
        ("in each convolution", (PublishedConvPool(3, 3, 2, Zeros()), PublishedConvPool(6, 3, 2)), (10, 10, 1), {}),
        (
            "in blank borders",
            (PublishedConvPool(6, 5, 2), Sigmoid(), PublishedConvPool(7, 3, 2), ReLU()),
            (28, 28, 1),
            {},
        ),
        ("result of 8", (PublishedConvPool(6, 5, 2), Tanh(), PublishedConvPool(17, 3, 2), Tanh()), (16, 24, 1), {}),
        ("5 wide", (PublishedConvPool(6, 5, 2), Tanh(), PublishedConvPool(51, 5, 2), Tanh()), (28, 28, 1), {}),
        (
            "a rest in both directions",
            (PublishedConvPool(5, (4, 3), (3, 2)), Tanh(), PublishedConvPool(5, (2, 3), (1, 3)), ELU(0.5)),
            (19, 16, 3),
            {"optimizer": Momentum(0.8), "regularizer": L2(2.0)},
        ),
        ("a rest after the input", (PublishedConvPool(9, 3, (3, 4)), ReLU()), (10, 11, 1), {"optimizer": ADAM}),
        ("pool of 1", (PublishedConvPool(3, 2, 1), Tanh(), PublishedConvPool(6, 3, 1)), (9, 9, 1), {}),
        ("pool of 32", (PublishedConvPool(3, 2, (4, 8)), Tanh()), (10, 18, 1), {"regularizer": L1(2.0)}),
        ("mean", (PublishedConvPool(6, 5, 2), ReLU()), (14, 14, 1), {"mean": 0.3}),
        (
            "numbers",
            (PublishedConvPool(6, 5, 2), Sigmoid(), PublishedConvPool(7, 3, 2)),
            (17, 15, 2),
            {"draw": draw_numbers},
        ),
        (
            "and dropout",
            (PublishedConvPool(6, 5, 2), Tanh(), Flatten(), PublishedDropout(0.3), Dense(9), PublishedDropout(0.5)),
            (14, 14, 1),
            {"optimizer": ExponentialMovingAverage(SGD(), 0.9)},
        ),
    )
}
ROWS = PUBLISHED | FIRST | INNER | BEFORE | NORMALIZED | COSTS | SPARSE | TYPES | SIZES | AUGMENTED
