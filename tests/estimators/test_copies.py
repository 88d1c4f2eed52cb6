"""The memory of the estimators: no copies of the examples."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from deltarule.sklearn import NetworkClassifier


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
