"""Ensembles: both kinds of voting, ties, and a file with all members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has

from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot, Real
from deltarule.data.photo import AS_MNIST
from deltarule.errors import DivergedError, FileError, InvalidArgument
from deltarule.models import files
from deltarule.models.ensemble import Ensemble
from deltarule.models.history import History
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.models.voting import vote_hard, vote_soft
from deltarule.preprocessing import Preprocessing, Scaling


def voter(*chances: float, accuracy: float = 0.5, **changes) -> Model:
    """Build a network with these probabilities for every input."""
    network = Network.dense([2, len(chances)], cost="log-likelihood")
    params = [{"w": np.zeros((len(chances), 2)), "b": np.log(np.asarray(chances))}]
    history = History(({"epoch": 0, "step": 3, "validation_accuracy": accuracy, "note": "x"},))
    model = Model(
        network, params, Preprocessing(OneHot(len(chances)), Scaling(), ("a", "b", "c"), (2,)), history, {"seed": 7}
    )
    return replace(model, **changes)


def voter_with(**changes) -> Model:
    """Make a voter with changes of its preprocessing."""
    one = voter(0.6, 0.3, 0.1)
    return replace(one, preprocessing=replace(one.preprocessing, **changes))


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
def test_both_kinds_of_voting_elect_the_expected_class(voting, voters, elected):
    ensemble = Ensemble([voter(*chances) for chances in voters], voting)
    assert ensemble.predict(X).tolist() == [elected] * 4 == ensemble.predict(DATA).tolist()
    assert {"hard": vote_hard, "soft": vote_soft}[voting]([np.array([chances]) for chances in voters]).tolist() == [
        elected
    ]
    assert np.allclose(ensemble.predict_proba(X), np.mean(voters, axis=0))
    assert np.allclose(ensemble.predict_proba(DATA), np.mean(voters, axis=0))
    assert ensemble.accuracy(DATA) == np.mean(DATA.y == elected)
    assert ensemble.confusion(DATA)[:, elected].tolist() == [1, 2, 1]


def test_an_ensemble_has_the_style_of_its_members(tmp_path):
    ensemble = Ensemble([voter_with(style=AS_MNIST)] * 2)
    ensemble.save(tmp_path / "model")
    assert ensemble.style == load(tmp_path / "model").style == AS_MNIST


def test_cost_and_history_are_the_means_of_the_members():
    models = [voter(0.6, 0.3, 0.1, accuracy=0.5), voter(0.1, 0.8, 0.1, accuracy=0.75)]
    ensemble = Ensemble(models)
    assert ensemble.cost(DATA) == pytest.approx(np.mean([model.cost(DATA) for model in models]))
    assert ensemble.history.records == ({"validation_accuracy": 0.625, "epoch": 0, "step": 3},)
    assert (ensemble.settings["members"], ensemble.settings["seeds"]) == (2, [7, 7])
    assert ensemble.best is None


def test_load_restores_every_member(tmp_path):
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


def test_members_that_cannot_vote_together_are_refused():
    one = voter(0.6, 0.3, 0.1)
    for models, argument, word in (
        ([], "models", "at least one model"),
        (one, "models", "list"),
        (3, "models", "got 3"),
        ([one, DivergedError("epoch 2, step 5: try 0.1")], "model 1", "train it again"),
        ([one, Ensemble([one, one])], "model 1", r"Ensemble\(\[\*ensemble\.models"),
        (["one"], "model 0", "'one'"),
        ([one, voter_with(encoding=Real())], "model 1", "Real"),
        ([one, voter_with(classes=("x", "y", "z"))], "model 1", "classes"),
        ([one, voter_with(inputs=Scaling(255.0))], "model 1", "scale 1.0, as model 0 has, got 255.0"),
    ):
        with pytest.raises(InvalidArgument, match=word, check=has(argument=argument, owner="Ensemble")):
            Ensemble(models)
    with pytest.raises(InvalidArgument, check=has(argument="voting", owner="Ensemble", value="loud")):
        Ensemble([one], "loud")


def test_a_damaged_ensemble_file_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    Ensemble([voter(0.6, 0.3, 0.1)] * 2).save(path)
    tensors, description = files.read(path)
    for damage in ([], "two", [3], [*description["members"], {}], description["members"] * 2):
        files.write(path, tensors, {**description, "members": damage})
        with pytest.raises(FileError, check=has(path="model.safetensors")):
            load(path)
    for damage in ("loud", ["soft"], None):
        files.write(path, tensors, {**description, "voting": damage})
        with pytest.raises(FileError, match="voting", check=has(path="model.safetensors")):
            load(path)
