"""find_eta: decreasing costs, computed by hand, and known thresholds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np
import pytest
from tests.slow import with_slow

import deltarule.training.eta_range as module
from deltarule.core.activations import Linear
from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum
from deltarule.core.rbm import RBM
from deltarule.core.regularizers import L2
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Real
from deltarule.errors import InvalidArgument, ShapeError
from deltarule.training.eta_range import EtaRange, EtaTrial, find_eta

from .runs import ENGINES, TRAIN, about


def trial(*costs, eta=0.1) -> EtaTrial:
    return EtaTrial(eta, tuple(range(len(costs[0]))), costs)


@pytest.mark.parametrize(
    ("costs", "rises", "decreases"),
    [
        ([(9.0, 3.0, 2.0, 1.0)], 0.0, True),
        ([(9.0, 3.0, 1.0, 1.1)], 0.05, True),  # falls by 2, rises by 0.1
        ([(9.0, 3.0, 1.0, 1.5)], 0.25, False),
        ([(9.0, 3.0, 1.0, 1.3), (9.0, 4.0, 2.0, 1.0)], 0.06, True),  # both together rise by 0.3 and fall by 5
        ([(1.0, 5.0, 4.0, 3.0)], 0.0, False),  # ends above its start
        ([(1.0, 1.0, 1.0, 1.0)], inf, False),
        ([(1.0, 2.0, 3.0, 4.0)], inf, False),
        ([(9.0, 3.0, 2.0, 1.0), (9.0, 3.0, inf, inf)], inf, False),
        ([(9.0, 3.0, 2.0, nan)], inf, False),
    ],
)
def test_costs_that_decrease(costs, rises, decreases):
    found = trial(*costs)
    assert found.rises == pytest.approx(rises)
    assert found.decreases is decreases


def test_the_threshold_is_below_every_eta_that_does_not_decrease():
    falls, rises = (9.0, 3.0, 2.0, 1.0), (9.0, 3.0, 4.0, 5.0)
    found = EtaRange(
        tuple(trial(row, eta=eta) for eta, row in [(0.01, falls), (0.1, falls), (0.3, rises), (0.5, falls), (1, rises)])
    )
    assert (found.threshold, found.upper_bound, found.recommended_eta) == (0.1, 0.3, 0.05)


def test_the_threshold_on_a_plateau_is_not_reliable():
    rises = trial((9.0, 3.0, 4.0, 5.0), eta=1)
    assert EtaRange((trial((9.0, 3.0, 2.0, 1.0)), rises)).is_reliable
    assert not EtaRange((trial((9.0, 3.0, 2.9, 2.8)), rises)).is_reliable


@pytest.fixture
def fake_trials(monkeypatch):
    """Replace trials by ones that decrease up to a threshold, without training; return the function that does it."""

    def replace_trials(threshold):
        etas = []

        def run(self, eta):
            etas.append(eta)
            return trial((9.0, 3.0, 2.0, 1.0) if eta <= threshold else (9.0, 3.0, 4.0, 5.0), eta=eta)

        monkeypatch.setattr(module._Trials, "run", run)
        return etas

    return replace_trials


@pytest.mark.parametrize("threshold", [3e-8, 0.0007, 0.0099, 0.01, 0.3, 0.99, 47.0, 5000.0])
def test_the_search_encloses_any_threshold(threshold, fake_trials):
    etas = fake_trials(threshold)
    found = find_eta(Network.dense([16, 3]), TRAIN)
    assert found.threshold <= threshold < found.upper_bound
    assert found.upper_bound / found.threshold < 1.25
    assert len(etas) == len(set(etas)) == len(found.trials) <= 13


@pytest.mark.parametrize(("threshold", "limit"), [(1e9, "10000"), (0, "1e-08")])
def test_a_network_without_a_threshold_is_refused(threshold, limit, fake_trials):
    fake_trials(threshold)
    with pytest.raises(InvalidArgument, match=limit, check=about("network")):
        find_eta(Network.dense([16, 3]), TRAIN)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("optimizer", "regularizer", "expected"),
    [
        (SGD(), None, 2 / 3),  # each step multiplies the distance to the minimum by 1 − η C″, C″ = 3
        (SGD(), L2(64.0), 2 / 4),  # λ/n added to the weight's C″
        (Momentum(0.5), None, 2 * 1.5 / 3),  # 2 (1 + μ) / C″
    ],
    ids=["sgd", "l2", "momentum"],
)
def test_the_threshold_of_a_parabola(engine, optimizer, regularizer, expected):
    """Train one weight and one bias of a linear neuron on ±√3, with targets that change only the weight."""
    x = np.asarray([[3**0.5], [-(3**0.5)]] * 32)
    data = Dataset(x, 0.0 * x[:, 0], "line", encoding=Real())
    network = Network([Dense(1)], Quadratic(Linear()), (1,))
    found = find_eta(
        network, data, batch_size=64, optimizer=optimizer, regularizer=regularizer, engine=engine, dtype="float64"
    )
    assert found.threshold <= expected * 1.01
    assert found.upper_bound >= expected * 0.99
    assert len(found.trials[0].costs) == 3


@dataclass(frozen=True)
class Doubled:
    """An augmentation that makes C″ four times as large."""

    def __call__(self, images, rng):
        return 2 * images


@pytest.mark.parametrize("engine", with_slow(ENGINES, "native", "jax"))
def test_the_threshold_is_that_of_augmented_examples(engine):
    x = np.asarray([[[3**0.5]], [[-(3**0.5)]]] * 32)
    data = Dataset(x, 0.0 * x[:, 0, 0], "line", 1.0, encoding=Real())
    network = Network([Dense(1)], Quadratic(Linear()), (1,))
    found = find_eta(network, data, batch_size=64, augmentation=Doubled(), engine=engine, dtype="float64")
    assert found.threshold <= 2 / 12 * 1.01
    assert found.upper_bound >= 2 / 12 * 0.99


@pytest.mark.slow
def test_the_result_depends_only_on_the_seed():
    one, same, other = (find_eta(Network.dense([16, 3]), TRAIN, seed=seed, engine="numpy") for seed in (1, 1, 9))
    assert one == same != other


def test_watch_gets_each_trial(fake_trials):
    fake_trials(0.05)
    trials = []
    found = find_eta(Network.dense([16, 3]), TRAIN, watch=trials.append)
    assert [t.eta for t in trials][:2] == [0.01, 0.1]
    assert sorted(trials, key=lambda t: t.eta) == list(found.trials)


def test_find_eta_refuses_invalid_arguments():
    network = Network.dense([16, 3])
    for wrong in ({"batch_size": 0}, {"optimizer": "sgd"}, {"regularizer": 5.0}, {"seed": -1}, {"dtype": "int8"}):
        with pytest.raises(InvalidArgument, check=about(*next(iter(wrong.items())))):
            find_eta(network, TRAIN, **wrong)
    with pytest.raises(InvalidArgument, match="pictures", check=about("augmentation")):
        find_eta(network, replace(TRAIN, x=TRAIN.x.reshape(-1, 16)), augmentation=Doubled())
    with pytest.raises(InvalidArgument, check=about("network", 3)):
        find_eta(3, TRAIN)
    with pytest.raises(ShapeError, match="16"):
        find_eta(Network.dense([15, 3]), TRAIN)


def test_the_threshold_on_digits(mnist):
    """Compare with the book's 0.5 for its network on MNIST; small digits have fewer inputs and allow more."""
    train = mnist[0]
    found = find_eta(Network.dense([train.x[0].size, 30, 10]), train)
    assert 0.3 < found.threshold < (0.8 if train.x[0].size == 784 else 2.0)


def test_a_machine_whose_training_does_not_follow_its_cost_is_refused():
    with pytest.raises(InvalidArgument, match="expected a network whose training follows its cost"):
        find_eta(RBM(16, 3), TRAIN)
