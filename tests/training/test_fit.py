"""fit: its arguments, its steps, and the order in which it calls callbacks."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has

import deltarule.training.loop
from deltarule.core import random
from deltarule.core.activations import Sigmoid
from deltarule.core.costs import CrossEntropy
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.regularizers import L2
from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau
from deltarule.data.encodings import OneHot
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.ensemble import Ensemble
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing
from deltarule.training.callbacks import Callback, EarlyStopping
from deltarule.training.fit import fit

from .runs import ENGINES, STEPS, TRAIN, VALIDATION, about, network, pictures, train

WRONG = {
    "epochs": [0, -1, 2.5, "3", None, True],
    "batch_size": [0, -3, 1.5, "10", None, False],
    "seed": [-1, 1.5, "1", None, 2**64],
    "threads": [0, -1, 1.5, "2", 10**9],
    "engine": ["torch", "", None, 3],
    "dtype": ["float16", "int32", np.float32, None],
    "eta": [-0.1, float("nan"), float("inf"), "fast", None, Exponential],
    "optimizer": ["sgd", None, Momentum, object()],
    "regularizer": [5.0, "l2", L2],
    "validation": [(TRAIN, VALIDATION), TRAIN.x, VALIDATION.take(slice(0))],
    "validate_every": [-1, 1.5, "1", None],
    "callbacks": [EarlyStopping(3), [EarlyStopping], ["progress"], None],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_invalid_arguments_are_named(name, value):
    with pytest.raises(InvalidArgument, check=about(name, value)):
        fit(network(), TRAIN, **{"epochs": 1, "engine": "numpy", "validation": VALIDATION, name: value})


@pytest.mark.parametrize(
    ("wrong", "example"),
    [
        ({"eta": "x"}, r"Exponential\("),
        ({"optimizer": "adam"}, r"Adam\(\)"),
        ({"regularizer": 5.0}, r"L2\(5.0\)"),
    ],
    ids=str,
)
def test_errors_give_an_example(wrong, example):
    with pytest.raises(InvalidArgument, match=example):
        fit(network(), TRAIN, epochs=1, **wrong)


def test_invalid_networks_and_data_are_named():
    for wrong in (None, (TRAIN, VALIDATION), TRAIN.x):
        with pytest.raises(InvalidArgument, check=about("train", wrong)):
            fit(network(), wrong, epochs=1)
    with pytest.raises(InvalidArgument, check=about("train")):
        fit(network(), TRAIN.take(slice(0)), epochs=1)
    for wrong in ([784, 30, 10], None, Network):
        with pytest.raises(InvalidArgument, check=about("network", wrong)):
            fit(wrong, TRAIN, epochs=1)
    members = [Model(network(), network().init(seed), Preprocessing(OneHot(3))) for seed in (1, 2)]
    with pytest.raises(InvalidArgument, match=r"Ensemble\(\[fit\(", check=about("network")):
        fit(Ensemble(members), TRAIN, epochs=1)
    with pytest.raises(InvalidArgument, match="validation", check=about("validate_every", 3)):
        fit(network(), TRAIN, epochs=1, validate_every=3)
    for outputs, remedy in ((4, r"OneHot\(4\)$"), (2, "got 3$")):
        with pytest.raises(ShapeError, match=remedy):
            fit(Network.dense([16, outputs]), TRAIN, epochs=1, engine="numpy")
    with pytest.raises(ShapeError, match="16"):
        fit(Network.dense([15, 3]), TRAIN, epochs=1)
    with pytest.raises(DataError, check=has(argument="y", owner="pictures")):
        fit(network(), TRAIN, epochs=1, validation=replace(VALIDATION, y=VALIDATION.y + 9))


@pytest.mark.parametrize(
    ("argument", "given"),
    [("keep_best", {"keep_best": True}), ("EarlyStopping", {"callbacks": [EarlyStopping(2)]})],
)
def test_keep_best_and_early_stopping_need_a_validation_set(argument, given):
    with pytest.raises(InvalidArgument, check=about(argument)):
        fit(network(), TRAIN, epochs=2, engine="numpy", **given)


def test_reduce_on_plateau_needs_a_validation_set():
    with pytest.raises(InvalidArgument, match="ReduceOnPlateau", check=about("validation", None)):
        fit(network(), TRAIN, epochs=2, engine="numpy", eta=ReduceOnPlateau(0.1))


def test_numbers_of_numpy_are_accepted():
    given = {"epochs": np.int64(2), "batch_size": np.int32(4), "seed": np.uint8(7), "eta": np.float32(0.25)}
    plain = {"epochs": 2, "batch_size": 4, "seed": 7, "eta": 0.25}
    one, other = (fit(network(), TRAIN, engine="numpy", **options) for options in (given, plain))
    assert one.parameters_sha256 == other.parameters_sha256
    assert json.dumps(dict(one.settings)) == json.dumps(dict(other.settings))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_steps_are_those_of_the_book(engine):
    """Compare two epochs with loops over mini-batches and examples: w → w − η/m Σ ∂C_x/∂w."""
    model = fit(
        Network([Dense(3)], CrossEntropy(), (16,)), TRAIN, epochs=2, batch_size=5, eta=Exponential(0.5, 0.25),
        seed=11, engine=engine, dtype="float64",
    )  # fmt: skip
    start = Dense(3).init(random.fold(random.key(11), 0), (16,))
    w, b = start["w"].copy(), start["b"].copy()
    step = 0
    for epoch in range(2):
        order = np.random.default_rng([11, epoch]).permutation(42)
        for batch in (order[i : i + 5] for i in range(0, 42, 5)):
            d_w, d_b = np.zeros_like(w), np.zeros_like(b)
            for i in batch:
                x, y = TRAIN.x[i].ravel() / 255, np.eye(3)[TRAIN.y[i]]
                delta = 1 / (1 + np.exp(-(w @ x + b))) - y
                d_w, d_b = d_w + np.outer(delta, x), d_b + delta
            eta = 0.5 * 0.25 ** (step / 9)
            w, b, step = w - eta / len(batch) * d_w, b - eta / len(batch) * d_b, step + 1
    np.testing.assert_allclose(model.params[0]["w"], w, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(model.params[0]["b"], b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (0.25, [0.25] * 3),
        (Constant(0.25), [0.25] * 3),
        (Exponential(1.0, 0.5), [0.5 ** ((k * STEPS - 1) / STEPS) for k in (1, 2, 3)]),
    ],
    ids=["number", "constant", "exponential"],
)
def test_the_recorded_eta_is_that_of_the_last_step(schedule, expected):
    assert train(eta=schedule, epochs=3).history["eta"] == pytest.approx(expected, rel=1e-12)


def test_one_cycle_is_stretched_over_the_whole_training():
    up, peak, down = train(eta=OneCycle(1.0, 0.6), epochs=3).history["eta"]
    assert (up, peak, down) == pytest.approx((0.52, 0.99, 0.01), abs=0.06)


def test_steps_with_eta_0_change_nothing():
    class Once(Constant):
        def eta(self, steps, clock, history):
            return np.where(steps < STEPS, self.value, 0.0)

    one, three = (train(eta=Once(0.1), epochs=epochs, optimizer=SGD()) for epochs in (1, 3))
    assert one.parameters_sha256 == three.parameters_sha256


def test_the_history_has_a_record_for_each_epoch():
    history = train(epochs=3).history
    assert history["epoch"] == [0, 1, 2]
    assert history["step"] == [STEPS, 2 * STEPS, 3 * STEPS]
    assert all(0 < seconds < 10 for seconds in history["seconds"])
    assert "compile_seconds" in history.records[0]
    assert "compile_seconds" not in history.records[1]


@pytest.mark.parametrize("every", [1, 5, 11, 100])
def test_validate_every_records_within_epochs(every):
    history = train(epochs=3, validate_every=every).history
    multiples = [step for step in range(1, 3 * STEPS + 1) if step % every == 0]
    assert [record["step"] for record in history.within] == [step for step in multiples if step % STEPS]
    assert all(record["epoch"] == (record["step"] - 1) // STEPS for record in history.within)
    assert all(0 <= record["validation_accuracy"] <= 1 and record["validation_cost"] > 0 for record in history.within)


def test_validate_every_evaluates_the_model_of_that_step():
    class Measure(Callback):
        every = 5
        figures: dict = {}  # noqa: RUF012

        def on_steps(self, moment):
            done = moment.at.epoch * STEPS + moment.at.step
            self.figures[done] = (moment.model.accuracy(VALIDATION), moment.model.cost(VALIDATION))

    measure = Measure()
    for record in train(epochs=2, callbacks=[measure]).history.within:
        accuracy, cost = measure.figures[record["step"]]
        assert record["validation_accuracy"] == accuracy
        assert record["validation_cost"] == pytest.approx(cost, rel=1e-6)


def test_callbacks_and_validation_do_not_change_the_result():
    watched = train(validate_every=1, callbacks=[Spy([])], keep_best=True)
    alone = train(validate_every=0, validation=None)
    assert watched.parameters_sha256 == alone.parameters_sha256


class Spy(Callback):
    """A callback that notes its calls."""

    def __init__(self, calls: list, name: str = "", every: int = 0, stop_after: int | None = None) -> None:
        self.calls, self.name, self.every, self.stop_after = calls, name, every, stop_after

    def note(self, what, moment):
        self.calls.append((f"{self.name}{what}", moment.at.epoch, moment.at.step, len(moment.at.history)))

    def on_start(self, moment):
        self.note("start", moment)

    def on_steps(self, moment):
        self.note("steps", moment)

    def measure(self, moment):
        self.note("measure", moment)
        return {f"spy{self.name}": moment.at.epoch}

    def on_epoch(self, moment):
        self.note("epoch", moment)
        return moment.at.epoch == self.stop_after

    def on_end(self, moment):
        self.note("end", moment)


def test_callbacks_are_called_in_order(monkeypatch):
    monkeypatch.setattr(deltarule.training.loop, "PAUSE", 1e9)  # no pauses except the planned ones
    calls = []
    model = train(epochs=2, validate_every=0, callbacks=[Spy(calls, "a ", every=7), Spy(calls, "b ")])
    expected = [("start", 0, 0, 0), ("steps", 0, 7, 0), ("steps", 0, 11, 0), ("measure", 0, 11, 0), ("epoch", 1, 0, 1)]
    expected += [
        ("steps", 1, 3, 1),
        ("steps", 1, 10, 1),
        ("steps", 1, 11, 1),
        ("measure", 1, 11, 1),
        ("epoch", 2, 0, 2),
    ]
    expected += [("end", 2, 0, 2)]
    assert calls == [(f"{name} {what}", *rest) for what, *rest in expected for name in "ab"]
    assert model.history["spya "] == [0, 1]


def test_training_stops_after_all_callbacks_of_the_epoch():
    calls = []
    model = train(epochs=9, callbacks=[Spy(calls, stop_after=2), Spy(calls, "last ")])
    assert len(model.history) == 2
    assert [call for call in calls if call[0].endswith("epoch")][-1] == ("last epoch", 2, 0, 2)
    assert calls[-1] == ("last end", 2, 0, 2)


def test_a_model_is_trained_further(tmp_path):
    first = train(epochs=1, optimizer=SGD())
    before = first.parameters_sha256
    first.save(tmp_path / "first")
    second, again = (
        fit(model, TRAIN, epochs=2, batch_size=4, eta=0.1, seed=3, engine="numpy")
        for model in (first, load(tmp_path / "first"))
    )
    assert first.parameters_sha256 == before != second.parameters_sha256 == again.parameters_sha256
    assert len(second.history) == 2  # a new history
    assert second.cost(TRAIN) < first.cost(TRAIN)
    still = fit(first, TRAIN, epochs=2, batch_size=4, eta=0.0, engine="numpy")
    assert still.parameters_sha256 == before


def test_a_mini_batch_may_be_larger_than_the_training_set():
    one = fit(network(), TRAIN, epochs=2, batch_size=42, engine="numpy")
    other = fit(network(), TRAIN, epochs=2, batch_size=1000, engine="numpy")
    assert one.history["step"] == [1, 2]
    assert one.parameters_sha256 == other.parameters_sha256


def test_the_model_has_its_data_and_settings():
    model = train(epochs=1)
    assert (model.scale, model.classes, model.example_shape, model.encoding) == (
        255.0,
        ("a", "b", "c"),
        (4, 4),
        TRAIN.encoding,
    )
    kept = {name: model.settings[name] for name in ("epochs", "batch_size", "seed", "engine", "threads", "dtype")}
    assert kept == {"epochs": 1, "batch_size": 4, "seed": 7, "engine": "numpy", "threads": 1, "dtype": "float32"}
    assert model.settings["eta"] == {"type": "Exponential", "start": 0.02, "rate": 0.9}
    assert (model.settings["training_examples"], model.settings["training_data"]) == (42, "pictures")
    assert all(isinstance(leaf, np.ndarray) for layer in model.params for leaf in layer.values())


def test_a_network_reaches_the_accuracy_of_nearest_means():
    data, test = pictures(600, 5), pictures(300, 6)
    model = fit(Network.dense([16, 12, 3], hidden=Sigmoid()), data, epochs=15, eta=1.0, engine="numpy", validation=test)
    nearest = [
        np.argmin([((image - data.x[data.y == c].mean(axis=0)) ** 2).sum() for c in range(3)]) for image in test.x
    ]
    assert model.accuracy(test) > np.mean(nearest == test.y) - 0.05  # nearly the best possible for these data
