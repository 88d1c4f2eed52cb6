"""Training an ensemble: one file for all members, from which the training goes on to the same last bit."""

from __future__ import annotations

import re
import signal
from typing import ClassVar

import pytest

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
ENGINES = ("numpy", "jax")


def sha(model) -> str:
    return model.parameters_sha256


def alone(seed: int, epochs: int, engine: str = "numpy"):
    return fit(NETWORK, TRAIN, epochs=epochs, seed=seed, engine=engine, **GIVEN)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_members_are_runs_alone_and_the_file_is_the_ensemble(engine, tmp_path):
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
def test_interrupted_and_gone_on_with(engine, tmp_path):
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


def test_a_member_that_stopped_early_stays_as_it_is(tmp_path):
    def watching(i):
        return [EarlyStopping(1 if i == 0 else 5)]

    given = {**GIVEN, "epochs": 6, "engine": "numpy", "keep_best": True}
    ensemble = fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, callbacks=watching, **given)
    first, second = ensemble.models
    assert len(first.history) < len(second.history) == 6
    assert isinstance(ensemble.best, Ensemble)
    again = resume(tmp_path, TRAIN, validation=VALIDATION)
    assert sha(again) == sha(ensemble)
    assert sha(again.best) == sha(ensemble.best)


class Wild(Callback):
    """Makes one member diverge where the others do not: at its seed, nothing else differs."""

    def on_epoch(self, moment) -> bool:
        raise DivergedError("epoch 0, step 3: it went wild")


def test_if_one_diverges_the_others_are_saved(tmp_path):
    with pytest.raises(DivergedError, match=r"1 of 3 members diverged; the other 2 .* Member 1: epoch 0, step 3"):
        fit_ensemble(
            NETWORK,
            TRAIN,
            members=3,
            folder=tmp_path,
            epochs=2,
            engine="numpy",
            callbacks=lambda i: [Wild()] if i == 1 else [],
            **GIVEN,
        )
    assert [sha(model) for model in load(tmp_path).models] == [sha(alone(seed, 2)) for seed in (0, 2)]
    with pytest.raises(DivergedError, match=r"2 of 2 members diverged\. Member 0"):
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
def test_arguments_that_cannot_be_meant(given, reason):
    with pytest.raises(InvalidArgument, match=re.escape(reason)):
        fit_ensemble(NETWORK, TRAIN, **{"members": 2, "epochs": 1, "engine": "numpy", **given})


def test_what_cannot_be_meant(tmp_path):
    for members in (0, 2.5, True, "3"):
        with pytest.raises(InvalidArgument, check=about("members", members)):
            fit_ensemble(NETWORK, TRAIN, members=members, epochs=1)
    fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, epochs=1, engine="numpy", **GIVEN)
    with pytest.raises(InvalidArgument, match="the data it was trained on are to be given again"):
        resume(tmp_path, pictures(42, 9), validation=VALIDATION, epochs=2)
    longer = resume(tmp_path, TRAIN, validation=VALIDATION, epochs=2)
    with pytest.raises(InvalidArgument, match="has done 2 already", check=about("epochs", 1)):
        resume(tmp_path, TRAIN, validation=VALIDATION, epochs=1)
    with pytest.raises(InvalidArgument, match=r"holds a run already.*: go on with it by resume"):
        fit_ensemble(NETWORK, TRAIN, members=2, folder=tmp_path, epochs=1, engine="numpy", **GIVEN)
    assert sha(load(tmp_path)) == sha(longer)


class Count(Callback):
    """Counts epochs, of all whom it is called for."""

    found: ClassVar[list[tuple[int, int]]] = []

    def __init__(self) -> None:
        self.epochs = 0

    def on_epoch(self, moment: Moment) -> bool:
        self.epochs += 1
        self.found.append((moment.plan.training.seed, self.epochs))
        return False


@pytest.mark.parametrize("callbacks", [[Count()], lambda i: [Count()]], ids=["list", "function"])
def test_callbacks_of_resumed_members_are_their_own(tmp_path, monkeypatch, callbacks):
    monkeypatch.setattr(Count, "found", [])
    fit_ensemble(NETWORK, TRAIN, members=2, epochs=1, engine="numpy", folder=tmp_path, **GIVEN)
    resume(tmp_path, TRAIN, validation=VALIDATION, epochs=3, callbacks=callbacks)
    assert sorted(Count.found) == [(0, 1), (0, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize("callbacks", [EarlyStopping(1), None, lambda i: None])
def test_callbacks_of_resumed_members_are_checked(tmp_path, callbacks):
    fit_ensemble(NETWORK, TRAIN, members=2, epochs=1, engine="numpy", folder=tmp_path, **GIVEN)
    with pytest.raises(InvalidArgument) as refused:
        resume(tmp_path, TRAIN, validation=VALIDATION, epochs=2, callbacks=callbacks)
    assert refused.value.argument == "callbacks"
