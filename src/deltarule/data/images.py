"""Your own data as a folder of pictures with a sub-folder for each class."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np

from deltarule.core.constraints import check, optional
from deltarule.data.dataset import Dataset
from deltarule.data.error_context import reading
from deltarule.data.grayscale import height_and_width, read_grayscale, resize
from deltarule.errors import DataError

_IGNORED = {"thumbs.db", "desktop.ini"}  # file managers create them, and names with a leading dot
_LIMIT = 2**30


def read_folder(folder: Path, size: tuple[int, int] | None = None) -> Dataset:
    """Read all pictures of a folder as (n, height, width) uint8, grey; its sub-folders are the classes.

    Classes and pictures are sorted by the names of sub-folders and files; the classes numerically if all names are
    whole numbers. Files beside the sub-folders are ignored. Pictures are read by
    :func:`deltarule.data.grayscale.read_grayscale`; dark and light are not exchanged.

    Args:
        folder: The folder.
        size: The (height, width) to resize each picture to, with antialiasing and without keeping its proportions. By
            default all pictures must have the same size.

    Raises:
        DataError: With the path, for a class without pictures, a file that is no picture, different sizes, and more
            pixels than fit in 1 GiB.
        InvalidArgument: For an invalid size.
    """
    check("size", size, optional(height_and_width(1)))
    classes = _find_classes(folder)
    files = [(path, label) for label, below in enumerate(classes) for path in _find_pictures(below)]
    pictures: list[np.ndarray] = []
    if size is not None:
        _check_room(folder, len(files), size)
    for path, _ in files:
        picture = read_grayscale(path)
        pictures.append(picture if size is None else resize(picture, size))
        if pictures[-1].shape != pictures[0].shape:
            wanted, got = _format_size(pictures[0].shape), _format_size(picture.shape)
            raise DataError(
                f"expected {wanted} pixels as in {files[0][0]}, got {got}",
                path=path,
                remedy="give size=(height, width) to resize all pictures, or resize them yourself",
            )
        _check_room(folder, len(files), pictures[0].shape)
    labels = np.array([label for _, label in files], np.int64)
    return Dataset(np.stack(pictures), labels, folder.name, None, tuple(below.name for below in classes))


def _check_room(folder: Path, n: int, shape: tuple[int, ...]) -> None:
    if n * prod(shape) > _LIMIT:
        raise DataError(
            f"expected pictures that take {_LIMIT:,} bytes at most, got {n:,} pictures of {_format_size(shape)}",
            path=folder,
            remedy="give a smaller size=(height, width), or make the pictures smaller",
        )


def _list_folder(folder: Path) -> list[Path]:
    with reading(folder):
        return list(folder.iterdir())


def _find_classes(folder: Path) -> list[Path]:
    classes = [path for path in _list_folder(folder) if path.is_dir() and not path.name.startswith(".")]
    if len(classes) < 2:
        raise DataError(
            path=folder,
            expected="at least two sub-folders, one per class",
            value=len(classes),
            remedy="put the pictures of each class into a sub-folder named after it",
        )
    if all(path.name.isdecimal() for path in classes):
        return sorted(classes, key=lambda path: (int(path.name), path.name))
    return sorted(classes, key=lambda path: path.name)


def _find_pictures(below: Path) -> list[Path]:
    files = [p for p in _list_folder(below) if not p.name.startswith(".") and p.name.lower() not in _IGNORED]
    for path in files:
        if path.is_dir():
            raise DataError(
                "expected a picture, got a folder",
                path=path,
                remedy="give the folder that has one sub-folder per class, with only pictures in each",
            )
    if not files:
        problem = "expected pictures of this class, got none"
        raise DataError(problem, path=below, remedy="add pictures, or remove the folder")
    return sorted(files, key=lambda path: path.name)


def _format_size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
