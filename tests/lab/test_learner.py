"""Learning in a thread: it can be paused, stepped, changed and stopped, and is the same learning as fit's."""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from deltarule import L2, Network, fit
from deltarule.data import load
from deltarule.errors import InvalidArgument
from deltarule.lab.learner import Job, Learner, Pace


@pytest.fixture(scope="module")
def job() -> Job:
    train, validation, _ = load("digits")
    return Job(Network.dense([64, 20, 10]), train, validation, engine="numpy")


@pytest.fixture
def learner(job):
    learner = Learner(job)
    yield learner
    learner.stop()
    learner.wait(10)


def until(condition, seconds: float = 20.0) -> None:
    """Waits for what must come; nothing is asserted about how soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_it_learns_what_fit_learns(job):
    learner = Learner(Job(job.network, job.train, job.validation, epochs=2, engine="numpy"), Pace(0.5, 1.0))
    learner.start()
    seen = learner.wait(60)
    same = fit(job.network, job.train, epochs=2, eta=0.5, regularizer=L2(1.0), seed=1, engine="numpy")
    assert seen.status == "done"
    assert seen.model.parameters_sha256 == same.parameters_sha256
    assert {"validation_accuracy", "training_cost", "gradient_norms"} <= set(seen.records[-1])


def test_a_step_is_one_mini_batch_and_then_it_pauses(learner):
    learner.step()
    until(lambda: learner.seen.status == "paused" and learner.seen.steps == 1)
    learner.step(3)
    until(lambda: learner.seen.status == "paused" and learner.seen.steps == 4)


def test_paused_it_stays_where_it_is_and_goes_on_from_there(learner):
    learner.start()
    until(lambda: learner.seen.steps > 0)
    learner.pause()
    until(lambda: learner.seen.status == "paused")
    steps, weights = learner.seen.steps, learner.seen.model.parameters_sha256
    time.sleep(0.3)
    assert (learner.seen.steps, learner.seen.model.parameters_sha256) == (steps, weights)
    learner.start()
    until(lambda: learner.seen.steps > steps)


def test_it_is_paused_and_stopped_at_once(learner):
    """Within a second, as the lab promises; the ceiling leaves room for a machine that is busy with other things."""
    learner.start()
    until(lambda: learner.seen.steps > 0)
    began = time.monotonic()
    learner.pause()
    until(lambda: learner.seen.status == "paused")
    assert time.monotonic() - began < 5
    learner.start()
    until(lambda: learner.seen.status == "learning")
    began = time.monotonic()
    learner.stop()
    assert learner.wait(20).status == "done"
    assert time.monotonic() - began < 5


def test_a_changed_learning_rate_holds_from_the_next_mini_batch(learner):
    learner.step()
    until(lambda: learner.seen.steps == 1 and learner.seen.status == "paused")
    before = learner.seen.model.params[0]["w"].copy()
    learner.change(eta=1e-12)
    learner.step(5)
    until(lambda: learner.seen.steps == 6 and learner.seen.status == "paused")
    assert np.allclose(learner.seen.model.params[0]["w"], before, atol=1e-9)
    learner.change(eta=0.5)
    learner.step()
    until(lambda: learner.seen.steps == 7 and learner.seen.status == "paused")
    assert not np.allclose(learner.seen.model.params[0]["w"], before, atol=1e-6)


def test_what_has_ended_keeps_the_pace_it_learned_with(learner):
    learner.step()
    until(lambda: learner.seen.steps == 1 and learner.seen.status == "paused")
    learner.change(eta=3.0)
    assert (learner.pace, learner.seen.paces, learner.ended) == (Pace(3.0), (Pace(),), False)
    learner.stop()
    learner.wait(20)
    learner.change(eta=5.0)
    assert (learner.pace, learner.seen.paces, learner.ended) == (Pace(3.0), (Pace(),), True)


def test_all_paces_are_kept_in_their_order(learner):
    for i, pace in enumerate((Pace(0.5), Pace(0.5), Pace(0.3), Pace(0.3, 2.0)), start=1):
        learner.change(eta=pace.eta, lmbda=pace.lmbda)
        learner.step()
        until(lambda: learner.seen.steps == i and learner.seen.status == "paused")  # noqa: B023 (waited for at once)
    assert learner.seen.paces == (Pace(0.5), Pace(0.3), Pace(0.3, 2.0))


def test_what_came_to_its_end_is_not_changed(job):
    learner = Learner(replace(job, epochs=1))
    learner.start()
    assert learner.wait(60).status == "done"
    learner.change(eta=5.0)
    learner.start()
    assert (learner.pace, learner.seen.paces, learner.seen.status) == (Pace(), (Pace(),), "done")


def test_what_goes_wrong_is_shown(job):
    learner = Learner(job, Pace(eta=100, lmbda=1e6))  # 1 − ηλ/n is far below −1: the weights explode
    learner.start()
    seen = learner.wait(60)
    assert seen.status == "failed"
    assert "learning rate" in seen.problem
    assert seen.paces == (Pace(100, 1e6),)
    assert learner.ended


def test_nobody_holding_it_it_ends(job):
    def begun() -> threading.Thread:
        before = set(threading.enumerate())
        learner = Learner(job)
        learner.start()
        until(lambda: learner.seen.steps > 0)
        (thread,) = (one for one in set(threading.enumerate()) - before if one.name == "learner")
        return thread

    thread = begun()
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("paused", [False, True], ids=["learning", "paused"])
def test_the_thread_that_began_it_having_ended_it_ends(job, paused):
    held = []

    def page() -> None:
        held.append(Learner(job))
        held[0].start()
        until(lambda: held[0].seen.steps > 0)
        if paused:
            held[0].pause()

    began = threading.Thread(target=page)
    began.start()
    began.join(20)
    assert held[0].wait(20).status == "done"


def test_two_do_not_disturb_each_other(job, learner):
    other = Learner(job, Pace(eta=0.1))
    learner.step(2)
    other.step(2)
    until(lambda: learner.seen.steps == other.seen.steps == 2)
    assert learner.seen.model.parameters_sha256 != other.seen.model.parameters_sha256
    other.stop()
    other.wait(10)


def test_steps_that_cannot_be_meant(learner):
    with pytest.raises(InvalidArgument, match="steps: expected a whole number from 1"):
        learner.step(0)
