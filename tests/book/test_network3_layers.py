"""The layers that the third program has of its own pass the contract of all layers."""

from __future__ import annotations

import jax
import numpy as np
import pytest

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
    contract.check_layer_keeps_its_word,
)


def test_none_is_left_out():
    assert {type(entry.layer) for entry in ENTRIES} == set(LAYERS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_the_contract_of_layers(entry, check):
    check(entry)


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_among_others(entry):
    contract.check_network_by_differences(network_of(entry, Tanh(), LogLikelihood()))


def test_the_share_that_is_silenced():
    key = random.fold(random.fold(random.key(1), 2), 0)
    y, _ = PublishedDropout(0.25).forward({}, np.ones((100, 400)), key)
    assert set(np.unique(y)) == {0.0, 1.0}
    assert abs(y.mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / y.size)


def test_the_mask_is_that_of_the_step_whatever_the_layer_and_the_engine():
    step = random.fold(random.key(1), 2)
    x = np.ones((3, 4), np.float32)
    first, second = (PublishedDropout().forward({}, x, random.fold(step, i))[0] for i in (0, 5))
    compiled = jax.jit(lambda x: PublishedDropout().forward({}, x, random.fold(step, 2))[0])(x)
    assert first.tolist() == second.tolist() == compiled.tolist()


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, "½", None])
def test_what_is_no_share(p):
    with pytest.raises(InvalidArgument) as error:
        PublishedDropout(p)
    assert (error.value.owner, error.value.argument, error.value.value) == ("PublishedDropout", "p", p)


@pytest.mark.parametrize(("layer", "shape"), [(Crop(3, 3), (2, 4, 1)), (Crop(0, 1), (2, 2, 1)), (Crop(1, 1), (4,))])
def test_what_cannot_be_cropped(layer, shape):
    with pytest.raises(ShapeError, match="Crop"):
        layer.output_shape(shape)
