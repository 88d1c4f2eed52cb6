"""Warps against SciPy's interpolation."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from deltarule.core.warp import warp_images

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7), st.sampled_from([(), (1,), (3,)])).map(
    lambda shape: (*shape[:3], *shape[3])
)


def by_scipy(images, down, right):
    n, height, width = images.shape[:3]
    rows, columns = np.mgrid[:height, :width]
    out = np.empty((n, height, width, images[0, 0, 0].size))
    channels = images.reshape(out.shape)
    for i, c in np.ndindex(n, out.shape[3]):
        places = [rows + down[i], columns + right[i]]
        out[i, :, :, c] = map_coordinates(channels[i, :, :, c], places, order=1, mode="grid-constant")
    return out.reshape(images.shape)


def check_against_scipy(shape=(3, 5, 6, 2), seed=0, reach=4.0):
    rng = np.random.default_rng(seed)
    images = rng.uniform(size=shape)
    down, right = rng.uniform(-reach, reach, size=(2, *shape[:3]))
    np.testing.assert_allclose(warp_images(images, down, right), by_scipy(images, down, right), rtol=0, atol=1e-12)


@settings(max_examples=40)
@given(SHAPES, st.integers(0, 1000), st.sampled_from([0.7, 3.0, 100.0]))
def test_against_scipy(shape, seed, reach):
    check_against_scipy(shape, seed, reach)


def test_whole_pixels_are_exact():
    images = np.random.default_rng(1).uniform(size=(2, 6, 5)).astype(np.float32)
    moved = warp_images(images, np.full((2, 6, 5), 2, np.float32), np.full((2, 6, 5), -1, np.float32))
    expected = np.zeros_like(images)
    expected[:, :4, 1:] = images[:, 2:, :-1]
    np.testing.assert_array_equal(moved, expected)
    assert moved.dtype == np.float32
