"""The training set, with and without shifted copies and the validation set."""

from __future__ import annotations

import doctest
from importlib import import_module

import numpy as np
import pytest
from tests.fields import has

from deltarule.data import build_training_set, with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneVsRest
from deltarule.errors import DataError

IMAGES = np.arange(1, 46, dtype=np.uint8).reshape(5, 3, 3)
TRAINING = Dataset(IMAGES[:3], np.array([2, 0, 1]), "five training", 16.0, tuple("abc"), OneVsRest(2))
VALIDATION = Dataset(IMAGES[3:], np.array([1, 2]), "five validation", 16.0, tuple("abc"), OneVsRest(2))


def test_by_default_both_sets_stay_as_they_are():
    training, remaining = build_training_set(TRAINING, VALIDATION)
    assert training is TRAINING
    assert remaining is VALIDATION


def test_with_validation_appends_the_validation_set():
    training, remaining = build_training_set(TRAINING, VALIDATION, with_validation=True)
    assert remaining is None
    assert training.x.dtype == np.uint8
    np.testing.assert_array_equal(training.x, IMAGES)
    assert training.y.tolist() == [2, 0, 1, 1, 2]
    assert training.name == "five training, with the validation examples"
    assert (training.scale, training.classes, training.encoding) == (16.0, tuple("abc"), OneVsRest(2))
    assert (len(TRAINING), len(VALIDATION)) == (3, 2)


def test_shifts_leave_the_validation_set_unchanged():
    training, remaining = build_training_set(TRAINING, VALIDATION, shifts=1)
    np.testing.assert_array_equal(training.x, with_shifts(TRAINING).x)
    assert remaining is VALIDATION


def test_the_sets_are_joined_before_they_are_shifted():
    training, remaining = build_training_set(TRAINING, VALIDATION, shifts=2, with_validation=True)
    assert remaining is None
    assert training.y.tolist() == [2, 0, 1, 1, 2] * 5
    np.testing.assert_array_equal(training.x[:5], IMAGES)
    np.testing.assert_array_equal(training.x[5:10, 0], IMAGES[:, 2])  # up by two
    assert training.name == "five training, with the validation examples, 5 times by shifts of 2 pixels"


def test_images_too_small_to_shift_are_refused():
    with pytest.raises(DataError, check=has(argument="x", owner="five training")):
        build_training_set(TRAINING, VALIDATION, shifts=3)


def test_the_doctests_pass():
    tried = doctest.testmod(import_module("deltarule.data.training_set"))
    assert tried.attempted > 0
    assert tried.failed == 0
