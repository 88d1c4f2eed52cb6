"""Training stops when parameters are not finite, and the error names the step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.fields import has

from deltarule.core import random
from deltarule.core.activations import Linear, ReLU
from deltarule.core.costs import Quadratic
from deltarule.core.descent import Descent
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.core.schedules import Constant
from deltarule.data import Dataset, Real
from deltarule.errors import DivergedError
from deltarule.models.loading import load
from deltarule.training.callbacks import Monitor
from deltarule.training.fit import fit

from .runs import ENGINES, STEPS, TRAIN, VALIDATION

NETWORK = Network([Dense(6), ReLU(), Dense(3)], Quadratic(Linear()), (16,))


class Burst(Constant):
    """A constant η, except 10³⁰ at one step."""

    at = STEPS + 4

    def eta(self, steps, clock, history):
        return np.where(steps == self.at, 1e30, self.value)


def first_broken(schedule, epochs: int) -> tuple[int, int, int, float]:
    """Return the epoch and step, counted from 1, the layer and the η, found by checking every step."""
    descent, params = Descent(NETWORK, SGD(), None, 42), NETWORK.init(7)
    params = [{name: leaf.astype(np.float32) for name, leaf in layer.items()} for layer in params]
    for epoch in range(epochs):
        order = np.random.default_rng([7, epoch]).permutation(42)
        for step in range(STEPS):
            chosen = order[4 * step : 4 * step + 4]
            x, y = TRAIN.x[chosen].reshape(-1, 16).astype(np.float32) / np.float32(255), np.eye(3)[TRAIN.y[chosen]]
            eta = np.float32(schedule.eta(np.array([epoch * STEPS + step]), None, [])[0])
            with np.errstate(all="ignore"):
                params, _ = descent.step(params, {}, x, y.astype(np.float32), eta, random.key(0))
            broken = [not all(np.isfinite(leaf).all() for leaf in layer.values()) for layer in params]
            if any(broken):
                return epoch + 1, step + 1, broken.index(True), float(eta)
    raise AssertionError("nothing broke")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("schedule", [Constant(1e6), Constant(30.0), Burst(0.01)], ids=["at once", "soon", "late"])
def test_the_error_names_the_epoch_step_and_layer(engine, schedule):
    epoch, step, layer, eta = first_broken(schedule, 3)
    if isinstance(schedule, Burst):
        assert epoch == 2
    assert (epoch, step) > (1, 1)
    with pytest.raises(DivergedError) as caught:
        fit(NETWORK, TRAIN, epochs=3, batch_size=4, eta=schedule, seed=7, engine=engine)
    assert caught.value.position == f"epoch {epoch}, step {step}"
    assert f"layer {layer}, {NETWORK.layers[layer]}, " in caught.value.problem
    assert f"{eta:g}, is too large" in caught.value.problem
    assert f"try eta {eta / 10:g}" in caught.value.remedy


def test_the_error_does_not_blame_an_eta_of_0():
    train = Dataset(np.full((4, 16), 1e30), TRAIN.y[:4])
    with pytest.raises(DivergedError) as caught:
        fit(NETWORK, train, epochs=1, batch_size=4, eta=0, engine="numpy")
    assert "learning rate" not in str(caught.value)
    assert caught.value.remedy.startswith("check the numbers in the data set")


@pytest.mark.parametrize("engine", ENGINES)
def test_training_continues_without_stop_if_not_finite(engine, tmp_path):
    model = fit(
        NETWORK, TRAIN, epochs=3, batch_size=4, eta=1e6, engine=engine, validation=VALIDATION, stop_if_not_finite=False
    )
    assert len(model.history) == 3
    assert np.isnan(model.history["validation_cost"][-1])
    assert model.settings["stop_if_not_finite"] is False
    model.save(tmp_path / "model")
    assert np.isnan(load(tmp_path / "model").params[2]["b"]).all()


@dataclass(frozen=True)
class Huge:
    def __call__(self, rng, shape, n_in):
        return {"w": np.full(shape, 1e30), "b": np.zeros(shape[:1])}


def test_an_infinite_cost_of_finite_parameters_is_an_error():
    """Use parameters of 1e30 in the last layer: they are finite, but the square of the output is not."""
    network = Network([Dense(1, Huge())], Quadratic(Linear()), (2,))
    data = Dataset(np.ones((4, 2), np.float32), np.zeros(4), "ones", encoding=Real())
    given = {"epochs": 1, "eta": 0.0, "validation": data, "engine": "numpy"}
    with pytest.raises(DivergedError, match="inf", check=has(position="epoch 1, step 1")):
        fit(network, data, **given)
    assert fit(network, data, stop_if_not_finite=False, **given).history["validation_cost"] == [float("inf")]


def test_monitors_of_a_diverged_model_record_nan():
    model = fit(
        NETWORK, TRAIN, epochs=3, batch_size=4, eta=1e30, engine="numpy", stop_if_not_finite=False,
        callbacks=[Monitor(), Monitor(again=VALIDATION)],
    )  # fmt: skip
    last = model.history.last
    assert [np.isnan(last[f"{name}_cost"]) for name in ("training", "again")] == [True, True]
    with pytest.raises(DivergedError, match="layer"):
        model.accuracy(VALIDATION)
