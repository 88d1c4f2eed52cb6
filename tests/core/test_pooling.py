"""Pools by hand and against JAX, for every size and stride; ties, zeros and errors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fields import has

from deltarule.core.activations import ReLU
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.errors import InvalidArgument, ShapeError

from .measures import agree
from .test_windows import few, pairs, sides

IMAGE = np.asarray([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]).reshape(1, 3, 3, 1)


def test_max_pool_by_hand():
    a, cache = MaxPool(2, stride=1).forward({}, IMAGE)
    assert a[0, :, :, 0].tolist() == [[2.0, 3.0], [2.0, 3.0]]
    d_x, grads = MaxPool(2, stride=1).backward({}, cache, np.asarray([[1.0, 2.0], [3.0, 4.0]]).reshape(a.shape))
    assert d_x[0, :, :, 0].tolist() == [[0, 1, 0], [0, 0, 6], [3, 0, 0]]
    assert grads == {}


def test_l2_pool_by_hand():
    a, cache = L2Pool((1, 2), stride=1).forward({}, np.asarray([[3.0, 4.0, -3.0]]).reshape(1, 1, 3, 1))
    assert a.ravel().tolist() == [5.0, 5.0]
    d_x, _ = L2Pool((1, 2), stride=1).backward({}, cache, np.asarray([1.0, 10.0]).reshape(a.shape))
    np.testing.assert_allclose(d_x.ravel(), [0.6, 0.8 + 8, -6], rtol=1e-15)


def test_where_numbers_tie_the_first_wins():
    for image, winner in (
        ([[7.0, 7.0], [7.0, 7.0]], (0, 0)),
        ([[1.0, 7.0], [7.0, 7.0]], (0, 1)),  # row by row: before the one below
        ([[1.0, 2.0], [7.0, 7.0]], (1, 0)),
        ([[0.0, -0.0], [-1.0, 0.0]], (0, 0)),
    ):
        a, cache = MaxPool(2).forward({}, np.asarray(image).reshape(1, 2, 2, 1))
        d_x, _ = MaxPool(2).backward({}, cache, np.full_like(a, 5.0))
        assert d_x[0, :, :, 0][winner] == 5.0
        assert np.count_nonzero(d_x) == 1


def test_channels_and_examples_do_not_mix():
    x = np.stack([IMAGE, 10 - IMAGE], axis=-1).reshape(1, 3, 3, 2)
    x = np.concatenate([x, -x])
    a, cache = MaxPool(3).forward({}, x)
    assert a.reshape(2, 2).tolist() == [[3.0, 10.0], [0.0, -7.0]]
    d_x, _ = MaxPool(3).backward({}, cache, np.ones_like(a))
    np.testing.assert_array_equal(d_x.sum(axis=(1, 2)), np.ones((2, 2)))


def test_no_error_comes_back_from_a_region_of_nothing():
    a, cache = L2Pool(2).forward({}, np.zeros((1, 2, 2, 1)))
    assert a.ravel().tolist() == [0.0]
    with np.errstate(all="raise"):
        assert L2Pool(2).backward({}, cache, np.ones_like(a))[0].ravel().tolist() == [0.0] * 4


def test_a_pool_over_rectifiers_that_are_off_learns_nothing():
    network = Network([ReLU(), MaxPool(2), Flatten(), Dense(2)], LogLikelihood(), (2, 2, 1))
    params = network.init(0)
    z, caches = network.forward(params, -np.ones((1, 2, 2, 1)))
    assert np.count_nonzero(network.backward(params, caches, np.ones_like(z))[0]) == 0


@few
@given(sides, sides, pairs, pairs, pairs, st.sampled_from([MaxPool, L2Pool]))
def test_every_pool_is_what_its_regions_give(examples, channels, size, stride, more, kind):
    image = tuple(n + s * (m - 1) for n, s, m in zip(size, stride, more, strict=True))
    # whole numbers, so that there are ties and regions of nothing
    x = np.random.default_rng(0).integers(-1, 2, size=(examples, *image, channels)).astype(float)
    layer = kind(size, stride)
    a, cache = layer.forward({}, x)
    assert a.shape == (examples, *layer.output_shape((*image, channels)))
    d_a = np.random.default_rng(1).normal(size=a.shape)
    d_x = np.zeros_like(x)
    for n, r, c, ch in np.ndindex(*a.shape):
        rows = slice(r * stride[0], r * stride[0] + size[0])
        columns = slice(c * stride[1], c * stride[1] + size[1])
        region, error = x[n, rows, columns, ch], d_a[n, r, c, ch]
        if kind is MaxPool:
            assert a[n, r, c, ch] == region.max()
            place = np.unravel_index(region.argmax(), size)
            d_x[n, rows, columns, ch][place] += error
        else:
            assert a[n, r, c, ch] == pytest.approx(np.linalg.norm(region), rel=1e-15)
            d_x[n, rows, columns, ch] += error * region / (np.linalg.norm(region) or 1)
    np.testing.assert_allclose(layer.backward({}, cache, d_a)[0], d_x, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("kind", [MaxPool, L2Pool])
@pytest.mark.parametrize(("image", "size", "stride"), [((4, 6, 3), (2, 2), (2, 2)), ((7, 5, 1), (3, 2), (2, 1))])
def test_pools_equal_jax(kind, image, size, stride):
    x = np.random.default_rng(0).normal(size=(3, *image))
    a, cache = kind(size, stride).forward({}, x)
    d_a = np.random.default_rng(1).normal(size=a.shape)

    def theirs(x):
        window = {"window_dimensions": (1, *size, 1), "window_strides": (1, *stride, 1), "padding": "VALID"}
        if kind is MaxPool:
            return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, **window)
        return jnp.sqrt(jax.lax.reduce_window(x * x, 0.0, jax.lax.add, **window))

    with jax.enable_x64(True):
        oracle, vjp = jax.vjp(theirs, jnp.asarray(x))
        agree(a, oracle, 1e-12, "a")
        agree(kind(size, stride).backward({}, cache, d_a)[0], vjp(jnp.asarray(d_a))[0], 1e-12, "d_x")


MISFITS = [
    (MaxPool(2), (25, 24, 1), "instead of height 25 use 24 or 26, or a size of 1 or 5"),
    (MaxPool((2, 3)), (24, 25, 1), "instead of width 25 use 24 or 27, or a size of 1 or 5"),
    (MaxPool(2, stride=3), (7, 8, 1), "instead of height 7 use 5 or 8, or a size of 1 or 4"),
    (L2Pool(4), (3, 8, 2), "instead of height 3 use 4, or a size of 1 or 3"),
    (L2Pool(2), (5, 7, 1), "instead of height 5 use 4 or 6, or a size of 1 or 5; instead of width 7 use"),
    # 10¹² + 39 is a prime: the search for sizes ends long before it
    (
        MaxPool(2),
        (10**12 + 39, 4, 1),
        "instead of height 1000000000039 use 1000000000038 or 1000000000040, or a size of 1",
    ),
    (MaxPool(5000), (10**12 + 39, 5000, 1), "use 1000000000000 or 1000000005000"),
]


@pytest.mark.parametrize(("pool", "shape", "remedy"), MISFITS)
def test_regions_must_cover_the_image_exactly(pool, shape, remedy):
    with pytest.raises(ShapeError, check=has(argument="input_shape", owner=type(pool).__name__, value=shape)) as error:
        pool.output_shape(shape)
    assert remedy in error.value.remedy


@few
@given(st.integers(1, 30), st.integers(1, 9), st.one_of(st.none(), st.integers(1, 5)))
def test_suggested_sizes_fit(n, size, stride):
    try:
        MaxPool(size, stride).output_shape((n, n, 1))
    except ShapeError as error:
        images, sizes = error.remedy.split("; ")[0].split(" use ")[1].split(", or a size of ")
        for m in images.split(" or "):
            assert MaxPool(size, stride).output_shape((int(m), int(m), 1))
        for m in sizes.split(" or "):
            assert MaxPool(int(m), stride).output_shape((n, n, 1))


def test_pools_check_their_arguments():
    with pytest.raises(InvalidArgument, check=has(argument="size", owner="L2Pool")):
        L2Pool(0)
    with pytest.raises(InvalidArgument, check=has(argument="stride", owner="MaxPool")):
        MaxPool(2, (1, 0))
    with pytest.raises(ShapeError) as unfit:
        MaxPool(2).output_shape((784,))
    assert unfit.value.remedy.endswith("(28, 28, 1)")
    assert MaxPool([2, 3]) == MaxPool((2, 3))
    assert MaxPool(2).weights == ()
