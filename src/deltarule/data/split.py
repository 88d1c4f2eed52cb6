"""Dividing examples into training, validation and test data, class by class, the same way every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from deltarule.core.layer import Key
from deltarule.core.random import bits, fold, key
from deltarule.data.dataset import Dataset

Splits: TypeAlias = tuple[Dataset, Dataset, Dataset]
"""Training, validation and test data."""

SEED = 1
"""Where every split starts from; fixed, so that figures of different days can be compared."""


Counts: TypeAlias = Callable[[int], tuple[int, int]]
"""From the number of examples of a class, how many of them validate and how many test."""


def divide(whole: Dataset, held_out: Counts, seed: int = SEED) -> Splits:
    """The three parts of a data set, as :func:`stratified` chooses them, named after the whole."""
    training, validation, test = (
        replace(whole.take(chosen), name=f"{whole.name} {part}")
        for part, chosen in zip(("training", "validation", "test"), stratified(whole.y, held_out, seed), strict=True)
    )
    return training, validation, test


def stratified(labels: np.ndarray, held_out: Counts, seed: int = SEED) -> list[np.ndarray]:
    """Positions for training, validation and test, in shuffled order; together every position, once.

    ``held_out`` is asked for each class. Which examples are chosen depends on nothing but ``labels``
    and ``seed``: it is drawn from deltarule's own random numbers, the same on every machine and with
    every version of NumPy.

    >>> training, validation, test = stratified(np.array([0] * 5 + [1] * 3), lambda n: (n // 3, n // 3))
    >>> len(training), len(validation), len(test), sorted([*training, *validation, *test])
    (4, 2, 2, [0, 1, 2, 3, 4, 5, 6, 7])
    """
    order = _order(len(labels), key(seed))
    parts: list[list[np.ndarray]] = [[order[:0]], [order[:0]], [order[:0]]]
    for label in np.unique(labels):
        members = order[labels[order] == label]
        validation, test = held_out(len(members))
        cuts = np.split(members, [test, test + validation])
        for part, chosen in zip(parts, reversed(cuts), strict=True):
            part.append(chosen)
    return [chosen[_order(len(chosen), fold(key(seed), i))] for i, chosen in enumerate(map(np.concatenate, parts))]


def sevenths(n: int) -> tuple[int, int]:
    """A seventh to validate, a seventh to test, as MNIST's 10,000 of 70,000; where n ≥ 3, at least one each.

    >>> [sevenths(n) for n in (1, 2, 3, 14, 7000)]
    [(0, 0), (0, 0), (1, 1), (2, 2), (1000, 1000)]
    """
    seventh = max(round(n / 7), int(n >= 3))
    return seventh, seventh


def a_sixth(n: int) -> tuple[int, int]:
    """A sixth to validate, none to test, as MNIST's 10,000 of 60,000; where n ≥ 2, at least one.

    >>> [a_sixth(n) for n in (1, 2, 12, 6000)]
    [(0, 0), (1, 0), (2, 0), (1000, 0)]
    """
    return max(round(n / 6), int(n >= 2)), 0


def _order(n: int, own_key: Key) -> np.ndarray:
    return np.argsort(bits(own_key, (n,)), kind="stable")
