"""The votes of an ensemble: a majority, or the largest mean probability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from deltarule.core.constraints import Constraint, one_of


def vote_hard(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Elect the class that most voters find most probable.

    In a tie, choose the class with the largest sum of probabilities.

    ``probabilities`` has one array of shape (n, classes) per voter. The result has shape (n,).

    >>> vote_hard([np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]).tolist()  # one vote each; the sums are 0.7 and 1.3
    [1]
    """
    votes = reduce(np.add, (np.eye(p.shape[1])[p.argmax(axis=1)] for p in probabilities))
    # a mean is at most 1, so half of it decides a tie and never outweighs a vote
    return np.asarray((votes + average(probabilities) / 2).argmax(axis=1))


def vote_soft(probabilities: Sequence[np.ndarray]) -> np.ndarray:
    """Elect the class with the largest mean of the voters' probabilities; shapes as in ``vote_hard``.

    >>> two_to_one = [np.array([[0.6, 0.4]]), np.array([[0.6, 0.4]]), np.array([[0.1, 0.9]])]
    >>> vote_soft(two_to_one).tolist(), vote_hard(two_to_one).tolist()  # the means are 0.43 and 0.57; the votes 2 and 1
    ([1], [0])
    """
    return np.asarray(average(probabilities).argmax(axis=1))


VOTING: dict[str, Callable[[Sequence[np.ndarray]], np.ndarray]] = {"hard": vote_hard, "soft": vote_soft}
"""The functions that elect a class, by the name of the kind of voting."""

VOTINGS: Constraint = one_of(*VOTING)
"""The names of the kinds of voting."""


def average(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Compute the mean of arrays."""
    total: np.ndarray = reduce(np.add, arrays)
    return total / len(arrays)
