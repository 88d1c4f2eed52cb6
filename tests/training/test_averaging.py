"""ExponentialMovingAverage weights: in use they are the average, learning and resuming go on from the others."""

from __future__ import annotations

import signal

import numpy as np
import pytest

from deltarule.core.optimizers import Adam, ExponentialMovingAverage
from deltarule.errors import FileError, Interrupted
from deltarule.models import files
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback, Monitor
from deltarule.training.checkpoint import Checkpoint

from .runs import ENGINES, TRAIN, VALIDATION, Stop, StopAt, go_on, train, without_times


def numbers(params) -> list:
    """The arrays layer by layer, in the order of their names, which a file does not keep."""
    return [np.asarray(layer[name]) for layer in params for name in sorted(layer)]


class Steps(Callback):
    """Keeps the parameters after every step: those being learned, and those of the model."""

    every = 1

    def __init__(self) -> None:
        self.learning: list = []
        self.used: list = []

    def on_steps(self, moment) -> None:
        self.learning.append(numbers(moment.at.params))
        self.used.append(numbers(moment.model.params))


@pytest.mark.parametrize("engine", ENGINES)
def test_in_use_is_the_average_of_all_steps_and_learning_is_as_without(engine):
    plain, averaged = Steps(), Steps()
    train(engine, [plain], epochs=2, dtype="float64")
    model = train(engine, [averaged], epochs=2, dtype="float64", optimizer=ExponentialMovingAverage(Adam(), 0.9))
    for one, other in zip(plain.learning[-1], averaged.learning[-1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    weights = 0.9 ** np.arange(len(averaged.learning))[::-1]
    for i, leaf in enumerate(numbers(model.params)):
        mean = np.tensordot(weights / weights.sum(), [step[i] for step in averaged.learning], axes=1)
        np.testing.assert_allclose(leaf, mean, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(averaged.used[0][i], averaged.learning[0][i], rtol=1e-12)  # of one step
    assert len(weights) == 22


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_measured_and_kept_is_the_average(engine):
    steps = Steps()
    model = train(
        engine,
        [steps, Monitor(seen=VALIDATION)],
        optimizer=ExponentialMovingAverage(Adam(), 0.9),
        epochs=6,
        keep_best=True,
    )
    assert model.history["seen_accuracy"] == model.history["validation_accuracy"]
    np.testing.assert_allclose(model.history["seen_cost"], model.history["validation_cost"], rtol=1e-5)
    assert model.history.last["seen_cost"] == pytest.approx(model.cost(VALIDATION), rel=1e-6)
    best = steps.used[11 * len(model.best.history) - 1]
    assert all(np.array_equal(one, other) for one, other in zip(numbers(model.best.params), best, strict=True))
    assert not np.array_equal(best[0], steps.learning[11 * len(model.best.history) - 1][0])


@pytest.mark.parametrize(
    ("engine", "place"), [("numpy", (0, 3)), ("numpy", (1, 9)), ("numpy", (2, 0)), ("jax", (1, 9))], ids=str
)
def test_a_run_that_was_broken_off_goes_on_from_what_it_was_learning(engine, place, tmp_path):
    optimizer = ExponentialMovingAverage(Adam(), 0.95)
    whole = train(engine, optimizer=optimizer, keep_best=True)
    with pytest.raises(Stop):
        train(engine, [Checkpoint(tmp_path, 3), StopAt(*place)], optimizer=optimizer, keep_best=True)
    model = go_on(tmp_path)
    assert model.parameters_sha256 == whole.parameters_sha256 == load(tmp_path).parameters_sha256
    assert model.best.parameters_sha256 == whole.best.parameters_sha256
    assert without_times(model) == without_times(whole)


def test_interrupted_it_hands_out_the_average(tmp_path):
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
    assert not np.array_equal(steps.used[-1][0], steps.learning[-1][0])


def test_a_file_without_what_was_being_learned_is_damaged(tmp_path):
    with pytest.raises(Stop):
        train(callbacks=[Checkpoint(tmp_path), StopAt(1, 3)], optimizer=ExponentialMovingAverage(Adam()))
    tensors, description = files.read(tmp_path / MODEL_FILE)
    description.pop("format")
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("learning/1/")}
    assert len(kept) == len(tensors) - 2
    files.write(tmp_path / MODEL_FILE, kept, description)
    with pytest.raises(FileError, match=r"model.safetensors: layer 1: expected parameters that .* can use"):
        go_on(tmp_path)


def test_a_short_run_is_not_held_back_by_where_it_began():
    """With a decay made for long runs the average of a short one is the mean of its steps, not its start."""
    averaged = train(optimizer=ExponentialMovingAverage(Adam(), 0.9999), epochs=4)
    assert averaged.cost(TRAIN) < train(epochs=1, eta=0.0).cost(TRAIN)
