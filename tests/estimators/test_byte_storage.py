"""Bytes in place of numbers: exactly the same numbers, and the same model; and no copies of others."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.sklearn import NetworkClassifier, base
from deltarule.sklearn.byte_storage import store_as_bytes

BYTES = np.random.default_rng(0).integers(0, 256, (60, 8)) * (np.arange(60)[:, None] % 3 > 0)
Y = np.arange(60) % 3


@given(st.integers(0, 99), st.sampled_from([1, 10, 16, 255, 256, 1000]), st.sampled_from(["float32", "float64"]))
def test_bytes_divided_by_the_scale_are_the_same_numbers(seed, scale, dtype):
    bytes_ = np.random.default_rng(seed).integers(0, 256, (5, 3))
    bytes_[0, 0] = 1
    x = (bytes_ / scale).astype(dtype)
    stored, found = store_as_bytes(x)
    assert stored.dtype == np.uint8
    assert (stored.astype(dtype) / np.dtype(dtype).type(found) == x).all()


@pytest.mark.parametrize(
    "x",
    [
        np.array([[0.0, -1.0]]),
        np.array([[0.0, 256.0]]),
        np.array([[0.1, 0.25]]),
        np.array([[np.pi, 1.0]]),
        np.array([[1e-300, 1.0]]),
        np.array([[1e300, 1.0]]),
        np.concatenate([np.ones((5000, 2)), [[0.5, 1 / 3]]]),
    ],
    ids=["negative", "large", "no scale", "irrational", "tiny", "huge", "late"],
)
def test_other_numbers_stay_as_they_are(x):
    stored, scale = store_as_bytes(x)
    assert stored is x
    assert scale == 1.0


@pytest.mark.parametrize("engine", ["native", "numpy", "jax"])
@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_the_model_is_the_same_as_without_bytes(engine, scale, monkeypatch):
    x, settings = BYTES / scale, {"epochs": 5, "random_state": 1, "engine": engine, "early_stopping": True}
    stored = NetworkClassifier((6,), **settings).fit(x, Y)
    monkeypatch.setattr(base, "store_as_bytes", lambda x: (x, 1.0))
    plain = NetworkClassifier((6,), **settings).fit(x, Y)
    assert stored.predict_proba(x) == pytest.approx(plain.predict_proba(x), rel=1e-9)
    assert stored.model_.outputs(x) == pytest.approx(plain.model_.outputs(x), rel=1e-9)
    assert stored.loss_curve_ == pytest.approx(plain.loss_curve_, rel=1e-9)


def test_numbers_may_follow_bytes_in_partial_fit():
    x = np.random.default_rng(1).normal(size=(60, 8))
    classifier = NetworkClassifier((6,), random_state=1).partial_fit(BYTES / 255, Y, classes=[0, 1, 2])
    assert classifier.partial_fit(x, Y).predict(x).shape == (60,)
    assert classifier.model_.scale == 1.0


def measure_peak(function) -> int:
    """Measure the largest number of bytes that a call takes at a time."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_of_the_right_type_are_not_copied(dtype):
    x = np.random.default_rng(0).normal(size=(20_000, 100)).astype(dtype)
    y = np.arange(20_000) % 2
    classifier = NetworkClassifier((2,), epochs=1, random_state=1).fit(x, y)
    assert measure_peak(lambda: classifier.predict(x)) < x.nbytes / 2
    assert measure_peak(lambda: classifier.fit(x, y)) < x.nbytes
