from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltarule.data.dataset import Dataset
from deltarule.data.split import count_sevenths, count_sixth, divide, stratify

any_labels = arrays(np.int64, st.integers(0, 80), elements=st.integers(0, 4))


@given(any_labels, st.sampled_from([count_sevenths, count_sixth]), st.integers(0, 5))
def test_stratify_chooses_each_example_once_and_the_given_number_of_each_class(labels, held_out, seed):
    parts = stratify(labels, held_out, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    for label in np.unique(labels):
        n = np.count_nonzero(labels == label)
        validation, test = held_out(n)
        assert [np.count_nonzero(labels[part] == label) for part in parts] == [n - validation - test, validation, test]


def test_stratify_is_reproducible():
    labels = np.arange(1000) % 7
    positions = np.concatenate(stratify(labels, count_sevenths)).astype("<i8").tobytes()
    assert hashlib.sha256(positions).hexdigest()[:16] == "860f65f3818305b3"


def test_stratify_shuffles_by_the_seed():
    labels = np.repeat([0, 1], 500)
    one, another = (stratify(labels, count_sevenths, seed) for seed in (1, 2))
    assert not np.array_equal(one[0], another[0])
    for part in one:
        assert 0.3 < labels[part[: len(part) // 2]].mean() < 0.7


def test_the_names_of_the_parts_begin_with_the_name_of_the_whole():
    whole = Dataset(np.arange(14.0)[:, None], np.zeros(14, np.int64), "numbers")
    assert [(part.name, len(part)) for part in divide(whole, count_sevenths)] == [
        ("numbers training", 10),
        ("numbers validation", 2),
        ("numbers test", 2),
    ]
