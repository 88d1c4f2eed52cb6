"""Training of ensembles: one file for all members, which resumes with the same result to the bit."""

from __future__ import annotations

import re
import signal
from typing import ClassVar

import pytest
from tests.fields import has

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import Momentum
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.ensemble import Ensemble
from deltarule.models.loading import load
from deltarule.training.callbacks import Callback, EarlyStopping
from deltarule.training.ensembles import fit_ensemble
from deltarule.training.fit import fit
from deltarule.training.plan import Moment
from deltarule.training.resume import resume

from .runs import TRAIN, VALIDATION, about, pictures

NETWORK = Network([Dense(5), Tanh(), Dropout(0.3), Dense(3)], Quadratic(Linear()), (16,))
GIVEN = {"batch_size": 4, "eta": 0.05, "optimizer": Momentum(0.5), "validation": VALIDATION, "threads": 1}
ENGINES = ("numpy", "native", "jax")


def sha(model) -> str:
    return model.parameters_sha256


def alone(seed: int, epochs: int, engine: str = "numpy"):
    return fit(NETWORK, TRAIN, epochs=epochs, seed=seed, engine=engine, **GIVEN)


@pytest.mark.parametrize("engine", ENGINES)
def test_members_equal_single_runs_and_the_file_has_the_ensemble(engine, tmp_path):
    ensemble = fit_ensemble(
        NETWORK, TRAIN, members=3, voting="soft", seed=5, folder=tmp_path, epochs=2, engine=engine, **GIVEN
    )
    assert [sha(model) for model in ensemble.models] == [sha(alone(seed, 2, engine)) for seed in (5, 6, 7)]
    assert ensemble.settings["seeds"] == [5, 6, 7]
    assert isinstance(load(tmp_path), Ensemble)
    assert sha(load(tmp_path)) == sha(ensemble) == sha(resume(tmp_path, TRAIN, validation=VALIDATION))
    longer = resume(tmp_path, TRAIN, validation=VALIDATION, epochs=4)
    assert {saved.voting for saved in (ensemble, load(tmp_path), longer)} == {"soft"}
    assert [sha(model) for model in longer.models] == [sha(alone(seed, 4, engine)) for seed in (5, 6, 7)]
    assert sha(load(tmp_path)) == sha(longer)


class Press(Callback):
    every = 1

    def on_steps(self, moment) -> None:
        if (moment.at.epoch, moment.at.step) == (1, 3):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interrupted_ensemble_resumes(engine, tmp_path):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted) as caught:
            fit_ensemble(
                NETWORK,
                TRAIN,
                members=3,
                folder=tmp_path,
                epochs=3,
                voting="soft",
                engine=engine,
                callbacks=lambda i: [Press()] if i == 1 else [],
                **GIVEN,
            )
    finally:
        signal.signal(signal.SIGINT, before)
    so_far = caught.value.model
    assert isinstance(so_far, Ensemble)
    assert so_far.voting == "soft"
    assert [sha(model) for model in load(tmp_path).models][: len(so_far.models)] == [sha(m) for m in so_far.models]
    ensemble = resume(tmp_path, TRAIN, validation=VALIDATION)
    assert [sha(model) for model in ensemble.models] == [sha(alone(seed, 3, engine)) for seed in range(3)]


def test_a_member_that_stopped_early_stays_unchanged(tmp_path):
    def make_callbacks(i):
        return [EarlyStopping(1 if i == 0 else 5)]

    given = {**GIVEN, "epochs": 6, "engine": "numpy", "keep_best": True}
    ensemble = fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, callbacks=make_callbacks, **given)
    first, second = ensemble.models
    assert len(first.history) < len(second.history) == 6
    assert isinstance(ensemble.best, Ensemble)
    again = resume(tmp_path, TRAIN, validation=VALIDATION)
    assert sha(again) == sha(ensemble)
    assert sha(again.best) == sha(ensemble.best)


class Diverge(Callback):
    """A callback that makes one member diverge, although members differ only in their seeds."""

    def on_epoch(self, moment) -> bool:
        raise DivergedError("parameters are no longer finite", position="epoch 1, step 3")


