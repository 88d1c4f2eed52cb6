"""Your own data as a folder of pictures, one sub-folder for each class."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.checks import is_whole
from deltarule.data.dataset import Dataset
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.errors import DataError, InvalidArgument

_IGNORED = {"thumbs.db", "desktop.ini"}  # left behind by file managers, as are names with a leading dot
_LIMIT = 2**30


def read_folder(folder: Path, size: tuple[int, int] | None = None) -> Dataset:
    """All pictures of a folder whose sub-folders are the classes, as (n, height, width) uint8, grey.

    The classes are in the order of the sub-folders' names, numerical if all are whole numbers, and
    the pictures in the order of theirs. Files beside the sub-folders are left alone. A picture keeps
    its polarity and turns grey as :func:`deltarule.data.grayscale.read_grayscale` says. Without ``size``
    (height, width) all must have the same size; with it each is brought to that size, antialiased,
    its proportions not kept. Raises :class:`DataError`, naming the file or folder, for a class
    without pictures, a file that is none, sizes that differ, and more pixels than fit in 1 GiB; and
    :class:`InvalidArgument` for a size that is none.
    """
    if size is not None:
        size = _checked(size)
    classes = _classes(folder)
    files = [(path, label) for label, below in enumerate(classes) for path in _pictures(below)]
    pictures: list[np.ndarray] = []
    if size is not None:
        _check_room(folder, len(files), size)
    for path, _ in files:
        picture = read_grayscale(path)
        pictures.append(picture if size is None else resize(picture, size))
        if pictures[-1].shape != pictures[0].shape:
            raise DataError(
                f"{path} is {_by(picture.shape)}, but {files[0][0]} is {_by(pictures[0].shape)}; "
                "make them one size, or load them in Python with size=(height, width), which brings them to one"
            )
        _check_room(folder, len(files), pictures[0].shape)
    labels = np.array([label for _, label in files], np.int64)
    return Dataset(np.stack(pictures), labels, folder.name, 255.0, tuple(below.name for below in classes))


def _checked(size: Any) -> tuple[int, int]:
    if not isinstance(size, (tuple, list)) or len(size) != 2 or not all(is_whole(side, 1) for side in size):
        raise InvalidArgument(f"size {size!r}: give (height, width), two whole numbers from 1")
    return int(size[0]), int(size[1])


def _check_room(folder: Path, n: int, shape: tuple[int, ...]) -> None:
    if n * prod(shape) > _LIMIT:
        raise DataError(
            f"{folder}: {n:,} pictures of {_by(shape)} are too much to hold; "
            "make them smaller, or load them in Python with a smaller size=(height, width)"
        )


def _within(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _classes(folder: Path) -> list[Path]:
    classes = [path for path in _within(folder) if path.is_dir() and not path.name.startswith(".")]
    if len(classes) < 2:
        raise DataError(
            f"{folder}: holds {len(classes) or 'no'} sub-folder{'s' * (not classes)}; "
            "put the pictures of each class into a sub-folder named after it, two classes at least"
        )
    if all(path.name.isdecimal() for path in classes):
        return sorted(classes, key=lambda path: (int(path.name), path.name))
    return sorted(classes, key=lambda path: path.name)


def _pictures(below: Path) -> list[Path]:
    files = [p for p in _within(below) if not p.name.startswith(".") and p.name.lower() not in _IGNORED]
    for path in files:
        if path.is_dir():
            raise DataError(
                f"{path}: a folder where a picture should be; name the folder whose sub-folders are the classes "
                "and hold nothing but pictures"
            )
    if not files:
        raise DataError(f"{below}: the class has no picture; add some or remove the folder")
    return sorted(files, key=lambda path: path.name)


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
