"""The kind of a numeric target: codes of classes, or amounts, which are learned by regression."""

from __future__ import annotations

import numpy as np

MOST_CODES = 20
"""The most different whole numbers that are taken as classes without further evidence."""


def are_codes(values: np.ndarray, counts: np.ndarray) -> bool:
    """Return True if numbers are taken as codes of classes, False if they are taken as amounts.

    Numbers with a fraction are amounts. Up to :data:`MOST_CODES` different whole numbers are classes if there are
    enough rows for each: on average two if the numbers have no gap, three otherwise. Two numbers are always classes,
    and so are 0 … k − 1, and 1 … k for k up to 5. More whole numbers are classes only if they run from 0 or 1 without
    a gap, with ten rows each on average, and the commonest at most 50 times as frequent as the rarest: letters
    numbered 1 to 26 are classes, ages and prices are not.

    Args:
        values: The different numbers, ascending.
        counts: The number of rows of each.

    >>> are_codes(np.array([-1, 1]), np.array([5, 5])), are_codes(np.array([0.5, 1]), np.array([5, 5]))
    (True, False)
    >>> are_codes(np.arange(1, 27), np.full(26, 100)), are_codes(np.arange(18, 91), np.full(73, 100))
    (True, False)
    """
    k, n = len(values), int(counts.sum())
    if not k or not np.array_equal(values, np.floor(values)):
        return False
    has_no_gap = values[-1] - values[0] == k - 1
    if k <= MOST_CODES:
        is_numbered = has_no_gap and (values[0] == 0 or (values[0] == 1 and k <= 5))
        return bool(k <= 2 or is_numbered or n >= (2 if has_no_gap else 3) * k)
    return bool(has_no_gap and values[0] in (0, 1) and n >= 10 * k and counts.max() <= 50 * counts.min())
