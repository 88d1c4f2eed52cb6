"""The contract table: every layer, activation and cost once, and the networks made of them.

A new layer is one line in ``LAYERS``, or in ``IMAGES`` where it moves a window, with the shape of
one example that it takes; a new activation is one line in ``ACTIVATIONS``; a new cost is one line
in ``COSTS``, and one in ``TARGETS`` if no class there has its kind of desired outputs. A layer whose
derivative jumps says in ``MARGINS`` how far an input lies from the jump: finite differences are only
taken where that is far enough, and where it is not, other inputs are chosen, never a wider tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.belief_network import BeliefLayer
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.gru import GRU
from deltarule.core.latent import Latent
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.lstm import LSTM
from deltarule.core.machine_layers import LabelEnergies, Reconstruction
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, ClipNorm, ExponentialMovingAverage, Momentum, Nesterov
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.recurrent import Recurrent
from deltarule.core.regularizers import L1, L2
from deltarule.core.step_costs import SumOverSteps
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps


@dataclass(frozen=True)
class Entry:
    """A layer and the shape of one example to test it with."""

    layer: Layer
    input_shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.layer} on {self.input_shape}"


LAYERS = (
    Entry(Dense(3), (3,)),  # square: a product with a transpose too many still has the right shape
    Entry(Dense(2), (4,)),
    Entry(Dropout(0.5), (3,)),
    Entry(Flatten(), (2, 2)),
)
IMAGES = (
    Entry(Conv(2, 2), (3, 3, 2)),
    Entry(Conv(3, (1, 2)), (2, 3, 1)),
    Entry(Conv(1, 2, stride=2), (5, 4, 1)),  # the last row lies in no patch
    Entry(Conv(2, (3, 2), stride=(1, 3)), (4, 5, 2)),
    Entry(MaxPool(2), (2, 4, 2)),
    Entry(MaxPool((3, 2), stride=(2, 1)), (5, 3, 1)),  # overlapping
    Entry(MaxPool(1, stride=2), (3, 3, 1)),  # with gaps
    Entry(L2Pool((1, 2)), (3, 2, 2)),
    Entry(L2Pool(2, stride=1), (3, 3, 2)),
    Entry(BatchNorm(), (3,)),
    Entry(BatchNorm(0.1), (2, 2, 2)),
)
MACHINES = (
    Entry(BeliefLayer(3), (4,)),
    Entry(Latent(), (6,)),
    Entry(Reconstruction(3), (4,)),
    Entry(LabelEnergies(3, 2), (4,)),
)
# layers of sequences; the contract runs each of them on whole sequences and on shorter ones
SEQUENCES = (
    Entry(Recurrent(3), (4, 3)),
    Entry(Recurrent(2, Sigmoid()), (5, 3)),
    Entry(LSTM(3), (4, 3)),
    Entry(LSTM(2), (5, 1)),
    Entry(GRU(3), (4, 3)),
    Entry(GRU(2), (5, 1)),
    Entry(LastStep(), (4, 2)),
    Entry(LastStep(), (3, 2, 2)),
    Entry(MeanOverSteps(), (4, 2)),
    Entry(EachStep(Dense(2)), (3, 4)),
    Entry(EachStep(Dropout(0.5)), (3, 4)),
)
ACTIVATIONS = (
    Sigmoid(),
    ShiftedSigmoid(),
    ShiftedSigmoid(2, -1),
    Tanh(),
    Linear(),
    LeakyReLU(0.3),
    ReLU(),
    ELU(0.5),  # not 1, where a + 1 would pass for a + ELU.a
)
COSTS = (
    Quadratic(Sigmoid()),
    Quadratic(Linear()),
    Quadratic(Tanh()),
    CrossEntropy(),
    LogLikelihood(),
    LabelSmoothing(LogLikelihood(), 0.3),
)
STEP_COSTS = (SumOverSteps(Quadratic(Sigmoid()), 2), SumOverSteps(CrossEntropy(), 2))


@dataclass(frozen=True)
class OwnCost(Cost):
    """A user's cost, C_x = Σ (z − y)⁴ / 4, whose functions take no weights."""

    def activation(self, z):
        return z

    def value(self, z, y):
        return ((z - y) ** 4).sum() / (4 * z.shape[0])

    def delta(self, z, y):
        return (z - y) ** 3


OPTIMIZERS = (
    *(SGD(), Momentum(0.8), Nesterov(0.8), ExponentialMovingAverage(Momentum(0.8), 0.9)),
    *(ClipNorm(Momentum(0.8), 0.5), Adam(0.7, 0.9)),
)
REGULARIZERS = (None, L2(3.0), L1(3.0))


