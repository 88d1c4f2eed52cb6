"""Your own data: pictures in folders, an .npz file or a .csv table, checked and split into three."""

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
    and :class:`InvalidArgument` for an invalid size.
    """
    with reading(path):
        return _none_empty(_read(path, size))


def _read(path: Path, size: tuple[int, int] | None) -> Splits:
    if path.is_dir():
        return divide(read_folder(path, size), count_sevenths)
    if size is not None:
        raise DataError(argument="size", expected="None, as this is no folder of pictures", value=size)
    if path.suffix.lower() == ".csv":
        x, y, classes = read_csv(path)
        return divide(_whole(path.stem, x, y, classes), count_sevenths)
    if path.suffix.lower() != ".npz":
        raise DataError(expected="a folder of pictures, an .npz file or a .csv table", value=path.name)
    arrays = read_npz(path)
    if "x" in arrays:
        return divide(_whole(path.stem, arrays["x"], arrays["y"]), count_sevenths)
    return _with_own_test(path.stem, arrays)


def _with_own_test(name: str, arrays: dict[str, np.ndarray]) -> Splits:
    x, y = [], []
    for part in ("train", "test"):
        x.append(_examples(f"x_{part}", arrays[f"x_{part}"]))
        y.append(_labels(f"y_{part}", arrays[f"y_{part}"], len(x[-1])))
    here, there = (part.shape[1:] for part in x)
    if here != there:
        raise DataError(argument="x_test", expected=f"examples of shape {here}, as in x_train", value=there)
    whole = _dataset(name, np.concatenate(x), np.concatenate(y))
    n = len(x[0])
    training, validation, _ = divide(whole.take(slice(n)), count_sixth)
    return training, validation, replace(whole.take(slice(n, None)), name=f"{whole.name} test")


def _whole(name: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
    x = _examples("x", x)
    return _dataset(name, x, _labels("y", y, len(x)), classes)


def _examples(argument: str, x: np.ndarray) -> np.ndarray:
    """Examples as uint8 or float32, none of them empty; else raise :class:`DataError` with the first that is wrong."""
    if x.ndim < 2 or 0 in x.shape:
        raise DataError(
            argument=argument, expected="shape (n, numbers of one example, ...), none of it 0", value=x.shape
        )
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
            expected=f"numbers that float32 holds, up to {np.finfo(np.float32).max:.1e}, not NaN or infinity",
            value=value,
            remedy="divide the numbers" if np.isfinite(value) else "repair or remove the example",
        )
    return found


def _labels(argument: str, y: np.ndarray, n: int) -> np.ndarray:
    """Labels as (n,) int64, each a whole number from 0; else raise :class:`DataError` with the first that is not."""
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
            expected="a label, a whole number from 0 to the number of classes less 1",
            value=y[at].item(),
        )
    return y.astype(np.int64)


def _dataset(name: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> Dataset:
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


def _none_empty(splits: Splits) -> Splits:
    if not all(map(len, splits)):
        raise DataError(
            f"expected examples to train, validate and test with, got {sum(map(len, splits))} examples, too few",
            remedy="give one class at least three",
        )
    return splits
