"""Digits and a small trained reader for all tests of this folder."""

from __future__ import annotations

import pytest

from deltarule.core.activations import ReLU
from deltarule.core.costs import LogLikelihood
from deltarule.core.layers import Dense
from deltarule.core.optimizers import Adam
from deltarule.core.schedules import OneCycle
from deltarule.digit_strings import train_reader
from deltarule.recipes import Output, Recipe
from deltarule.training.training import Training

SMALL = Recipe(
    [Dense(100), ReLU(), Output()],
    cost=LogLikelihood(),
    training=Training(eta=OneCycle(0.005), optimizer=Adam(), epochs=5, batch_size=32),
)


@pytest.fixture(scope="session")
def digits(mnist):
    """Return a training and a test set: the first 6,000 and the first 1,000 images of MNIST."""
    training, _, test = mnist
    return training.take(slice(6000)), test.take(slice(1000))


@pytest.fixture(scope="session")
def reader(digits):
    return train_reader(digits[0], n_rows=250, plan=SMALL, members=2)
