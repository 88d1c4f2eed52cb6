"""The division of the rows of a data set of your own into training, validation and test sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.data.fingerprints import hash_rows
from deltarule.data.groups import make_folds, split_groups
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide
from deltarule.data.repeats import divide_apart, find_repeats, make_folds_apart
from deltarule.data.split import Counts, SplitNote, Splits, count_sixth, has_validation, is_split, stratify

FEWEST_ROWS = 10
"""The fewest rows that are divided; all of fewer rows are training, validation and test set at once."""


def divide_rows(whole: Dataset, groups: np.ndarray | None, options: DataOptions, held_out: Counts) -> Splits:
    """Divide all rows of a data set; the same object three times if they are not divided.

    Rows with the same inputs stay in one set, unless groups are stated, or so few inputs are possible that rows must
    repeat (:class:`~deltarule.data.repeats.Repeats`).

    >>> from deltarule.data.split import count_sevenths
    >>> whole = Dataset(np.zeros((14, 1)), np.arange(14) % 2)
    >>> [len(part) for part in divide_rows(whole, None, DataOptions(), count_sevenths)]
    [10, 2, 2]
    """
    n, codes = len(whole), _get_classes(whole)
    if not options.split or n < FEWEST_ROWS or np.bincount(codes).max() < 3:
        return whole, whole, whole
    if groups is None:
        positions = divide_positions(whole, held_out)
    elif held_out is count_sixth:
        positions = [*split_groups(codes, groups, [5 / 6, 1 / 6]), np.zeros(0, np.int64)]
    else:
        positions = split_groups(codes, groups, [5 / 7, 1 / 7, 1 / 7])
    positions = _move_unknown(whole, positions, groups) if options.unknown == "refuse" else positions
    return _take_parts(whole, positions)


def divide_pictures(whole: Dataset, held_out: Counts) -> Splits:
    """Divide a data set into three as :func:`~deltarule.data.split.divide` does, equal pictures into one set.

    >>> from deltarule.data.split import count_sevenths
    >>> whole = Dataset(np.arange(56).reshape(14, 2, 2) // 8 * 9, np.arange(14) // 8)
    >>> parts = divide_pictures(whole, count_sevenths)
    >>> [len(part) for part in parts], count_repeated(parts)
    ([6, 4, 4], 0)
    """
    return _take_parts(whole, divide_positions(whole, held_out))


def divide_folds(whole: Dataset, k: int, groups: np.ndarray | None = None) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Choose the positions of k folds as :func:`~deltarule.data.groups.make_folds` does, repeats in one; return notes.

    >>> folds, notes = divide_folds(Dataset(np.arange(56).reshape(14, 2, 2) // 8 * 9, np.arange(14) // 8), 2)
    >>> sorted(folds[0] // 2) == sorted(folds[1] // 2), notes
    (False, ('examples with the same inputs stay in one fold',))
    """
    repeats = find_repeats(whole)
    if groups is None and repeats.is_separable and 2 <= k <= len(whole):
        folds = make_folds_apart(_get_classes(whole), k, repeats)
        if folds is not None:
            return folds, ("examples with the same inputs stay in one fold",)
    return make_folds(whole.y, k, groups), ()


def note_repeats(whole: Dataset, splits: Splits, names: str = "") -> tuple[str, ...]:
    """Return notes about examples of a divided data set that have the same inputs, with the names of the first.

    >>> from deltarule.data.split import count_sevenths
    >>> whole = Dataset(np.arange(56).reshape(14, 2, 2) // 8 * 9, np.arange(14) // 8)
    >>> note_repeats(whole, divide_pictures(whole, count_sevenths))
    ('7 images repeat others: repeats stay in one set',)
    """
    found = find_repeats(whole)
    if not found.surplus:
        return ()
    is_divided, noun = has_validation(splits), "image" if whole.x.ndim > 2 else "row"
    return found.describe(noun, is_divided, is_divided and not _have_shared(whole, splits), names)


def _have_shared(whole: Dataset, splits: Splits) -> bool:
    """Return True if two of the sets that a data set was divided into have an example with the same inputs."""
    is_given = len(splits[0]) + len(splits[1]) == len(whole)  # the test set is no part of it
    hashes = [np.unique(hash_rows(part.x)) for part in (splits[:2] if is_given else splits)]
    return len(np.unique(np.concatenate(hashes))) < sum(map(len, hashes))


def _get_classes(whole: Dataset) -> np.ndarray:
    return whole.y if isinstance(whole.encoding, OneHot) else np.zeros(len(whole), np.int64)


def divide_positions(whole: Dataset, held_out: Counts) -> list[np.ndarray]:
    """Divide positions as ``stratify`` does, those with the same inputs into one set as far as possible."""
    codes, repeats = _get_classes(whole), find_repeats(whole)
    positions = divide_apart(codes, held_out, repeats) if repeats.is_separable else None
    return stratify(codes, held_out) if positions is None else positions


def _take_parts(whole: Dataset, positions: list[np.ndarray]) -> Splits:
    parts = zip(("training", "validation", "test"), positions, strict=True)
    training, validation, test = (replace(whole.take(p), name=f"{whole.name} {part}") for part, p in parts)
    return training, validation, test


def _move_unknown(whole: Dataset, positions: list[np.ndarray], groups: np.ndarray | None) -> list[np.ndarray]:
    """Move held-out rows with a word that no training row has to the training set, and all rows of their groups."""
    training, *others = positions
    unknown = _find_unknown(whole, training)
    if groups is not None and unknown.any():
        unknown = np.isin(groups.astype(str), groups[unknown].astype(str)) & ~np.isin(np.arange(len(whole)), training)
    moved = [part[unknown[part]] for part in others]
    left = [part[~unknown[part]] for part in others]
    if any(len(part) and 2 * len(rest) < len(part) for part, rest in zip(others, left, strict=True)):
        return positions  # too many; the preprocessing names the word
    return [np.concatenate([training, *moved]), *left]


def _find_unknown(whole: Dataset, training: np.ndarray) -> np.ndarray:
    """Find the rows with a word, or a missing value, that no training row has in its column, (n,) bool."""
    unknown = np.zeros(len(whole), bool)
    if whole.schema is None or whole.x.ndim != 2:
        return unknown
    for i, column in enumerate(whole.schema.columns):
        values = whole.x[:, i]
        if column.words:
            codes = np.nan_to_num(values, nan=len(column.words)).astype(np.int64)
            known = np.zeros(len(column.words) + 1, bool)
            known[codes[training]] = True
            unknown |= ~known[codes]
        elif values.dtype.kind == "f" and (holes := np.isnan(values)).any() and not holes[training].any():
            unknown |= holes
    return unknown


def note_parts(splits: Splits) -> tuple[str, ...]:
    """Return notes about classes that the training set lacks, and about rows of the test set that it repeats."""
    notes: list[str] = []
    training = splits[0]
    if isinstance(training.encoding, OneHot):
        counts = np.bincount(training.y, minlength=training.encoding.n_out)
        if lacking := [training.classes[i] for i in np.flatnonzero(counts == 0)]:
            classes = count(len(lacking), "class", "classes")
            notes.append(SplitNote(f"the training set lacks {classes}: {elide(lacking)}"))
    if is_split(splits) and (n := count_repeated(splits)):
        have = "has the inputs of a row" if n == 1 else "have the same inputs as rows"
        line = f"{n:,} of {count(len(splits[2]), 'row')} of the test set {have} of the training set"
        notes.append(SplitNote(line))
    return tuple(notes)


def count_repeated(splits: Splits) -> int:
    """Count the rows of the test set that have the same inputs as a row of the training set.

    >>> from deltarule.data.split import count_sevenths
    >>> whole = Dataset(np.array([[1], [2], [1]]), np.array([0, 1, 0]))
    >>> count_repeated((whole[:1], whole[1:2], whole[1:]))
    1
    """
    training, _, test = splits
    wanted = [row.tobytes() for row in test.x]
    different = set(wanted)
    known = {row for x in training.x if (row := x.tobytes()) in different}
    return sum(row in known for row in wanted)
