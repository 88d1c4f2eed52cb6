"""The benchmark of the book's modules: both programs compute the same."""

from __future__ import annotations

import numpy as np

from benchmarks import book
from deltarule.book.columns import vectorized_result


def test_both_programs_give_the_same_weights():
    rng = np.random.default_rng(0)
    training = [(rng.uniform(size=(784, 1)).astype(np.float32), vectorized_result(i % 10)) for i in range(50)]
    found = book.measure(training, 2)
    assert 0 < found["farthest_apart"] < 1e-10
    assert [len(seconds) for seconds in found["seconds"].values()] == [2, 2]
    assert found["examples"] == 50
