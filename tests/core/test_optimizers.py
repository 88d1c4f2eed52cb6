"""Each optimizer against its formula for a single number, written by hand, for 20 steps."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pytest

from deltarule.core.optimizers import SGD, Adam, ExponentialMovingAverage, Momentum, Nesterov, params_in_use
from deltarule.errors import InvalidArgument

from .table import OPTIMIZERS

STEPS = 20
ETAS = [0.02 + 0.003 * t for t in range(STEPS)]
START = (1.5, -0.8, 0.3)


def slope(w: float) -> float:
    """Return the gradient of C(w) = w⁴/4 + w²/2 − w."""
    return w**3 + w - 1


def by_sgd(w):
    for eta in ETAS:
        w = w - eta * slope(w)
        yield w


def by_momentum(w, mu=0.8):
    v = 0.0
    for eta in ETAS:
        v = mu * v - eta * slope(w)
        w = w + v
        yield w


def by_nesterov(w, mu=0.8):
    """Compute Nesterov's steps as in the papers: look ahead to w + μv, and step from w; yield the point ahead."""
    v = 0.0
    for eta in ETAS:
        v = mu * v - eta * slope(w + mu * v)
        w = w + v
        yield w + mu * v


def by_adam(w, beta1=0.7, beta2=0.9, epsilon=1e-8):
    m = s = 0.0
    for t, eta in enumerate(ETAS, start=1):
        g = slope(w)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        w = w - eta * (m / (1 - beta1**t)) / (sqrt(s / (1 - beta2**t)) + epsilon)
        yield w


BY_HAND = [
    (SGD(), by_sgd),
    (Momentum(0.8), by_momentum),
    (Nesterov(0.8), by_nesterov),
    (Adam(0.7, 0.9), by_adam),
    (Adam(0.7, 0.9, epsilon=0.1), lambda w: by_adam(w, epsilon=0.1)),
    (Adam(), lambda w: by_adam(w, 0.9, 0.999)),
]


def check_by_hand(optimizer, by_hand) -> None:
    # three numbers in two layers, with a layer without parameters between them
    params = [{"w": np.asarray([[START[0]]]), "b": np.asarray([START[1]])}, {}, {"w": np.asarray([[START[2]]])}]
    state = optimizer.init(params)
    expected = zip(*(by_hand(w) for w in START), strict=True)
    for eta, right in zip(ETAS, expected, strict=True):
        grads = [{name: p**3 + p - 1 for name, p in layer.items()} for layer in params]
        params, state = optimizer.update(grads, state, params, eta)
        found = (params[0]["w"].item(), params[0]["b"].item(), params[2]["w"].item())
        np.testing.assert_allclose(found, right, rtol=1e-12)


@pytest.mark.parametrize(("optimizer", "by_hand"), BY_HAND, ids=[str(o) for o, _ in BY_HAND])
def test_by_hand(optimizer, by_hand):
    check_by_hand(optimizer, by_hand)


@dataclass(frozen=True)
class Halved(SGD):
    """An optimizer whose parameters in use are halved."""

    def params_in_use(self, params, state):
        return [{name: p / 2 for name, p in layer.items()} for layer in params]


AVERAGED = [
    (ExponentialMovingAverage(SGD(), 0.8), by_sgd, 1),
    (ExponentialMovingAverage(Momentum(0.8), 0.99), by_momentum, 1),
    (ExponentialMovingAverage(Adam(0.7, 0.9), 0.0), by_adam, 1),
    (ExponentialMovingAverage(Halved(), 0.5), by_sgd, 1 / 2),
]


def check_average_by_hand(optimizer, by_hand, share) -> None:
    """Check Σ dᵏ wₜ₋ₖ / Σ dᵏ over the steps so far, and that the steps are those of the other optimizer."""
    params = [{"w": np.asarray([[START[0]]])}, {}, {"b": np.asarray([START[2]])}]
    state = optimizer.init(params)
    assert optimizer.params_in_use(params, state) == params
    paths = [list(by_hand(w)) for w in (START[0], START[2])]
    for t, eta in enumerate(ETAS):
        grads = [{name: p**3 + p - 1 for name, p in layer.items()} for layer in params]
        params, state = optimizer.update(grads, state, params, eta)
        used = optimizer.params_in_use(params, state)
        for path, p, mean in zip(paths, (params[0]["w"], params[2]["b"]), (used[0]["w"], used[2]["b"]), strict=True):
            weights = [optimizer.decay ** (t - k) for k in range(t + 1)]
            right = sum(weight * share * w for weight, w in zip(weights, path, strict=False)) / sum(weights)
            np.testing.assert_allclose(p.item(), path[t], rtol=1e-12)
            np.testing.assert_allclose(mean.item(), right, rtol=1e-12)


