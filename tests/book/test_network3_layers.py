"""The third program's own layers fulfil the contract of all layers."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.fields import has

from core import contract
from core.table import Entry, network_of
from deltarule.book.network3_layers import LAYERS, Crop, PublishedConvPool, PublishedDropout
from deltarule.core import random
from deltarule.core.activations import Tanh
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.engines.native_scope import find_obstacle
from deltarule.errors import InvalidArgument, ShapeError

ENTRIES = (
    Entry(PublishedDropout(0.25), (3,)),
    Entry(PublishedConvPool(2, 2, 2), (3, 5, 2)),
    Entry(PublishedConvPool(3, (1, 2), (2, 1)), (5, 3, 1)),  # the last row lies in no region
    Entry(PublishedConvPool(2, (2, 1), 1), (3, 2, 2)),
    Entry(Crop(2, 3), (4, 3, 2)),
    Entry(Crop(3, 2), (3, 4, 1)),
)
CHECKS = (
    contract.check_layer_by_differences,
    contract.check_layer_by_jax,
    contract.check_layer_is_pure,
    contract.check_layer_honours_its_contract,
)


def test_all_layers_are_tested():
    assert {type(entry.layer) for entry in ENTRIES} == set(LAYERS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_a_layer_fulfils_the_contract(entry, check):
    check(entry)


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_a_layer_works_among_others(entry):
    contract.check_network_by_differences(network_of(entry, Tanh(), LogLikelihood()))


def test_a_quarter_of_the_inputs_are_zero():
    key = random.fold(random.fold(random.key(1), 2), 0)
    y, _ = PublishedDropout(0.25).forward({}, np.ones((100, 400)), key)
    assert set(np.unique(y)) == {0.0, 1.0}
    assert abs(y.mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / y.size)


def test_the_mask_depends_only_on_the_step():
    step = random.fold(random.key(1), 2)
    x = np.ones((3, 4), np.float32)
    first, second = (PublishedDropout().forward({}, x, random.fold(step, i))[0] for i in (0, 5))
    compiled = jax.jit(lambda x: PublishedDropout().forward({}, x, random.fold(step, 2))[0])(x)
    assert first.tolist() == second.tolist() == compiled.tolist()


def test_all_equal_maxima_get_the_error():
    """Three regions: of equal numbers, of two maxima, and of one and NaN; the bias gets each error once."""
    layer, params = PublishedConvPool(1, 1, (1, 3)), {"w": np.ones((1, 1, 1, 1)), "b": np.asarray([4.0])}
    x = np.asarray([0.0, 0, 0, 2, 1, 2, 1, np.nan, 3, 9]).reshape(1, 1, 10, 1)  # the last number lies in no region
    a, cache = layer.forward(params, x)
    np.testing.assert_array_equal(a.ravel(), [4, 6, np.nan])
    d_x, grads = layer.backward(params, cache, np.asarray([10.0, 20, 30]).reshape(a.shape))
    assert d_x.ravel().tolist() == [10, 10, 10, 20, 0, 20, 0, 30, 0, 0]
    assert grads["b"].tolist() == [60]


@pytest.mark.parametrize("shape", [(3, 2, 1), (2, 3, 1), (1, 9, 1), (4,)])
def test_images_smaller_than_a_region_are_an_error(shape):
    with pytest.raises(ShapeError):
        PublishedConvPool(2, 2, 2).output_shape(shape)


@pytest.mark.parametrize("name", ["maps", "kernel", "pool"])
def test_an_invalid_size_is_an_error(name):
    with pytest.raises(InvalidArgument, check=has(owner="PublishedConvPool", argument=name, value=0)):
        PublishedConvPool(**{"maps": 1, "kernel": 2, "pool": 2, name: 0})


@pytest.mark.parametrize(
    ("pool", "shape", "reason"),
    [((4, 8), (9, 9, 1), ""), ((3, 11), (12, 12, 1), "more than 32 numbers"), (4, (9000, 9000, 1), "134,217,728")],
)
def test_the_native_engine_runs_pools_of_up_to_32_numbers(pool, shape, reason):
    network = Network([PublishedConvPool(2, 2, pool), Flatten(), Dense(2)], LogLikelihood(), shape)
    found = find_obstacle(network)
    assert reason in found if reason else found == ""


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, "½", None])
def test_an_invalid_probability_is_an_error(p):
    with pytest.raises(InvalidArgument, check=has(owner="PublishedDropout", argument="p", value=p)):
        PublishedDropout(p)


@pytest.mark.parametrize(("layer", "shape"), [(Crop(3, 3), (2, 4, 1)), (Crop(0, 1), (2, 2, 1)), (Crop(1, 1), (4,))])
def test_an_invalid_crop_is_an_error(layer, shape):
    with pytest.raises(ShapeError, match="Crop"):
        layer.output_shape(shape)
