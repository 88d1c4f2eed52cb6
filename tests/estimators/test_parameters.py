"""Parameters of estimators: inside records too, and their errors."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.sklearn import NetworkClassifier, NetworkRegressor
from deltarule.sklearn.parameters import DEFAULTS, NAMES_IN_MLP

X, Y = load_iris(return_X_y=True)


def test_parameters_reach_into_layers_training_and_optimizer():
    estimator = NetworkClassifier(layers=[dr.Dense(30), dr.Sigmoid(), dr.Dropout(0.5)], optimizer=dr.Adam(0.8))
    parameters = estimator.get_params()
    shown = ("layers__0__n_out", "layers__2__p", "training__eta", "optimizer__beta1", "training__optimizer__beta1")
    assert [parameters[name] for name in shown] == [30, 0.5, DEFAULTS.eta, 0.8, 0.9]
    changed = clone(estimator).set_params(layers__0__n_out=7, layers__2__p=0.1, optimizer__beta1=0.7)
    assert changed.layers == [dr.Dense(7), dr.Sigmoid(), dr.Dropout(0.1)]
    assert changed.optimizer == dr.Adam(0.7)
    assert estimator.layers[0] == dr.Dense(30)  # records are replaced, not changed


def test_parameters_within_the_defaults_can_be_set():
    estimator = NetworkClassifier().set_params(optimizer__beta1=0.5, training__epochs=3)
    assert (estimator.optimizer, estimator.training.epochs) == (dr.Adam(0.5), 3)
    network = dr.Network.dense([4, 30, 3])
    assert NetworkClassifier(network=network).set_params(network__layers__0__n_out=5).network.layers[0].n_out == 5


def test_a_record_and_a_part_of_it_can_be_set_at_once():
    estimator = NetworkClassifier().set_params(regularizer__lmbda=2.0, regularizer=dr.L2(1.0))
    assert estimator.regularizer == dr.L2(2.0)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("alpha", 1, "a parameter of NetworkClassifier"),
        ("layers__9__n_out", 3, "a parameter of [Dense"),
        ("layers__0__units", 3, "a parameter of Dense"),
    ],
)
def test_unknown_parameters_are_named(name, value, expected):
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(layers=[dr.Dense(3), dr.ReLU()]).set_params(**{name: value})
    assert caught.value.expected.startswith(expected)
    assert caught.value.argument == name


def test_a_value_that_a_record_refuses_is_named():
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(layers=[dr.Dense(3), dr.ReLU()]).set_params(layers__0__n_out=0)
    assert (caught.value.argument, caught.value.expected) == ("n_out", "a whole number of at least 1")


@pytest.mark.parametrize(
    ("name", "parameter", "example"),
    [
        ("regularizer__lmbda", "regularizer", "L2(5.0)"),
        ("layers__0__n_out", "layers", "[Dense(30), Sigmoid(), Dropout(0.5)]"),
        ("network__cost", "network", "Network.dense([64, 30, 10])"),
        ("eta__start", "eta", "a schedule such as Exponential(0.5, 0.9)"),
        ("activation__slope", "activation", "Tanh()"),
    ],
)
def test_a_path_into_a_parameter_without_parts_says_what_to_set_first(name, parameter, example):
    estimator = NetworkClassifier()
    with pytest.raises(InvalidArgument) as caught:
        estimator.set_params(**{name: 1})
    assert caught.value.argument == name
    assert caught.value.expected.startswith(f"a record as {parameter}")
    assert example in caught.value.expected
    assert caught.value.value == getattr(estimator, parameter)


def test_the_names_of_scikit_learn_lead_to_ours():
    assert set(NAMES_IN_MLP) <= {*MLPClassifier().get_params(), *MLPRegressor().get_params()}
    for name, meant in NAMES_IN_MLP.items():
        assert meant in NetworkClassifier().get_params()
        with pytest.raises(InvalidArgument) as caught:
            NetworkClassifier().set_params(**{name: 1})
        assert caught.value.remedy == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": "100"}, "hidden_layer_sizes"),
        ({"activation": "softplus"}, "activation"),
        ({"epochs": 0}, "epochs"),
        ({"eta": "adaptive"}, "eta"),
        ({"optimizer": "adam"}, "optimizer"),
        ({"batch_size": "auto"}, "batch_size"),
        ({"regularizer": 0.1}, "regularizer"),
        ({"tol": -1}, "tol"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"random_state": -1}, "random_state"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"engine": "gpu"}, "engine"),
        ({"class_weight": "even"}, "class_weight"),
        ({"class_weight": {7: 1.0}}, "class_weight"),
        ({"layers": [30]}, "layers[0]"),
        ({"layers": [dr.Dense(30), dr.ReLU(), dr.Dense(10)]}, "layers"),
        ({"network": dr.Network.dense([4, 5])}, "network"),
        ({"network": dr.Network.dense([4, 3]), "layers": [dr.Dense(3)]}, "network"),
        ({"network": dr.Network.dense([4, 3]), "cost": "quadratic"}, "cost"),
        ({"training": "fast"}, "training"),
    ],
)
def test_fit_names_an_invalid_parameter(settings, argument):
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(**{"epochs": 1, **settings}).fit(X, Y)
    assert caught.value.argument == argument
    assert isinstance(caught.value, ValueError)


def test_a_training_gives_what_is_not_set_beside_it():
    training = dr.Training(epochs=3, eta=0.1, seed=5, dtype="float32", optimizer=dr.Momentum(0.5))
    model = NetworkClassifier((5,), training=training, eta=0.2, tol=None).fit(X, Y).model_
    shown = {name: model.settings[name] for name in ("epochs", "seed", "dtype", "batch_size")}
    assert shown == {"epochs": 3, "seed": 5, "dtype": "float32", "batch_size": 10}
    assert model.settings["eta"] == {"type": "Constant", "value": 0.2}
    assert model.settings["optimizer"] == {"type": "Momentum", "mu": 0.5}


def test_the_defaults_are_those_of_scikit_learn_with_mini_batches_of_200():
    settings = NetworkClassifier(random_state=3).fit(X, Y).model_.settings
    assert (settings["epochs"], settings["batch_size"], settings["seed"]) == (200, 200, 3)
    assert settings["dtype"] == "float64"
    assert NetworkClassifier(epochs=1).fit(X.astype(np.float32), Y).model_.settings["dtype"] == "float32"


def test_the_random_state_is_the_seed():
    weights = [NetworkClassifier(random_state=seed, epochs=1).fit(X, Y).model_.parameters_sha256 for seed in (1, 1, 2)]
    assert weights[0] == weights[1] != weights[2]
    states = np.random.RandomState(0), np.random.RandomState(0)
    first, again = (NetworkRegressor(random_state=one, epochs=1).fit(X, Y).predict(X) for one in states)
    assert (first == again).all()
    assert (NetworkRegressor(random_state=states[0], epochs=1).fit(X, Y).predict(X) != first).any()


def test_the_model_is_what_fit_returns_for_the_same_settings():
    train = dr.data.Dataset(X, Y)
    network = dr.Network((dr.Dense(7), dr.Tanh(), dr.Dense(3, dr.initializers.Glorot())), dr.LogLikelihood(), 4)
    training = dr.Training(epochs=4, eta=0.1, seed=2, dtype="float64", regularizer=dr.L2(0.5))
    theirs = NetworkClassifier(layers=[dr.Dense(7), dr.Tanh()], training=training, tol=None).fit(X, Y).model_
    assert theirs.parameters_sha256 == dr.fit(network, train, training, threads=1).parameters_sha256


NO_SKLEARN = """
import sys
sys.modules["sklearn"] = None
import deltarule as dr
from deltarule import *
assert dr.sklearn.__all__ == ["NetworkClassifier", "NetworkRegressor"]
try:
    dr.sklearn.NetworkClassifier
except dr.errors.MissingExtra as error:
    print(error.remedy)
"""


def test_scikit_learn_is_imported_late_and_its_extra_is_named():
    run = [sys.executable, "-W", "error", "-c"]
    done = subprocess.run([*run, NO_SKLEARN], capture_output=True, text=True, timeout=60, env=os.environ)
    assert done.stdout == "install it: pip install 'deltarule[sklearn]'\n", done.stderr
    code = "import sys, deltarule as dr; dr.sklearn; print('sklearn' in sys.modules)"
    assert subprocess.run([*run, code], capture_output=True, text=True, timeout=60).stdout == "False\n"
