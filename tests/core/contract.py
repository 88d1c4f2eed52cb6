"""The contract table: every layer, activation and cost once, and the checks that all of them must pass.

A new layer is one line in ``LAYERS``, with the shape of one example that it takes; a new activation
is one line in ``ACTIVATIONS``; a new cost is one line in ``COSTS``, and one in ``TARGETS`` if no
class there has its kind of desired outputs. A layer whose derivative jumps says in ``MARGINS`` how
far an input lies from the jump: finite differences are only taken where that is far enough, and
where it is not, other inputs are chosen, never a wider tolerance.

Two oracles that know nothing of each other must agree with the backward functions: central
differences in float64, and JAX's own derivative of the forward functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np

from deltarule.core import random
from deltarule.core.activations import ELU, Activation, LeakyReLU, Linear, ReLU, ShiftedSigmoid, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.costs import Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.gradcheck import gradcheck
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.optimizers import SGD, Adam, Averaged, Momentum, Nesterov
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.core.regularizers import L1, L2

from .measures import agree, agree_leafwise, as_jax, convert, differences, freeze, key_in, same

# ---------------------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Entry:
    """A layer and the shape of one example that it is tried on."""

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
OPTIMIZERS = (SGD(), Momentum(0.8), Nesterov(0.8), Averaged(Momentum(0.8), 0.9), Adam(0.7, 0.9))
REGULARIZERS = (None, L2(3.0), L1(3.0))

TARGETS: dict[type[Cost], Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    Quadratic: lambda rng, shape: rng.normal(size=shape),
    CrossEntropy: lambda rng, shape: rng.uniform(size=shape),
    LogLikelihood: lambda rng, shape: rng.dirichlet(np.ones(shape[1]), size=shape[0]),
    LabelSmoothing: lambda rng, shape: rng.dirichlet(np.ones(shape[1]), size=shape[0]),
}


def from_zero(layer: Layer, z: np.ndarray) -> float:
    return float(np.abs(z).min())


def from_a_tie(pool: MaxPool, x: np.ndarray) -> float:
    """The smallest step from the largest number of a region down to the next.

    Numbers that are equal do not count. Random ones are equal only where a layer before made them
    so, as ReLU's zeros, of which none moves, or one number seen through two windows, which moves
    as one: whichever of them wins, the derivative is the same.
    """
    regions = np.moveaxis(pool._regions(x), 3, -1)
    steps = regions.max(-1, keepdims=True) - regions
    return float(steps[steps > 0].min(initial=np.inf))


def from_an_empty_region(pool: L2Pool, x: np.ndarray) -> float:
    """The smallest norm, a hundredth of it since the derivative turns within its own length; 0 does not count.

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

ALONE = (*LAYERS, Entry(Dropout(0.0), (3,)), *(Entry(activation, (2, 3)) for activation in ACTIVATIONS), *IMAGES)


def network_of(entry: Entry, activation: Activation, cost: Cost) -> Network:
    """The entry's layer first, then all there is: Dense, the activation, Dropout, and the cost after a Dense."""
    flat = [] if len(entry.layer.output_shape(entry.input_shape)) == 1 else [Flatten()]
    layers = [entry.layer, *flat, Dense(3), activation, Dropout(0.4), Dense(3)]
    return Network(layers, cost, entry.input_shape)


