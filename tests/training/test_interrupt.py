"""Ctrl-C: the step under way is finished, the model is handed over; asked twice, everything stops at once."""

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

from .runs import Stop, StopAt, ended, go_on, start, train


@pytest.fixture
def ctrl_c():
    """Ctrl-C as in a program of the user's own, whatever the test runner made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # fit has put it back
    signal.signal(signal.SIGINT, before)


class PressAt(Callback):
    every = 1

    def __init__(self, press, epoch, step):
        self.press, self.place, self.interrupted = press, (epoch, step), []

    def on_steps(self, moment):
        if (moment.at.epoch, moment.at.step) == self.place:
            self.press()

    def on_epoch(self, moment):
        if (moment.at.epoch - 1, 0) == self.place:
            self.press()
        return False

    def on_interrupt(self, moment):
        self.interrupted.append((moment.at.epoch, moment.at.step))


@pytest.mark.parametrize(
    ("engine", "place", "said"),
    [
        ("numpy", (1, 6), (1, 6)),
        ("numpy", (1, 0), (2, 0)),
        ("numpy", (0, 11), (1, 0)),
        ("jax", (1, 6), (1, 6)),
    ],
)
def test_the_model_so_far_is_handed_over_and_the_run_goes_on_from_there(engine, place, said, ctrl_c, tmp_path):
    press = PressAt(ctrl_c, *place)
    with pytest.raises(Interrupted, match=f"interrupted in epoch {said[0]} after step {said[1]}") as caught:
        train(engine, [press, Checkpoint(tmp_path)])
    assert press.interrupted == [said]
    assert load(tmp_path).parameters_sha256 == caught.value.model.parameters_sha256
    assert go_on(tmp_path).parameters_sha256 == train(engine).parameters_sha256
    assert isinstance(caught.value, KeyboardInterrupt)


def test_in_the_last_moment_the_model_is_complete(ctrl_c, tmp_path):
    for place in ((3, 11), (3, 0)):
        press, folder = PressAt(ctrl_c, *place), tmp_path / str(place[1])
        with pytest.raises(Interrupted, match="when the training was done") as caught:
            train(callbacks=[press, Checkpoint(folder)])
        assert press.interrupted == []
        assert caught.value.model.parameters_sha256 == train().parameters_sha256
        assert go_on(folder).parameters_sha256 == train().parameters_sha256


def test_the_handler_is_put_back_after_an_error(ctrl_c):
    with pytest.raises(Stop):
        train(callbacks=[StopAt(1, 3)])


def test_a_handler_of_the_users_own_is_left_alone():
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        model = train(epochs=2, callbacks=[PressAt(lambda: signal.raise_signal(signal.SIGINT), 0, 5)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]
    assert len(model.history) == 2


def test_training_in_another_thread_leaves_signals_alone():
    found = []
    thread = threading.Thread(target=lambda: found.append(train(epochs=1)))
    thread.start()
    thread.join(20)
    assert len(found[0].history) == 1


ENDLESS = """
import sys
from deltarule.callbacks import Checkpoint
from deltarule.errors import Interrupted
from training.runs import Callback, train

class Say(Callback):
    def on_steps(self, moment):
        if moment.at.epoch == 1:
            print("training", flush=True)

try:
    train(callbacks=[Say(), Checkpoint(sys.argv[1], every=1000)], epochs=10**6, validate_every=0)
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


def test_a_real_one_from_another_process(tmp_path):
    process = start(ENDLESS, str(tmp_path))
    wait_for(process, "training")
    os.kill(process.pid, signal.SIGINT)
    said, sha256 = ended(process).split()[-2:]
    assert said == "interrupted"
    assert load(tmp_path).parameters_sha256 == sha256


def test_a_second_one_acts_in_the_middle_of_a_step():
    process = start(STUCK)
    wait_for(process, "in the step")
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None  # the first one waits for the step
    asked = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    assert ended(process).split()[-1] == "KeyboardInterrupt"
    assert time.monotonic() - asked < 20
