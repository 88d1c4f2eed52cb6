"""Your own data as a folder of pictures with a sub-folder for each class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.blanks import find_blanks
from deltarule.data.dataset import Dataset
from deltarule.data.fingerprints import find_equal
from deltarule.data.frames import is_frame
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide
from deltarule.data.picture_files import PictureFiles, find_picture_files
from deltarule.data.picture_reader import PictureReader, name_files
from deltarule.data.picture_reading import check_room, read_pictures
from deltarule.errors import DataError

_FAINTEST = 4
"""The largest difference between the greys of a blank picture, which JPEG does not keep exactly."""


@dataclass(frozen=True, eq=False)
class PictureFolder:
    """The pictures of a folder.

    Attributes:
        data: All pictures, (n, height, width) or (n, height, width, 3) uint8, and their classes.
        found: Their files, and the parts they are in.
        notes: Sentences about what was decided or left out.
        doubts: Sentences about pictures that may be wrong.
        identical: Pairs of positions: a picture, and a later one that is identical; without blank ones.
    """

    data: Dataset
    found: PictureFiles
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    identical: tuple[tuple[int, int], ...] = ()


def read_folder(folder: Path, options: DataOptions | None = None) -> PictureFolder:
    """Read all pictures of a folder as uint8, in grey or in colour; its sub-folders are the classes.

    The files are those of :func:`~deltarule.data.picture_files.find_picture_files`, and each is read by
    :func:`~deltarule.data.grayscale.read_picture`; dark and light are not exchanged. Pictures whose numbers are no
    bytes are scaled alike.

    Args:
        folder: The folder.
        options: What is stated: ``size``, the (height, width) to resize each picture to, with antialiasing and without
            keeping its proportions; ``colour``; ``skip_damaged``; and ``test``, another folder for the test set.

    Raises:
        DataError: With the path, for fewer than two classes, damaged pictures unless they are left out, different sizes
            without ``size``, and more pixels than fit in 1 GiB.
    """
    options = options or DataOptions()
    found = find_picture_files(folder)
    if is_frame(options.test) or options.test:
        found = add_test(found, options.test)
    reader = PictureReader(options.size, options.colour)
    if options.size is not None:
        check_room(folder, len(found.files), options.size + (3,) * options.colour)
    array, kept, notes = read_pictures(found.files, reader, options.skip_damaged)
    all_classes, found = found.classes, _select(found, kept)
    if len(found.classes) < 2:
        raise DataError(
            path=folder,
            expected="at least two classes with pictures that are not damaged",
            value=len(found.classes),
            remedy="repair the pictures, or leave the class out",
        )
    ranges = reader.find_ranges()
    for i, path in enumerate(found.files if ranges else ()):
        if path in ranges:
            array[i] = reader(path, ranges[path])
    low, high = reader.find_common_range()
    data = Dataset(array, found.labels, folder.name, None, found.classes, greys=(low, high))
    notes = (*found.notes, *notes, *reader.describe(len(array)))
    doubts, identical = list_doubts(data, found)
    if lost := [name for name in all_classes if name not in found.classes]:
        doubts.insert(0, f"{count(len(lost), 'class', 'classes')} left out, without a whole picture: {elide(lost)}")
    return PictureFolder(data, found, notes, tuple(doubts), identical)


def add_test(found: PictureFiles, test: Any) -> PictureFiles:
    """Add the pictures of another folder as the test set, with its classes by name."""
    if not isinstance(test, str | os.PathLike) or not (folder := Path(test).expanduser()).is_dir():
        raise DataError(argument="test", expected="a folder of pictures, as the data are", value=test)
    other = find_picture_files(folder, least=1)
    mine = [i for i, part in enumerate(found.parts) if part != "test"]
    theirs = [i for i, part in enumerate(other.parts) if part in ("", "test")] or list(range(len(other.files)))
    left_out = len(found.parts) - len(mine)
    classes = (*found.classes, *(name for name in other.classes if name not in found.classes))
    positions = np.array([classes.index(name) for name in other.classes], np.int64)
    note = f"{count(left_out, 'picture')} of the folder's own test part {'are' if left_out > 1 else 'is'} left out"
    return PictureFiles(
        tuple(found.files[i] for i in mine) + tuple(other.files[i] for i in theirs),
        np.concatenate([found.labels[mine], positions[other.labels[theirs]]]),
        classes,
        tuple(found.parts[i] or "training" for i in mine) + ("test",) * len(theirs),
        (*found.notes, *(f"test set: {line}" for line in other.notes), *((note,) if left_out else ())),
    )


def _select(found: PictureFiles, kept: np.ndarray) -> PictureFiles:
    """Select the files that were read; classes without any are left out."""
    if kept.all():
        return found
    labels = found.labels[kept]
    used = np.unique(labels)
    positions = np.flatnonzero(kept).tolist()
    return replace(
        found,
        files=tuple(found.files[i] for i in positions),
        labels=np.searchsorted(used, labels),
        classes=tuple(found.classes[i] for i in used),
        parts=tuple(found.parts[i] for i in positions),
    )


def list_doubts(data: Dataset, found: PictureFiles) -> tuple[list[str], tuple[tuple[int, int], ...]]:
    """List doubts about blank pictures, and about identical ones; return also the pairs of identical ones."""
    doubts, files = [], found.files
    blank = find_blanks(data.x, _FAINTEST)
    if n := int(blank.sum()):
        named = name_files([files[i] for i in np.flatnonzero(blank)])
        doubts.append(f"{n:,} of {count(len(files), 'picture')} {'are' if n > 1 else 'is'} blank: {named}")
    groups = find_equal(data.x)
    groups[blank] = -1
    pairs: list[tuple[int, int]] = []
    first: dict[int, int] = {}
    for i in np.flatnonzero(groups >= 0).tolist():
        if (j := first.setdefault(int(groups[i]), i)) != i:
            pairs.append((j, i))
    if conflicting := [(i, j) for i, j in pairs if data.y[i] != data.y[j]]:
        doubts.append(f"identical pictures are in different classes: {name_pairs(conflicting, found)}")
    return doubts, tuple(pairs)


def name_pairs(pairs: Sequence[tuple[int, int]], found: PictureFiles) -> str:
    """Name the first pairs of identical pictures.

    >>> files = tuple(Path(f"shapes/a/{i}.png") for i in range(3))
    >>> name_pairs([(0, 2)], PictureFiles(files, np.zeros(3, int), ("a",), ("",) * 3))
    'a/0.png = a/2.png'
    """
    return elide([f"{name_files([found.files[i]])} = {name_files([found.files[j]])}" for i, j in pairs], 3)
