"""Many at once: each member is what it would be alone, and what befalls one does not touch the others."""

from __future__ import annotations

import signal
import sys

import numpy as np
import pytest

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Exponential
from deltarule.engines.jax_engine import JaxEngine, jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback, EarlyStopping, KeepBest
from deltarule.training.checkpoint import Checkpoint, resume
from deltarule.training.fit import fit
from deltarule.training.many import fit_many

from .runs import TRAIN, VALIDATION

# small, for compiling it takes the time; without bounds, so that it can diverge
NETWORK = Network([Dense(5), Tanh(), Dropout(0.3), Dense(3)], Quadratic(Linear()), (16,))


@pytest.fixture(params=["one after the other", "side by side", "in step"])
def form(request, monkeypatch):
    """Each way of training many, on machines of whatever kind."""
    engines = {"one after the other": NumpyEngine(), "side by side": jax_engine(1)}
    engine = engines.get(request.param, JaxEngine(1, in_step=True))

    def choose(name, *_):
        return (NumpyEngine() if name == "numpy" else engine), "for the test"

    monkeypatch.setattr(JaxEngine, "workers", 2)
    # the module, whose name in the package is that of the function
    monkeypatch.setattr(sys.modules["deltarule.training.fit"], "choose_engine", choose)
    return request.param


GIVEN = {"epochs": 19, "batch_size": 4, "validation": VALIDATION, "dtype": "float64"}  # 209 steps
VARIED = {
    "eta": (0.05, Exponential(0.1, 0.9), 0.02),
    "optimizer": tuple(Momentum(mu) for mu in (0.5, 0.9, 0.8)),
    "regularizer": tuple(L2(lmbda) for lmbda in (0.1, 2, 0.0)),
}


def alone(**given) -> Model:
    """The oracle: NumPy's run of one."""
    return fit(NETWORK, TRAIN, engine="numpy", **given)


def distance(mine: Model, other: Model) -> float:
    """The largest difference of two parameters, as a share of the largest of their leaf."""
    return max(
        float(np.abs(p[name] - q[name]).max() / np.abs(q[name]).max())
        for p, q in zip(mine.params, other.params, strict=True)
        for name in p
    )


def test_each_member_is_what_it_is_alone(form, monkeypatch):
    sizes = []
    together = JaxEngine.together
    monkeypatch.setattr(JaxEngine, "together", lambda *given: sizes.append(len(given[1])) or together(*given))
    models = fit_many(NETWORK, TRAIN, seeds=[3, 4, 5], **VARIED, **GIVEN)
    assert set(sizes) == ({3} if form == "in step" else set())
    for i, model in enumerate(models):
        oracle = alone(seed=3 + i, **{name: each[i] for name, each in VARIED.items()}, **GIVEN)
        assert distance(model, oracle) < 1e-9
        for name in ("validation_accuracy", "eta", "step"):
            assert model.history[name] == oracle.history[name]
        assert {**model.settings, "engine": "numpy"} == oracle.settings
    assert distance(models[0], models[1]) > 0.1


def test_members_may_differ_in_kind(form):
    rules, penalties = (SGD(), Momentum(0.8), Momentum(0.9)), (None, L1(0.5), L1(0.1))
    models = fit_many(NETWORK, TRAIN, eta=0.01, optimizer=rules, regularizer=penalties, **{**GIVEN, "epochs": 2})
    for model, rule, penalty in zip(models, rules, penalties, strict=True):
        assert distance(model, alone(eta=0.01, optimizer=rule, regularizer=penalty, **{**GIVEN, "epochs": 2})) < 1e-9


def test_members_may_be_given_as_arrays():
    given = {**GIVEN, "epochs": 1, "engine": "numpy"}
    arrays = fit_many(NETWORK, TRAIN, seeds=np.arange(3), eta=np.logspace(-2, -1, 3), **given)
    lists = fit_many(NETWORK, TRAIN, seeds=[0, 1, 2], eta=[float(eta) for eta in np.logspace(-2, -1, 3)], **given)
    assert [model.parameters_sha256 for model in arrays] == [model.parameters_sha256 for model in lists]
    assert [model.settings for model in arrays] == [model.settings for model in lists]
    with pytest.raises(InvalidArgument, match="there are seed 2, eta 3"):
        fit_many(NETWORK, TRAIN, seeds=np.arange(2), eta=np.ones(3), epochs=1)
    with pytest.raises(InvalidArgument, match="not empty"):
        fit_many(NETWORK, TRAIN, eta=np.ones(0), epochs=1)


