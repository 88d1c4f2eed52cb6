"""Runs in a thread: they can be paused, stepped, changed and stopped, and train as fit does."""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has

from deltarule import L2, Network, fit
from deltarule.data import load
from deltarule.errors import InvalidArgument
from deltarule.lab.learner import Job, Learner, Rates


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


def wait_until(condition, seconds: float = 20.0) -> None:
    """Wait until the condition holds; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never learners"
        time.sleep(0.01)


def test_a_run_trains_as_fit_does(job):
    learner = Learner(Job(job.network, job.train, job.validation, epochs=2, engine="numpy"), Rates(0.5, 1.0))
    learner.start()
    snapshot = learner.wait(60)
    same = fit(job.network, job.train, epochs=2, eta=0.5, regularizer=L2(1.0), seed=1, engine="numpy")
    assert (snapshot.status, snapshot.epoch, [record["epoch"] for record in snapshot.records]) == ("done", 2, [0, 1])
    assert snapshot.model.parameters_sha256 == same.parameters_sha256
    assert {"validation_accuracy", "training_cost", "gradient_norms"} <= set(snapshot.records[-1])
    assert snapshot.costs[-1][0] == snapshot.steps, "the last cost is an earlier one"


def test_a_step_is_one_mini_batch_and_then_it_pauses(learner):
    learner.step()
    wait_until(lambda: learner.snapshot.status == "paused" and learner.snapshot.steps == 1)
    learner.step(3)
    wait_until(lambda: learner.snapshot.status == "paused" and learner.snapshot.steps == 4)


def test_a_paused_run_stays_where_it_is_and_continues_from_there(learner):
    learner.start()
    wait_until(lambda: learner.snapshot.steps > 0)
    learner.pause()
    wait_until(lambda: learner.snapshot.status == "paused")
    steps, weights = learner.snapshot.steps, learner.snapshot.model.parameters_sha256
    time.sleep(0.3)
    assert (learner.snapshot.steps, learner.snapshot.model.parameters_sha256) == (steps, weights)
    learner.start()
    wait_until(lambda: learner.snapshot.steps > steps)


def test_pause_and_stop_take_effect_within_seconds(learner):
    """The lab promises one second; the limit leaves room for a busy machine."""
    learner.start()
    wait_until(lambda: learner.snapshot.steps > 0)
    began = time.monotonic()
    learner.pause()
    wait_until(lambda: learner.snapshot.status == "paused")
    assert time.monotonic() - began < 5
    learner.start()
    wait_until(lambda: learner.snapshot.status == "training")
    began = time.monotonic()
    learner.stop()
    assert learner.wait(20).status == "done"
    assert time.monotonic() - began < 5


def test_a_changed_learning_rate_applies_from_the_next_mini_batch(learner):
    learner.step()
    wait_until(lambda: learner.snapshot.steps == 1 and learner.snapshot.status == "paused")
    before = learner.snapshot.model.params[0]["w"].copy()
    learner.change(eta=1e-12)
    learner.step(5)
    wait_until(lambda: learner.snapshot.steps == 6 and learner.snapshot.status == "paused")
    assert np.allclose(learner.snapshot.model.params[0]["w"], before, atol=1e-9)
    learner.change(eta=0.5)
    learner.step()
    wait_until(lambda: learner.snapshot.steps == 7 and learner.snapshot.status == "paused")
    assert not np.allclose(learner.snapshot.model.params[0]["w"], before, atol=1e-6)


def test_a_stopped_run_keeps_its_rates(learner):
    learner.step()
    wait_until(lambda: learner.snapshot.steps == 1 and learner.snapshot.status == "paused")
    learner.change(eta=3.0)
    assert (learner.rates, learner.snapshot.rates, learner.has_ended) == (Rates(3.0), (Rates(),), False)
    learner.stop()
    learner.wait(20)
    learner.change(eta=5.0)
    assert (learner.rates, learner.snapshot.rates, learner.has_ended) == (Rates(3.0), (Rates(),), True)


def test_all_rates_are_kept_in_order(learner):
    for i, rates in enumerate((Rates(0.5), Rates(0.5), Rates(0.3), Rates(0.3, 2.0)), start=1):
        learner.change(eta=rates.eta, lmbda=rates.lmbda)
        learner.step()
        wait_until(lambda: learner.snapshot.steps == i and learner.snapshot.status == "paused")  # noqa: B023 (called at once)
    assert learner.snapshot.rates == (Rates(0.5), Rates(0.3), Rates(0.3, 2.0))


def test_a_finished_run_ignores_commands(job):
    learner = Learner(replace(job, epochs=1))
    learner.start()
    assert learner.wait(60).status == "done"
    learner.change(eta=5.0)
    learner.start()
    assert (learner.rates, learner.snapshot.rates, learner.snapshot.status) == (Rates(), (Rates(),), "done")


def test_a_failed_run_has_a_problem_and_its_rates(job):
    learner = Learner(job, Rates(eta=100, lmbda=1e6))  # 1 − ηλ/n is far below −1: the weights explode
    learner.start()
    snapshot = learner.wait(60)
    assert snapshot.status == "failed"
    assert "learning rate" in snapshot.problem
    assert snapshot.rates == (Rates(100, 1e6),)
    assert learner.has_ended


def test_a_run_ends_when_its_learner_is_collected(job):
    def start() -> threading.Thread:
        before = set(threading.enumerate())
        learner = Learner(job)
        learner.start()
        wait_until(lambda: learner.snapshot.steps > 0)
        (thread,) = (one for one in set(threading.enumerate()) - before if one.name == "learner")
        return thread

    thread = start()
    gc.collect()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("paused", [False, True], ids=["training", "paused"])
def test_a_run_ends_with_the_thread_that_started_it(job, paused):
    learners = []

    def page() -> None:
        learners.append(Learner(job))
        learners[0].start()
        wait_until(lambda: learners[0].snapshot.steps > 0)
        if paused:
            learners[0].pause()

    thread = threading.Thread(target=page)
    thread.start()
    thread.join(20)
    assert learners[0].wait(20).status == "done"


def test_two_runs_are_independent(job, learner):
    other = Learner(job, Rates(eta=0.1))
    learner.step(2)
    other.step(2)
    wait_until(lambda: learner.snapshot.steps == other.snapshot.steps == 2)
    assert learner.snapshot.model.parameters_sha256 != other.snapshot.model.parameters_sha256
    other.stop()
    other.wait(10)


def test_zero_steps_are_an_error(learner):
    with pytest.raises(InvalidArgument, check=has(argument="steps", value=0)):
        learner.step(0)
