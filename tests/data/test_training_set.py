"""What is learned from, and what is left to validate by."""

from __future__ import annotations

import doctest
from importlib import import_module

import numpy as np
import pytest

from deltarule.data import build_training_set, with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneVsRest
from deltarule.errors import DataError

IMAGES = np.arange(1, 46, dtype=np.uint8).reshape(5, 3, 3)
TRAINING = Dataset(IMAGES[:3], np.array([2, 0, 1]), "five training", 16.0, tuple("abc"), OneVsRest(2))
VALIDATION = Dataset(IMAGES[3:], np.array([1, 2]), "five validation", 16.0, tuple("abc"), OneVsRest(2))


def test_as_they_come():
    training, left = build_training_set(TRAINING, VALIDATION)
    assert training is TRAINING
    assert left is VALIDATION


def test_validation_examples_follow_those_for_training():
    training, left = build_training_set(TRAINING, VALIDATION, with_validation=True)
    assert left is None
    assert training.x.dtype == np.uint8
    np.testing.assert_array_equal(training.x, IMAGES)
    assert training.y.tolist() == [2, 0, 1, 1, 2]
    assert training.name == "five training, with the validation examples"
    assert (training.scale, training.classes, training.encoding) == (16.0, tuple("abc"), OneVsRest(2))
    assert (len(TRAINING), len(VALIDATION)) == (3, 2)


def test_shifts_alone_leave_what_is_validated_by_as_it_is():
    training, left = build_training_set(TRAINING, VALIDATION, shifts=1)
    np.testing.assert_array_equal(training.x, with_shifts(TRAINING).x)
    assert left is VALIDATION


def test_both_together_are_joined_before_they_are_shifted():
    training, left = build_training_set(TRAINING, VALIDATION, shifts=2, with_validation=True)
    assert left is None
    assert training.y.tolist() == [2, 0, 1, 1, 2] * 5
    np.testing.assert_array_equal(training.x[:5], IMAGES)
    np.testing.assert_array_equal(training.x[5:10, 0], IMAGES[:, 2])  # up by two
    assert training.name == "five training, with the validation examples, 5 times by shifts of 2 pixels"


def test_what_cannot_be_shifted():
    with pytest.raises(DataError, match="shifted by 3"):
        build_training_set(TRAINING, VALIDATION, shifts=3)


def test_examples():
    tried = doctest.testmod(import_module("deltarule.data.training_set"))
    assert tried.attempted > 0
    assert tried.failed == 0
