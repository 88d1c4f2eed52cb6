"""fit_many: each member equals a run alone, and its failures do not affect the others."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from tests.slow import with_slow

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense, Dropout
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.regularizers import L1, L2
from deltarule.core.schedules import Exponential
from deltarule.engines.execution import Execution
from deltarule.engines.jax_engine import JaxEngine, make_jax_engine
from deltarule.engines.numpy_engine import NumpyEngine
from deltarule.errors import DivergedError, Interrupted, InvalidArgument
from deltarule.models.model import Model
from deltarule.training.callbacks import Callback, EarlyStopping
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.fit import fit
from deltarule.training.many import fit_many
from deltarule.training.resume import resume
from deltarule.training.training import Training

from .runs import TRAIN, VALIDATION, about

# small, as compiling takes most of the time; with linear outputs, so that it can diverge
NETWORK = Network([Dense(5), Tanh(), Dropout(0.3), Dense(3)], Quadratic(Linear()), (16,))


FORMS = ("one after the other", "side by side", "in step")


@pytest.fixture(params=FORMS)
def form(request, monkeypatch):
    """Choose each way of training many, on any machine."""
    engines = {"one after the other": NumpyEngine(), "side by side": make_jax_engine(1)}
    engine = engines.get(request.param, JaxEngine(1, prefers_lockstep=True))

    def choose(execution, *_):
        return (NumpyEngine() if execution.engine == "numpy" else engine), "for the test"

    monkeypatch.setattr(JaxEngine, "workers", 2)
    # the module, whose name in the package is that of the function
    monkeypatch.setattr(sys.modules["deltarule.training.fit"], "choose_engine", choose)
    return request.param


TRAINING = Training(epochs=19, batch_size=4, dtype="float64")  # 209 steps
NUMPY = Execution(engine="numpy")
VARIED = {
    "eta": (0.05, Exponential(0.1, 0.9), 0.02),
    "optimizer": tuple(Momentum(mu) for mu in (0.5, 0.9, 0.8)),
    "regularizer": tuple(L2(lmbda) for lmbda in (0.1, 2, 0.0)),
}


def alone(training: Training) -> Model:
    """Train one member alone with NumPy."""
    return fit(NETWORK, TRAIN, training, validation=VALIDATION, execution=NUMPY)


def distance(mine: Model, other: Model) -> float:
    """Compute the largest difference of parameters, relative to the largest of their array."""
    return max(
        float(np.abs(p[name] - q[name]).max() / np.abs(q[name]).max())
        for p, q in zip(mine.params, other.params, strict=True)
        for name in p
    )


@pytest.mark.parametrize("form", with_slow(FORMS, "in step"), indirect=True)
def test_each_member_equals_a_run_alone(form, monkeypatch):
    sizes = []
    together = JaxEngine.compute_together
    monkeypatch.setattr(JaxEngine, "compute_together", lambda *given: sizes.append(len(given[1])) or together(*given))
    trainings = TRAINING.vary(seed=[3, 4, 5], **VARIED)
    models = fit_many(NETWORK, TRAIN, trainings, validation=VALIDATION)
    assert set(sizes) == ({3} if form == "in step" else set())
    for model, training in zip(models, trainings, strict=True):
        single = alone(training)
        assert distance(model, single) < 1e-9
        for name in ("validation_accuracy", "eta", "step"):
            assert model.history[name] == single.history[name]
        assert {**model.settings, "engine": "numpy"} == single.settings
    assert distance(models[0], models[1]) > 0.1


@pytest.mark.parametrize("form", with_slow(FORMS, "side by side"), indirect=True)
def test_members_may_differ_in_optimizer_and_regularizer(form):
    rules, penalties = (SGD(), Momentum(0.8), Momentum(0.9)), (None, L1(0.5), L1(0.1))
    trainings = replace(TRAINING, epochs=2, eta=0.01).vary(optimizer=rules, regularizer=penalties)
    models = fit_many(NETWORK, TRAIN, trainings, validation=VALIDATION)
    for model, training in zip(models, trainings, strict=True):
        assert distance(model, alone(training)) < 1e-9


def test_vary_takes_arrays():
    one, etas = replace(TRAINING, epochs=1), np.logspace(-2, -1, 3)
    arrays = fit_many(NETWORK, TRAIN, one.vary(seed=np.arange(3), eta=etas), execution=NUMPY)
    lists = fit_many(NETWORK, TRAIN, one.vary(seed=[0, 1, 2], eta=[float(eta) for eta in etas]), execution=NUMPY)
    assert [model.parameters_sha256 for model in arrays] == [model.parameters_sha256 for model in lists]
    assert [model.settings for model in arrays] == [model.settings for model in lists]
    with pytest.raises(InvalidArgument) as caught:
        one.vary(seed=np.arange(2), eta=np.ones(3))
    assert caught.value.value == {"seed": 2, "eta": 3}
    with pytest.raises(InvalidArgument, check=about("eta")):
        one.vary(eta=np.ones(0))


def test_the_engine_is_chosen_once_for_all_members(monkeypatch):
    rates, seeds, init, module = [], [], Network.init, sys.modules["deltarule.training.fit"]
    choose = module.choose_engine

    def choose_once(execution, descents, *given):
        rates.append([descent.optimizer.mu for descent in descents])
        return choose(execution, descents, *given)

    monkeypatch.setattr(module, "choose_engine", choose_once)
    monkeypatch.setattr(Network, "init", lambda network, seed: seeds.append(seed) or init(network, seed))
    optimizers = [Momentum(mu) for mu in (0.1, 0.2, 0.3)]
    fit_many(NETWORK, TRAIN, Training(epochs=1).vary(seed=[4, 5, 6], optimizer=optimizers))
    assert rates == [[0.1, 0.2, 0.3]]
    assert seeds == [4, 5, 6]


class Watch(Callback):
    """A callback that keeps the threads in which members train."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def on_steps(self, moment) -> None:
        self.threads.add(threading.get_ident())


