"""Your own data: pictures in folders, an .npz file or a .csv table, checked and split into three."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.images import read_folder
from deltarule.data.split import Splits, a_sixth, divide, sevenths
from deltarule.data.tables import MOST_CLASSES, read_csv, read_npz
from deltarule.errors import DataError

_BRIGHT = 127  # bytes above this use the whole range to 255; others, such as digits from 0 to 16, their own


def load(path: Path, size: tuple[int, int] | None = None) -> Splits:
    """Training, validation and test data from ``path``, 5/7, 1/7 and 1/7 of each class as MNIST has them.

    ``path`` is a folder of pictures (:func:`~deltarule.data.images.read_folder`, which alone knows
    ``size``), a ``.npz`` file (:func:`~deltarule.data.tables.read_npz`) or a ``.csv`` table
    (:func:`~deltarule.data.tables.read_csv`). A class of three examples or more is found in all
    three parts, a smaller one in the training data alone; which example goes where is fixed
    (:mod:`deltarule.data.split`). Where an ``.npz``
    brings its own test data these are kept, and a sixth of the rest is for validation. ``x`` is
    divided by 255 where it is made of bytes that go beyond 127, otherwise by its largest absolute
    value if that is above 1. Raises :class:`DataError` for anything that is no such data set:
    labels that are not 0, 1, 2, … without a gap, NaN, no class large enough to split, damaged files;
    and :class:`InvalidArgument` for a size that is none.
    """
    if path.is_dir():
        return _three(path, read_folder(path, size))
    if size is not None:
        raise DataError(f"{path}: size is for folders of pictures only; leave it out")
    if path.suffix.lower() == ".csv":
        x, y, classes = read_csv(path)
        return _three(path, _whole(path, x, y, classes))
    if path.suffix.lower() != ".npz":
        raise DataError(f"{path}: data are read from a folder of pictures, an .npz file or a .csv table")
    arrays = read_npz(path)
    if "x" in arrays:
        return _three(path, _whole(path, arrays["x"], arrays["y"]))
    return _with_own_test(path, arrays)


def _three(path: Path, whole: Dataset) -> Splits:
    return _none_empty(path, divide(whole, sevenths))


def _with_own_test(path: Path, arrays: dict[str, np.ndarray]) -> Splits:
    x, y = [], []
    for part in ("train", "test"):
        x.append(_examples(path, f"x_{part}", arrays[f"x_{part}"]))
        y.append(_labels(path, f"y_{part}", arrays[f"y_{part}"], len(x[-1])))
    if x[0].shape[1:] != x[1].shape[1:]:
        raise DataError(f"{path}: an example has shape {x[0].shape[1:]} in x_train, but {x[1].shape[1:]} in x_test")
    whole = _dataset(path, np.concatenate(x), np.concatenate(y))
    n = len(x[0])
    training, validation, _ = divide(whole.take(slice(n)), a_sixth)
    return _none_empty(path, (training, validation, replace(whole.take(slice(n, None)), name=f"{whole.name} test")))


def _whole(path: Path, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    x = _examples(path, "x", x)
    return _dataset(path, x, _labels(path, "y", y, len(x)), classes)


def _examples(path: Path, name: str, x: np.ndarray) -> np.ndarray:
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(
            f"{path}: {name} has shape {x.shape}; expected is (n, numbers of one example, ...), none of it 0"
        )
    if x.dtype.kind == "f":
        wrong = ~np.isfinite(x).reshape(len(x), -1).all(axis=1)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(
                f"{path}: {name} holds NaN or infinity in example {at} (the first is 0); repair or remove it"
            )
    if x.dtype == np.uint8:
        return x
    with np.errstate(over="ignore"):
        found = x.astype(np.float32)
    if not np.isfinite(found).all():
        at = int(np.argmin(np.isfinite(found).reshape(len(x), -1).all(axis=1)))
        raise DataError(
            f"{path}: {name} holds {np.abs(x[at]).max():g} in example {at} (the first is 0), and float32 ends at "
            f"{np.finfo(np.float32).max:.1e}; divide the numbers"
        )
    return found


def _labels(path: Path, name: str, y: np.ndarray, n: int) -> np.ndarray:
    """Labels as (n,) int64, each a whole number from 0; else :class:`DataError` with the first that is not."""
    y = y.reshape(len(y)) if y.ndim == 2 and y.shape[1] == 1 else y
    if y.ndim != 1:
        raise DataError(f"{path}: {name} has shape {y.shape}; expected is one label for each example, ({n},)")
    if len(y) != n:
        raise DataError(f"{path}: {n:,} examples but {len(y):,} labels in {name}; there must be one for each")
    wrong = ~((y >= 0) & (y < MOST_CLASSES) & (y == np.floor(y)))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise DataError(
            f"{path}: labels are whole numbers from 0 to the number of classes less 1; {name} holds {y[at]} for "
            f"example {at} (the first is 0)"
        )
    return y.astype(np.int64)


def _dataset(path: Path, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    counts = np.bincount(y)
    if len(counts) < 2 or not counts.all():
        empty = int(np.argmin(counts)) if len(counts) > 1 else 1
        raise DataError(
            f"{path}: labels go from 0 to {len(counts) - 1}, but class {empty} has no example; "
            "number the classes 0, 1, 2, … without a gap, two at least"
        )
    top = float(np.abs(x).max())
    scale = 255.0 if x.dtype == np.uint8 and top > _BRIGHT else max(top, 1.0)
    return Dataset(x, y, path.stem, scale, classes or tuple(map(str, range(len(counts)))))


def _none_empty(path: Path, splits: Splits) -> Splits:
    if not all(map(len, splits)):
        raise DataError(
            f"{path}: {sum(map(len, splits))} examples are too few to train, validate and test with; "
            "a class at least must have three"
        )
    return splits
