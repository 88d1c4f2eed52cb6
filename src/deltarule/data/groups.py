"""Splits that keep the examples of a group, such as a person, in one set, and folds for cross-validation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltarule.data.label_values import factorize
from deltarule.data.split import SEED, shuffle
from deltarule.errors import DataError


def split_groups(labels: np.ndarray, groups: np.ndarray, shares: Sequence[float], seed: int = SEED) -> list[np.ndarray]:
    """Divide positions into sets of about these shares of each class, so that no group is in two sets.

    The groups are taken from the largest to the smallest, those of equal size in an order that depends only on the
    seed. Each goes to the set where it brings Σ (n − N)²/N down most, over all classes, for n examples in the set of N
    that it should have. A set that remains empty gets the smallest group of the set with most groups. The positions of
    each set are shuffled.

    Args:
        labels: The class of each example, (n,); zeros if there are no classes.
        groups: The group of each example, (n,).
        shares: The share of each set, positive numbers with the sum 1.
        seed: The seed of the order.

    Raises:
        DataError: For fewer groups than sets.

    >>> groups = np.array(["ann", "ann", "bob", "cy", "cy", "di"])
    >>> [sorted(part.tolist()) for part in split_groups(np.zeros(6, int), groups, [0.5, 0.5])]
    [[0, 1, 2], [3, 4, 5]]
    """
    found = factorize(groups)
    n, inverse = len(found.names), found.positions
    if n < len(shares):
        problem = f"expected at least {len(shares)} different groups for as many sets, got {n}"
        raise DataError(problem, argument="group", value=n, remedy="state another group column, or none")
    classes, codes = np.unique(labels, return_inverse=True)
    table = np.zeros((n, len(classes)))
    np.add.at(table, (inverse, codes), 1)
    wanted = np.outer(shares, table.sum(axis=0))
    filled = np.zeros_like(wanted)
    homes = np.zeros(n, np.int64)
    order = shuffle(n, f"{seed}, groups")
    for group in order[np.argsort(-table.sum(axis=1)[order], kind="stable")]:
        growth = ((2 * (filled - wanted) + table[group]) * table[group] / wanted).sum(axis=1)
        homes[group] = int(np.argmin(growth.round(6)))  # equal on every machine, whatever the order of the sum
        filled[homes[group]] += table[group]
    sizes = table.sum(axis=1)
    for part in range(len(shares)):
        if not (homes == part).any():
            fullest = int(np.argmax(np.bincount(homes, minlength=len(shares))))
            members = np.flatnonzero(homes == fullest)
            homes[members[np.argmin(sizes[members])]] = part
    parts = [np.flatnonzero(homes[inverse] == part) for part in range(len(shares))]
    return [positions[shuffle(len(positions), f"{seed}, part {i}")] for i, positions in enumerate(parts)]


def make_folds(labels: np.ndarray, k: int, groups: np.ndarray | None = None, seed: int = SEED) -> list[np.ndarray]:
    """Divide positions into k folds of about equal size for cross-validation, each class spread evenly over them.

    Labels that are not classes, real numbers or several labels of each example, are divided at random. The positions
    of each fold are shuffled.

    Args:
        labels: The labels, (n,) or (n, k).
        k: The number of folds, from 2 to the number of examples, or of groups.
        groups: The group of each example; a group is in one fold only.
        seed: The seed of the order.

    Raises:
        DataError: If there are fewer examples, or groups, than folds.

    >>> [sorted(fold.tolist()) for fold in make_folds(np.array([0, 0, 0, 1, 1, 1]), 3)]
    [[0, 5], [2, 3], [1, 4]]
    """
    n = len(labels)
    classes = labels if labels.ndim == 1 and labels.dtype.kind in "iub" else np.zeros(n, np.int64)
    if not 2 <= k <= n:
        raise DataError(argument="folds", expected=f"a number of folds from 2 to {n}, the number of rows", value=k)
    if groups is not None:
        return split_groups(classes, groups, [1 / k] * k, seed)
    order = shuffle(n, f"{seed}")
    by_class = order[np.argsort(classes[order], kind="stable")]
    folds = [by_class[i::k] for i in range(k)]
    return [positions[shuffle(len(positions), f"{seed}, fold {i}")] for i, positions in enumerate(folds)]
