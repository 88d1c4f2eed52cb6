"""An ensemble votes, counts ties by probabilities, and keeps all its members in one file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot, Real
from deltarule.data.photo import AS_MNIST
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.ensemble import Ensemble, vote_hard, vote_soft
from deltarule.models.history import History
from deltarule.models.loading import load
from deltarule.models.model import Model


def voter(*chances: float, accuracy: float = 0.5, **changes) -> Model:
    """A network whose probabilities are these, whatever it is shown."""
    network = Network.dense([2, len(chances)], cost="log-likelihood")
    params = [{"w": np.zeros((len(chances), 2)), "b": np.log(np.asarray(chances))}]
    history = History(({"epoch": 0, "step": 3, "validation_accuracy": accuracy, "note": "x"},))
    model = Model(network, params, OneHot(len(chances)), 1.0, ("a", "b", "c"), (2,), history, {"seed": 7})
    return replace(model, **changes)


X = np.ones((4, 2), np.float32)
DATA = Dataset(X, np.array([0, 1, 2, 1]), "votes", 1.0, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("voting", "voters", "elected"),
    [
        ("hard", [(0.4, 0.3, 0.3), (0.4, 0.3, 0.3), (0.01, 0.98, 0.01)], 0),  # two votes, though b has the larger sum
        ("soft", [(0.4, 0.3, 0.3), (0.4, 0.3, 0.3), (0.01, 0.98, 0.01)], 1),  # sums of 0.81, 1.58 and 0.61
        ("hard", [(0.6, 0.3, 0.1), (0.1, 0.8, 0.1)], 1),  # a vote each, 0.7 against 1.1
        ("soft", [(0.6, 0.3, 0.1), (0.1, 0.8, 0.1)], 1),
        ("hard", [(0.5, 0.1, 0.4), (0.1, 0.5, 0.4)], 0),  # a vote each and equal sums; c has no vote, but a larger sum
        ("soft", [(0.5, 0.1, 0.4), (0.1, 0.5, 0.4)], 2),
        ("hard", [(0.2, 0.3, 0.5)], 2),
        ("soft", [(0.2, 0.3, 0.5)], 2),
    ],
)
def test_the_vote(voting, voters, elected):
    ensemble = Ensemble([voter(*chances) for chances in voters], voting)
    assert ensemble.predict(X).tolist() == [elected] * 4 == ensemble.predict(DATA).tolist()
    assert {"hard": vote_hard, "soft": vote_soft}[voting]([np.array([chances]) for chances in voters]).tolist() == [elected]
    assert np.allclose(ensemble.predict_proba(X), np.mean(voters, axis=0))
    assert np.allclose(ensemble.predict_proba(DATA), np.mean(voters, axis=0))
    assert ensemble.accuracy(DATA) == np.mean(DATA.y == elected)
    assert ensemble.confusion(DATA)[:, elected].tolist() == [1, 2, 1]


def test_pictures_are_prepared_as_for_its_members(tmp_path):
    ensemble = Ensemble([voter(0.5, 0.3, 0.2, style=AS_MNIST)] * 2)
    ensemble.save(tmp_path / "model")
    assert ensemble.style == load(tmp_path / "model").style == AS_MNIST


def test_cost_and_history_are_means():
    models = [voter(0.6, 0.3, 0.1, accuracy=0.5), voter(0.1, 0.8, 0.1, accuracy=0.75)]
    ensemble = Ensemble(models)
    assert ensemble.cost(DATA) == pytest.approx(np.mean([model.cost(DATA) for model in models]))
    assert ensemble.history.records == ({"validation_accuracy": 0.625, "epoch": 0, "step": 3},)
    assert (ensemble.settings["members"], ensemble.settings["seeds"]) == (2, [7, 7])
    assert ensemble.best is None


def test_the_file_holds_every_member(tmp_path):
    first, second = voter(0.6, 0.3, 0.1), voter(0.1, 0.8, 0.1)
    ensemble = Ensemble([replace(first, best=second), replace(second, best=first)], "soft")
    ensemble.save(tmp_path / "model.safetensors")
    again = load(tmp_path)
    assert isinstance(again, Ensemble)
    assert again.voting == again.best.voting == "soft"
    assert again.parameters_sha256 == ensemble.parameters_sha256 != Ensemble([second, first]).parameters_sha256
    assert again.best.parameters_sha256 == Ensemble([second, first]).parameters_sha256
    assert again.history == ensemble.history
    assert [model.parameters_sha256 for model in again.models] == [m.parameters_sha256 for m in (first, second)]


def test_an_ensemble_has_no_network_of_its_own():
    ensemble = Ensemble([voter(0.5, 0.3, 0.2)] * 2)
    assert not hasattr(ensemble, "network")
    assert not hasattr(ensemble, "params")
    assert replace(ensemble, voting="soft").voting == "soft"


def test_who_cannot_vote():
    one = voter(0.6, 0.3, 0.1)
    for models, reason in (
        ([], "at least one model"),
        (one, "models of Ensemble: expected a list of at least one model"),
        (3, "models of Ensemble: expected a list .*, got 3"),
        (
            [one, DivergedError("epoch 2, step 5: try 0.1")],
            "model 1 of Ensemble: expected a Model, got DivergedError.*: train it|model 1 of Ensemble: .*; train it",
        ),
        (
            [one, Ensemble([one, one])],
            r"model 1 of Ensemble: .*; give its members, .*Ensemble\(\[\*ensemble\.models",
        ),
        (["one"], "model 0 of Ensemble: expected a Model, got 'one'"),
        ([one, replace(one, encoding=Real())], "model 1 of Ensemble: .*got outputs encoded by Real"),
        ([one, replace(one, classes=("x", "y", "z"))], "model 1 of Ensemble: expected classes"),
        ([one, replace(one, scale=255.0)], "model 1 of Ensemble: expected scale 1.0, as model 0 has, got 255.0"),
    ):
        with pytest.raises(InvalidArgument, match=reason):
            Ensemble(models)
    with pytest.raises(InvalidArgument, match="voting of Ensemble: expected 'hard' or 'soft', got 'loud'"):
        Ensemble([one], "loud")


def test_damage_is_said(tmp_path):
    path = tmp_path / "model.safetensors"
    Ensemble([voter(0.6, 0.3, 0.1)] * 2).save(path)
    tensors, description = files.read(path)
    for damage in ([], "two", [3], [*description["members"], {}], description["members"] * 2):
        files.write(path, tensors, {**description, "members": damage})
        with pytest.raises(FileError, match=r"model\.safetensors"):
            load(path)
    for damage in ("loud", ["soft"], None):
        files.write(path, tensors, {**description, "voting": damage})
        with pytest.raises(FileError, match=r"model\.safetensors: the file is damaged: .* voting"):
            load(path)
