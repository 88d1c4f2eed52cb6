"""In which order the training examples of an epoch come: shuffled anew (chapter 1), or as they are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from deltarule.errors import InvalidArgument


class Order(Protocol):
    """A pure function ``(n, seed, epoch)`` that gives an epoch its n positions of examples, from 0 to n − 1.

    Each mini-batch takes the next of them; one may come several times, and another not at all. Epochs
    count from 0. One of your own is a frozen dataclass with this function:

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
    """Another random order each epoch, every example once, as in the book's first two programs.

    >>> Shuffled()(5, 1, 0), Shuffled()(5, 1, 1)
    (array([4, 0, 1, 2, 3], dtype=int32), array([1, 4, 0, 3, 2], dtype=int32))
    """

    def __call__(self, n: int, seed: int, epoch: int) -> np.ndarray:
        return np.random.default_rng([seed, epoch]).permutation(np.arange(n, dtype=np.int32))


@dataclass(frozen=True)
class AsGiven:
    """The order of the data set, the same every epoch, as in the book's third program.

    >>> AsGiven()(5, 1, 0)
    array([0, 1, 2, 3, 4], dtype=int32)
    """

    def __call__(self, n: int, seed: int, epoch: int) -> np.ndarray:
        return np.arange(n, dtype=np.int32)


def compute_positions(order: Order, n: int, seed: int, epoch: int) -> np.ndarray:
    """What the order gives, (n,) int32; raises :class:`InvalidArgument` if that is not n positions of n examples."""
    given = np.asarray(order(n, seed, epoch))
    fits = given.shape == (n,) and given.dtype.kind in "iu"
    if not fits or (n and (given.min() < 0 or given.max() >= n)):
        got = f"positions from {given.min()} to {given.max()}" if fits else f"{given.dtype} of shape {given.shape}"
        raise InvalidArgument(
            f"expected {n} positions, whole numbers from 0 to {n - 1}, got {got} by {order!r}",
            argument="order",
            value=order,
            position=f"epoch {epoch}",
        )
    return given.astype(np.int32, copy=False)
