"""A run resumed with another learning rate: recorded, kept, and the same to the bit however often it is interrupted."""

from __future__ import annotations

import numpy as np
import pytest
from tests.fields import has

import deltarule as dr
from deltarule.core.schedules import Constant, Exponential
from deltarule.errors import InvalidArgument
from deltarule.models.files import MODEL_FILE
from deltarule.models.loading import load
from deltarule.training.checkpoint import Checkpoint

from .runs import ENGINES, STEPS, TRAIN, VALIDATION, Stop, StopAt, about, network, resume_run, train, without_times

BEFORE, AFTER = Exponential(0.02, 0.9), Constant(0.005)


def break_off(folder, place, **options) -> None:
    with pytest.raises(Stop):
        train(callbacks=[Checkpoint(folder, 3), StopAt(*place)], **options)


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Return a run whose η was changed after step 7 of the second epoch, trained on without an interruption."""
    folder = tmp_path_factory.mktemp("changed")
    break_off(folder, (1, 9))
    return resume_run(folder, eta=0.005)


def test_the_change_is_recorded(changed):
    before, after = ({"type": "Exponential", "start": 0.02, "rate": 0.9}, {"type": "Constant", "value": 0.005})
    assert changed.history.changes == ({"epoch": 1, "step": STEPS + 7, "before": before, "after": after},)
    assert changed.settings["eta"] == after
    assert changed.history["eta"][0] > 0.018
    assert changed.history["eta"][1:] == [0.005] * 3


def test_the_change_takes_effect(changed):
    assert changed.parameters_sha256 != train().parameters_sha256


def test_the_same_eta_changes_nothing(tmp_path):
    break_off(tmp_path, (1, 9))
    model = resume_run(tmp_path, eta=BEFORE)
    assert model.history.changes == ()
    assert model.parameters_sha256 == train().parameters_sha256


@pytest.mark.parametrize("again", [None, 0.005, AFTER], ids=str)
def test_an_interrupted_run_keeps_its_new_eta(again, changed, tmp_path):
    break_off(tmp_path, (1, 9))
    with pytest.raises(Stop):
        resume_run(tmp_path, [StopAt(2, 5)], eta=0.005)
    model = resume_run(tmp_path, eta=again)
    assert model.parameters_sha256 == changed.parameters_sha256
    assert without_times(model) == without_times(changed)
    assert model.history.changes == changed.history.changes
    assert load(tmp_path).history.changes == changed.history.changes


@pytest.mark.parametrize("engine", ENGINES)
def test_a_finished_run_gets_another_eta_with_more_epochs(engine, tmp_path):
    train(engine, [Checkpoint(tmp_path)], epochs=2)
    before = (tmp_path / MODEL_FILE).read_bytes()
    with pytest.raises(InvalidArgument, check=about("eta")):
        resume_run(tmp_path, eta=0.001)
    assert (tmp_path / MODEL_FILE).read_bytes() == before
    model = resume_run(tmp_path, eta=0.001, epochs=3)
    assert [change["epoch"] for change in model.history.changes] == [2]
    assert model.history["eta"][2] == 0.001


@pytest.mark.parametrize("eta", [-1, "fast", float("nan"), True, [0.1]], ids=str)
def test_an_invalid_eta_is_refused(eta, tmp_path):
    break_off(tmp_path, (1, 9))
    before = (tmp_path / MODEL_FILE).read_bytes()
    with pytest.raises(InvalidArgument, check=has(argument="eta", owner="")):
        resume_run(tmp_path, eta=eta)
    assert (tmp_path / MODEL_FILE).read_bytes() == before


def test_a_schedule_continues_by_the_steps_of_the_run(tmp_path):
    break_off(tmp_path, (1, 0))
    model = resume_run(tmp_path, eta=Exponential(0.01, 0.5))
    straight = Exponential(0.01, 0.5).eta(np.array([4 * STEPS - 1]), dr.schedules.Clock(STEPS, 4), [])
    assert model.history["eta"][3] == straight[0]


def test_every_member_of_an_ensemble_gets_the_new_eta(tmp_path):
    options = {"validation": VALIDATION, "epochs": 1, "batch_size": 4, "eta": 0.01, "engine": "numpy"}
    dr.fit_ensemble(network(), TRAIN, members=2, folder=tmp_path, **options)
    with pytest.raises(InvalidArgument, check=about("eta")):
        resume_run(tmp_path, eta=0.001)
    ensemble = resume_run(tmp_path, eta=0.001, epochs=2)
    assert [model.history["eta"] for model in ensemble.models] == [[0.01, 0.001]] * 2
    assert [len(model.history.changes) for model in load(tmp_path).models] == [1, 1]
