"""Recurrent layers by hand: their equations written out number by number, first values, shapes and settings."""

from __future__ import annotations

from math import exp, tanh

import numpy as np
import pytest

from deltarule import limits
from deltarule.core import random
from deltarule.core.activations import ReLU, Tanh
from deltarule.core.costs import CrossEntropy
from deltarule.core.gru import GRU
from deltarule.core.initializers import Gaussian, Glorot, Identity, Orthogonal
from deltarule.core.layers import Dense
from deltarule.core.lstm import LSTM
from deltarule.core.network import Network
from deltarule.core.recurrent import Recurrent
from deltarule.core.steps import EachStep, LastStep, MeanOverSteps
from deltarule.errors import InvalidArgument, ShapeError

N, FEATURES, STEPS = 3, 2, 4


def weigh(w, b, x, u, h, rows):
    """Compute w x + b and u h for these rows, as lists of numbers."""
    inputs = [sum(w[j][k] * x[k] for k in range(len(x))) + b[j] for j in rows]
    return inputs, [sum(u[j][k] * h[k] for k in range(len(h))) for j in rows]


def sigma(z):
    return 1 / (1 + exp(-z))


def step_recurrent(weighed, h, c):
    inputs, states = weighed(range(N))
    return [tanh(a + p) for a, p in zip(inputs, states, strict=True)], c


def step_lstm(weighed, h, c):
    i, f, o, g = ([a + p for a, p in zip(*weighed(range(k * N, (k + 1) * N)), strict=True)] for k in range(4))
    c = [sigma(f[j]) * c[j] + sigma(i[j]) * tanh(g[j]) for j in range(N)]
    return [sigma(o[j]) * tanh(c[j]) for j in range(N)], c


def step_gru(weighed, h, c):
    (r, r_u), (k, k_u), (g, g_u) = (weighed(range(part * N, (part + 1) * N)) for part in range(3))
    kept = [sigma(k[j] + k_u[j]) for j in range(N)]
    new = [tanh(g[j] + sigma(r[j] + r_u[j]) * g_u[j]) for j in range(N)]
    return [kept[j] * h[j] + (1 - kept[j]) * new[j] for j in range(N)], c


STEP_BY_HAND = [(Recurrent(N), step_recurrent), (LSTM(N), step_lstm), (GRU(N), step_gru)]


def check_by_hand(layer, step):
    """Check the outputs of two sequences against the equations of one number at a time."""
    params = layer.init(random.key(5), (STEPS, FEATURES))
    rng = np.random.default_rng(5)
    params = {name: p + rng.normal(size=p.shape) for name, p in params.items()}
    x = rng.normal(size=(2, STEPS, FEATURES))
    y, _ = layer.forward(params, x)
    w, u, b = (params[name].tolist() for name in ("w", "u", "b"))
    for n in range(2):
        h, c = [0.0] * N, [0.0] * N
        for t in range(STEPS):
            now = x[n, t].tolist()
            h, c = step(lambda rows, h=h, now=now: weigh(w, b, now, u, h, rows), h, c)
            np.testing.assert_allclose(y[n, t], h, rtol=1e-12)


@pytest.mark.parametrize(("layer", "step"), STEP_BY_HAND, ids=["Recurrent", "LSTM", "GRU"])
def test_outputs_by_hand(layer, step):
    check_by_hand(layer, step)


def test_each_gate_is_drawn_as_a_layer_of_its_own():
    """Check that the blocks of u are orthogonal and differ, and that w has the deviation of n outputs, not 4n."""
    params = LSTM(50).init(random.key(1), (7, 30))
    blocks = params["u"].reshape(4, 50, 50)
    for i, block in enumerate(blocks):
        np.testing.assert_allclose(block @ block.T, np.eye(50), atol=1e-12)
        assert all(abs(block - other).max() > 0.1 for other in blocks[:i])
    bound = (6 / (30 + 50)) ** 0.5
    assert 0.97 * bound < abs(params["w"]).max() < bound
    assert len(np.unique(params["w"])) == params["w"].size


def test_the_forget_gate_starts_open():
    b = LSTM(3, forget_bias=2.5).init(random.key(1), (7, 2))["b"]
    assert b[3:6].tolist() == [2.5] * 3
    rest = LSTM(3).init(random.key(1), (7, 2))["b"]
    assert rest[3:6].tolist() == [1.0] * 3
    np.testing.assert_array_equal(np.delete(b, [3, 4, 5]), np.delete(rest, [3, 4, 5]))
    assert (np.delete(b, [3, 4, 5]) != 0).all()


