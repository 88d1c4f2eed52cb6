from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltarule.data.class_weights import balance


@given(st.lists(st.integers(0, 5), min_size=1, max_size=50))
def test_each_class_has_the_same_weight_and_the_mean_is_1(labels):
    y = np.array(labels)
    weights = balance(y, 7)
    np.testing.assert_allclose(weights.mean(), 1)
    sums = np.bincount(y, weights)[np.unique(y)]
    np.testing.assert_allclose(sums, len(y) / len(sums))


def test_weights_are_those_of_the_usual_formula():
    # sklearn.utils.class_weight.compute_sample_weight("balanced", y)
    np.testing.assert_allclose(balance(np.array([0, 2, 2, 1, 2, 0]), 3), [1, 2 / 3, 2 / 3, 2, 2 / 3, 1])


def test_no_labels_have_no_weights():
    assert balance(np.zeros(0, np.int64), 3).tolist() == []
