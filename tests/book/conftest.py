"""Digits in the book's lists of pairs: MNIST if available, otherwise the small digits."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import pytest

from deltarule.book.columns import vectorized_result


@dataclass(frozen=True)
class Digits:
    """1,000 training images (x, y) and 500 test images (x, digit), with ``n_in`` pixels each."""

    training: list
    test: list

    @property
    def n_in(self):
        return len(self.training[0][0])


def pairs(dataset, n):
    images = dataset.x[:n].reshape(n, -1, 1) / np.float32(dataset.scale)
    return list(zip(images, dataset.y[:n], strict=True))


@pytest.fixture
def some(mnist):
    """New lists for each test, since training shuffles them."""
    training = [(x, vectorized_result(y)) for x, y in pairs(mnist[0], 1000)]
    return Digits(training, pairs(mnist[2], min(500, len(mnist[2]))))


def seed(number):
    random.seed(number)
    np.random.seed(number)


@pytest.fixture(autouse=True)
def _restore_generators():
    before = random.getstate(), np.random.get_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])
