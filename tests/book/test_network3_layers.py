"""The third program's own layers fulfil the contract of all layers."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tests.fields import has

from core import contract
from core.table import Entry, network_of
from deltarule.book.network3_layers import LAYERS, Crop, PublishedDropout
from deltarule.core import random
from deltarule.core.activations import Tanh
from deltarule.core.costs import LogLikelihood
from deltarule.errors import InvalidArgument, ShapeError

ENTRIES = (Entry(PublishedDropout(0.25), (3,)), Entry(Crop(2, 3), (4, 3, 2)), Entry(Crop(3, 2), (3, 4, 1)))
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


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, "½", None])
def test_an_invalid_probability_is_an_error(p):
    with pytest.raises(InvalidArgument, check=has(owner="PublishedDropout", argument="p", value=p)):
        PublishedDropout(p)


@pytest.mark.parametrize(("layer", "shape"), [(Crop(3, 3), (2, 4, 1)), (Crop(0, 1), (2, 2, 1)), (Crop(1, 1), (4,))])
def test_an_invalid_crop_is_an_error(layer, shape):
    with pytest.raises(ShapeError, match="Crop"):
        layer.output_shape(shape)
