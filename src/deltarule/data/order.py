"""Orders of the training examples in an epoch: shuffled each time (chapter 1), or as in the data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from deltarule.errors import InvalidArgument


class Order(Protocol):
    """The protocol of orders: a pure function ``(n, seed, epoch)`` that returns n positions of examples.

    Positions are whole numbers from 0 to n − 1; each mini-batch takes the next of these examples. A position may occur
    several times or not at all. Epochs count from 0. Your own order is a frozen dataclass with this function:

    >>> @dataclass(frozen=True)
    ... class WithReplacement:
    ...     def __call__(self, n, seed, epoch):
    ...         return np.random.default_rng([seed, epoch]).integers(0, n, n)
    >>> compute_positions(WithReplacement(), 5, seed=1, epoch=0)
    array([2, 2, 3, 4, 0], dtype=int32)
    """

    def __call__(self, n: int, seed: int, epoch: int, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Shuffled:
    """A new random order in each epoch, every example once, as in the book's first two programs.

    >>> Shuffled()(5, 1, 0), Shuffled()(5, 1, 1)
    (array([4, 0, 1, 2, 3], dtype=int32), array([1, 4, 0, 3, 2], dtype=int32))
    """

    def __call__(self, n: int, seed: int, epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, epoch]).permutation(np.arange(n, dtype=np.int32))


@dataclass(frozen=True)
class AsGiven:
    """The order of the examples in the data set, the same in every epoch, as in the book's third program.

    >>> AsGiven()(5, 1, 0)
    array([0, 1, 2, 3, 4], dtype=int32)
    """

    def __call__(self, n: int, seed: int, epoch: int) -> np.ndarray:
        return np.arange(n, dtype=np.int32)


def compute_positions(order: Order, n: int, seed: int, epoch: int) -> np.ndarray:
    """Compute the positions of an epoch, (n,) int32.

    Raises :class:`InvalidArgument` if the order does not return n positions of n examples.
    """
    positions = np.asarray(order(n, seed, epoch))
    fits = positions.shape == (n,) and positions.dtype.kind in "iu"
    if not fits or (n and (positions.min() < 0 or positions.max() >= n)):
        shape = f"{positions.dtype} of shape {positions.shape}"
        got = f"positions from {positions.min()} to {positions.max()}" if fits else shape
        raise InvalidArgument(
            f"expected {n} positions, whole numbers from 0 to {n - 1}, got {got} from {order!r}",
            argument="order",
            value=order,
            position=f"epoch {epoch}",
        )
    return positions.astype(np.int32, copy=False)
