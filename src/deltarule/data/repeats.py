"""Examples with the same inputs, which stay in one set when a data set is divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heapreplace
from math import prod
from typing import NamedTuple

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.data.fingerprints import find_equal
from deltarule.data.phrases import count
from deltarule.data.split import SEED, Counts, SplitNote, shuffle, stratify

VALUES = {"row": "columns", "image": "pixels"}
INPUTS = {"row": "input", "image": "image"}
"""The words for the values of an example, and for all of them."""

_BLOCK = 2**22  # numbers that are compared at once


@dataclass(frozen=True, eq=False)
class Repeats:
    """The examples of a data set whose inputs other examples have as well.

    Attributes:
        groups: Equal numbers from 0 for examples with the same inputs, −1 for inputs that occur once, (n,).
        surplus: The number of examples that repeat another, without the first of each group.
        combinations: The number of different inputs that are possible, if they are so few that examples must repeat;
            otherwise 0.
        conflicting: The number of examples whose inputs occur with different labels.
        most_right: The largest share of examples that can be right, as the same inputs get the same answer.
    """

    groups: np.ndarray
    surplus: int = 0
    combinations: int = 0
    conflicting: int = 0
    most_right: float = 1.0

    @property
    def is_separable(self) -> bool:
        """True if examples repeat, and those with the same inputs can stay in one set."""
        return self.surplus > 0 and not self.combinations

    def describe(self, noun: str, is_divided: bool, is_kept: bool, names: str = "") -> tuple[str, ...]:
        """Describe the repeated examples, and those with different labels.

        Args:
            noun: What to call an example, such as "row".
            is_divided: True if the examples were divided into sets.
            is_kept: True if examples with the same inputs stayed in one set.
            names: The first of the examples.
        """
        if not self.surplus:
            return ()
        line = f"{count(self.surplus, noun)} {'repeats another' if self.surplus == 1 else 'repeat others'}"
        if self.combinations and is_divided:
            possible, values = count(self.combinations, f"different {INPUTS[noun]}"), VALUES[noun]
            few = f"the values of the {values} allow only {possible}" if self.combinations > 1 else "all are the same"
            line += f", as {few}: repeats may be in several sets"
        elif is_divided:
            where = "repeats stay in one set" if is_kept else "repeats may be in several sets"
            line += f": {names}; {where}" if names else f": {where}"
        elif names:
            line += f": {names}"
        line = SplitNote(line) if is_divided else line
        if not self.conflicting:
            return (line,)
        at_most = f"at most {100 * self.most_right:.1f} % of all {noun}s can be right"
        return line, f"the same inputs have different labels in {count(self.conflicting, noun)}: {at_most}"


def find_repeats(data: Dataset) -> Repeats:
    """Find the examples of a data set that have the same inputs.

    >>> data = Dataset(np.array([[1, 7, 4], [2, 3, 5], [1, 7, 4], [1, 7, 4]]), np.array([0, 0, 0, 1]))
    >>> for line in find_repeats(data).describe("row", is_divided=True, is_kept=True):
    ...     print(line)
    2 rows repeat others: repeats stay in one set
    the same inputs have different labels in 3 rows: at most 75.0 % of all rows can be right
    """
    groups = find_equal(data.x)
    repeated = np.flatnonzero(groups >= 0)
    if not len(repeated):
        return Repeats(groups)
    n_groups = int(groups.max()) + 1
    surplus = len(repeated) - n_groups
    found = Repeats(groups, surplus, _count_combinations(data.x, len(data) - surplus))
    if not isinstance(data.encoding, OneHot):
        return found
    pairs = _count_pairs(groups[repeated], data.y[repeated])
    sizes = np.bincount(groups[repeated])
    is_mixed = np.bincount(pairs.groups) > 1
    most = np.zeros(n_groups, np.int64)
    np.maximum.at(most, pairs.groups, pairs.counts)
    right = 1 - float((sizes - most).sum()) / len(data)
    return replace(found, conflicting=int(sizes[is_mixed].sum()), most_right=right)


class _Pairs(NamedTuple):
    """The pairs of a group and a label that occur, sorted, and how often."""

    groups: np.ndarray
    labels: np.ndarray
    counts: np.ndarray


def _count_pairs(groups: np.ndarray, labels: np.ndarray) -> _Pairs:
    n_labels = int(labels.max()) + 1
    pairs, counts = np.unique(groups * n_labels + labels, return_counts=True)
    return _Pairs(*np.divmod(pairs, n_labels), counts)


def _count_combinations(x: np.ndarray, different: int) -> int:
    """Count the inputs that the values of each column allow; 0 if repeats need not come from that.

    They do if there are four examples or more for each possible input, and if most of these inputs occur. Copies of a
    few rows of many different numbers leave out most.
    """
    n, combinations, most = len(x), 1, min(len(x) / 4, 2 * different)
    columns = x.reshape(n, prod(x.shape[1:]))
    step = max(1, _BLOCK // n)
    for start in range(0, columns.shape[1], step):
        block = columns[:, start : start + step]
        varies = ((block != block[0]) & ((block == block) | (block[0] == block[0]))).any(axis=0)  # NaN equals NaN
        for column in block[:, varies].T:
            combinations *= len(np.unique(column))
            if combinations > most:
                return 0
    return combinations if combinations <= most else 0


def divide_apart(labels: np.ndarray, held_out: Counts, repeats: Repeats, seed: int = SEED) -> list[np.ndarray] | None:
    """Choose the positions of three sets as :func:`~deltarule.data.split.stratify` does, with repeats in one set.

    Without repeats the sets are the same as those of ``stratify``. Groups of examples with the same inputs are placed
    first, from the largest to the smallest, each in the set that lacks most of its class; other examples fill the sets
    to the wanted numbers.

    Args:
        labels: The class of each example, (n,); zeros if there are no classes.
        held_out: The numbers of validation and test examples of a class, as for ``stratify``.
        repeats: The examples with the same inputs.
        seed: The seed of the order.

    Returns:
        The positions of the three sets; None if there are too few different inputs for them.
    """
    in_group, is_single = repeats.groups >= 0, repeats.groups < 0
    homes = np.zeros(int(repeats.groups.max(initial=-1)) + 1, np.int64)
    for label, own, sizes in _list_groups(labels, repeats.groups, seed):
        singles = int((labels[is_single] == label).sum())
        total = singles + sum(sizes)
        validation, test = held_out(total)
        homes[own] = place_groups(sizes, [total - validation - test, validation, test], singles)
    placed = np.full(len(labels), -1, np.int64)
    placed[in_group] = homes[repeats.groups[in_group]]
    parts = stratify(labels, held_out, seed, placed)
    is_wanted = [bool(len(part)) for part in stratify(labels, held_out, seed)]
    return None if any(want and not len(part) for want, part in zip(is_wanted, parts, strict=True)) else parts


def make_folds_apart(labels: np.ndarray, k: int, repeats: Repeats, seed: int = SEED) -> list[np.ndarray] | None:
    """Choose the positions of k folds as :func:`~deltarule.data.groups.make_folds` does, with repeats in one fold.

    Returns None if there are fewer different inputs than folds.

    >>> x = np.array([[1.5], [2.5], [1.5], [3.5]])
    >>> folds = make_folds_apart(np.zeros(4, int), 2, find_repeats(Dataset(x, np.zeros(4, int))))
    >>> sorted(sorted(fold.tolist()) for fold in folds)
    [[0, 2], [1, 3]]
    """
    in_group = repeats.groups >= 0
    homes = np.zeros(int(repeats.groups.max(initial=-1)) + 1, np.int64)
    if int((~in_group).sum()) + len(homes) < k:
        return None
    for _, own, sizes in _list_groups(labels, repeats.groups, seed):
        homes[own] = place_groups(sizes, [sum(sizes) / k] * k, k)
    placed = np.full(len(labels), -1, np.int64)
    placed[in_group] = homes[repeats.groups[in_group]]
    order = shuffle(len(labels), f"{seed}")
    total = np.bincount(placed[in_group], minlength=k).tolist()
    for label in np.unique(labels):
        own = np.bincount(placed[in_group & (labels == label)], minlength=k)
        sizes_of_folds = [(int(own[i]), total[i], i) for i in range(k)]
        heapify(sizes_of_folds)
        for position in order[(labels[order] == label) & ~in_group[order]]:
            n, _, fold = sizes_of_folds[0]
            placed[position] = fold
            total[fold] += 1
            heapreplace(sizes_of_folds, (n + 1, total[fold], fold))
    folds = [np.flatnonzero(placed == i) for i in range(k)]
    if not all(map(len, folds)):
        return None
    return [positions[shuffle(len(positions), f"{seed}, fold {i}")] for i, positions in enumerate(folds)]


def _list_groups(labels: np.ndarray, groups: np.ndarray, seed: int) -> list[tuple[int, np.ndarray, list[int]]]:
    """List the groups of each class, from the largest to the smallest, with their sizes.

    A group of several classes belongs to the one that most of its examples have.
    """
    repeated = np.flatnonzero(groups >= 0)
    if not len(repeated):
        return []
    pairs = _count_pairs(groups[repeated], labels[repeated])
    by_count = np.lexsort((-pairs.counts, pairs.groups))
    first = by_count[np.r_[True, np.diff(pairs.groups[by_count]) > 0]]
    majority, sizes = pairs.labels[first], np.bincount(groups[repeated])
    order = shuffle(len(sizes), f"{seed}, repeats")
    order = order[np.argsort(-sizes[order], kind="stable")]
    order = order[np.argsort(majority[order], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(majority[order]) > 0])
    return [(int(majority[own[0]]), own, sizes[own].tolist()) for own in np.split(order, starts[1:])]


def place_groups(sizes: Sequence[int], wanted: Sequence[float], singles: int = 0) -> list[int]:
    """Place groups in sets: each where it brings Σ (n − N)²/N down most, for n examples in a set of N wanted.

    A set that remains empty, and that the single examples cannot fill, gets the last group of the set with most.

    Args:
        sizes: The sizes of the groups, from the largest to the smallest.
        wanted: The wanted number of examples of each set.
        singles: The number of examples that are in no group.

    >>> place_groups([4, 3, 2, 2], [7, 2, 2])
    [0, 1, 2, 0]
    """
    filled, homes = [0] * len(wanted), []
    unit = [1 / max(want, 0.5) for want in wanted]
    for size in sizes:
        growth = [(2 * (n - want) + size) * one for n, want, one in zip(filled, wanted, unit, strict=True)]
        home = growth.index(min(growth))
        filled[home] += size
        homes.append(home)
    for home in [i for i, want in enumerate(wanted) if want and not filled[i]]:
        numbers = [homes.count(i) for i in range(len(wanted))]
        empty = sum(want > 0 and not number for want, number in zip(wanted, numbers, strict=True))
        if singles < empty and max(numbers) > 1:
            fullest = numbers.index(max(numbers))
            homes[len(homes) - 1 - homes[::-1].index(fullest)] = home
    return homes
