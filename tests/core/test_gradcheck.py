"""The gradient check, which must find errors, report their position, and never accept NaN."""

from __future__ import annotations

from dataclasses import dataclass

import array_api_strict
import numpy as np
import pytest
from tests.fields import has

from deltarule.core.activations import Activation, Tanh
from deltarule.core.costs import CrossEntropy
from deltarule.core.gradcheck import gradcheck, numerical_gradient
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.random import key
from deltarule.core.rbm import RBM
from deltarule.errors import InvalidArgument, ShapeError

from .contract import batch_for
from .measures import convert

SOUND = Network([Dense(3), Tanh(), Dense(2)], CrossEntropy(), (4,))
BATCH = batch_for(SOUND)


def with_layer(layer) -> Network:
    return Network([Dense(3), Tanh(), layer], CrossEntropy(), (4,))


@dataclass(frozen=True)
class OffInOnePlace(Dense):
    """A Dense layer with one wrong number in its gradient."""

    by: float = 1e-4

    def backward(self, params, a, d_z):
        d_a, grads = super().backward(params, a, d_z)
        w = grads["w"].copy()
        w[1, 2] += self.by
        return d_a, {**grads, "w": w}


@dataclass(frozen=True)
class UnsummedBias(Dense):
    def backward(self, params, a, d_z):
        d_a, grads = super().backward(params, a, d_z)
        return d_a, {**grads, "b": d_z}


@dataclass(frozen=True)
class BiasFirst(Dense):
    def backward(self, params, a, d_z):
        d_a, grads = super().backward(params, a, d_z)
        return d_a, {"b": grads["b"], "w": grads["w"]}


@dataclass(frozen=True)
class Lost(Activation):
    """An activation whose derivative is NaN."""

    def function(self, z):
        return z

    def derivative(self, z, a):
        return z * float("nan")


def check_numbers_by_hand() -> None:
    """Check d/dp of p₁² p₂³ + p₃ at (3, 2, 5), in two leaves."""
    params = [{"w": np.asarray([[3.0, 2.0]])}, {"b": np.asarray([5.0])}]
    found = numerical_gradient(lambda p: p[0]["w"][0, 0] ** 2 * p[0]["w"][0, 1] ** 3 + p[1]["b"][0], params)
    np.testing.assert_allclose(found[0]["w"], [[48.0, 108.0]], rtol=1e-8)
    np.testing.assert_allclose(found[1]["b"], [1.0], rtol=1e-8)


def test_numbers_by_hand():
    check_numbers_by_hand()


def test_central_differences_are_exact_for_a_parabola_whatever_epsilon():
    found = numerical_gradient(lambda p: (p[0]["w"] ** 2).sum(), [{"w": np.asarray([3.0])}], epsilon=0.5)
    assert found[0]["w"].tolist() == [6.0]


def test_correct_gradients_pass():
    report = gradcheck(SOUND, BATCH.params, BATCH.x, BATCH.y)
    assert 0 < report.relative < 1e-7  # as it is, not rounded away
    assert report.where != "nowhere"
    assert report.checked == 3 * 4 + 3 + 2 * 3 + 2
    assert gradcheck(SOUND, BATCH.params, BATCH.x, BATCH.y, directions=6).relative < 1e-7


def check_dropout_is_on_with_a_key() -> None:
    """Check agreement with the mask of the key, whose zeros appear in the gradient."""
    network = Network([Dense(3), Tanh(), Dropout(0.5), Dense(2)], CrossEntropy(), (4,))
    params = [*BATCH.params[:2], {}, BATCH.params[2]]
    assert gradcheck(network, params, BATCH.x[:1], BATCH.y[:1], key(1)).relative < 1e-7
    silent = [(g["w"] == 0).any() for g in network.gradients(params, BATCH.x[:1], BATCH.y[:1], key(1))[::3]]
    assert all(silent)


def test_dropout_is_on_with_a_key():
    check_dropout_is_on_with_a_key()


def check_weights_count() -> None:
    """Check agreement where the examples have weights, which both gradients must use."""
    weights = np.linspace(0.0, 3.0, len(BATCH.x))
    for directions in (None, 4):
        assert gradcheck(SOUND, BATCH.params, BATCH.x, BATCH.y, None, directions, weights).relative < 1e-7


def test_weights_count():
    check_weights_count()


def check_one_wrong_number_is_found() -> None:
    report = gradcheck(with_layer(OffInOnePlace(2)), BATCH.params, BATCH.x, BATCH.y)
    assert report.relative > 1e-5
    assert report.where == "layer 2 w[1, 2]"


def test_one_wrong_number_is_found():
    check_one_wrong_number_is_found()


def check_directions_find_it_too() -> None:
    report = gradcheck(with_layer(OffInOnePlace(2, by=0.1)), BATCH.params, BATCH.x, BATCH.y, directions=4)
    assert report.relative > 1e-4
    assert report.where.startswith("direction ")
    assert report.checked == 4


def test_directions_find_it_too():
    check_directions_find_it_too()


@pytest.mark.parametrize("directions", [None, 3])
def test_gradients_are_matched_by_name(directions):
    report = gradcheck(with_layer(BiasFirst(2)), BATCH.params, BATCH.x, BATCH.y, directions=directions)
    assert report.relative < 1e-7


@pytest.mark.parametrize("directions", [None, 3])
def test_nan_is_no_agreement(directions):
    network = Network([Dense(3), Lost(), Dense(2)], CrossEntropy(), (4,))
    assert gradcheck(network, BATCH.params, BATCH.x, BATCH.y, directions=directions).relative == float("inf")


@pytest.mark.parametrize("directions", [None, 3])
def test_a_gradient_of_the_wrong_shape_is_found_even_if_it_would_broadcast(directions):
    with pytest.raises(ShapeError, check=has(position="layer 2", argument="gradient of b", value=(1, 2))):
        gradcheck(with_layer(UnsummedBias(2)), BATCH.params, BATCH.x[:1], BATCH.y[:1], directions=directions)


def test_a_network_that_does_not_follow_its_cost_is_refused():
    machine = RBM(4, 3)
    with pytest.raises(InvalidArgument, match="expected a network that is trained by backpropagation"):
        gradcheck(machine, machine.init(0), np.ones((2, 4)), np.ones((2, 4)))


def test_float32_is_refused():
    single = [{name: p.astype(np.float32) for name, p in layer.items()} for layer in BATCH.params]
    with pytest.raises(InvalidArgument, check=has(argument="params", value=np.float32)):
        gradcheck(SOUND, single, BATCH.x, BATCH.y)


@pytest.mark.parametrize("directions", [None, 3])
def test_gradcheck_uses_only_the_array_api_standard(directions):
    xp = array_api_strict
    report = gradcheck(
        SOUND, convert(xp, BATCH.params), xp.asarray(BATCH.x), xp.asarray(BATCH.y), directions=directions
    )
    assert report == gradcheck(SOUND, BATCH.params, BATCH.x, BATCH.y, directions=directions)


@pytest.mark.parametrize("directions", [0, -1])
def test_directions_must_be_above_0(directions):
    network = Network.dense([2, 1])
    with pytest.raises(InvalidArgument, check=has(argument="directions", value=directions)):
        gradcheck(network, network.init(0), np.ones((1, 2)), np.ones((1, 1)), directions=directions)
