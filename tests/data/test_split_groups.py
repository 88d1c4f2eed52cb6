from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data.groups import make_folds, split_groups
from deltarule.errors import DataError

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=60)
SEVENTHS = [5 / 7, 1 / 7, 1 / 7]


@given(rows, st.integers(0, 5))
def test_each_row_is_in_one_set_and_each_group_in_one_set(rows, seed):
    labels, groups = np.array(rows).T
    if len(set(groups.tolist())) < 3:
        with pytest.raises(DataError, check=has(argument="group")):
            split_groups(labels, groups, SEVENTHS, seed)
        return
    parts = split_groups(labels, groups, SEVENTHS, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    assert all(map(len, parts))
    assert sum(len(set(groups[part].tolist())) for part in parts) == len(set(groups.tolist()))


def test_sets_have_about_their_shares_of_each_class():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 200, 3000)
    labels = (groups % 3 + rng.integers(0, 2, 3000)) % 3
    for part, share in zip(split_groups(labels, groups, SEVENTHS), SEVENTHS, strict=True):
        for label in range(3):
            expected = share * np.count_nonzero(labels == label)
            assert abs(np.count_nonzero(labels[part] == label) - expected) < 0.05 * expected + 3


def test_a_large_group_is_trained_on():
    groups = np.array([0] * 60 + list(range(1, 41)))
    training, validation, test = split_groups(np.zeros(100, int), groups, SEVENTHS)
    assert 0 in training
    assert [len(training), len(validation), len(test)] == [72, 14, 14]


def test_groups_do_not_depend_on_the_type_of_their_names():
    numbers = np.arange(60) % 9
    one, another = (
        split_groups(np.zeros(60, int), groups, SEVENTHS)
        for groups in (numbers, np.array(list(map(str, numbers)), object))
    )
    assert all(map(np.array_equal, one, another))


def test_splits_and_folds_are_reproducible():
    labels, groups = np.arange(1000) % 7, np.arange(1000) % 61
    digests = [
        hashlib.sha256(np.concatenate(parts).astype("<i8").tobytes()).hexdigest()[:16]
        for parts in (split_groups(labels, groups, SEVENTHS), make_folds(labels, 5), make_folds(labels, 5, groups))
    ]
    assert digests == ["242e777dd637e6ad", "063bc0917659c8ea", "d78188dbedf27989"]
    assert not np.array_equal(make_folds(labels, 5, seed=1)[0], make_folds(labels, 5, seed=2)[0])


@given(st.lists(st.integers(0, 4), min_size=2, max_size=80), st.integers(2, 9), st.integers(0, 3))
def test_folds_are_even_in_size_and_class(labels, k, seed):
    labels = np.array(labels)
    if k > len(labels):
        with pytest.raises(DataError, check=has(argument="folds", value=k)):
            make_folds(labels, k, seed=seed)
        return
    folds = make_folds(labels, k, seed=seed)
    assert sorted(np.concatenate(folds).tolist()) == list(range(len(labels)))
    assert max(map(len, folds)) - min(map(len, folds)) <= 1
    for label in set(labels.tolist()):
        counts = [np.count_nonzero(labels[fold] == label) for fold in folds]
        assert max(counts) - min(counts) <= 1


def test_folds_of_real_numbers_and_of_several_labels_are_random():
    for labels in (np.linspace(0, 1, 50), np.zeros((50, 3), int)):
        folds = make_folds(labels, 5)
        assert [len(fold) for fold in folds] == [10] * 5
        assert sorted(np.concatenate(folds).tolist()) == list(range(50))


@pytest.mark.parametrize("k", [0, 1, -1])
def test_a_single_fold_is_an_error(k):
    for groups in (None, np.arange(8) % 4):
        with pytest.raises(DataError, check=has(argument="folds", value=k)):
            make_folds(np.zeros(8, int), k, groups)


def test_folds_need_as_many_groups():
    with pytest.raises(DataError, check=has(argument="group", value=4)):
        make_folds(np.zeros(8, int), 5, np.arange(8) % 4)
