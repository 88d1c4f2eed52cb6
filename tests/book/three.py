"""A small network of the book's third program, and images for it; all sizes are different."""

from __future__ import annotations

import numpy as np

from deltarule.book import network3
from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer

M = 2


def images(n=15, seed=0, channels=1):
    """Make images of 9 × 8 in three classes, and their labels."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    bright = np.random.default_rng(1).uniform(0, 0.4, (3, channels, 9, 8))
    return bright[y] + rng.uniform(0, 0.6, (n, channels, 9, 8)), y


def pair(n=15, seed=0, channels=1):
    x, y = images(n, seed, channels)
    return x.reshape(n, -1), y


def two_conv(function=network3.sigmoid, p=0.0, channels=1):
    """Make a network: 9 × 8, convolved to 7 × 7, pooled to 3 × 3 without the last row and column, then to 1 × 2."""
    np.random.seed(5)
    return Network(
        [
            ConvPoolLayer((2, channels, 3, 2), (M, channels, 9, 8), (2, 2), function),
            ConvPoolLayer((3, 2, 2, 2), (M, 2, 3, 3), (2, 1), function),
            FullyConnectedLayer(3 * 1 * 2, 4, function, p),
            SoftmaxLayer(4, 3, p),
        ],
        M,
    )


def train(net, epochs=1, eta=0.5, data=None, validation=None, test=None, **options):
    net.SGD(data or pair(), epochs, M, eta, validation or pair(8, 2), test, **options)
