"""Evaluation chooses the faster engine, compiles nothing for few examples, and agrees up to rounding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

import deltarule.engines.choice
from deltarule.core.activations import ReLU
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.engines.choice import choose_engine
from deltarule.engines.execution import Execution
from deltarule.engines.jax_engine import JaxEvaluator
from deltarule.engines.machine import count_cores
from deltarule.engines.native_program import NativeEvaluator
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

NETWORK = Network([Conv(3, 3), ReLU(), Flatten(), Dense(4)], LogLikelihood(), (6, 6, 1))
RNG = np.random.default_rng(0)
DATA = Dataset(RNG.integers(0, 256, (50, 6, 6)).astype(np.uint8), RNG.integers(0, 4, 50), "noise", 255.0, tuple("abcd"))


def make_model(network: Network = NETWORK, engine: str = "jax") -> Model:
    params = [{name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in network.init(1)]
    return Model(
        network, params, Preprocessing(OneHot(4), Scaling(255.0), tuple("abcd"), (6, 6)), settings={"engine": engine}
    )


@pytest.fixture
def compiled(monkeypatch):
    """Count the evaluations by JAX, which is chosen for ten images or more here, without the native engine."""
    monkeypatch.setattr(deltarule.engines.choice, "find_obstacle", lambda network: "there is no native engine")
    seen = []
    evaluate = JaxEvaluator.weighted_inputs
    monkeypatch.setattr(JaxEvaluator, "weighted_inputs", lambda *given: seen.append(1) or evaluate(*given))
    params = NETWORK.init(0)
    much = deltarule.engines.choice.estimate_numpy_seconds(NETWORK, params, 10) / 3
    monkeypatch.setattr(deltarule.engines.choice, "JAX_START", much)
    return seen


def test_jax_evaluates_many_examples_and_numpy_few(compiled):
    model = make_model()
    model.predict(DATA.x[:1])
    model.evaluate(DATA.take(slice(9)))
    assert not compiled
    found = model.evaluate(DATA)
    assert len(compiled) == 1
    oracle = make_model(engine="numpy").evaluate(DATA)
    assert len(compiled) == 1  # NumPy evaluates the models it trained, as JAX may not know their layers
    assert found["accuracy"] == oracle["accuracy"]
    assert found["cost"] == pytest.approx(oracle["cost"], rel=1e-5)


@dataclass(frozen=True)
class Listed(ReLU):
    """A layer that cannot be hashed."""

    some: list = field(default_factory=list)


def test_jax_evaluates_layers_that_cannot_be_hashed(compiled):
    network = replace(NETWORK, layers=(NETWORK.layers[0], Listed(), *NETWORK.layers[2:]))
    assert make_model(network).evaluate(DATA) == pytest.approx(make_model(engine="numpy").evaluate(DATA), rel=1e-5)
    assert compiled


def test_numpy_evaluates_without_jax(compiled, monkeypatch):
    monkeypatch.setattr(deltarule.engines.choice, "find_fault", lambda: "jax is not installed")
    make_model().evaluate(DATA)
    assert not compiled


@pytest.mark.parametrize("engine", ["native", "jax"])
def test_native_evaluates_all_that_it_can_but_numpy_what_it_trained(engine, monkeypatch):
    seen = []
    evaluate = NativeEvaluator.weighted_inputs
    monkeypatch.setattr(NativeEvaluator, "weighted_inputs", lambda *given: seen.append(1) or evaluate(*given))
    oracle = make_model(engine="numpy").evaluate(DATA)
    assert not seen
    assert make_model(engine=engine).evaluate(DATA) == pytest.approx(oracle, rel=1e-5)
    assert len(seen) == 1
    own = replace(NETWORK, layers=(NETWORK.layers[0], Listed(), *NETWORK.layers[2:]))
    assert make_model(own, engine).evaluate(DATA) == pytest.approx(oracle, rel=1e-5)
    assert len(seen) == 1


def test_numpy_evaluates_a_single_example_of_a_small_network(monkeypatch):
    seen = []
    evaluate = NativeEvaluator.weighted_inputs
    monkeypatch.setattr(NativeEvaluator, "weighted_inputs", lambda *given: seen.append(1) or evaluate(*given))
    model = make_model(engine="native")
    outputs = model.outputs(DATA.x)
    assert len(seen) == 1
    np.testing.assert_allclose(model.outputs(DATA.x[:1]), outputs[:1], rtol=1e-5)
    assert len(seen) == 1
    monkeypatch.setattr(deltarule.engines.choice, "NATIVE_START", 0.0)  # for which every network is large
    model.outputs(DATA.x[:1])
    assert len(seen) == 2


def test_weights_that_places_share_count_at_each_place():
    # NumPy's estimated speed counts 6 operations for each weight, for each place and example
    seconds = deltarule.engines.choice.estimate_numpy_seconds(NETWORK, NETWORK.init(0), 10)
    rates = deltarule.engines.choice.CONVOLUTION_RATE, deltarule.engines.choice.DENSE_RATE
    assert seconds == pytest.approx(60 * ((3 * 9 + 3) * 16 / rates[0] + (48 * 4 + 4) / rates[1]))
    large = Network([Conv(20, 5), ReLU(), Flatten(), Dense(10)], LogLikelihood(), (28, 28, 1))
    assert (
        choose_engine(Execution(engine="jax"), [Descent(large, SGD(), None, 100)], large.init(0), 1, 100)[0].threads
        == count_cores()
    )