NETWORKS = {
    f"{entry}, {activation}, {cost}": network_of(entry, activation, cost)
    for entry in LAYERS
    for activation in ACTIVATIONS
    for cost in COSTS
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

# each layer, each activation and each cost once, for checks that need no more than that
CROSS = (
    *(network_of(entry, ACTIVATIONS[0], COSTS[0]) for entry in (*LAYERS, *IMAGES)),
    *(network_of(LAYERS[0], activation, COSTS[1]) for activation in ACTIVATIONS),
    *(network_of(LAYERS[0], ACTIVATIONS[3], cost) for cost in COSTS),
)

# --------------------------------------------------------------------------------- the inputs

KEY = random.fold(random.key(20), 5)
EXAMPLES = 3
CLEAR = 1e-3  # a finite difference moves a weighted input by less than a tenth of this


@dataclass(frozen=True)
class Batch:
    params: list[dict[str, np.ndarray]]
    x: np.ndarray
    y: np.ndarray


def margin(network: Network, params: Any, x: Any) -> float:
    """How far the nearest input of any layer lies from a jump of that layer's derivative."""
    smallest = float("inf")
    for i, (layer, p) in enumerate(zip(network.layers, params, strict=True)):
        if type(layer) in MARGINS:
            smallest = min(smallest, MARGINS[type(layer)](layer, x))
        x, _ = layer.forward(p, x, random.fold(KEY, i))
    return smallest


def stirred(params: Any) -> dict[str, np.ndarray]:
    """Parameters that are not as they start: a scale that is 1 everywhere would hide that it is forgotten."""
    rng = np.random.default_rng(4)
    return {name: p + rng.uniform(0, 0.5, p.shape) for name, p in params.items()}


def batch_for(network: Network, examples: int = EXAMPLES) -> Batch:
    """Parameters and a mini-batch, of the first seed that stays clear of every jump."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        params = [stirred(p) for p in network.init(seed)]
        x = rng.normal(size=(examples, *network.input_shape))
        if margin(network, params, x) > CLEAR:
            y = TARGETS[type(network.cost)](rng, (examples, network.n_out))
            return Batch(params, x, y)
    raise AssertionError(f"no seed keeps {network} clear of the jumps of its derivatives")


def inputs_for(entry: Entry) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters, x and d_y for a layer alone."""
    rng = np.random.default_rng(3)
    params = stirred(entry.layer.init(random.key(3), entry.input_shape))
    x = rng.normal(size=(EXAMPLES, *entry.input_shape))
    d_y = rng.normal(size=(EXAMPLES, *entry.layer.output_shape(entry.input_shape)))
    if type(entry.layer) in MARGINS:
        assert MARGINS[type(entry.layer)](entry.layer, x) > CLEAR
    return params, x, d_y


# ---------------------------------------------------------------- the checks of the gradients


def check_layer_by_differences(entry: Entry) -> None:
    """``backward`` is the derivative of ⟨d_y, forward⟩ in x and in each parameter."""
    params, x, d_y = inputs_for(entry)
    _, cache = entry.layer.forward(params, x, KEY)
    d_x, grads = entry.layer.backward(params, cache, d_y)
    agree(d_x, differences(lambda v: np.sum(d_y * entry.layer.forward(params, v, KEY)[0]), x), 1e-6, "d_x")
    assert grads.keys() == params.keys()
    for name, p in params.items():
        moved = differences(lambda v, n=name: np.sum(d_y * entry.layer.forward({**params, n: v}, x, KEY)[0]), p)
        agree(grads[name], moved, 1e-6, name)


def check_layer_by_jax(entry: Entry) -> None:
    """``backward`` is JAX's vector-Jacobian product of ``forward``, in training and in use."""
    params, x, d_y = inputs_for(entry)
    trained, used = (entry.layer.forward(params, x, key)[0] for key in (KEY, None))
    for key in (KEY,) if np.array_equal(trained, used) else (KEY, None):
        _, cache = entry.layer.forward(params, x, key)
        d_x, grads = entry.layer.backward(params, cache, d_y)
        with jax.enable_x64(True):
            _, vjp = jax.vjp(lambda p, v, k=key: entry.layer.forward(p, v, k)[0], as_jax(params), jnp.asarray(x))
            oracle_grads, oracle_x = vjp(jnp.asarray(d_y))
            agree(d_x, oracle_x, 1e-9, "d_x")
            agree_leafwise([grads], [oracle_grads], 1e-9)


def check_network_by_differences(network: Network) -> None:
    """The gradient in every parameter and in x, dropout on, is what central differences find."""
    batch = batch_for(network)
    assert margin(network, batch.params, batch.x) > CLEAR
    for p, g in zip(batch.params, network.gradients(batch.params, batch.x, batch.y, KEY), strict=True):
        assert {name: a.shape for name, a in g.items()} == {name: a.shape for name, a in p.items()}
    report = gradcheck(network, batch.params, batch.x, batch.y, KEY)
    assert report.relative <= 1e-6, report
    z, caches = network.forward(batch.params, batch.x, KEY)
    d_x, _ = network.backward(batch.params, caches, network.cost.delta(z, batch.y) / EXAMPLES)
    cost = lambda x: network.cost.value(network.forward(batch.params, x, KEY)[0], batch.y)  # noqa: E731
    agree(d_x, differences(cost, batch.x), 1e-6, "d_x")


def check_network_by_jax(network: Network) -> None:
    """The same gradients are those of ``jax.grad`` of cost after forward."""
    batch = batch_for(network)
    grads = network.gradients(batch.params, batch.x, batch.y, KEY)
    z, caches = network.forward(batch.params, batch.x, KEY)
    d_x, _ = network.backward(batch.params, caches, network.cost.delta(z, batch.y) / EXAMPLES)
    with jax.enable_x64(True):
        y = jnp.asarray(batch.y)
        oracle = jax.grad(lambda p, x: network.cost.value(network.forward(p, x, KEY)[0], y), argnums=(0, 1))
        oracle_grads, oracle_x = oracle(as_jax(batch.params), jnp.asarray(batch.x))
        agree_leafwise(grads, oracle_grads, 1e-9)
        agree(d_x, oracle_x, 1e-9, "d_x")


def by_differences() -> Iterator[Callable[[], None]]:
    """Every check of a gradient against central differences."""
    yield from (partial(check_layer_by_differences, entry) for entry in ALONE)
    yield from (partial(check_network_by_differences, network) for network in NETWORKS.values())


def by_jax() -> Iterator[Callable[[], None]]:
    """Every check of a gradient against JAX."""
    yield from (partial(check_layer_by_jax, entry) for entry in ALONE)
    yield from (partial(check_network_by_jax, network) for network in NETWORKS.values())


# ------------------------------------------------------------- the checks of everything else


def check_layer_is_pure(entry: Entry) -> None:
    """Nothing handed in is changed, caches included, and the same question has the same answer."""
    params, x, d_y = inputs_for(entry)
    before = (x.copy(), d_y.copy(), {name: p.copy() for name, p in params.items()})
    y, cache = entry.layer.forward(params, x, KEY)
    first = entry.layer.backward(params, cache, d_y)
    entry.layer.after_step(params, cache)
    same((x, d_y, params), before)
    freeze((params, x, d_y, cache))
    again = entry.layer.backward(params, cache, d_y)
    same((y, *first), (entry.layer.forward(params, x, KEY)[0], *again))


def check_layer_keeps_its_word(entry: Entry) -> None:
    """Shapes are those announced, float32 stays float32, weights are parameters; layers are values."""
    layer, shape = entry.layer, entry.input_shape
    params, x, d_y = inputs_for(entry)
    assert all(p.dtype == np.float64 for p in params.values())
    assert set(layer.weights) <= set(params)
    assert hash(layer) == hash(type(layer)(**vars(layer)))
    assert layer == type(layer)(**vars(layer))
    same(layer.init(random.key(3), shape), layer.init(random.key(3), shape))
    single = {name: p.astype(np.float32) for name, p in params.items()}
    for key in (KEY, None):
        y, cache = layer.forward(single, x.astype(np.float32), key)
        d_x, grads = layer.backward(single, cache, d_y.astype(np.float32))
        kept = layer.after_step(single, cache)
        assert y.shape == (EXAMPLES, *layer.output_shape(shape))
        assert d_x.shape == x.shape
        assert {name: g.shape for name, g in grads.items()} == {name: p.shape for name, p in params.items()}
        assert {name: p.shape for name, p in kept.items()} == {name: p.shape for name, p in params.items()}
        assert {a.dtype for a in (y, d_x, *grads.values(), *kept.values())} == {np.dtype("float32")}


def check_step_is_pure(network: Network) -> None:
    """A whole step of learning on arrays that refuse to be written leaves them as they were."""
    batch = batch_for(network)
    descent = Descent(network, Adam(), L2(3.0), 50)
    state = descent.optimizer.init(batch.params)
    freeze((batch.params, batch.x, batch.y, state))
    before = [{name: p.copy() for name, p in layer.items()} for layer in batch.params]
    x, y = batch.x.copy(), batch.y.copy()
    first = descent.step(batch.params, state, batch.x, batch.y, 0.1, KEY)
    same(first, descent.step(batch.params, state, batch.x, batch.y, 0.1, KEY))
    same((batch.params, batch.x, batch.y, state), (before, x, y, descent.optimizer.init(before)))


def check_step_in_the_standard(network: Network, optimizer: Any, regularizer: Any) -> None:
    """Two steps with nothing but the array API standard, dropout on, give NumPy's very numbers."""
    batch = batch_for(network)
    descent = Descent(network, optimizer, regularizer, 50)
    results = []
    for xp in (np, array_api_strict):
        params = convert(xp, batch.params)
        x, y, state = xp.asarray(batch.x), xp.asarray(batch.y), descent.optimizer.init(params)
        for step in range(2):
            params, state = descent.step(params, state, x, y, 0.1, random.fold(key_in(xp, KEY), step))
        results.append((convert(np, params), np.asarray(descent.value(params, x, y))))
    same(*results)
    moved = [np.abs(a[name] - b[name]).max() for a, b in zip(results[0][0], batch.params, strict=True) for name in a]
    assert max(moved) > 1e-4
