"""The images and labels of a data set of several files, and the facts that its names tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.arrays import find_non_finite
from deltarule.data.error_context import reading
from deltarule.data.file_names import is_idx_name, normalize
from deltarule.data.file_sets import FileSet, find_file_set
from deltarule.data.idx import read_idx
from deltarule.data.known_sets import Recognition, recognize_set
from deltarule.data.numpy_files import NpzFile, read_npy
from deltarule.data.options import DataOptions
from deltarule.errors import DataError

_QMNIST_COLUMNS = 8
_COLOURS = 3


@dataclass(frozen=True, eq=False)
class SetContent:
    """The arrays of a data set, the facts that its names tell, and the kind of its targets.

    Attributes:
        file: The images and the labels of each part.
        recognition: The names of classes, with notes and doubts.
        target: The kind of targets: "classes" for labels that are whole numbers.
    """

    file: ArrayFile
    recognition: Recognition
    target: str


def read_file_set(found: FileSet, options: DataOptions | None = None) -> SetContent:
    """Read the images, (n, height, width), and the labels of each part of a data set.

    Pictures of EMNIST are turned upright. QMNIST's labels have eight columns, of which the first is the class.
    ``options.test`` may name another file of images, or a folder, which becomes the test set.

    Raises:
        DataError: With the path, for damaged files, for images and labels of different numbers, for NaN and infinity.
    """
    options = options or DataOptions()
    pairs = dict(found.pairs)
    if options.test:
        pairs = _replace_test(pairs, Path(options.test).expanduser())
    recognition = recognize_set(found.words, [labels for _, labels in pairs.values()])
    parts: dict[str, tuple[np.ndarray, np.ndarray | None]] = {}
    notes: list[str] = []
    for part, (images, labels) in pairs.items():
        with reading(images):
            x, more = _read_images(images)
            if parts and x.shape[1:] != (other := next(iter(parts.values()))[0]).shape[1:]:
                expected = f"images of {other.shape[1:]}, as in the training set"
                raise DataError(expected=expected, value=x.shape[1:], remedy="make all images the same size")
        with reading(labels):
            y, note = _read_labels(labels, images.name, len(x))
        parts[part] = x, y
        where = "" if part == "all" else "the training set: " if part == "train" else f"the {part} set: "
        notes += [f"{where}{images.name} and {labels.name}", *more, *note]
    if recognition.is_turned:
        parts = {part: (x.transpose(0, 2, 1) if x.ndim == 3 else x, y) for part, (x, y) in parts.items()}
    whole = all(labels is not None and _are_whole(labels) for _, labels in parts.values())
    target = "classes" if options.target == "auto" and whole else options.target
    return SetContent(ArrayFile(parts, tuple(dict.fromkeys(notes))), recognition, target)


def _replace_test(pairs: dict[str, tuple[Path, Path]], path: Path) -> dict[str, tuple[Path, Path]]:
    with reading(path):
        other = find_file_set(path)
        if other is None:
            raise DataError(
                argument="test",
                expected="a file of images with its labels beside it, or a folder with both",
                value=str(path),
            )
    kept = {"train" if part == "all" else part: pair for part, pair in pairs.items() if part != "test"}
    return kept | {"test": other.pairs.get("test", next(iter(other.pairs.values())))}


def _read_images(path: Path) -> tuple[np.ndarray, list[str]]:
    x, notes = _read_array(path), []
    if x.ndim < 2:
        raise DataError(
            expected="images, an array of at least two dimensions",
            value=x.shape,
            remedy="look if the names of the files of images and labels are exchanged",
        )
    if x.dtype.kind not in "biuf":
        raise DataError(expected="images of numbers", value=x.dtype)
    if (at := find_non_finite(x)) is not None:
        raise DataError(position=f"image {at[0]}, at {list(at[1:])}", expected="a finite number", value=float(x[at]))
    if x.ndim == 4 and x.shape[1] == _COLOURS != x.shape[3]:
        x, notes = np.moveaxis(x, 1, 3), ["the three colours come first in the file; they become the last axis"]
    return x, notes


def _read_labels(path: Path, images: str, n: int) -> tuple[np.ndarray, list[str]]:
    y, notes = _read_array(path), []
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    elif y.ndim == 2 and y.shape[1] == _QMNIST_COLUMNS and ("nist" in normalize(path.name) or is_idx_name(path.name)):
        y, notes = y[:, 0], ["the labels have eight columns, as QMNIST has them: the first is the class"]
    if y.ndim != 1:
        raise DataError(expected="one label for each image, an array of one dimension", value=y.shape)
    if len(y) != n:
        raise DataError(
            f"expected a label for each of the {n:,} images in {images}, got {len(y):,}",
            remedy="give the labels that belong to these images",
        )
    if (at := find_non_finite(y)) is not None:
        raise DataError(position=f"label {at[0]}", expected="a finite number", value=float(y[at]))
    return y, notes


def _read_array(path: Path) -> np.ndarray:
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return read_npy(path)
    if suffix != ".npz":
        return read_idx(path)
    file = NpzFile(path)
    if len(file.names) != 1:
        raise DataError("expected one array, got " + (", ".join(file.describe()) or "none"))
    return file.read(file.names[0])


def _are_whole(y: np.ndarray) -> bool:
    return y.dtype.kind != "f" or bool((y == np.floor(y)).all())


def name_classes(classes: tuple[str, ...], names: Mapping[int, str]) -> tuple[str, ...]:
    """Name classes by their numbers; classes keep their numbers unless all have different names.

    >>> name_classes(("1", "2"), {1: "A", 2: "B"}), name_classes(("1", "27"), {1: "A"})
    (('A', 'B'), ('1', '27'))
    """
    by_number = {str(number): name for number, name in names.items()}
    found = tuple(by_number.get(name, "") for name in classes)
    return found if all(found) and len(set(found)) == len(found) else classes
