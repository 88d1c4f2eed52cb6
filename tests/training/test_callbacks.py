"""Measurements and stopping of callbacks, compared with values computed by hand."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from tests.slow import with_slow

from deltarule.core.costs import CrossEntropy
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import ReduceOnPlateau
from deltarule.errors import InvalidArgument
from deltarule.models.history import History
from deltarule.training.callbacks import Callback, EarlyStopping, GradientNorms, Monitor, Progress
from deltarule.training.fit import fit
from deltarule.training.plan import Moment, Position

from .runs import ENGINES, TRAIN, VALIDATION, about, train


@pytest.mark.parametrize(
    ("n", "accuracies", "stops_after"),
    [
        (1, [0.5, 0.5], 2),
        (2, [0.5, 0.4, 0.6, 0.6, 0.5], 5),
        (2, [0.1, 0.2, 0.3, 0.4, 0.5], None),
        (3, [0.9, 0.1, 0.2, 0.3], 4),
        (3, [0.9, 0.1, 0.2], None),
        (2, [0.5, 0.4, 0.51, 0.4, 0.52, 0.4, 0.4], 7),
    ],
)
def test_early_stopping_waits_for_a_new_best(n, accuracies, stops_after):
    stopping = EarlyStopping(n)
    answers = []
    for k in range(1, len(accuracies) + 1):
        records = tuple({"epoch": i, "validation_accuracy": a} for i, a in enumerate(accuracies[:k]))
        answers.append(stopping.on_epoch(Moment(None, Position([], {}, epoch=k, history=History(records)))))
    assert answers == [k == stops_after for k in range(1, len(accuracies) + 1)]


def test_early_stopping_ends_a_run_that_does_not_improve():
    model = train(epochs=50, eta=0.0, callbacks=[EarlyStopping(3)])
    assert len(model.history) == 4  # the first, the best, and three that are not better
    for n in (0, 1.5, True, "3"):
        with pytest.raises(InvalidArgument, check=about("n", n)):
            EarlyStopping(n)
    EarlyStopping(np.int64(3))


def test_reduce_on_plateau_ends_the_run():
    """Train with an η too small to change the accuracy: it is halved every second epoch, down to a quarter."""
    model = train(epochs=50, eta=ReduceOnPlateau(1e-12, patience=2, stop_at=1 / 4))
    assert model.history["eta"] == [1e-12, 1e-12, 1e-12, 5e-13, 5e-13]


def test_the_best_model_equals_a_run_of_as_many_epochs():
    model = train(epochs=6, eta=0.3, keep_best=True)
    accuracies = model.history["validation_accuracy"]
    best = accuracies.index(max(accuracies)) + 1
    assert best < 6
    assert len(model.best.history) == best
    assert model.best.parameters_sha256 == train(epochs=best, eta=0.3).parameters_sha256
    assert model.best.parameters_sha256 != model.parameters_sha256
    assert model.best.accuracy(VALIDATION) == max(accuracies)


def test_there_is_no_best_model_without_keep_best():
    assert train(epochs=1).best is None


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
def test_monitors_measure_the_model_after_each_epoch(engine):
    monitors = [Monitor(), Monitor(test=VALIDATION, largest=lambda model: float(np.abs(model.params[1]["w"]).max()))]
    model = train(engine, monitors, epochs=3, regularizer=None)
    last = model.history.last
    assert last["training_cost"] == pytest.approx(model.cost(TRAIN), rel=1e-12)
    assert last["training_accuracy"] == np.mean(
        [model.predict(x)[0] == y for x, y in zip(TRAIN.x, TRAIN.y, strict=True)]
    )
    assert last["test_accuracy"] == last["validation_accuracy"] == model.accuracy(VALIDATION)
    assert last["test_cost"] == pytest.approx(last["validation_cost"], rel=1e-5)
    assert last["largest"] == float(np.abs(model.params[1]["w"]).max())
    assert len(set(model.history["training_cost"])) == 3
    assert "training_cost" not in model.history.within[0]


class Constant(Callback):
    """A callback that measures a constant."""

    def __init__(self, figures):
        self.figures = figures

    def measure(self, moment):
        return self.figures


NOT_NEW = {
    "validation set": ([Monitor(validation=TRAIN)], "validation", "'validation_accuracy'"),
    "epoch": ([Monitor(epoch=lambda model: 3)], "epoch", "'epoch'"),
    "time": ([Monitor(compile_seconds=lambda model: 3)], "compile_seconds", "'compile_seconds'"),
    "another monitor": ([Monitor(), Monitor(training=VALIDATION)], "Monitor.measure", "'training_accuracy'"),
    "user's callback": ([Constant({"validation_cost": 0.0})], "Constant.measure", "'validation_cost'"),
    "None": ([Constant(None)], "Constant.measure", "None"),
}


@pytest.mark.parametrize(("callbacks", "argument", "name"), NOT_NEW.values(), ids=NOT_NEW)
def test_names_recorded_already_are_refused(callbacks, argument, name):
    with pytest.raises(InvalidArgument, match=name, check=about(argument)):
        train(callbacks=callbacks, epochs=1, keep_best=True)


def test_monitors_refuse_names_before_the_first_step():
    def never(model):
        raise AssertionError

    with pytest.raises(InvalidArgument, check=about("seconds")):
        train(callbacks=[Monitor(seconds=never)], epochs=1)
    given = {"validation": None, "validate_every": 0, "epochs": 1}
    assert "validation_cost" in train(callbacks=[Monitor(validation=VALIDATION)], **given).history.last
    for what in (5, (TRAIN.x, TRAIN.y), None):
        with pytest.raises(InvalidArgument, check=about("a", what)):
            Monitor(a=what)


@pytest.mark.parametrize(
    ("regularizer", "price"),
    [(L2(3.0), lambda w: 3.0 / (2 * 42) * (w**2).sum()), (L1(3.0), lambda w: 3.0 / 42 * np.abs(w).sum())],
    ids=["L2", "L1"],
)
def test_the_training_cost_includes_regularization(regularizer, price):
    model = train(callbacks=[Monitor(), Monitor(plain=TRAIN)], epochs=2, regularizer=regularizer, dtype="float64")
    added = sum(price(layer["w"]) for layer in model.params if layer)
    assert added > 0.01
    assert model.history.last["training_cost"] == pytest.approx(model.history.last["plain_cost"] + added, rel=1e-12)
    outputs = model.predict_proba(TRAIN.x)[np.arange(42), TRAIN.y]
    assert model.history.last["plain_cost"] == pytest.approx(-sum(map(log, outputs)) / 42, rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_gradient_norms_are_norms_of_the_biases_gradients(engine):
    """Compare with the mean of a − y over the examples, which is ∂C/∂b of a single layer."""
    network = Network([Dense(3)], CrossEntropy(), (16,))
    for examples, used in ((1000, 42), (10, 10)):
        model = fit(network, TRAIN, epochs=1, engine=engine, dtype="float64", callbacks=[GradientNorms(examples)])
        delta = model.outputs(TRAIN.x[:used]) - np.eye(3)[TRAIN.y[:used]]
        assert model.history["gradient_norms"] == [pytest.approx([sqrt((delta.mean(axis=0) ** 2).sum())], rel=1e-12)]


def test_each_layer_with_biases_has_a_gradient_norm():
    assert [len(norms) for norms in train(epochs=2, callbacks=[GradientNorms()]).history["gradient_norms"]] == [3, 3]
    for examples in (0, 1.5):
        with pytest.raises(InvalidArgument, check=about("examples", examples)):
            GradientNorms(examples)


def test_progress_prints_a_line_for_each_epoch_from_1():
    lines = []
    model = train(callbacks=[Progress(lines.append)], epochs=2)
    right = [round(30 * accuracy) for accuracy in model.history["validation_accuracy"]]
    assert [line.split(" / ")[0] for line in lines] == [f"Epoch {i}: {n}" for i, n in enumerate(right, 1)]
    assert all(" / 30  " in line and line.endswith(" images/s") for line in lines)


@pytest.mark.parametrize(
    ("argument", "given"),
    [("EarlyStopping", {"callbacks": [EarlyStopping(1)]}), ("keep_best", {"keep_best": True})],
)
def test_early_stopping_and_keep_best_need_a_validation_set(argument, given):
    with pytest.raises(InvalidArgument, check=about(argument)):
        train(validation=None, validate_every=0, **given)


def test_the_best_epoch_is_the_first_of_the_highest():
    history = History(({"a": 1.0, "epoch": 0}, {"a": 3.0, "epoch": 1}, {"a": 3.0, "epoch": 2}))
    assert history.best("a")["epoch"] == 1
    for one, name in ((History(), "a"), (history, "b")):
        with pytest.raises(InvalidArgument):
            one.best(name)
