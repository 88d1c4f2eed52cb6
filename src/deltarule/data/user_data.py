"""Your own data: pictures in folders, an .npz file or a .csv table, checked and divided into three sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.error_context import reading
from deltarule.data.images import read_folder
from deltarule.data.split import Splits, count_sevenths, count_sixth, divide
from deltarule.data.tables import MOST_CLASSES, read_csv, read_npz
from deltarule.errors import DataError

_BRIGHT = 127  # larger bytes mean a scale of 255; otherwise it is the largest, such as 16 for the small digits


def load(path: Path, size: tuple[int, int] | None = None) -> Splits:
    """Load training, validation and test sets, 5/7, 1/7 and 1/7 of each class, as MNIST has them.

    A class of three examples or more is in all three sets, a smaller one only in the training set; the split is
    reproducible (:mod:`deltarule.data.split`). If an ``.npz`` file has its own test set, that is kept, and a sixth of
    the rest becomes the validation set. The scale of ``x`` is 255 if ``x`` is uint8 and its largest value is above 127.
    Otherwise it is the largest absolute value, but at least 1.

    Args:
        path: A folder of pictures (:func:`~deltarule.data.images.read_folder`), an ``.npz`` file
            (:func:`~deltarule.data.tables.read_npz`) or a ``.csv`` table (:func:`~deltarule.data.tables.read_csv`).
        size: The (height, width) of pictures, only for folders.

    Raises:
        DataError: For damaged files, NaN, labels that are not 0, 1, 2, … without a gap, and data without a class
            large enough to split.
        InvalidArgument: For an invalid size.
    """
    with reading(path):
        return _check_not_empty(_read(path, size))


def _read(path: Path, size: tuple[int, int] | None) -> Splits:
    if path.is_dir():
        return divide(read_folder(path, size), count_sevenths)
    if size is not None:
        raise DataError(argument="size", expected="None, because the path is not a folder of pictures", value=size)
    if path.suffix.lower() == ".csv":
        x, y, classes = read_csv(path)
        return divide(_build_whole(path.stem, x, y, classes), count_sevenths)
    if path.suffix.lower() != ".npz":
        raise DataError(expected="a folder of pictures, an .npz file or a .csv table", value=path.name)
    arrays = read_npz(path)
    if "x" in arrays:
        return divide(_build_whole(path.stem, arrays["x"], arrays["y"]), count_sevenths)
    return _keep_test_set(path.stem, arrays)


def _keep_test_set(name: str, arrays: dict[str, np.ndarray]) -> Splits:
    x, y = [], []
    for part in ("train", "test"):
        x.append(_convert_examples(f"x_{part}", arrays[f"x_{part}"]))
        y.append(_convert_labels(f"y_{part}", arrays[f"y_{part}"], len(x[-1])))
    shape, test_shape = (part.shape[1:] for part in x)
    if shape != test_shape:
        raise DataError(argument="x_test", expected=f"examples of shape {shape}, as in x_train", value=test_shape)
    whole = _build_dataset(name, np.concatenate(x), np.concatenate(y))
    n = len(x[0])
    training, validation, _ = divide(whole.take(slice(n)), count_sixth)
    return training, validation, replace(whole.take(slice(n, None)), name=f"{whole.name} test")


def _build_whole(name: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    x = _convert_examples("x", x)
    return _build_dataset(name, x, _convert_labels("y", y, len(x)), classes)


def _convert_examples(argument: str, x: np.ndarray) -> np.ndarray:
    """Convert examples to uint8 or float32. Raises :class:`DataError` for an empty array and the first invalid one."""
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(argument=argument, expected="an array of shape (n, ...) in which no size is 0", value=x.shape)
    if x.dtype == np.uint8:
        return x
    with np.errstate(over="ignore"):
        found = x.astype(np.float32)
    finite = np.isfinite(found)
    if not finite.all():
        at = int(np.argmin(finite.reshape(len(x), -1).all(axis=1)))
        value = float(x[at][~finite[at]][0])
        raise DataError(
            argument=argument,
            position=f"example {at} (the first is 0)",
            expected=f"finite numbers that float32 can hold, up to {np.finfo(np.float32).max:.1e}",
            value=value,
            remedy="divide the numbers" if np.isfinite(value) else "repair or remove the example",
        )
    return found


def _convert_labels(argument: str, y: np.ndarray, n: int) -> np.ndarray:
    """Convert labels to 0, 1, 2, …, (n,) int64. Raises :class:`DataError` for the first invalid one."""
    y = y.reshape(len(y)) if y.ndim == 2 and y.shape[1] == 1 else y
    if y.shape != (n,):
        got = f"{len(y):,} labels" if y.ndim == 1 else f"shape {y.shape}"
        raise DataError(f"expected one label for each of {n:,} examples, shape ({n},), got {got}", argument=argument)
    wrong = ~((y >= 0) & (y < MOST_CLASSES) & (y == np.floor(y)))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise DataError(
            argument=argument,
            position=f"example {at} (the first is 0)",
            expected="a label: 0, 1, 2, … up to the number of classes minus 1",
            value=y[at].item(),
        )
    return y.astype(np.int64)


def _build_dataset(name: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    counts = np.bincount(y)
    if len(counts) < 2 or not counts.all():
        empty = int(np.argmin(counts)) if len(counts) > 1 else 1
        raise DataError(
            f"expected two classes or more, each with examples, got none of class {empty} and labels from 0 to "
            f"{len(counts) - 1}",
            remedy="number the classes 0, 1, 2, … without a gap",
        )
    top = float(np.abs(x).max())
    scale = 255.0 if x.dtype == np.uint8 and top > _BRIGHT else max(top, 1.0)
    return Dataset(x, y, name, scale, classes or tuple(map(str, range(len(counts)))))


def _check_not_empty(splits: Splits) -> Splits:
    if not all(map(len, splits)):
        raise DataError(
            f"expected enough examples for three sets, got {sum(map(len, splits))}",
            remedy="give at least three examples of one class",
        )
    return splits
