"""Patches and their folding against the sum that defines them, for every image, window and stride."""

from __future__ import annotations

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.core.convolution import Conv
from deltarule.core.windows import fold, image_shape, pair, patches, places, to_ints
from deltarule.errors import InvalidArgument, ShapeError

few = settings(max_examples=60, derandomize=True)
sides = st.integers(min_value=1, max_value=4)
pairs = st.tuples(sides, sides)


@st.composite
def sights(draw):
    """Draw an image, and a window with a stride that fits into it."""
    window, stride, more = draw(pairs), draw(pairs), draw(pairs)
    image = (window[0] + more[0] - 1, window[1] + more[1] - 1)
    return draw(sides), image, draw(sides), window, stride


def patches_by_sum(x, window, stride):
    """Compute patches[n, r, c, (i, j, ch)] = x[n, r·s + i, c·t + j, ch], number by number."""
    (h, w), (s, t) = window, stride
    rows, columns = places(x.shape[1:3], window, stride)
    out = np.empty((len(x), rows, columns, h, w, x.shape[3]))
    for n, r, c, i, j, ch in np.ndindex(*out.shape):
        out[n, r, c, i, j, ch] = x[n, r * s + i, c * t + j, ch]
    return out.reshape(len(x), rows, columns, -1)


def fold_by_sum(d, image, window, stride, channels):
    (h, w), (s, t) = window, stride
    out = np.zeros((len(d), *image, channels))
    d = d.reshape(*d.shape[:3], h, w, channels)
    for n, r, c, i, j, ch in np.ndindex(*d.shape):
        out[n, r * s + i, c * t + j, ch] += d[n, r, c, i, j, ch]
    return out


def test_patches_by_hand():
    image = np.arange(24.0).reshape(1, 3, 4, 2)
    found = patches(image, (2, 2), (1, 2))
    assert found.shape == (1, 2, 2, 8)
    assert found[0, 0, 0].tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
    assert found[0, 0, 1].tolist() == [4, 5, 6, 7, 12, 13, 14, 15]
    assert found[0, 1, 0].tolist() == [8, 9, 10, 11, 16, 17, 18, 19]


def test_fold_by_hand():
    d = np.arange(1.0, 9.0).reshape(1, 1, 2, 4)  # two patches of 2 × 2 on an image of 2 × 3
    assert fold(d, (2, 3), (2, 2), (1, 1))[0, :, :, 0].tolist() == [[1, 2 + 5, 6], [3, 4 + 7, 8]]


@few
@given(sights())
def test_patches_and_their_folding_equal_their_sums(sight):
    examples, image, channels, window, stride = sight
    rng = np.random.default_rng(0)
    x = rng.normal(size=(examples, *image, channels))
    expected = patches_by_sum(x, window, stride)
    d = rng.normal(size=expected.shape)
    for xp in (np, array_api_strict):
        np.testing.assert_array_equal(np.asarray(patches(xp.asarray(x), window, stride)), expected)
        d_x = np.asarray(fold(xp.asarray(d), image, window, stride))
        np.testing.assert_allclose(d_x, fold_by_sum(d, image, window, stride, channels), rtol=1e-13, atol=1e-13)


def test_sizes():
    assert (pair(3), pair((2, 3))) == ((3, 3), (2, 3))
    assert (to_ints(np.int64(3)), to_ints([np.uint8(2), 3])) == (3, (2, 3))


@pytest.mark.parametrize("size", [0, -1, 2.0, (2,), (2, 0), (1, 2, 3), "5", None, (2, 2.0)])
def test_invalid_sizes_are_refused(size):
    with pytest.raises(InvalidArgument) as error:
        Conv(3, size)
    assert (error.value.argument, error.value.owner, error.value.value) == ("kernel", "Conv", size)


@pytest.mark.parametrize(
    ("shape", "example"), [((28, 28), (28, 28, 1)), ((784,), (28, 28, 1)), ((64,), (8, 8, 1)), ((7, 9), (7, 9, 1))]
)
def test_inputs_that_are_not_images_are_refused(shape, example):
    conv = Conv(3, 2)
    assert image_shape(conv, (2, 3, 4)) == (2, 3, 4)
    with pytest.raises(ShapeError) as error:
        image_shape(conv, shape)
    assert (error.value.argument, error.value.owner, error.value.value) == ("input_shape", "Conv", shape)
    assert error.value.remedy.endswith(f"input_shape such as {example}")