def draw_some_steps(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Draw targets for steps of two outputs each, of which the second step of the first example does not count."""
    y = rng.uniform(size=shape)
    y[0, 2:4] = np.nan
    return y


TARGETS: dict[type[Cost], Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    Quadratic: lambda rng, shape: rng.normal(size=shape),
    OwnCost: lambda rng, shape: rng.normal(size=shape),
    CrossEntropy: lambda rng, shape: rng.uniform(size=shape),
    LogLikelihood: lambda rng, shape: rng.dirichlet(np.ones(shape[1]), size=shape[0]),
    LabelSmoothing: lambda rng, shape: rng.dirichlet(np.ones(shape[1]), size=shape[0]),
    SumOverSteps: draw_some_steps,
}


def from_zero(layer: Layer, z: np.ndarray) -> float:
    return float(np.abs(z).min())


def from_a_tie(pool: MaxPool, x: np.ndarray) -> float:
    """Return the smallest difference between the largest number of a region and the next.

    Numbers that are equal do not count. Random ones are equal only where a layer before made them
    so, as ReLU's zeros, of which none moves, or one number seen through two windows, which moves
    as one: whichever of them wins, the derivative is the same.
    """
    regions = np.moveaxis(pool._regions(x), 3, -1)
    steps = regions.max(-1, keepdims=True) - regions
    return float(steps[steps > 0].min(initial=np.inf))


def from_an_empty_region(pool: L2Pool, x: np.ndarray) -> float:
    """Return a hundredth of the smallest norm, since the derivative changes within that length; 0 does not count.

    A region is all zeros only behind ReLUs that are off, and then does not move.
    """
    norms = pool.forward({}, x)[0]
    return float(norms[norms > 0].min(initial=np.inf)) / 100


MARGINS: dict[type[Layer], Callable[[Any, np.ndarray], float]] = {
    ReLU: from_zero,
    LeakyReLU: from_zero,
    ELU: from_zero,
    MaxPool: from_a_tie,
    L2Pool: from_an_empty_region,
}

ALONE = (
    *LAYERS,
    Entry(Dropout(0.0), (3,)),
    *(Entry(activation, (2, 3)) for activation in ACTIVATIONS),
    *IMAGES,
    *MACHINES,
    *SEQUENCES,
)


def network_of(entry: Entry, activation: Activation, cost: Cost) -> Network:
    """Build a network of the entry's layer, then Dense, the activation, Dropout, a Dense and the cost."""
    flat = [] if len(entry.layer.output_shape(entry.input_shape)) == 1 else [Flatten()]
    layers = [entry.layer, *flat, Dense(3), activation, Dropout(0.4), Dense(3)]
    return Network(layers, cost, entry.input_shape)


NETWORKS = {
    f"{entry}, {activation}, {cost}": network_of(entry, activation, cost)
    for entry in LAYERS
    for activation in ACTIVATIONS
    for cost in COSTS
}
# with the others each layer meets each activation, and each activation each cost; all three at once are slow tests
TRIPLES = {
    f"{entry}, {activation}, {cost}"
    for i, entry in enumerate(LAYERS)
    for j, activation in enumerate(ACTIVATIONS)
    for k, cost in enumerate(COSTS)
    if i > 0 and (i + j) % len(COSTS) != k
}
# one activation and cost each is enough for layers that differ from each other in their windows only
NETWORKS |= {
    f"{entry}, {activation}, {cost}": network_of(entry, activation, cost)
    for entry, activation, cost in zip(IMAGES, cycle(ACTIVATIONS), cycle(COSTS), strict=False)
}
# windows upon windows, and ties: where a whole region of ReLUs is off, its maximum is 0 many times
DEEP = {
    "convolutions and pools": [
        Conv(2, 2),
        ReLU(),
        MaxPool(2, stride=1),
        Conv(3, (2, 1)),
        Tanh(),
        L2Pool((1, 2)),
        Flatten(),
    ],
    "normalized": [
        Conv(2, (2, 1), stride=(1, 2)),
        Tanh(),
        BatchNorm(),
        MaxPool((1, 2), stride=1),
        Flatten(),
    ],
}
NETWORKS |= {name: Network([*layers, Dense(3)], LogLikelihood(), (5, 4, 1)) for name, layers in DEEP.items()}

# memory upon memory, answers at the end and at each step, and the state of a layer that a ReLU switches off
SEQUENCE_NETWORKS = {
    f"{entry}": network_of(entry, activation, cost)
    for entry, activation, cost in zip(SEQUENCES, cycle(ACTIVATIONS), cycle(COSTS), strict=False)
}
SEQUENCE_NETWORKS |= {
    "two layers": Network([GRU(3), Dropout(0.3), LSTM(2), LastStep(), Dense(3)], LogLikelihood(), (4, 2)),
    "mean": Network([Recurrent(3), MeanOverSteps(), Dense(2)], CrossEntropy(), (4, 2)),
    "ReLU in time": Network([Recurrent(3, ReLU()), LastStep(), Dense(2)], CrossEntropy(), (4, 2)),
    "an answer at each step": Network([LSTM(2), EachStep(Dense(2)), Flatten()], STEP_COSTS[0], (4, 2)),
    "a cost of each step": Network([Recurrent(3), EachStep(Dense(2)), Flatten()], STEP_COSTS[1], (4, 2)),
}

# each cost with weights of examples, dropout included; and a cost as users write it
WEIGHED = tuple(Network([Dense(3), Tanh(), Dropout(0.4), Dense(2)], cost, (3,)) for cost in (*COSTS, OwnCost()))

# each layer, each activation and each cost once, for checks that need no more than that
CROSS = (
    *(network_of(entry, ACTIVATIONS[0], COSTS[0]) for entry in (*LAYERS, *IMAGES)),
    *SEQUENCE_NETWORKS.values(),
    *(network_of(LAYERS[0], activation, COSTS[1]) for activation in ACTIVATIONS),
    *(network_of(LAYERS[0], ACTIVATIONS[3], cost) for cost in COSTS),
)
