"""Reproducible splits into training, validation and test sets, class by class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import shake_256
from typing import TypeAlias

import numpy as np

from deltarule.data.dataset import Dataset

Splits: TypeAlias = tuple[Dataset, Dataset, Dataset]
"""The training, validation and test sets.

>>> from deltarule.data import load
>>> splits: Splits = load("digits")
>>> [len(dataset) for dataset in splits]
[1197, 300, 300]
"""

SEED = 1
"""The seed of every split; fixed, so that results can be compared."""


Counts: TypeAlias = Callable[[int], tuple[int, int]]
"""A function from the number of examples of a class to the numbers of validation and test examples."""


class SplitNote(str):
    """A sentence about the division of a data set, which says nothing about all its examples together.

    >>> SplitNote("2 rows of the test set are in the training set too").split()[0]
    '2'
    """

    __slots__ = ()


def divide(whole: Dataset, held_out: Counts, seed: int = SEED) -> Splits:
    """Divide a data set into three, as :func:`stratify` chooses the examples; their names begin with its name."""
    training, validation, test = (
        replace(whole.take(positions), name=f"{whole.name} {part}")
        for part, positions in zip(("training", "validation", "test"), stratify(whole.y, held_out, seed), strict=True)
    )
    return training, validation, test


def stratify(
    labels: np.ndarray, held_out: Counts, seed: int = SEED, homes: np.ndarray | None = None
) -> list[np.ndarray]:
    """Choose the positions of the training, validation and test examples, each in shuffled order.

    Every position is chosen once. ``held_out`` is called with the number of examples of each class, and returns how
    many go to the validation set and how many to the test set. The choice depends only on these numbers, ``labels``,
    ``homes`` and ``seed``: the random numbers come from SHAKE-256, the same on every machine and with every version of
    NumPy and deltarule.

    ``homes`` places some examples beforehand: 0 for the training set, 1 for the validation set, 2 for the test set, and
    −1 for an example that is still free, (n,). They count as examples of their set.

    >>> training, validation, test = stratify(np.array([0] * 5 + [1] * 3), lambda n: (n // 3, n // 3))
    >>> len(training), len(validation), len(test), sorted(np.concatenate([training, validation, test]).tolist())
    (4, 2, 2, [0, 1, 2, 3, 4, 5, 6, 7])
    """
    order = shuffle(len(labels), f"{seed}")
    parts: list[list[np.ndarray]] = [[order[:0]], [order[:0]], [order[:0]]]
    for label in np.unique(labels):
        members = order[labels[order] == label]
        validation, test = held_out(len(members))
        if homes is not None:
            placed = [members[homes[members] == i] for i in range(3)]
            members = members[homes[members] < 0]
            free = len(members) - (not len(placed[0]))  # one is left for the training set
            test, validation = max(0, test - len(placed[2])), max(0, validation - len(placed[1]))
            if test + validation > max(0, free):
                test = min(test, max(0, free - validation, -(-free // 2)))
                validation = min(validation, max(0, free - test))
            for part, positions in zip(parts, placed, strict=True):
                part.append(positions)
        cuts = np.split(members, [test, test + validation])
        for part, positions in zip(parts, reversed(cuts), strict=True):
            part.append(positions)
    whole = enumerate(map(np.concatenate, parts))
    return [positions[shuffle(len(positions), f"{seed}, part {i}")] for i, positions in whole]


def count_sevenths(n: int) -> tuple[int, int]:
    """Return a seventh for validation and a seventh for the test, as MNIST has, 10,000 of 70,000.

    Each is at least one if n ≥ 3.

    >>> [count_sevenths(n) for n in (1, 2, 3, 14, 7000)]
    [(0, 0), (0, 0), (1, 1), (2, 2), (1000, 1000)]
    """
    seventh = max(round(n / 7), int(n >= 3))
    return seventh, seventh


def count_sixth(n: int) -> tuple[int, int]:
    """Return a sixth for validation and 0 for the test, as MNIST has, 10,000 of 60,000; at least one if n ≥ 2.

    >>> [count_sixth(n) for n in (1, 2, 12, 6000)]
    [(0, 0), (1, 0), (2, 0), (1000, 0)]
    """
    return max(round(n / 6), int(n >= 2)), 0


def shuffle(n: int, name: str) -> np.ndarray:
    """Compute a random order of n positions that depends only on a name: sort n numbers of 64 bits from its hash.

    >>> shuffle(5, "1").tolist()
    [0, 3, 2, 1, 4]
    """
    numbers = np.frombuffer(shake_256(name.encode()).digest(8 * n), "<u8")
    return np.argsort(numbers, kind="stable")


def is_split(splits: Splits) -> bool:
    """Return True if the test set differs from the training set.

    >>> whole = Dataset(np.zeros((2, 1)), np.array([0, 1]))
    >>> is_split((whole, whole, whole)), is_split((whole, whole, whole[1:]))
    (False, True)
    """
    return splits[0].x is not splits[2].x


def has_validation(splits: Splits) -> bool:
    """Return True if the validation set differs from the training set.

    >>> whole = Dataset(np.zeros((2, 1)), np.array([0, 1]))
    >>> has_validation((whole, whole, whole[1:])), has_validation((whole[:1], whole[1:], whole))
    (False, True)
    """
    return splits[0].x is not splits[1].x
