"""The networks that are held to arrays of a descendant of Theano, and the digits that they learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deltarule.book import network3
from deltarule.book.network3 import ConvPoolLayer, FullyConnectedLayer, Network, SoftmaxLayer

PATH = Path(__file__).with_name("theano.npz")
"""The arrays, as ``python -m tools.theano_arrays`` writes them."""

DIGITS = 23
ETA, LMBDA = 0.5, 0.3


@dataclass(frozen=True)
class Case:
    """A network with two convolutions, and its training."""

    function: str
    shape: tuple[int, int] = (28, 28)  # of an image, from its upper left corner
    kernels: tuple[tuple[int, int], tuple[int, int]] = ((5, 5), (3, 3))
    pools: tuple[tuple[int, int], tuple[int, int]] = ((2, 2), (2, 2))
    p: float = 0.0
    n: int = 10
    size: int = 10
    epochs: int = 1

    @property
    def steps(self) -> int:
        return self.epochs * (self.n // self.size)

    def build(self) -> Network:
        """Build the network; no weight is 0, as those of a new softmax layer are."""
        np.random.seed(7)
        function = getattr(network3, self.function)
        (first, second), (pool, other) = self.kernels, self.pools
        one = ConvPoolLayer((3, 1, *first), (self.size, 1, *self.shape), pool, function)
        two = ConvPoolLayer((4, 3, *second), (self.size, *one.n_out), other, function)
        dense = FullyConnectedLayer(int(np.prod(two.n_out)), 12, function, self.p)
        last = SoftmaxLayer(12, 10, self.p)
        last.w, last.b = np.random.normal(0, 0.3, (12, 10)), np.random.normal(0, 1, 10)
        return Network([one, two, dense, last], self.size)

    def crop(self, digits: np.ndarray) -> np.ndarray:
        """Return the images (n, rows, columns) as the program takes them, k/256 for a byte k."""
        rows, columns = self.shape
        return digits[: self.n, :rows, :columns] / 256


CASES = {
    "sigmoid": Case("sigmoid"),
    "tanh": Case("tanh"),
    "ReLU": Case("ReLU"),
    "linear": Case("linear", n=5, size=5),
    "large filters": Case("tanh", kernels=((5, 5), (5, 5))),
    "a narrow crop": Case("sigmoid", (28, 24)),
    "dropout": Case("sigmoid", p=0.5, n=20, size=5),
    "odd sizes": Case("tanh", (27, 25), ((5, 4), (4, 3)), ((2, 3), (3, 2))),
    "odd sizes, ReLU": Case("ReLU", (28, 27), ((4, 3), (3, 3)), ((2, 2), (3, 2)), n=20),
    "a partial mini-batch": Case("tanh", n=23, size=5, epochs=2),
}
