"""Distortions: their bounds, new draws for every image, and equal results in both engines."""

from __future__ import annotations

import math

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from deltarule.core import random
from deltarule.core.distortions import Affine, Chain, Elastic, Shift, affine_displacement
from deltarule.core.warp import warp_images
from deltarule.errors import InvalidArgument

from .measures import freeze, key_in
from .test_warp import SHAPES

KEY = random.fold(random.fold(random.key(4), 3), 2)
AFFINE = Affine(rotation=20, shift=2, scale=0.2, skew=0.2)
ALL = (Shift(2), AFFINE, Elastic(20, 2), Chain([Shift(1), AFFINE, Elastic(20, 2), Shift(1)]))
IDENTITIES = (Shift(0), Affine(), Elastic(0, 3), Chain([]), Chain([Affine(), Elastic(0, 4), Shift(0)]))
each = pytest.mark.parametrize("distortion", ALL, ids=lambda d: type(d).__name__)


def images_of(*shape, dtype=np.float64):
    return np.random.default_rng(7).uniform(0.1, 1, size=shape).astype(dtype)


# ------------------------------------------------------------------------------- what is drawn


@pytest.mark.parametrize("distortion", IDENTITIES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_amplitude_nothing_moves(distortion, dtype):
    images = images_of(3, 28, 27, dtype=dtype)
    np.testing.assert_array_equal(distortion(images, KEY), images)


def check_shifts():
    """Check that each image is one of the 25 slices of a wider image, and that each slice occurs."""
    images = images_of(1500, 5, 4)
    wide = np.pad(images, [(0, 0), (2, 2), (2, 2)])
    slices = np.stack([wide[:, i : i + 5, j : j + 4] for i in range(5) for j in range(5)])
    found = (Shift(2)(images, KEY) == slices).all(axis=(2, 3))
    assert (found.sum(axis=0) == 1).all()
    assert found.sum(axis=1).min() > 30  # of 60 that are expected
    assert found.sum(axis=1).max() < 100


def test_shifts():
    check_shifts()


def check_affine_displacements():
    """Check rotated, scaled, skewed and shifted points against the product of the matrices."""
    images, rng = np.zeros((4, 7, 6)), np.random.default_rng(2)
    angle, down, right, scale, skew = rng.uniform(-0.5, 0.5, size=(5, 4))
    dy, dx = affine_displacement(images, angle, down, right, scale, skew)
    y, x = np.mgrid[:7, :6]
    for i in range(4):
        # y runs down, so that a turn counter-clockwise takes what lies right (x = 1) up (y = −1)
        turn = np.array([[np.cos(angle[i]), -np.sin(angle[i])], [np.sin(angle[i]), np.cos(angle[i])]])
        slant = np.array([[1, 0], [skew[i], 1]])
        source = np.stack([y + dy[i] - 3, x + dx[i] - 2.5]).reshape(2, -1)
        moved = (1 + scale[i]) * turn @ slant @ source + np.array([[down[i]], [right[i]]])
        np.testing.assert_allclose(moved, np.stack([y - 3, x - 2.5]).reshape(2, -1), atol=1e-12)


def test_affine_displacements():
    check_affine_displacements()


def test_a_quarter_turn_is_counter_clockwise():
    images, zero = images_of(2, 6, 6), np.zeros(2)
    turned = warp_images(images, *affine_displacement(images, np.full(2, np.pi / 2), zero, zero, zero, zero))
    np.testing.assert_allclose(turned, np.rot90(images, axes=(1, 2)), atol=1e-12)


def check_affine_bounds():
    """Check that each amplitude is drawn uniformly from its whole range, and not beyond."""
    images = np.zeros((4000, 3, 3))

    def even(drawn, bound):
        assert np.abs(drawn).max() <= bound
        shares = np.histogram(drawn, bins=4, range=(-bound, bound))[0] / len(drawn)
        assert np.abs(shares - 0.25).max() < 0.04

    dy, dx = Affine(shift=2).displacement(images, KEY)
    assert np.ptp(dy, axis=(1, 2)).max() < 1e-12
    even(dy[:, 1, 1], 2)
    even(dx[:, 1, 1], 2)
    assert abs(np.corrcoef(dy[:, 1, 1], dx[:, 1, 1])[0, 1]) < 0.05
    dy, dx = Affine(rotation=30).displacement(images, KEY)
    even(np.degrees(np.arctan2(-dx[:, 2, 1], 1 + dy[:, 2, 1])), 30)
    dy, _ = Affine(scale=0.3).displacement(images, KEY)
    even(1 / (1 + dy[:, 2, 1]) - 1, 0.3 + 1e-12)
    dy, dx = Affine(skew=0.3).displacement(images, KEY)
    even(-dx[:, 2, 1], 0.3)
    assert np.abs(dy).max() == 0


def test_affine_bounds():
    check_affine_bounds()


def check_elastic_fields(height=30, width=24, sigma=3.0):
    """Check the displacements against SciPy's Gaussian filter of the same random numbers."""
    images = np.zeros((3, height, width))
    drawn = (random.bits(KEY, (2, 3, height, width)) >> 8) / 2**23 - 1
    smooth = gaussian_filter(drawn, (0, 0, sigma, sigma), mode="constant", truncate=10)
    for found, expected in zip(Elastic(20, sigma).displacement(images, KEY), 20 * smooth, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@settings(max_examples=10)
@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([0.3, 1.0, 4.0]))
def test_elastic_fields(height, width, sigma):
    check_elastic_fields(height, width, sigma)


def check_chain():
    """Check that consecutive warps are added and interpolated once, and that each part has its own key, in order."""
    images, elastic = images_of(2, 9, 8), Elastic(20, 2)
    keys = [random.fold(KEY, i) for i in range(3)]
    moves = [AFFINE.displacement(images, keys[0]), elastic.displacement(images, keys[1])]
    expected = Shift(2)(warp_images(images, moves[0][0] + moves[1][0], moves[0][1] + moves[1][1]), keys[2])
    np.testing.assert_array_equal(Chain([AFFINE, elastic, Shift(2)])(images, KEY), expected)


@pytest.mark.parametrize("sigma", [99.0, 101.0, 1e9, 1e300])
def test_wide_elastic_fields_are_scaled_as_an_infinite_row(sigma):
    """The sum of g over an infinite row is σ√(2π) to all digits, so the largest entry is its reciprocal."""
    smoothing = Elastic(34, sigma)._smoothing(np.zeros((1, 8, 8)), 8)
    assert smoothing[3, 3] == pytest.approx(1 / (sigma * math.sqrt(2 * math.pi)), rel=1e-12)


def test_chain():
    check_chain()


def check_draws_differ():
    """Check that no two images of a mini-batch, and no two steps, get the same distortion."""
    images = np.tile(images_of(1, 12, 12), (6, 1, 1))
    for distortion in ALL[1:]:
        first, second = (distortion(images, random.fold(KEY, step)) for step in range(2))
        every = [image.tobytes() for image in (*first, *second)]
        assert len(set(every)) == len(every)
        np.testing.assert_array_equal(first, distortion(images, random.fold(KEY, 0)))
    doubled = Chain([Affine(shift=2), Affine(shift=2)])(images, KEY)
    assert np.abs(doubled - Affine(shift=4)(images, random.fold(KEY, 0))).max() > 0.1


def test_draws_differ():
    check_draws_differ()


# ------------------------------------------------------------------------ on which arrays


@settings(max_examples=15)
@given(SHAPES)
def test_distortions_preserve_shapes_and_move_channels_together(shape):
    images = images_of(*shape)
    for distortion in ALL:
        found = distortion(images, KEY)
        assert found.shape == shape
        if len(shape) == 4:
            for c in range(shape[3]):
                np.testing.assert_array_equal(found[..., c], distortion(images[..., c], KEY))


@each
def test_distortions_use_only_the_array_api_standard(distortion):
    images = images_of(2, 6, 7, 3)
    found = distortion(array_api_strict.asarray(images), key_in(array_api_strict, KEY))
    np.testing.assert_array_equal(np.asarray(found), distortion(images, KEY))


@each
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_numpy_and_jax_agree(distortion, dtype, tolerance):
    images = images_of(5, 28, 28, dtype=dtype)
    with jax.enable_x64(dtype == np.float64):
        found = jax.jit(distortion)(jnp.asarray(images), key_in(jnp, KEY))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, distortion(images, KEY), rtol=0, atol=tolerance)


@each
def test_distortions_do_not_change_inputs_and_preserve_types(distortion):
    images = images_of(2, 8, 8, dtype=np.float32)
    before = images.copy()
    freeze((images, KEY))
    found = distortion(images, KEY)
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= np.float32(1)
    np.testing.assert_array_equal(images, before)


# -------------------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: Shift(-1), "pixels"),
        (lambda: Shift(2**15), "pixels"),
        (lambda: Shift(0.5), "pixels"),
        (lambda: Shift(True), "pixels"),
        (lambda: Affine(rotation=-3), "rotation"),
        (lambda: Affine(shift=float("nan")), "shift"),
        (lambda: Affine(skew="much"), "skew"),
        (lambda: Affine(scale=1), "scale"),
        (lambda: Elastic(-1, 4), "alpha"),
        (lambda: Elastic(34, float("inf")), "sigma"),
        (lambda: Elastic(34, 0), "sigma"),
        (lambda: Chain(Shift(1)), "parts"),
        (lambda: Chain([Shift]), "parts"),
    ],
)
def test_invalid_arguments_are_refused(make, argument):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert error.value.argument == argument