def test_the_native_engine_trains_members_on_threads_to_the_same_bits(monkeypatch):
    monkeypatch.setattr(sys.modules["deltarule.engines.native_engine"], "count_cores", lambda: 3)
    trainings = replace(TRAINING, dtype="float32").vary(seed=[3, 4, 5], **VARIED)
    watch, native = Watch(), Execution(engine="native")
    models = fit_many(NETWORK, TRAIN, trainings, validation=VALIDATION, execution=native, callbacks=lambda i: [watch])
    assert len(watch.threads) == 3
    for model, training in zip(models, trainings, strict=True):
        single = fit(NETWORK, TRAIN, training, validation=VALIDATION, execution=native)
        assert model.parameters_sha256 == single.parameters_sha256
        assert model.settings == single.settings
        assert distance(model, alone(training)) < 1e-3


class StopAfter(Callback):
    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def on_epoch(self, moment) -> bool:
        return len(moment.at.history) == self.epochs


def test_a_member_that_diverges_or_stops_does_not_affect_the_others(form):
    trainings = replace(TRAINING, epochs=4).vary(eta=[0.1, 1e6, 0.2])
    finite, diverged, short = fit_many(
        NETWORK, TRAIN, trainings, validation=VALIDATION, callbacks=lambda i: [StopAfter(2)] if i == 2 else []
    )
    assert isinstance(diverged, DivergedError)
    assert "try eta 100000" in diverged.remedy
    assert (len(finite.history), len(short.history)) == (4, 2)
    assert distance(finite, alone(trainings[0])) < 1e-9


class Press(Callback):
    every = 1

    def on_steps(self, moment) -> None:
        if (moment.at.epoch, moment.at.step) == (1, 3):
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_returns_the_models_so_far(form, monkeypatch, tmp_path):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    trainings = replace(TRAINING, epochs=3, eta=0.1).vary(seed=[0, 1, 2])
    try:
        with pytest.raises(Interrupted, match="of 3 networks") as caught:
            fit_many(
                NETWORK,
                TRAIN,
                trainings,
                validation=VALIDATION,
                callbacks=lambda i: [*([Press()] if i == 1 else []), Checkpoint(tmp_path / str(i))],
            )
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    models = caught.value.model
    assert len(models) == (2 if form == "one after the other" else 3)
    assert all(len(model.history) in (1, 2, 3) for model in models)
    for i in range(len(models)):
        resumed = resume(tmp_path / str(i), TRAIN, validation=VALIDATION)
        assert distance(resumed, alone(trainings[i])) < 1e-9


def test_every_member_has_its_own_callbacks(form):
    trainings = replace(TRAINING, epochs=8, eta=0.3, keep_best=True).vary(seed=(1, 2))
    models = fit_many(NETWORK, TRAIN, trainings, validation=VALIDATION, callbacks=[EarlyStopping(3)])
    for model in models:
        accuracies = model.history["validation_accuracy"]
        assert model.best.history.last["validation_accuracy"] == max(accuracies)
        assert len(accuracies) == min(8, accuracies.index(max(accuracies)) + 4)


def test_fit_many_refuses_invalid_arguments():
    two = Training(epochs=1).vary(seed=[1, 2])
    for wrong in ([], None, Training(), [Training], [1, 2], Training(epochs=1).vary(dtype=["float32", "float64"])):
        with pytest.raises(InvalidArgument, check=about("trainings")):
            fit_many(NETWORK, TRAIN, wrong)
    with pytest.raises(InvalidArgument, check=about("EarlyStopping")):
        fit_many(NETWORK, TRAIN, two, execution=NUMPY, callbacks=[EarlyStopping(1)])
    for wrong in (3, EarlyStopping(1), [3], lambda i: None):
        with pytest.raises(InvalidArgument, check=about("callbacks")):
            fit_many(NETWORK, TRAIN, two, callbacks=wrong)
    with pytest.raises(InvalidArgument, check=about("train", TRAIN.x)):
        fit_many(NETWORK, TRAIN.x, two)