@pytest.mark.parametrize(("optimizer", "by_hand", "share"), AVERAGED, ids=[str(o) for o, *_ in AVERAGED])
def test_average_by_hand(optimizer, by_hand, share):
    check_average_by_hand(optimizer, by_hand, share)


def test_in_float32_the_average_of_what_does_not_move_stays_where_it_is():
    params = [{"w": np.asarray([1.0, -3e7, 1e-9], dtype=np.float32)}]
    optimizer, still = ExponentialMovingAverage(SGD()), [{"w": np.zeros(3, dtype=np.float32)}]
    state = optimizer.init(params)
    for _ in range(3000):
        params, state = optimizer.update(still, state, params, 1.0)
    assert optimizer.params_in_use(params, state)[0]["w"].tolist() == params[0]["w"].tolist()


def test_in_use_are_the_parameters_themselves_unless_the_optimizer_says_otherwise():
    params = [{"w": np.asarray([1.0, 2.0])}]
    for optimizer in OPTIMIZERS:
        if not isinstance(optimizer, ExponentialMovingAverage):
            assert params_in_use(optimizer, params, optimizer.init(params)) is params
    np.testing.assert_array_equal(params_in_use(Halved(), params, {})[0]["w"], [0.5, 1.0])


def test_the_defaults_are_the_usual_ones():
    assert ExponentialMovingAverage(SGD()).decay == 0.999
    assert (Momentum().mu, Nesterov().mu) == (0.9, 0.9)
    assert (Adam().beta1, Adam().beta2, Adam().epsilon) == (0.9, 0.999, 1e-8)


def test_the_first_step_of_adam_is_eta_long_whatever_the_gradient():
    params = [{"w": np.asarray([1.0, 1.0, 1.0])}]
    params, _ = Adam().update([{"w": np.asarray([1e-3, -5.0, 1e3])}], Adam().init(params), params, 0.25)
    np.testing.assert_allclose(params[0]["w"], [0.75, 1.25, 0.75], rtol=1e-4)


def test_without_momentum_all_three_are_gradient_descent():
    params, grads = [{"w": np.asarray([1.0, 2.0])}], [{"w": np.asarray([0.5, -1.0])}]
    for optimizer in (SGD(), Momentum(0.0), Nesterov(0.0)):
        state = optimizer.init(params)
        found = params
        for _ in range(3):
            found, state = optimizer.update(grads, state, found, 0.1)
        np.testing.assert_allclose(found[0]["w"], [0.85, 2.3], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_types_and_shapes_stay(optimizer, dtype):
    params = [{"w": np.ones((2, 3), dtype=dtype)}, {}, {"b": np.ones(4, dtype=dtype)}]
    first = optimizer.init(params)
    found, state = optimizer.update(params, first, params, 0.1)
    assert [{name: (p.shape, p.dtype) for name, p in layer.items()} for layer in found] == [
        {name: (p.shape, p.dtype) for name, p in layer.items()} for layer in params
    ]
    assert state.keys() == first.keys()
    for name, tree in first.items():
        assert [{k: (a.shape, a.dtype) for k, a in layer.items()} for layer in tree] == [
            {k: (np.shape(a), a.dtype) for k, a in layer.items()} for layer in state[name]
        ]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_nothing_to_learn_is_no_trouble(optimizer):
    params, _ = optimizer.update([{}, {}], optimizer.init([{}, {}]), [{}, {}], 0.1)
    assert params == [{}, {}]


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Momentum(1.0), "mu"),
        (lambda: Momentum(-0.1), "mu"),
        (lambda: Nesterov(float("nan")), "mu"),
        (lambda: Adam(beta1=1.0), "beta1"),
        (lambda: Adam(beta2=-1.0), "beta2"),
        (lambda: Adam(epsilon=0.0), "epsilon"),
        (lambda: ExponentialMovingAverage(SGD(), 1.0), "decay"),
        (lambda: ExponentialMovingAverage("sgd"), "optimizer"),
        (lambda: ExponentialMovingAverage(SGD), "optimizer"),
        (lambda: ExponentialMovingAverage(ExponentialMovingAverage(SGD())), "optimizer"),
    ],
)
def test_invalid_arguments_are_refused(make, argument):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert error.value.argument == argument
