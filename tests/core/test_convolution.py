"""Convolution by hand, against the sum of equation (125), and against JAX's own; gradients are in the contract."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from tests.fields import has

from deltarule.core import random
from deltarule.core.activations import ReLU
from deltarule.core.convolution import Conv
from deltarule.core.costs import LogLikelihood
from deltarule.core.gradcheck import gradcheck
from deltarule.core.initializers import He, Large
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import MaxPool
from deltarule.core.windows import places
from deltarule.errors import InvalidArgument, ShapeError

from .measures import agree
from .test_windows import few, sides, sights

IMAGE = np.asarray([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]]).reshape(1, 3, 3, 1)
KERNEL = {"w": np.asarray([[1.0, 2.0], [-1.0, 3.0]]).reshape(1, 2, 2, 1), "b": np.asarray([0.5])}


def test_convolution_by_hand():
    z, cache = Conv(1, 2).forward(KERNEL, IMAGE)
    # 1·1 + 2·2 − 1·0 + 3·1 + ½, and so on
    assert z[0, :, :, 0].tolist() == [[8.5, 10.5], [3.5, 9.5]]
    delta = np.asarray([[1.0, 0.0], [2.0, -1.0]]).reshape(1, 2, 2, 1)
    d_x, grads = Conv(1, 2).backward(KERNEL, cache, delta)
    assert grads["b"].tolist() == [2.0]
    # BP4 over the four places: ∂C/∂w[0, 0] = 1·1 + 0·2 + 2·0 − 1·1
    assert grads["w"][0, :, :, 0].tolist() == [[0.0, 1.0], [3.0, 2.0]]
    # the kernel laid onto each place, weighted by its error, and added up
    assert d_x[0, :, :, 0].tolist() == [[1.0, 2.0, 0.0], [1.0, 6.0, -2.0], [-2.0, 7.0, -3.0]]


def test_stride_by_hand():
    z, cache = Conv(1, (1, 2), stride=(2, 1)).forward({**KERNEL, "w": KERNEL["w"][:, :1]}, IMAGE)
    assert z[0, :, :, 0].tolist() == [[5.5, 2.5], [4.5, 3.5]]
    d_x, _ = Conv(1, (1, 2), stride=(2, 1)).backward({**KERNEL, "w": KERNEL["w"][:, :1]}, cache, np.ones_like(z))
    assert d_x[0, :, :, 0].tolist() == [[1.0, 3.0, 2.0], [0.0, 0.0, 0.0], [1.0, 3.0, 2.0]]


def test_two_channels_and_two_maps_by_hand():
    x = np.asarray([[[[1.0, 10.0], [2.0, 20.0]]]])
    w = np.asarray([[[[1.0, 0.0], [0.0, 1.0]]], [[[0.0, 2.0], [3.0, 0.0]]]])  # (maps, 1, 2, channels)
    z, _ = Conv(2, (1, 2)).forward({"w": w, "b": np.asarray([0.0, 100.0])}, x)
    assert z.tolist() == [[[[21.0, 126.0]]]]


def the_sum(params, x, kernel, stride):
    """Compute equation (125) as a sum over the places of the kernel: Σ over i and j of w[:, i, j] x."""
    (h, w), (s, t) = kernel, stride
    rows, columns = places(x.shape[1:3], kernel, stride)
    z = np.zeros((len(x), rows, columns, len(params["b"]))) + params["b"]
    for i in range(h):
        for j in range(w):
            z += x[:, i : i + s * rows : s, j : j + t * columns : t][:, :rows, :columns] @ params["w"][:, i, j].T
    return z


@few
@given(sights(), sides)
def test_forward_is_the_sum_and_backward_its_transpose(sight, maps):
    examples, image, channels, kernel, stride = sight
    layer = Conv(maps, kernel, stride)
    rng = np.random.default_rng(1)
    params = layer.init(random.key(1), (*image, channels))
    x = rng.normal(size=(examples, *image, channels))
    z, cache = layer.forward(params, x)
    assert z.shape == (examples, *layer.output_shape((*image, channels)))
    np.testing.assert_allclose(z, the_sum(params, x, kernel, stride), rtol=1e-12, atol=1e-12)
    delta = rng.normal(size=z.shape)
    d_x, grads = layer.backward(params, cache, delta)
    # z is linear in x, in w and in b: going some way along each, ⟨δ, change of z⟩ = ⟨gradient, way⟩
    for name, gradient, at in (("x", d_x, x), ("w", grads["w"], params["w"]), ("b", grads["b"], params["b"])):
        way = rng.normal(size=at.shape)
        moved = {**params, "x": x, name: at + way}
        change = the_sum(moved, moved["x"], kernel, stride) - z
        np.testing.assert_allclose(np.sum(gradient * way), np.sum(delta * change), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    ("image", "kernel", "stride", "maps"),
    [((1, 1, 1), (1, 1), (1, 1), 1), ((7, 5, 3), (3, 2), (1, 1), 4), ((6, 8, 2), (2, 5), (3, 2), 3)],
)
def test_convolution_equals_jax(image, kernel, stride, maps):
    layer = Conv(maps, kernel, stride)
    rng = np.random.default_rng(1)
    params, x = layer.init(random.key(1), image), rng.normal(size=(3, *image))
    z, cache = layer.forward(params, x)
    delta = rng.normal(size=z.shape)
    d_x, grads = layer.backward(params, cache, delta)

    def theirs(x, w, b):
        return jax.lax.conv_general_dilated(x, w, stride, "VALID", dimension_numbers=("NHWC", "OHWI", "NHWC")) + b

    with jax.enable_x64(True):
        oracle, vjp = jax.vjp(theirs, jnp.asarray(x), jnp.asarray(params["w"]), jnp.asarray(params["b"]))
        agree(z, oracle, 1e-12, "z")
        for name, mine, other in zip(("x", "w", "b"), (d_x, *grads.values()), vjp(jnp.asarray(delta)), strict=True):
            agree(mine, other, 1e-12, name)


def test_init_equals_that_of_a_dense_layer_on_a_patch():
    asked = []

    def initializer(rng, shape, n_in):
        asked.append((shape, n_in))
        return Large()(rng, shape, n_in)

    params = Conv(4, (3, 2), initializer=initializer).init(random.key(0), (28, 28, 5))
    assert asked == [((4, 3, 2, 5), 30)]
    assert (params["w"].shape, params["b"].shape) == ((4, 3, 2, 5), (4,))
    assert Conv(4, 3).weights == ("w",)


def test_a_kernel_as_large_as_the_image_is_a_dense_layer():
    x = np.random.default_rng(0).normal(size=(3, 4, 5, 2))
    params = Conv(6, (4, 5)).init(random.key(0), (4, 5, 2))
    z, _ = Conv(6, (4, 5)).forward(params, x)
    dense, _ = Dense(6).forward({"w": params["w"].reshape(6, -1), "b": params["b"]}, x.reshape(3, -1))
    np.testing.assert_allclose(z[:, 0, 0], dense, rtol=1e-13)


def test_lists_count_as_pairs_and_equal_layers_compare_equal():
    assert Conv(2, [3, 2], stride=[1, 2]) == Conv(2, (3, 2), stride=(1, 2))
    assert len({Conv(2, [3, 2]), Conv(2, (3, 2)), Conv(2, 3)}) == 2


def test_shape_errors_have_a_remedy():
    with pytest.raises(ShapeError, check=has(argument="kernel", owner="Conv", value=(5, 2))) as large:
        Conv(3, (5, 2)).output_shape((4, 6, 1))
    assert "(4, 2)" in large.value.remedy
    with pytest.raises(ShapeError) as unfit:
        Network([Conv(20, 5), Flatten(), Dense(10)], LogLikelihood(), (28, 28))
    assert (unfit.value.position, unfit.value.owner) == ("layer 0", "Conv")
    assert unfit.value.remedy.endswith("give the network an input_shape such as (28, 28, 1)")
    with pytest.raises(ShapeError) as unfit:
        Network([Conv(20, 5)], LogLikelihood(), (28, 28, 1))
    assert (unfit.value.position, unfit.value.value) == ("layer 0", (24, 24, 20))


@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("initializer", lambda: Conv(3, 5, initializer=He)),
        ("maps", lambda: Conv(0, 5)),
        ("stride", lambda: Conv(1, 5, stride=0)),
    ],
)
def test_invalid_arguments_are_refused(argument, make):
    with pytest.raises(InvalidArgument) as error:
        make()
    assert (error.value.argument, error.value.owner) == (argument, "Conv")


def test_the_books_network_has_the_books_shapes():
    layers = [Conv(20, 5), MaxPool(2), Conv(40, 5), MaxPool(2), Flatten(), Dense(100), Dense(10)]
    network = Network(layers, LogLikelihood(), (28, 28, 1))
    assert network.shapes[1:5] == [(24, 24, 20), (12, 12, 20), (8, 8, 40), (4, 4, 40)]
    assert [p["w"].size + p["b"].size for p in network.init(0) if p][:2] == [20 * 26, 40 * 501]


def test_gradcheck_holds_where_normalization_leaves_biases_no_effect():
    layers = [Conv(2, 2, initializer=He()), BatchNorm(), ReLU(), Flatten(), Dense(3)]
    network = Network(layers, LogLikelihood(), (3, 3, 1))
    x, y = np.random.default_rng(0).normal(size=(4, 3, 3, 1)), np.eye(3)[[0, 1, 2, 0]]
    for rng in (random.key(0), None):
        assert gradcheck(network, network.init(0), x, y, rng).relative < 1e-6
