"""Your own data as a folder of pictures, one sub-folder for each class."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from deltarule.core.constraints import check, optional
from deltarule.data.dataset import Dataset
from deltarule.data.error_context import reading
from deltarule.data.grayscale import height_and_width, read_grayscale, resize
from deltarule.errors import DataError

_IGNORED = {"thumbs.db", "desktop.ini"}  # left behind by file managers, as are names with a leading dot
_LIMIT = 2**30


def read_folder(folder: Path, size: tuple[int, int] | None = None) -> Dataset:
    """All pictures of a folder whose sub-folders are the classes, as (n, height, width) uint8, grey.

    The classes are in the order of the sub-folders' names, numerical if all are whole numbers, and
    the pictures in the order of theirs. Files beside the sub-folders are left alone. A picture keeps
    its polarity and turns grey as :func:`deltarule.data.grayscale.read_grayscale` says. Without ``size``
    (height, width) all must have the same size; with it each is brought to that size, antialiased,
    its proportions not kept. Raises :class:`DataError`, naming the file or folder, for a class
    without pictures, a file that is no picture, sizes that differ, and more pixels than fit in 1 GiB; and
    :class:`InvalidArgument` for an invalid size.
    """
    check("size", size, optional(height_and_width(1)))
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
                f"expected {_by(pictures[0].shape)} pixels as in {files[0][0]}, got {_by(picture.shape)}",
                path=path,
                remedy="make all one size, or give size=(height, width), which brings them to one",
            )
        _check_room(folder, len(files), pictures[0].shape)
    labels = np.array([label for _, label in files], np.int64)
    return Dataset(np.stack(pictures), labels, folder.name, 255.0, tuple(below.name for below in classes))


def _check_room(folder: Path, n: int, shape: tuple[int, ...]) -> None:
    if n * prod(shape) > _LIMIT:
        raise DataError(
            f"expected pictures that take {_LIMIT:,} bytes at most, got {n:,} pictures of {_by(shape)}",
            path=folder,
            remedy="make them smaller, or give a smaller size=(height, width)",
        )


def _within(folder: Path) -> list[Path]:
    with reading(folder):
        return list(folder.iterdir())


def _classes(folder: Path) -> list[Path]:
    classes = [path for path in _within(folder) if path.is_dir() and not path.name.startswith(".")]
    if len(classes) < 2:
        raise DataError(
            path=folder,
            expected="two sub-folders or more, one for each class",
            value=len(classes),
            remedy="put the pictures of each class into a sub-folder named after it",
        )
    if all(path.name.isdecimal() for path in classes):
        return sorted(classes, key=lambda path: (int(path.name), path.name))
    return sorted(classes, key=lambda path: path.name)


def _pictures(below: Path) -> list[Path]:
    files = [p for p in _within(below) if not p.name.startswith(".") and p.name.lower() not in _IGNORED]
    for path in files:
        if path.is_dir():
            raise DataError(
                "expected a picture, got a folder",
                path=path,
                remedy="name the folder whose sub-folders are the classes and hold nothing but pictures",
            )
    if not files:
        raise DataError("expected pictures of the class, got none", path=below, remedy="add some or remove the folder")
    return sorted(files, key=lambda path: path.name)


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
