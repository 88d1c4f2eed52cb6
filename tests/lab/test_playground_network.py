"""The Playground's network, in the browser: the same random numbers and the same training as the NumPy engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from deltarule.core import initializers, random
from deltarule.core.activations import Linear
from deltarule.core.costs import COSTS, Cost, Quadratic
from deltarule.core.descent import Descent
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import ACTIVATIONS, Network
from deltarule.core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer
from deltarule.core.regularizers import L1, L2
from deltarule.lab.playground.page import ENGINE
from deltarule.lab.scripts import join_scripts

STEPS = 100
LMBDA = 0.4
SIZES = (3, 6, 5, 3)
SEED = 7

PY_COSTS: dict[str, Cost] = {**COSTS, "quadratic-linear": Quadratic(Linear())}
OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": SGD(), "momentum": Momentum(0.9), "nesterov": Nesterov(0.9), "adam": Adam(),
}  # fmt: skip
ETAS = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "adam": 0.01}
REGULARIZERS = {"none": None, "l2": L2(LMBDA), "l1": L1(LMBDA)}
INITIALIZERS = {**initializers.INITIALIZERS, "zeros": initializers.Zeros()}
DROPOUT = (0.0, 0.3)

TRAIN = """
([options, sizes, x, y, order, eta, lmbda, n, seed]) => {
  const makeOne = ([hidden, cost, optimizer, regularizer, dropout]) => {
    const network = { sizes, hidden, cost, dropout };
    const descent = { network, optimizer, regularizer, lmbda, n };
    let params = initialize(network, "default", seed), state = OPTIMIZERS[optimizer].init(params);
    const costs = [];
    for (const [step, rows] of order.entries()) {
      const pick = (values, width) => Float64Array.from(rows.flatMap((i) => values.slice(i * width, (i + 1) * width)));
      const key = fold(fold(makeKey(seed), 0), step);
      const batch = [pick(x, sizes[0]), pick(y, sizes.at(-1))];
      ({ params, state } = takeStep(descent, params, state, ...batch, eta[optimizer], key));
      costs.push(computeCost(network, params, Float64Array.from(x), Float64Array.from(y)));
    }
    return { costs, params: params.map(({ w, b }) => ({ w: Array.from(w), b: Array.from(b) })) };
  };
  return options.map(makeOne);
}
"""


@pytest.fixture(scope="module")
def engine(browser: Browser) -> Iterator[Page]:
    """A blank page with the modules that train."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_script_tag(content=join_scripts(*(f"playground/{name}" for name in ENGINE)))
    yield page
    context.close()


def test_the_page_offers_what_is_tested_here(engine: Page) -> None:
    names = engine.evaluate("[ACTIVATIONS, COSTS, OPTIMIZERS, REGULARIZERS, INITIALIZERS].map((o) => Object.keys(o))")
    activations, costs, optimizers, regularizers, initial = map(set, names)
    assert activations == {"sigmoid", "tanh", "relu", "leaky-relu", "elu", "linear"}
    assert costs == set(PY_COSTS)
    assert optimizers == set(OPTIMIZERS)
    assert regularizers == set(REGULARIZERS)
    assert initial == set(INITIALIZERS) - {"fan-out"}


def test_random_numbers_have_the_bits_of_the_core(engine: Page) -> None:
    for seed, path in ((0, []), (7, [3]), (2**32 - 1, [0, 41, 1000])):
        key = random.key(seed)
        for number in path:
            key = random.fold(key, number)
        page_key = "path.reduce(fold, makeKey(seed))"
        script = f"([seed, path]) => Array.from(drawBits({page_key}, 50))"
        assert engine.evaluate(script, [seed, path]) == random.bits(key, (50,)).tolist()
        kept = engine.evaluate(f"([seed, path]) => Array.from(drawBernoulli({page_key}, 0.7, 50))", [seed, path])
        assert kept == random.bernoulli(key, 0.7, (50,)).tolist()
        normal = engine.evaluate(f"([seed, path]) => Array.from(drawNormal({page_key}, 50))", [seed, path])
        assert np.abs(normal - random.normal(key, (50,))).max() < 1e-14
        order = engine.evaluate(f"([seed, path]) => drawOrder({page_key}, 50)", [seed, path])
        assert order == np.argsort(random.bits(key, (50,)), kind="stable").tolist()