def test_the_engine_is_chosen_once_for_all_members(monkeypatch):
    drawn, init = [], Network.init
    monkeypatch.setattr(Network, "init", lambda network, seed: drawn.append(seed) or init(network, seed))
    fit_many(NETWORK, TRAIN, seeds=[4, 5, 6], epochs=1)
    assert sorted(drawn) == [0, 4, 5, 6]  # by the first the parameters are counted


class StopAfter(Callback):
    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def on_epoch(self, moment) -> bool:
        return len(moment.at.history) == self.epochs


def test_one_that_diverges_and_one_that_stops_leave_the_others_alone(form):
    given = {**GIVEN, "epochs": 4, "stop_if_not_finite": True}
    calm, wild, short = fit_many(
        NETWORK, TRAIN, eta=[0.1, 1e6, 0.2], callbacks=lambda i: [StopAfter(2)] if i == 2 else [], **given
    )
    assert isinstance(wild, DivergedError)
    assert "try 100000" in str(wild)
    assert (len(calm.history), len(short.history)) == (4, 2)
    assert distance(calm, alone(eta=0.1, **given)) < 1e-9


class Press(Callback):
    every = 1

    def on_steps(self, moment) -> None:
        if (moment.at.epoch, moment.at.step) == (1, 3):
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_hands_over_the_models_so_far(form, monkeypatch, tmp_path):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    given = {**GIVEN, "epochs": 3, "eta": 0.1}
    try:
        with pytest.raises(Interrupted, match="of 3 networks were learning") as caught:
            fit_many(
                NETWORK,
                TRAIN,
                seeds=[0, 1, 2],
                callbacks=lambda i: [*([Press()] if i == 1 else []), Checkpoint(tmp_path / str(i))],
                **given,
            )
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    models = caught.value.model
    assert len(models) == (2 if form == "one after the other" else 3)
    assert all(len(model.history) in (1, 2, 3) for model in models)
    for i in range(len(models)):
        gone_on = resume(tmp_path / str(i), TRAIN, validation=VALIDATION)
        assert distance(gone_on, alone(seed=i, **given)) < 1e-9


def test_every_member_has_its_own_callbacks(form):
    models = fit_many(
        NETWORK, TRAIN, seeds=(1, 2), eta=0.3, callbacks=[KeepBest(), EarlyStopping(3)], **{**GIVEN, "epochs": 8}
    )
    for model in models:
        accuracies = model.history["validation_accuracy"]
        assert model.best.history.last["validation_accuracy"] == max(accuracies)
        assert len(accuracies) == min(8, accuracies.index(max(accuracies)) + 4)


def test_arguments_that_cannot_be_meant():
    with pytest.raises(InvalidArgument, match="there are seed 2, eta 3"):
        fit_many(NETWORK, TRAIN, seeds=[1, 2], eta=[1, 2, 3], epochs=1)
    with pytest.raises(InvalidArgument, match="not empty"):
        fit_many(NETWORK, TRAIN, seeds=[], epochs=1)
    with pytest.raises(InvalidArgument, match="EarlyStopping watches validation accuracy"):
        fit_many(NETWORK, TRAIN, seeds=[1, 2], epochs=1, engine="numpy", callbacks=[EarlyStopping(1)])
    with pytest.raises(InvalidArgument, match="callbacks"):
        fit_many(NETWORK, TRAIN, seeds=[1, 2], epochs=1, callbacks=3)
    with pytest.raises(InvalidArgument, match=r"fit_many has no argument seed; did you mean seeds\?"):
        fit_many(NETWORK, TRAIN, seed=3, epochs=1)
    with pytest.raises(InvalidArgument, match="fit_many has no argument members"):
        fit_many(NETWORK, TRAIN, members=3, epochs=1)
    with pytest.raises(InvalidArgument, match="fit_many needs epochs"):
        fit_many(NETWORK, TRAIN, seeds=[1, 2])
