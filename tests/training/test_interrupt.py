"""Ctrl-C: training ends after the current step and returns the model; a second Ctrl-C stops at once."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from deltarule.errors import Interrupted
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback
from deltarule.training.checkpoint import Checkpoint

from .runs import Stop, StopAt, read_output, resume_run, start, train


@pytest.fixture
def ctrl_c():
    """Return a function that presses Ctrl-C, handled as in a plain Python program."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # fit has restored it
    signal.signal(signal.SIGINT, before)


class PressAt(Callback):
    every = 1

    def __init__(self, press, epoch, step):
        self.press, self.place, self.interrupts = press, (epoch, step), []

    def on_steps(self, moment):
        if (moment.at.epoch, moment.at.step) == self.place:
            self.press()

    def on_epoch(self, moment):
        if (moment.at.epoch - 1, 0) == self.place:
            self.press()
        return False

    def on_interrupt(self, moment):
        self.interrupts.append((moment.at.epoch, moment.at.step))


@pytest.mark.parametrize(
    ("engine", "place", "stop"),
    [
        ("numpy", (1, 6), (1, 6)),
        ("numpy", (1, 0), (2, 0)),
        ("numpy", (0, 11), (1, 0)),
        ("native", (1, 6), (1, 6)),
        ("native", (0, 11), (1, 0)),
        ("jax", (1, 6), (1, 6)),
    ],
)
def test_an_interrupted_run_returns_its_model_and_resumes(engine, place, stop, ctrl_c, tmp_path):
    press = PressAt(ctrl_c, *place)
    with pytest.raises(Interrupted, match=f"epoch {stop[0] + 1} after step {stop[1]}") as caught:
        train(engine, [press, Checkpoint(tmp_path)])
    assert press.interrupts == [stop]
    assert load(tmp_path).parameters_sha256 == caught.value.model.parameters_sha256
    assert resume_run(tmp_path).parameters_sha256 == train(engine).parameters_sha256
    assert isinstance(caught.value, KeyboardInterrupt)


def test_an_interrupt_after_the_last_step_returns_the_complete_model(ctrl_c, tmp_path):
    for place in ((3, 11), (3, 0)):
        press, folder = PressAt(ctrl_c, *place), tmp_path / str(place[1])
        with pytest.raises(Interrupted, match="training was done") as caught:
            train(callbacks=[press, Checkpoint(folder)])
        assert press.interrupts == []
        assert caught.value.model.parameters_sha256 == train().parameters_sha256
        assert resume_run(folder).parameters_sha256 == train().parameters_sha256


def test_the_handler_is_restored_after_an_error(ctrl_c):
    with pytest.raises(Stop):
        train(callbacks=[StopAt(1, 3)])


def test_a_users_handler_is_not_replaced():
    signals = []
    before = signal.signal(signal.SIGINT, lambda number, frame: signals.append(number))
    try:
        model = train(epochs=2, callbacks=[PressAt(lambda: signal.raise_signal(signal.SIGINT), 0, 5)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert signals == [signal.SIGINT]
    assert len(model.history) == 2


def test_training_in_another_thread_sets_no_handler():
    models = []
    thread = threading.Thread(target=lambda: models.append(train(epochs=1)))
    thread.start()
    thread.join(20)
    assert len(models[0].history) == 1


ENDLESS = """
import sys
from deltarule.callbacks import Checkpoint
from deltarule.errors import Interrupted
from training.runs import Callback, train

class Report(Callback):
    def on_steps(self, moment):
        if moment.at.epoch == 1:
            print("training", flush=True)

try:
    train(sys.argv[2], [Report(), Checkpoint(sys.argv[1], every=1000)], epochs=10**6, validate_every=0)
except Interrupted as error:
    print("interrupted", error.model.parameters_sha256)
"""

STUCK = """
import time
from dataclasses import dataclass
from deltarule import Dense, Layer, LogLikelihood, Network, fit
from training.runs import TRAIN

@dataclass(frozen=True)
class Slow(Layer):
    def forward(self, params, x, rng=None):
        print("in the step", flush=True)
        time.sleep(100)
        return x, None

    def backward(self, params, cache, d_y):
        return d_y, {}

try:
    fit(Network([Slow(), Dense(3)], LogLikelihood(), (16,)), TRAIN, epochs=1, engine="numpy")
except KeyboardInterrupt as error:
    print(type(error).__name__)
"""


def wait_for(process, word: str) -> None:
    for line in process.stdout:
        if word in line:
            return
    raise AssertionError(process.stderr.read())


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_an_interrupt_from_another_process_saves_the_run(engine, tmp_path):
    process = start(ENDLESS, str(tmp_path), engine)
    wait_for(process, "training")
    os.kill(process.pid, signal.SIGINT)
    word, sha256 = read_output(process).split()[-2:]
    assert word == "interrupted"
    assert load(tmp_path).parameters_sha256 == sha256


def test_a_second_interrupt_stops_in_the_middle_of_a_step():
    process = start(STUCK)
    wait_for(process, "in the step")
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None  # the first one waits for the step
    pressed = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    assert read_output(process).split()[-1] == "KeyboardInterrupt"
    assert time.monotonic() - pressed < 20
