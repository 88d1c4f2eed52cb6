"""The training, validation and test sets of a folder of pictures, in one array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deltarule.data.division import count_repeated, divide_positions, note_repeats
from deltarule.data.images import PictureFolder, name_pairs
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide
from deltarule.data.picture_files import PARTS
from deltarule.data.picture_reading import permute
from deltarule.data.split import SplitNote, Splits, count_sevenths, count_sixth, is_split
from deltarule.errors import DataError


def build_picture_splits(
    folder: PictureFolder, options: DataOptions
) -> tuple[Splits, tuple[str, ...], tuple[str, ...]]:
    """Build the three sets of a folder of pictures, with notes and doubts about them.

    Parts that the folder has are kept: beside a test set a sixth of the training pictures becomes the validation set,
    and without a test set the validation set is the test set. Identical pictures stay in one set. The array of the
    folder is put into the order of the sets, which are parts of it: there is no second copy.

    Raises:
        DataError: If there are too few pictures for three sets.
    """
    whole, found = folder.data, folder.found
    n_training, n_validation, n_test = (found.parts.count(part) for part in PARTS)
    n_training += found.parts.count("")
    positions = np.split(np.arange(len(whole)), [n_training, n_training + n_validation])  # the files are in this order
    if options.split and not n_validation:
        divided = divide_positions(whole.take(slice(n_training)), count_sixth if n_test else count_sevenths)
        positions = [*divided[:2], positions[2] if n_test else divided[2]]
    order = np.concatenate(positions)
    permute(whole.x, order.tolist())
    whole = replace(whole, y=whole.y[order])
    bounds = np.cumsum([0, *map(len, positions)]).tolist()
    parts = [whole.take(slice(bounds[i], bounds[i + 1])) for i in range(3)]
    training, validation, test = (replace(p, name=f"{whole.name} {n}") for p, n in zip(parts, PARTS, strict=True))
    notes: tuple[str, ...] = ()
    if not options.split and not n_validation:
        training = validation = training if n_test else whole
    if not len(test) and (n_validation or not options.split):
        test = validation
        notes = (SplitNote("the folder has no test part: the validation set is the test set"),) if n_validation else ()
    splits = (training, validation, test)
    if not all(map(len, splits)):
        raise DataError(
            f"expected enough examples for three sets, got {len(whole)}",
            remedy="give at least three pictures of one class",
        )
    n = n_training + n_validation
    divided_part = whole.take(slice(n)) if n_test else whole
    inside, across = ([pair for pair in folder.identical if sum(i < n for i in pair) == k] for k in (2, 1))
    if not n:
        inside = list(folder.identical)
    notes = (*notes, *note_repeats(divided_part, splits, name_pairs(inside, found)))
    return splits, notes, tuple(_list_doubts(splits, name_pairs(across, found)))


def _list_doubts(splits: Splits, names: str) -> list[str]:
    """List doubts about classes that the training set lacks, and about pictures that are in two sets."""
    training, _, test = splits
    doubts: list[str] = []
    if lacking := np.flatnonzero(np.bincount(training.y, minlength=len(training.classes)) == 0).tolist():
        lost = elide([training.classes[i] for i in lacking])
        doubts.append(SplitNote(f"the training set lacks {count(len(lacking), 'class', 'classes')}: {lost}"))
    if is_split(splits) and (n := count_repeated(splits)):
        are = "are" if n > 1 else "is"
        line = f"{n:,} of {count(len(test), 'picture')} of the test set {are} in the training set too"
        doubts.append(SplitNote(f"{line}: {names}" if names else line))
    return doubts
