"""Sequences with lengths, penalties beside the cost, and random numbers in use: what the contract of layers allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import deltarule as dr
from deltarule.core import random
from deltarule.core.descent import Descent
from deltarule.core.gradcheck import gradcheck
from deltarule.core.layer import Layer
from deltarule.core.optimizers import SGD
from deltarule.core.sequences import SequenceLayer, Sequences, mask_steps
from deltarule.engines import Epoch, Examples
from deltarule.engines.jax_engine import make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import DataError, InvalidArgument
from deltarule.preprocessing import Scaling

from .measures import agree_on_leaves, as_jax


@dataclass(frozen=True)
class WeightedSum(SequenceLayer):
    """The sum over the real steps of w ⊙ x_t, a layer of sequences as small as can be."""

    def init(self, rng, input_shape):
        return {"w": random.normal(rng, input_shape[1:])}

    def output_shape(self, input_shape):
        return input_shape[1:]

    def forward(self, params, x, rng=None, lengths=None):
        xp = x.__array_namespace__()
        mask = xp.ones_like(x[:, :, 0]) if lengths is None else mask_steps(x, lengths)
        return xp.sum(mask[:, :, None] * x, axis=1) * params["w"], (mask, x)

    def backward(self, params, cache, d_y):
        mask, x = cache
        xp = x.__array_namespace__()
        sums = xp.sum(mask[:, :, None] * x, axis=1)
        return mask[:, :, None] * (d_y * params["w"])[:, None, :], {"w": xp.sum(d_y * sums, axis=0)}


@dataclass(frozen=True)
class Sparse(Layer):
    """A layer that changes nothing, and adds s Σ x² to the cost of each example."""

    s: float = 0.3

    def forward(self, params, x, rng=None):
        return x, x

    def backward(self, params, cache, d_y):
        return d_y, {}

    def penalty(self, params, cache):
        xp = cache.__array_namespace__()
        return self.s * xp.sum(xp.reshape(cache, (cache.shape[0], -1)) ** 2, axis=1)

    def penalty_gradient(self, params, cache):
        return 2 * self.s * cache


@dataclass(frozen=True)
class Noise(Layer):
    """A layer that adds noise whenever it gets a key, in use as well."""

    draws: ClassVar[bool] = True

    def forward(self, params: Any, x: Any, rng: Any = None) -> Any:
        return (x if rng is None else x + random.normal(rng, x.shape)), None

    def backward(self, params: Any, cache: Any, d_y: Any) -> Any:
        return d_y, {}


SUMS = dr.Network([WeightedSum(), dr.Dense(3), dr.Tanh(), dr.Dense(2)], dr.CrossEntropy(), (5, 4))
PENALIZED = dr.Network([dr.Dense(3), Sparse(), dr.Tanh(), Sparse(0.1), dr.Dense(2)], dr.CrossEntropy(), (4,))
LENGTHS = np.asarray([5, 1, 3], np.int32)
Y = np.eye(2)[[0, 1, 1]]
WEIGHTS = np.asarray([0.5, 2.0, 1.0])


@pytest.fixture
def steps() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 5, 4))


def test_gradients_with_lengths_are_those_of_finite_differences(steps: np.ndarray) -> None:
    report = gradcheck(SUMS, SUMS.init(0), Sequences(steps, LENGTHS), Y, weights=WEIGHTS)
    assert report.relative < 1e-6, report


def test_padded_steps_change_nothing(steps: np.ndarray) -> None:
    other = np.where(np.arange(5)[None, :, None] < LENGTHS[:, None, None], steps, 1e6)
    params = SUMS.init(0)
    before, after = (SUMS.gradients(params, Sequences(x, LENGTHS), Y) for x in (steps, other))
    agree_on_leaves(after, before, 1e-15)
    whole = SUMS.gradients(params, steps, Y)
    assert np.abs(whole[0]["w"] - before[0]["w"]).max() > 1e-3  # so the lengths do count


def test_full_lengths_change_no_bit(steps: np.ndarray) -> None:
    params, full = SUMS.init(0), np.full(3, 5)
    assert np.array_equal(SUMS.outputs(params, steps), SUMS.outputs(params, Sequences(steps, full)))


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
def test_gradients_with_penalties_are_those_of_finite_differences(weights: np.ndarray | None) -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    report = gradcheck(PENALIZED, PENALIZED.init(0), x, Y, weights=weights)
    assert report.relative < 1e-6, report


def test_gradients_with_penalties_are_those_of_jax() -> None:
    x, params = np.random.default_rng(0).normal(size=(3, 4)), PENALIZED.init(0)
    with jax.enable_x64(True):
        arrays = [jnp.asarray(each) for each in (x, Y, WEIGHTS)]
        oracle = jax.grad(lambda p: PENALIZED.value(p, *arrays))(as_jax(params))
        agree_on_leaves(PENALIZED.gradients(params, x, Y, None, WEIGHTS), oracle, 1e-9)


def test_a_penalty_raises_the_cost_and_its_weights_shrink() -> None:
    x, params = np.random.default_rng(0).normal(size=(3, 4)), PENALIZED.init(0)
    plain = replace(PENALIZED, layers=[layer for layer in PENALIZED.layers if not isinstance(layer, Sparse)])
    params_of_plain = [p for p, layer in zip(params, PENALIZED.layers, strict=True) if not isinstance(layer, Sparse)]
    z1 = x @ params[0]["w"].T + params[0]["b"]
    expected = np.mean(0.3 * (z1**2).sum(axis=1) + 0.1 * (np.tanh(z1) ** 2).sum(axis=1))
    difference = PENALIZED.value(params, x, Y) - plain.value(params_of_plain, x, Y)
    assert difference == pytest.approx(expected, rel=1e-12)


def test_a_network_in_use_draws_only_where_a_layer_says_so() -> None:
    network = dr.Network([dr.Dropout(0.5), Noise(), dr.Dense(2)], dr.CrossEntropy(), (4,))
    only_noise = replace(network, layers=[dr.Dropout(0.0), *network.layers[1:]])
    x, params, key = np.ones((3, 4)), network.init(0), random.key(7)
    sampled, _ = network.forward(params, x, key, training=False)
    np.testing.assert_array_equal(sampled, only_noise.forward(params, x, key)[0])
    assert not np.array_equal(sampled, network.forward(params, x, key)[0])  # in training, dropout as well
    assert not np.array_equal(sampled, network.forward(params, x)[0])


def test_engines_agree_on_sequences(steps: np.ndarray) -> None:
    """Both engines take the same steps in float64, with bytes as inputs, a scale, a mean and weights."""
    rng, descent = np.random.default_rng(1), Descent(SUMS, SGD(), None, 30)
    x = rng.integers(0, 256, (30, 5, 4)).astype(np.uint8)
    lengths = rng.integers(1, 6, 30).astype(np.int32)
    examples = Examples(x, np.eye(2)[rng.integers(0, 2, 30)], 255.0, 0.25, rng.uniform(size=30), lengths)
    epoch = Epoch(rng.permutation(30).astype(np.int32), 7, np.full(5, 0.5), random.key(3))
    found = []
    for engine in (NumpyEngine(), make_jax_engine(1)):
        program = engine.program(descent, "float64")
        placed, params = program.place(examples), program.params(SUMS.init(0))
        params, _, finite = program.run(params, {}, placed, epoch, 0, 5)
        assert finite
        found.append([*params, {"z": program.weighted_inputs(params, placed)}, *program.gradients(params, placed)])
    agree_on_leaves(found[1], found[0], 1e-12)
    plain = NumpyEngine().program(descent, "float64").run(
        SUMS.init(0), {}, replace(examples, lengths=None), epoch, 0, 5
    )  # fmt: skip
    assert np.abs(plain[0][0]["w"] - found[0][0]["w"]).max() > 1e-4


def sequences_of_two_kinds(n: int = 60) -> dr.Dataset:
    """Sequences of random lengths whose class is the sign of the sum of their real steps; the padding misleads."""
    rng = np.random.default_rng(2)
    x, lengths = rng.normal(size=(n, 5, 4)), rng.integers(1, 6, n)
    real = np.arange(5)[None, :, None] < lengths[:, None, None]
    return dr.Dataset(np.where(real, x, -5.0), ((x * real).sum(axis=(1, 2)) > 0).astype(int), lengths=lengths)


@pytest.mark.parametrize("engine", ["numpy", "jax"])
def test_fit_predict_and_take_use_the_lengths(engine: str, tmp_path: Any) -> None:
    data = sequences_of_two_kinds()
    network = dr.Network([WeightedSum(), dr.Dense(2)], dr.LogLikelihood(), (5, 4))
    model = dr.fit(network, data, epochs=60, eta=0.3, seed=1, engine=engine, validation=data)
    assert model.accuracy(data) > 0.9
    assert model.accuracy(replace(data, lengths=None)) < 0.8
    assert model.history.last["validation_accuracy"] == model.accuracy(data)
    some = data.take([3, 1, 4])
    assert some.lengths is not None
    assert data.lengths is not None
    assert some.lengths.tolist() == data.lengths[[3, 1, 4]].tolist()
    assert model.predict(some).tolist() == model.predict(data)[[3, 1, 4]].tolist()
    model.save(tmp_path / "sums.safetensors")
    assert dr.load(tmp_path / "sums.safetensors", custom=[WeightedSum]).accuracy(data) == model.accuracy(data)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1, 0, 2], "example 1: .*from 1 to 5, the number of steps, got 0; leave out empty sequences"),
        ([1, 6, 2], "example 1: .*from 1 to 5, the number of steps, got 6"),
        ([1.5, 1, 2], "example 0: .*from 1 to 5, the number of steps, got 1.5"),
        ([1, float("nan"), 2], "example 1: .*from 1 to 5"),
        ([1, 2], r"one length for each of 3 examples, got \(2,\)"),
        (["a", "b", "c"], "lengths of data: expected an array of numbers"),
    ],
)
def test_bad_lengths_are_refused(steps: np.ndarray, lengths: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        dr.Dataset(steps, np.zeros(3, int), lengths=lengths)


def test_lengths_without_sequences_are_refused(steps: np.ndarray) -> None:
    with pytest.raises(DataError, match="only sequences"):
        dr.Dataset(steps[:, 0], np.zeros(3, int), lengths=[1, 1, 1])
    data = dr.Dataset(steps, np.zeros(3, int), lengths=[1, 2, 3])
    with pytest.raises(InvalidArgument, match="no layer of the network takes them"):
        dr.fit(dr.Network([dr.Flatten(), dr.Dense(1)], dr.CrossEntropy(), (5, 4)), data, epochs=1)


def test_padding_does_not_count_in_the_preprocessing(steps: np.ndarray) -> None:
    padded = np.where(np.arange(5)[None, :, None] < LENGTHS[:, None, None], steps, 1e6)
    fitted = [Scaling.fit(dr.Dataset(x, np.zeros(3, int), lengths=LENGTHS)) for x in (padded, steps)]
    real = np.concatenate([x[:n] for x, n in zip(steps, LENGTHS, strict=True)])
    assert fitted[0] == fitted[1]
    assert fitted[0].scale == np.abs(real).max()
    assert fitted[0].mean == pytest.approx(real.mean() / np.abs(real).max())


def test_lengths_belong_to_the_fingerprint_of_data(steps: np.ndarray) -> None:
    from deltarule.data.dataset import fingerprint

    datasets = [dr.Dataset(steps, np.zeros(3, int), lengths=lengths) for lengths in (None, [1, 2, 3], [1, 2, 4])]
    assert len(set(map(fingerprint, datasets))) == 3