def test_an_irnn_starts_by_adding_up_its_inputs():
    layer = Recurrent(2, ReLU(), Gaussian(0.001), Identity())
    params = layer.init(random.key(1), (5, 2))
    assert params["u"].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert params["b"].tolist() == [0.0, 0.0]
    y, _ = layer.forward({**params, "w": np.eye(2)}, np.ones((1, 5, 2)))
    assert y[0, :, 0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("shape", [(6, 6), (6, 4), (4, 6), (3, 2, 4)], ids=str)
def test_an_orthogonal_matrix_has_lengths_of_one(shape):
    p = Orthogonal(2.0)(random.key(1), shape, 6)
    w = p["w"].reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(min(w.shape)), atol=1e-12)
    assert (p["w"].shape, p["b"].tolist()) == (shape, [0.0] * shape[0])


def test_orthogonal_matrices_have_no_preferred_sign():
    drawn = [Orthogonal()(random.key(seed), (1, 1), 1)["w"].item() for seed in range(100)]
    assert set(np.round(drawn, 12)) == {-1.0, 1.0}


def test_an_output_after_the_end_is_zero_and_the_last_step_is_the_last_real_one():
    layer, lengths = GRU(2), np.asarray([4, 2])
    params = layer.init(random.key(1), (4, 3))
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    y, _ = layer.forward(params, x, lengths=lengths)
    assert y[1, 2:].tolist() == [[0.0, 0.0]] * 2
    last, _ = LastStep().forward({}, y, lengths=lengths)
    np.testing.assert_array_equal(last, [y[0, 3], y[1, 1]])
    mean, _ = MeanOverSteps().forward({}, y, lengths=lengths)
    np.testing.assert_allclose(mean, [y[0].mean(axis=0), y[1, :2].mean(axis=0)], rtol=1e-14)


def test_no_error_passes_from_one_segment_to_the_one_before():
    d_y = np.zeros((1, 6, 2))
    d_y[0, 5] = 1.0
    for truncate, reached in ((None, 0), (6, 0), (4, 4), (3, 3), (1, 5)):
        layer = LSTM(2, truncate=truncate)
        params = layer.init(random.key(1), (6, 3))
        _, cache = layer.forward(params, np.ones((1, 6, 3)))
        d_x, _ = layer.backward(params, cache, d_y)
        assert np.flatnonzero(abs(d_x[0]).sum(axis=1)).tolist() == list(range(reached, 6))


@pytest.mark.parametrize(
    ("kind", "settings", "argument"),
    [
        (LSTM, {"n": 0}, "n"),
        (LSTM, {"n": 2.0}, "n"),
        (GRU, {"n": 2, "truncate": 0}, "truncate"),
        (Recurrent, {"n": 2, "activation": "tanh"}, "activation"),
        (Recurrent, {"n": 2, "recurrent_initializer": Tanh()}, "recurrent_initializer"),
        (LSTM, {"n": 2, "initializer": 1}, "initializer"),
        (LSTM, {"n": 2, "forget_bias": float("nan")}, "forget_bias"),
        (EachStep, {"layer": LSTM(2)}, "layer"),
        (EachStep, {"layer": EachStep(Dense(2))}, "layer"),
        (Orthogonal, {"scale": 0}, "scale"),
        (Identity, {"scale": 0}, "scale"),
        (Gaussian, {"deviation": -1}, "deviation"),
    ],
)
def test_invalid_settings_are_refused(kind, settings, argument):
    with pytest.raises(InvalidArgument) as error:
        kind(**settings)
    assert (error.value.argument, error.value.owner) == (argument, kind.__name__)


@pytest.mark.parametrize(
    ("layer", "input_shape", "remedy"),
    [
        (LSTM(2), (28, 28, 1), "(28, 28)"),
        (GRU(2), (32, 20, 3), "(32, 60)"),
        (Recurrent(2), (784,), "(784, 1)"),
        (LastStep(), (784,), "before Flatten()"),
        (MeanOverSteps(), (784,), "before Flatten()"),
        (EachStep(Dense(2)), (784,), "before Flatten()"),
    ],
)
def test_other_inputs_than_sequences_are_refused(layer, input_shape, remedy):
    with pytest.raises(ShapeError) as error:
        Network([layer, Dense(2)], CrossEntropy(), input_shape)
    assert (error.value.owner, error.value.value) == (type(layer).__name__, input_shape)
    assert remedy in error.value.remedy


def test_too_long_sequences_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "SEQUENCE_NUMBERS", 4 * 5 * 10)
    assert LSTM(5).output_shape((10, 3)) == (10, 5)
    with pytest.raises(ShapeError) as error:
        LSTM(5).output_shape((11, 3))
    assert "SEQUENCE_NUMBERS" in error.value.remedy


def test_sizes_of_numpy_become_plain_numbers():
    assert repr(LSTM(np.int64(2), truncate=np.int32(3))) == repr(LSTM(2, truncate=3))
    assert Glorot() == LSTM(2).initializer
