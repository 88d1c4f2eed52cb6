"""Weighted and repeated examples train alike, and what limits this."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import deltarule as dr
from deltarule.errors import InvalidArgument
from deltarule.sklearn import NetworkClassifier, NetworkRegressor
from deltarule.sklearn.example_weights import divide_by_weights
from deltarule.sklearn.holdout import choose_validation

SETTINGS = {"hidden_layer_sizes": (4,), "activation": "tanh", "epochs": 8, "eta": 0.05, "random_state": 1, "tol": None}


@st.composite
def data_with_weights(draw):
    """Draw a few different examples with whole weights, at least two classes among those that count."""
    n = draw(st.integers(4, 12))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    weights = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)))
    weights[:4] = np.maximum(weights[:4], 1)
    return rng.normal(size=(n, 3)), np.arange(n) % 2, weights


@settings(max_examples=25)
@given(
    data_with_weights(),
    st.sampled_from([NetworkClassifier, NetworkRegressor]),
    st.sampled_from([None, dr.L2(0.7), dr.L1(0.3)]),
    st.sampled_from([dr.SGD(), dr.Adam(), dr.Nesterov(0.5)]),
    st.booleans(),
)
def test_weighted_and_repeated_examples_train_alike(data, kind, regularizer, optimizer, early):
    x, y, weights = data
    estimator = kind(
        **SETTINGS, regularizer=regularizer, optimizer=optimizer, early_stopping=early, validation_fraction=0.3
    )
    weighted = estimator.fit(x, y, sample_weight=weights)
    repeated = kind(**estimator.get_params(deep=False)).fit(x.repeat(weights, axis=0), y.repeat(weights))
    assert weighted.predict(x) == pytest.approx(repeated.predict(x), rel=1e-6, abs=1e-9)
    assert weighted.loss_curve_ == pytest.approx(repeated.loss_curve_, rel=1e-7)
    if early:
        assert weighted.validation_scores_ == pytest.approx(repeated.validation_scores_, rel=1e-7, abs=1e-9)


@settings(max_examples=15)
@given(data_with_weights(), st.sampled_from(["balanced", {0: 3.0, 1: 1.0}]))
def test_weights_of_classes_count_repeated_examples(data, class_weight):
    x, y, weights = data
    weighted = NetworkClassifier(**SETTINGS, class_weight=class_weight).fit(x, y, sample_weight=weights)
    repeated = NetworkClassifier(**SETTINGS, class_weight=class_weight)
    repeated.fit(x.repeat(weights, axis=0), y.repeat(weights))
    assert weighted.predict_proba(x) == pytest.approx(repeated.predict_proba(x), rel=1e-6)


def test_the_divisor_of_weight_decay_is_the_sum_of_the_weights():
    assert divide_by_weights(dr.L2(3.0), np.array([2.0, 4.0])) == dr.L2(1.0)
    assert divide_by_weights(dr.L2(3.0), None) == dr.L2(3.0)

    class Own:
        def value(self, w, n):
            return n

        def gradient(self, w, n):
            return -n

    own = divide_by_weights(Own(), np.array([2.0, 4.0]))
    assert (own.value(None, 2), own.gradient(None, 2)) == (6.0, -6.0)
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6) % 3
    doubled = NetworkClassifier(**SETTINGS, regularizer=dr.L2(1.0)).fit(x, y, sample_weight=np.full(6, 2.0))
    halved = NetworkClassifier(**SETTINGS, regularizer=dr.L2(0.5)).fit(x, y)
    assert doubled.model_.parameters_sha256 == halved.model_.parameters_sha256


@pytest.mark.parametrize(
    ("class_weight", "argument", "expected"),
    [
        ({0: -1.0}, "class_weight[0]", "a number of at least 0"),
        ({0: np.nan}, "class_weight[0]", "a number of at least 0"),
        ({1: "two"}, "class_weight[1]", "a number of at least 0"),
        ({0: 0, 1: 0}, "class_weight", "a weight above 0 for at least one example"),
    ],
)
def test_invalid_weights_of_classes_are_named(class_weight, argument, expected):
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6) % 2
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(**SETTINGS, class_weight=class_weight).fit(x, y)
    assert (caught.value.argument, caught.value.expected) == (argument, expected)


def test_weights_whose_sum_is_infinite_are_refused():
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.arange(6) % 2
    with pytest.raises(InvalidArgument) as caught:
        NetworkClassifier(**SETTINGS).fit(x, y, sample_weight=np.linspace(1, 2, 6) * 8e307)
    assert (caught.value.argument, caught.value.expected) == ("sample_weight", "weights with a finite sum")


def test_smaller_mini_batches_differ_because_they_hold_other_examples():
    rng = np.random.default_rng(0)
    x, y, weights = rng.normal(size=(12, 3)), np.arange(12) % 2, rng.integers(1, 4, 12)
    few = {**SETTINGS, "batch_size": 5}
    weighted = NetworkClassifier(**few).fit(x, y, sample_weight=weights)
    repeated = NetworkClassifier(**few).fit(x.repeat(weights, axis=0), y.repeat(weights))
    assert np.abs(weighted.predict_proba(x) - repeated.predict_proba(x)).max() > 1e-4


@settings(max_examples=25)
@given(data_with_weights(), st.floats(0.05, 0.9), st.integers(0, 9))
def test_the_validation_set_depends_on_contents_only(data, fraction, seed):
    x, y, weights = data
    weights = np.maximum(weights, 1)
    held = choose_validation(x, y, y, weights.astype(float), fraction, seed)
    repeated = choose_validation(x.repeat(weights, axis=0), y.repeat(weights), y.repeat(weights), None, fraction, seed)
    backwards = choose_validation(x[::-1], y[::-1], y[::-1], weights[::-1].astype(float), fraction, seed)
    assert (held.repeat(weights) == repeated).all()
    assert (backwards[::-1] == held).all()
    assert held.any()
    assert all((~held)[y == one].any() for one in (0, 1))  # every class is left to train on
