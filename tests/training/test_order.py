"""Training in a given order of examples, also in resumed runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from deltarule.core.costs import CrossEntropy
from deltarule.core.initializers import Zeros
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.data.order import AsGiven, Shuffled
from deltarule.engines.execution import Execution
from deltarule.errors import FileError, InvalidArgument
from deltarule.models import files
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.fit import fit
from deltarule.training.many import fit_many
from deltarule.training.resume import resume
from deltarule.training.training import Training

from .runs import ENGINES, TRAIN, Stop, StopAt, about, resume_run, train


@dataclass(frozen=True)
class Rotate:
    """An order of the user: each epoch starts ``by`` examples later."""

    by: int = 1

    def __call__(self, n, seed, epoch):
        return (np.arange(n) + self.by * epoch) % n


@pytest.mark.parametrize("engine", ENGINES)
def test_as_given_equals_a_loop_without_shuffling(engine):
    network = Network([Dense(3, Zeros())], CrossEntropy(), (16,))
    model = fit(network, TRAIN, epochs=2, batch_size=5, eta=0.5, order=AsGiven(), engine=engine, dtype="float64")
    w, b = np.zeros((3, 16)), np.zeros(3)
    x, y = TRAIN.x.reshape(-1, 16) / 255, np.eye(3)[TRAIN.y]
    for start in [*range(0, 42, 5)] * 2:
        batch = slice(start, start + 5)
        delta = 1 / (1 + np.exp(-(x[batch] @ w.T + b))) - y[batch]
        w, b = w - 0.5 * delta.T @ x[batch] / len(delta), b - 0.5 * delta.mean(axis=0)
    np.testing.assert_allclose(model.params[0]["w"], w, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(model.params[0]["b"], b, rtol=1e-10, atol=1e-12)


def test_the_default_order_is_shuffled():
    plain, shuffled, given, own = (
        train(epochs=2, **order) for order in ({}, {"order": Shuffled()}, {"order": AsGiven()}, {"order": Rotate()})
    )
    assert plain.parameters_sha256 == shuffled.parameters_sha256
    assert len({plain.parameters_sha256, given.parameters_sha256, own.parameters_sha256}) == 3
    assert plain.settings["order"] == {"type": "Shuffled"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_resumed_within_an_epoch_keeps_its_order(engine, tmp_path):
    whole = train(engine, epochs=2, order=AsGiven())
    with pytest.raises(Stop):
        train(engine, [Checkpoint(tmp_path, 3), StopAt(1, 7)], epochs=2, order=AsGiven())
    resumed = resume_run(tmp_path)
    assert resumed.parameters_sha256 == whole.parameters_sha256
    assert dict(resumed.settings) == dict(whole.settings)


def test_resume_needs_the_users_order_class(tmp_path):
    network = Network.dense([16, 3])
    with pytest.raises(Stop):
        fit(network, TRAIN, epochs=3, order=Rotate(5), callbacks=[Checkpoint(tmp_path), StopAt(0, 0)])
    with pytest.raises(FileError, match=r"got 'Rotate'; .*custom=\[Rotate\]"):
        resume(tmp_path, TRAIN)
    resumed = resume(tmp_path, TRAIN, custom=[Rotate])
    assert resumed.parameters_sha256 == fit(network, TRAIN, epochs=3, order=Rotate(5)).parameters_sha256


def test_a_run_without_its_order_is_damaged(tmp_path):
    with pytest.raises(Stop):
        train("numpy", [Checkpoint(tmp_path), StopAt(0, 0)], epochs=2)
    tensors, description = files.read(tmp_path / "model.safetensors")
    del description["settings"]["order"]
    files.write(tmp_path / "model.safetensors", tensors, description)
    with pytest.raises(FileError, match="order"):
        resume_run(tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
def test_many_at_once_use_the_order(engine, tmp_path):
    options = {"epochs": 2, "batch_size": 4, "order": AsGiven()}
    network, trainings = Network.dense([16, 3]), Training(**options).vary(seed=[1, 2])
    alone = [fit(network, TRAIN, training, engine=engine) for training in trainings]
    fit_ensemble(network, TRAIN, trainings[0], epochs=1, members=2, engine=engine, folder=tmp_path)
    for found in (
        fit_many(network, TRAIN, trainings, execution=Execution(engine=engine)),
        resume(tmp_path, TRAIN, epochs=2).models,
    ):
        for one, other in zip(alone, found, strict=True):
            np.testing.assert_allclose(other.params[0]["w"], one.params[0]["w"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("wrong", [AsGiven, lambda n, seed, epoch: np.arange(n), [AsGiven()], "shuffled", True, None])
def test_other_objects_are_refused_as_order(wrong):
    with pytest.raises(InvalidArgument, check=about("order", wrong)):
        fit(Network.dense([16, 3]), TRAIN, epochs=1, order=wrong)


def test_an_order_with_invalid_positions_is_refused():
    with pytest.raises(InvalidArgument, match="float64", check=about("order")) as caught:
        fit(Network.dense([16, 3]), TRAIN, epochs=1, order=Rotate(-0.5))
    assert caught.value.position == "epoch 0"
