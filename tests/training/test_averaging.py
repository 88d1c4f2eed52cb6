"""Exponential moving averages: the model uses the averages, training and resuming continue from the plain weights."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from tests.fields import has
from tests.slow import with_slow

import deltarule as dr
from deltarule.core.optimizers import Adam, ExponentialMovingAverage
from deltarule.errors import FileError, Interrupted
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback, Monitor
from deltarule.training.checkpoint import Checkpoint

from .runs import ENGINES, TRAIN, VALIDATION, Stop, StopAt, resume_run, train, without_times


def numbers(params) -> list:
    """List the arrays layer by layer in the order of their names, which files do not keep."""
    return [np.asarray(layer[name]) for layer in params for name in sorted(layer)]


class Steps(Callback):
    """A callback that keeps the parameters after every step: those being trained, and those of the model."""

    every = 1

    def __init__(self) -> None:
        self.trained: list = []
        self.used: list = []

    def on_steps(self, moment) -> None:
        self.trained.append(numbers(moment.at.params))
        self.last = [{name: np.asarray(leaf) for name, leaf in layer.items()} for layer in moment.at.params]
        self.used.append(numbers(moment.model.params))


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
def test_the_model_uses_the_average_and_training_is_unchanged(engine):
    plain, averaged = Steps(), Steps()
    train(engine, [plain], epochs=2, dtype="float64")
    model = train(engine, [averaged], epochs=2, dtype="float64", optimizer=ExponentialMovingAverage(Adam(), 0.9))
    for one, other in zip(plain.trained[-1], averaged.trained[-1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    weights = 0.9 ** np.arange(len(averaged.trained))[::-1]
    for i, leaf in enumerate(numbers(model.params)):
        mean = np.tensordot(weights / weights.sum(), [step[i] for step in averaged.trained], axes=1)
        np.testing.assert_allclose(leaf, mean, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(averaged.used[0][i], averaged.trained[0][i], rtol=1e-12)  # after one step
    assert len(weights) == 22


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
def test_evaluation_and_the_best_model_use_the_average(engine):
    steps = Steps()
    model = train(
        engine,
        [steps, Monitor(again=VALIDATION)],
        optimizer=ExponentialMovingAverage(Adam(), 0.9),
        epochs=6,
        keep_best=True,
    )
    assert model.history["again_accuracy"] == model.history["validation_accuracy"]
    np.testing.assert_allclose(model.history["again_cost"], model.history["validation_cost"], rtol=1e-5)
    assert model.history.last["again_cost"] == pytest.approx(model.cost(VALIDATION), rel=1e-6)
    best = steps.used[11 * len(model.best.history) - 1]
    assert all(np.array_equal(one, other) for one, other in zip(numbers(model.best.params), best, strict=True))
    assert not np.array_equal(best[0], steps.trained[11 * len(model.best.history) - 1][0])


@pytest.mark.parametrize(
    ("engine", "place"), [("numpy", (0, 3)), ("numpy", (1, 9)), ("numpy", (2, 0)), ("jax", (1, 9))], ids=str
)
def test_a_resumed_run_continues_from_the_plain_weights(engine, place, tmp_path):
    optimizer = ExponentialMovingAverage(Adam(), 0.95)
    whole = train(engine, optimizer=optimizer, keep_best=True)
    with pytest.raises(Stop):
        train(engine, [Checkpoint(tmp_path, 3), StopAt(*place)], optimizer=optimizer, keep_best=True)
    model = resume_run(tmp_path)
    assert model.parameters_sha256 == whole.parameters_sha256 == load(tmp_path).parameters_sha256
    assert model.best.parameters_sha256 == whole.best.parameters_sha256
    assert without_times(model) == without_times(whole)


def test_an_interrupted_run_returns_the_average(tmp_path):
    class Interrupt(Callback):
        every = 5

        def on_steps(self, moment) -> None:
            if (moment.at.epoch, moment.at.step) == (1, 9):
                signal.raise_signal(signal.SIGINT)

    steps = Steps()
    with pytest.raises(Interrupted) as caught:
        train(callbacks=[Interrupt(), steps, Checkpoint(tmp_path)], optimizer=ExponentialMovingAverage(Adam()))
    for model in (caught.value.model, load(tmp_path)):
        assert all(map(np.array_equal, numbers(model.params), steps.used[-1]))
    assert not np.array_equal(steps.used[-1][0], steps.trained[-1][0])


def test_a_file_without_the_plain_weights_is_damaged(tmp_path):
    with pytest.raises(Stop):
        train(callbacks=[Checkpoint(tmp_path), StopAt(1, 3)], optimizer=ExponentialMovingAverage(Adam()))
    tensors, description = files.read(tmp_path / MODEL_FILE)
    description.pop("format")
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("learning/1/")}
    assert len(kept) == len(tensors) - 2
    files.write(tmp_path / MODEL_FILE, kept, description)
    with pytest.raises(FileError, match="layer 1", check=has(path=MODEL_FILE)):
        resume_run(tmp_path)


def test_the_average_of_a_short_run_does_not_include_its_start():
    """Train a short run with a decay for long ones; its average is the mean of its steps."""
    averaged = train(optimizer=ExponentialMovingAverage(Adam(), 0.9999), epochs=4)
    assert averaged.cost(TRAIN) < train(epochs=1, eta=0.0).cost(TRAIN)


@pytest.mark.parametrize("engine", with_slow(ENGINES, "jax"))
def test_the_model_uses_the_running_means_that_were_trained(engine):
    """Averages would begin with the mean 0 and the variance 1, which no data have."""
    network = dr.Network([dr.BatchNorm(), dr.Dense(2)], dr.CrossEntropy(), (2,))
    y = np.arange(40) % 2
    data = dr.Dataset(np.c_[50.0 + y, -y], y)
    steps = Steps()
    model = dr.fit(
        network, data, epochs=3, eta=0.1, batch_size=8, engine=engine, dtype="float64",
        optimizer=ExponentialMovingAverage(Adam(), 0.9), callbacks=[steps],
    )  # fmt: skip
    (normalization, dense), last = model.params, steps.last
    for name in ("mean", "variance"):
        np.testing.assert_array_equal(normalization[name], last[0][name])
    assert np.abs(dense["w"] - last[1]["w"]).max() > 1e-3
