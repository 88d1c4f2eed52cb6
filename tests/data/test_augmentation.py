"""Augmentation before the training: the book's five times as many images."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fields import has

from deltarule.data import augmentation
from deltarule.data.augmentation import with_shifts
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import MultiLabel, OneVsRest
from deltarule.errors import DataError, InvalidArgument


@given(st.integers(0, 3), st.integers(3, 6), st.integers(3, 6), st.sampled_from([(), (1,), (3,)]), st.integers(1, 2))
def test_each_copy_is_shifted_by_the_given_pixels(n, height, width, channels, pixels):
    x = np.random.default_rng(0).integers(1, 255, (n, height, width, *channels), dtype=np.uint8)
    before = x.copy()
    found = with_shifts(Dataset(x, np.arange(n), classes=tuple("abc")), pixels).x.reshape(5, *x.shape)
    # an independent way: cut a window out of a wider picture
    wide = np.pad(x, [(0, 0), (pixels, pixels), (pixels, pixels), *[(0, 0)] * len(channels)])
    corners = [(pixels, pixels), (2 * pixels, pixels), (0, pixels), (pixels, 2 * pixels), (pixels, 0)]
    for copy, (top, left) in zip(found, corners, strict=True):
        np.testing.assert_array_equal(copy, wide[:, top : top + height, left : left + width])
    np.testing.assert_array_equal(x, before)
    assert found.dtype == np.uint8


def test_with_shifts_keeps_labels_and_settings():
    small = Dataset(np.ones((2, 3, 3), np.uint8), np.array([9, 4]), "two", 16.0, tuple("0123456789"), OneVsRest(9))
    five = with_shifts(small)
    assert five.y.tolist() == [9, 4] * 5
    assert (five.scale, five.classes, five.encoding) == (small.scale, small.classes, small.encoding)
    assert five.name == "two, 5 times by shifts of 1 pixel"


def test_with_shifts_keeps_bytes(mnist):
    train = mnist[0]
    five = with_shifts(train)
    assert five.x.nbytes == 5 * train.x.nbytes
    assert five.x.dtype == train.x.dtype


@pytest.mark.parametrize("shape", [(9,), (1, 9)])
def test_with_shifts_refuses_examples_that_are_no_images(shape):
    with pytest.raises(DataError, check=has(owner="here", value=shape)):
        with_shifts(Dataset(np.zeros((2, *shape)), np.array([0, 1]), "here"))


def test_with_shifts_keeps_labels_of_several_numbers():
    labels = np.arange(6).reshape(3, 2) % 2
    images = Dataset(np.zeros((3, 4, 4)), labels, "tags", encoding=MultiLabel(2))
    assert with_shifts(images).y.tolist() == labels.tolist() * 5


def test_with_shifts_refuses_sequences_of_unequal_lengths():
    data = Dataset(np.zeros((3, 4, 4)), np.arange(3) % 2, "sequences", lengths=[1, 4, 2])
    with pytest.raises(DataError, match="expected images, without lengths, to shift"):
        with_shifts(data)


@pytest.mark.parametrize("pixels", [0, -1, 1.5, True, "1"])
def test_with_shifts_refuses_invalid_pixels(pixels):
    with pytest.raises(InvalidArgument, check=has(argument="pixels", value=pixels)):
        with_shifts(Dataset(np.zeros((2, 4, 4)), np.array([0, 1])), pixels)


def test_the_doctests_pass():
    tried = doctest.testmod(augmentation)
    assert tried.attempted > 0
    assert tried.failed == 0
