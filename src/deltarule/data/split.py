"""Dividing examples into training, validation and test data, class by class, the same way every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import shake_256
from typing import TypeAlias

import numpy as np

from deltarule.data.dataset import Dataset

Splits: TypeAlias = tuple[Dataset, Dataset, Dataset]
"""Training, validation and test data."""

SEED = 1
"""Where every split starts from; fixed, so that figures of different days can be compared."""


Counts: TypeAlias = Callable[[int], tuple[int, int]]
"""From the number of examples of a class, how many of them validate and how many test."""


def divide(whole: Dataset, held_out: Counts, seed: int = SEED) -> Splits:
    """The three parts of a data set, as :func:`stratify` chooses them, named after the whole."""
    training, validation, test = (
        replace(whole.take(chosen), name=f"{whole.name} {part}")
        for part, chosen in zip(("training", "validation", "test"), stratify(whole.y, held_out, seed), strict=True)
    )
    return training, validation, test


def stratify(labels: np.ndarray, held_out: Counts, seed: int = SEED) -> list[np.ndarray]:
    """Positions for training, validation and test, in shuffled order; together every position, once.

    ``held_out`` is asked for each class. Which examples are chosen depends on nothing but ``labels``
    and ``seed``: chance comes from SHAKE-256, the same on every machine and with every version of
    NumPy and of deltarule.

    >>> training, validation, test = stratify(np.array([0] * 5 + [1] * 3), lambda n: (n // 3, n // 3))
    >>> len(training), len(validation), len(test), sorted(np.concatenate([training, validation, test]).tolist())
    (4, 2, 2, [0, 1, 2, 3, 4, 5, 6, 7])
    """
    order = _order(len(labels), f"{seed}")
    parts: list[list[np.ndarray]] = [[order[:0]], [order[:0]], [order[:0]]]
    for label in np.unique(labels):
        members = order[labels[order] == label]
        validation, test = held_out(len(members))
        cuts = np.split(members, [test, test + validation])
        for part, chosen in zip(parts, reversed(cuts), strict=True):
            part.append(chosen)
    return [chosen[_order(len(chosen), f"{seed}, part {i}")] for i, chosen in enumerate(map(np.concatenate, parts))]


def count_sevenths(n: int) -> tuple[int, int]:
    """A seventh to validate, a seventh to test, as MNIST's 10,000 of 70,000; where n ≥ 3, at least one each.

    >>> [count_sevenths(n) for n in (1, 2, 3, 14, 7000)]
    [(0, 0), (0, 0), (1, 1), (2, 2), (1000, 1000)]
    """
    seventh = max(round(n / 7), int(n >= 3))
    return seventh, seventh


def count_sixth(n: int) -> tuple[int, int]:
    """A sixth to validate, none to test, as MNIST's 10,000 of 60,000; where n ≥ 2, at least one.

    >>> [count_sixth(n) for n in (1, 2, 12, 6000)]
    [(0, 0), (1, 0), (2, 0), (1000, 0)]
    """
    return max(round(n / 6), int(n >= 2)), 0


def _order(n: int, name: str) -> np.ndarray:
    """The order of n things that belongs to a name: that of n numbers of 64 bits drawn from its hash."""
    drawn = np.frombuffer(shake_256(name.encode()).digest(8 * n), "<u8")
    return np.argsort(drawn, kind="stable")