def test_if_one_member_diverges_the_others_are_saved(tmp_path):
    with pytest.raises(
        DivergedError, match="1 of 3 members", check=has(path=tmp_path, position="member 1, epoch 1, step 3")
    ):
        fit_ensemble(
            NETWORK,
            TRAIN,
            members=3,
            folder=tmp_path,
            epochs=2,
            engine="numpy",
            callbacks=lambda i: [Diverge()] if i == 1 else [],
            **GIVEN,
        )
    assert [sha(model) for model in load(tmp_path).models] == [sha(alone(seed, 2)) for seed in (0, 2)]
    with pytest.raises(DivergedError, match="2 of 2 members"):
        fit_ensemble(
            NETWORK, TRAIN, members=2, epochs=2, engine="numpy", **{**GIVEN, "eta": 1e6, "optimizer": Momentum(0)}
        )


def test_callbacks_in_a_list_are_copied_for_every_member():
    given = {**GIVEN, "epochs": 6, "engine": "numpy", "keep_best": True, "callbacks": [EarlyStopping(1)]}
    ensemble = fit_ensemble(NETWORK, TRAIN, members=2, **given)
    assert isinstance(ensemble.best, Ensemble)
    for seed, model in enumerate(ensemble.models):
        assert sha(model) == sha(fit(NETWORK, TRAIN, seed=seed, **given))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"epoch": 3}, "epoch: fit_ensemble has no argument of this name; did you mean epochs?"),
        ({"colour": 3}, "colour: fit_ensemble has no argument of this name"),
        ({"seeds": [1, 2]}, "seeds: fit_ensemble has no argument of this name; did you mean seed?"),
        ({"voting": "loud"}, "voting: expected 'hard' or 'soft', got 'loud'"),
        ({"callbacks": EarlyStopping(1)}, "callbacks: expected a list of callbacks"),
        ({"callbacks": lambda i: None}, "callbacks: expected a list of callbacks"),
        ({"callbacks": [3]}, "callbacks: expected a list of callbacks"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_fit_ensemble_refuses_invalid_arguments(given, reason):
    with pytest.raises(InvalidArgument, match=re.escape(reason)):
        fit_ensemble(NETWORK, TRAIN, **{"members": 2, "epochs": 1, "engine": "numpy", **given})


def test_ensembles_refuse_other_data_epochs_and_folders(tmp_path):
    for members in (0, 2.5, True, "3"):
        with pytest.raises(InvalidArgument, check=about("members", members)):
            fit_ensemble(NETWORK, TRAIN, members=members, epochs=1)
    fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, epochs=1, engine="numpy", **GIVEN)
    with pytest.raises(InvalidArgument, check=about("train")):
        resume(tmp_path, pictures(42, 9), validation=VALIDATION, epochs=2)
    longer = resume(tmp_path, TRAIN, validation=VALIDATION, epochs=2)
    with pytest.raises(InvalidArgument, check=about("epochs", 1)):
        resume(tmp_path, TRAIN, validation=VALIDATION, epochs=1)
    with pytest.raises(InvalidArgument, match="resume", check=has(path=tmp_path)):
        fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, epochs=1, engine="numpy", **GIVEN)
    assert sha(load(tmp_path)) == sha(longer)


class Count(Callback):
    """A callback that counts the epochs of each of its copies."""

    found: ClassVar[list[tuple[int, int]]] = []

    def __init__(self) -> None:
        self.epochs = 0

    def on_epoch(self, moment: Moment) -> bool:
        self.epochs += 1
        self.found.append((moment.plan.training.seed, self.epochs))
        return False


@pytest.mark.parametrize("callbacks", [[Count()], lambda i: [Count()]], ids=["list", "function"])
def test_resumed_members_have_their_own_callbacks(tmp_path, monkeypatch, callbacks):
    monkeypatch.setattr(Count, "found", [])
    fit_ensemble(NETWORK, TRAIN, members=2, epochs=1, engine="numpy", folder=tmp_path, **GIVEN)
    resume(tmp_path, TRAIN, validation=VALIDATION, epochs=3, callbacks=callbacks)
    assert sorted(Count.found) == [(0, 1), (0, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize("callbacks", [EarlyStopping(1), None, lambda i: None])
def test_resume_refuses_invalid_callbacks_of_members(tmp_path, callbacks):
    fit_ensemble(NETWORK, TRAIN, members=2, epochs=1, engine="numpy", folder=tmp_path, **GIVEN)
    with pytest.raises(InvalidArgument, check=about("callbacks")):
        resume(tmp_path, TRAIN, validation=VALIDATION, epochs=2, callbacks=callbacks)
