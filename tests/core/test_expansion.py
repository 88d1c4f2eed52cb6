"""Augmentation within a step: on images, whatever the input shape of the network, with a key of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deltarule.core import random
from deltarule.core.augmentation import OnImages
from deltarule.core.descent import Descent
from deltarule.core.distortions import Elastic, Shift
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD
from deltarule.core.regularizers import L2

from .measures import same

KEY = random.fold(random.key(9), 1)


@dataclass(frozen=True)
class Adds:
    """An augmentation that adds random numbers, which show the key."""

    def __call__(self, images, rng):
        assert images.shape[1:] == (2, 3)
        return images + random.uniform(rng, images.shape)


def check_step():
    """Check that a step trains only on the augmented examples."""
    network = Network.dense([6, 4, 2])
    rng = np.random.default_rng(0)
    x, y, params = rng.uniform(size=(5, 6)), np.eye(2)[[0, 1, 1, 0, 1]], network.init(1)
    varied = x + random.uniform(random.fold(KEY, len(network.layers)), (5, 2, 3)).reshape(5, 6)
    plain = Descent(network, SGD(), L2(1.0), 20)
    expanded = Descent(network, SGD(), L2(1.0), 20, OnImages(Adds(), (2, 3)))
    same(expanded.step(params, {}, x, y, 0.3, KEY), plain.step(params, {}, varied, y, 0.3, KEY))
    assert expanded.value(params, x, y) == plain.value(params, x, y)


def test_step():
    check_step()


def check_mean():
    """Check that a step subtracts the mean after the augmentation, or without one, and that None changes nothing."""
    network = Network.dense([6, 4, 2])
    rng = np.random.default_rng(0)
    x, y, params = rng.uniform(size=(5, 6)), np.eye(2)[[0, 1, 1, 0, 1]], network.init(1)
    for augmentation in (OnImages(Shift(1), (2, 3)), None):
        plain, expanded = (Descent(network, SGD(), L2(1.0), 20, each) for each in (None, augmentation))
        varied = x if augmentation is None else augmentation(x, random.fold(KEY, len(network.layers)))
        same(
            expanded.subtract_mean(0.25).step(params, {}, x, y, 0.3, KEY),
            plain.step(params, {}, varied - 0.25, y, 0.3, KEY),
        )
        assert expanded.subtract_mean(None) is expanded


def test_mean():
    check_mean()


def test_flat_images_and_images_with_a_channel_give_the_same():
    images = np.random.default_rng(0).uniform(size=(4, 6, 5))
    for augmentation in (Shift(1), Elastic(20, 2)):
        expected = augmentation(images, KEY)
        for shape in ((30,), (6, 5), (6, 5, 1)):
            found = OnImages(augmentation, (6, 5))(images.reshape(4, *shape), KEY)
            assert found.shape == (4, *shape)
            np.testing.assert_array_equal(found.reshape(images.shape), expected)