@pytest.mark.parametrize("init", [name for name in INITIALIZERS if name != "fan-out"])
def test_first_weights_are_those_of_the_core(engine: Page, init: str) -> None:
    script = "([sizes, init, seed]) => initialize({ sizes }, init, seed).map(({ w, b }) => [...w, ...b])"
    page = engine.evaluate(script, [SIZES, init, SEED])
    network = Network.dense(SIZES, init=INITIALIZERS[init])
    own = [np.concatenate([p["w"].ravel(), p["b"]]) for p in network.init(SEED) if p]
    assert max(float(np.abs(a - b).max()) for a, b in zip(page, own, strict=True)) < 1e-14


def make_problem() -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Make 25 examples of three classes, and the mini-batches of 100 steps, some of them short."""
    generator = np.random.default_rng(1)
    x = generator.normal(size=(25, SIZES[0]))
    y = np.eye(3)[generator.integers(0, 3, 25)]
    sizes = generator.integers(1, 11, STEPS)
    return x, y, [generator.permutation(25)[:size].tolist() for size in sizes]


Options = tuple[str, str, str, str, float]
EVERY: list[Options] = list(product(["sigmoid", "tanh", "relu", "leaky-relu", "elu", "linear"], PY_COSTS, OPTIMIZERS,
                                    REGULARIZERS, DROPOUT))  # fmt: skip


def train_with_core(options: Options, x: np.ndarray, y: np.ndarray, order: list[list[int]]) -> tuple[list[float], Any]:
    """Train with deltarule's own functions, as its NumPy engine does, from the page's start and mini-batches."""
    hidden, cost, optimizer, regularizer, dropout = options
    plain = Network.dense(SIZES, PY_COSTS[cost], hidden)
    layers: list[Layer] = [plain.layers[0]]
    params = plain.init(SEED)[:1]
    for i, dense in enumerate(plain.layers[2::2]):
        drop, own = ([Dropout(dropout)], [{}]) if dropout else ([], [])
        layers += [ACTIVATIONS[hidden], *drop, dense]
        params = [*params, {}, *own, plain.init(SEED)[2 * i + 2]]
    network = Network(layers, PY_COSTS[cost], (SIZES[0],))
    descent = Descent(network, OPTIMIZERS[optimizer], REGULARIZERS[regularizer], len(x))
    state, costs = descent.optimizer.init(params), []
    for step, rows in enumerate(order):
        key = random.fold(random.fold(random.key(SEED), 0), step)
        params, state = descent.step(params, state, x[rows], y[rows], ETAS[optimizer], key)
        costs.append(float(network.value(params, x, y)))
    return costs, [p for p, layer in zip(params, layers, strict=True) if isinstance(layer, Dense)]


def compare(engine: Page, options: list[Options]) -> float:
    """Train with each of the options in both ways, and return the largest difference of a cost or a parameter."""
    x, y, order = make_problem()
    arguments = [options, SIZES, x.ravel().tolist(), y.ravel().tolist(), order, ETAS, LMBDA, len(x), SEED]
    worst = 0.0
    for one, page in zip(options, engine.evaluate(TRAIN, arguments), strict=True):
        costs, params = train_with_core(one, x, y, order)
        pairs = [(page["costs"], costs)]
        for mine, core in zip(page["params"], params, strict=True):
            pairs += [(mine["w"], core["w"].ravel()), (mine["b"], core["b"])]
        difference = max(float(np.abs(np.asarray(a) - b).max()) for a, b in pairs)
        assert difference < 1e-6, one
        worst = max(worst, difference)
    return worst


def list_pairs(options: Options) -> set[tuple[int, Any, int, Any]]:
    """List all pairs of two options."""
    return {(i, a, j, b) for i, a in enumerate(options) for j, b in enumerate(options) if i < j}


def test_a_hundred_steps_are_those_of_the_core(engine: Page) -> None:
    """A selection in which each pair of options occurs; the slow test below has all combinations."""
    missing, chosen = set().union(*map(list_pairs, EVERY)), []
    while missing:
        chosen.append(max(EVERY, key=lambda options: len(missing & list_pairs(options))))
        missing -= list_pairs(chosen[-1])
    assert 24 <= len(chosen) < 40
    compare(engine, chosen)


@pytest.mark.slow
def test_a_hundred_steps_of_every_combination_are_those_of_the_core(engine: Page) -> None:
    print(f"{len(EVERY)} combinations: the largest difference is {compare(engine, EVERY):.1e}")
