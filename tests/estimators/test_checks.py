"""scikit-learn's own checks of estimators, without expected failures: for several settings, on each engine.

Weighted and repeated examples train alike if each mini-batch holds all examples, as here: then both have the same
gradient in each step.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import deltarule as dr
from deltarule.initializers import He
from deltarule.sklearn import NetworkClassifier, NetworkRegressor

QUICK = {"hidden_layer_sizes": (20,), "epochs": 30, "eta": 0.03}
SETTINGS = [
    NetworkClassifier(**QUICK),
    NetworkRegressor(**QUICK),
    NetworkClassifier(**QUICK, early_stopping=True, regularizer=dr.L2(0.1)),
    NetworkRegressor(**QUICK, early_stopping=True, regularizer=dr.L2(0.1), activation="tanh"),
]
MORE = [
    NetworkClassifier(**{**QUICK, "eta": 0.3}, optimizer=dr.Nesterov(0.5), activation="sigmoid"),
    NetworkClassifier(**QUICK, layers=[dr.Dense(20, He()), dr.LeakyReLU()], regularizer=dr.L1(0.1)),
    NetworkClassifier(**QUICK, cost="cross-entropy", activation=dr.ELU(0.5)),
    NetworkClassifier(
        **{**QUICK, "hidden_layer_sizes": (10, 10)}, optimizer=dr.ExponentialMovingAverage(dr.Adam(), 0.9)
    ),
    NetworkRegressor(**{**QUICK, "eta": 0.1}, optimizer=dr.SGD(), activation="tanh"),
    NetworkRegressor(**{**QUICK, "eta": 0.05}, optimizer=dr.Momentum(0.5), regularizer=dr.L2(0.01)),
    NetworkClassifier(),
    NetworkRegressor(),
]
JAX = ("check_fit_idempotent", "check_estimators_pickle")
"""The quick checks of JAX, which compiles a program for each of them."""

WEIGHTS_ON_JAX = ("check_sample_weight_equivalence_on_dense_data",)

NO_DECISION_FUNCTION = "check_classifiers_multilabel_output_format_decision_function"
"""The check of a function that these estimators do not have; it would be skipped."""

ARRAY_API = "check_array_api_input"
"""The check that needs an environment variable before scipy is imported; it has its own test below."""


def each_check(engine, settings, names=None):
    """Parametrize a test by the checks of estimators on an engine: by all, or by those with the names."""
    cases = []
    for one in settings:
        estimator = type(one)(**{**one.get_params(deep=False), "engine": engine})
        for _, check in estimator_checks_generator(estimator):
            name = check.func.__name__
            if name not in (NO_DECISION_FUNCTION, ARRAY_API) and (names is None or name in names):
                cases.append(pytest.param(estimator, check, id=f"{type(one).__name__}-{name}"))
    return pytest.mark.parametrize(("estimator", "check"), cases)


@each_check("native", SETTINGS[:2])
def test_native(estimator, check):
    check(estimator)


@pytest.mark.slow
@each_check("native", SETTINGS[2:])
def test_more_settings_on_native(estimator, check):
    check(estimator)


@each_check("numpy", SETTINGS[:1])
def test_numpy(estimator, check):
    check(estimator)


@each_check("jax", SETTINGS[:2], JAX)
def test_jax(estimator, check):
    check(estimator)


@pytest.mark.slow
@each_check("jax", SETTINGS[:2], WEIGHTS_ON_JAX)
def test_weights_on_jax(estimator, check):
    check(estimator)


@pytest.mark.slow
@each_check("auto", MORE)
def test_more_settings(estimator, check):
    check(estimator)


@pytest.mark.slow
@each_check("numpy", SETTINGS[1:])
def test_more_settings_on_numpy(estimator, check):
    check(estimator)


@pytest.mark.slow
@each_check("jax", SETTINGS)
def test_all_on_jax(estimator, check):
    check(estimator)


def test_almost_all_checks_run():
    """The names above hide no other check, and those of the array API and of sparse data are among them."""
    names = {check.func.__name__ for one in SETTINGS[:2] for _, check in estimator_checks_generator(one)}
    assert {NO_DECISION_FUNCTION, ARRAY_API, *JAX} <= names
    assert len(names) > 60


ON_ARRAYS = """
from deltarule.sklearn import NetworkClassifier, NetworkRegressor
from sklearn.utils.estimator_checks import estimator_checks_generator
for estimator in (NetworkClassifier(epochs=2), NetworkRegressor(epochs=2)):
    (check,) = [c for _, c in estimator_checks_generator(estimator) if c.func.__name__ == "check_array_api_input"]
    check(estimator)
    print("passed")
"""


@pytest.mark.slow
def test_inputs_of_the_array_api():
    run = [sys.executable, "-W", "error", "-c", ON_ARRAYS]
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stdout == "passed\npassed\n", done.stderr
