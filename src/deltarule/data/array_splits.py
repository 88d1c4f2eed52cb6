"""The training, validation and test sets of a file of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from deltarule.data.array_file import ArrayFile
from deltarule.data.arrays import find_non_finite
from deltarule.data.cells import MOST_EXACT
from deltarule.data.dataset import Dataset
from deltarule.data.division import divide_rows, note_parts, note_repeats
from deltarule.data.label_values import factorize
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide
from deltarule.data.pixels import shape_images
from deltarule.data.schema import Column, Schema
from deltarule.data.split import Splits, count_sevenths, count_sixth
from deltarule.data.targets import interpret_labels
from deltarule.errors import DataError


def build_array_splits(file: ArrayFile, options: DataOptions, name: str) -> tuple[Splits, tuple[str, ...]]:
    """Build the training, validation and test sets of a file of arrays, and notes about them.

    Parts that the file has are kept: beside a test set a sixth of the rest becomes the validation set. Rows of numbers,
    (n, d), are a table of d columns without names, or images if that is stated; other arrays are images.

    Raises:
        DataError: For parts without labels, with examples of different shapes, and for labels that cannot be
            interpreted.

    >>> x, y = np.arange(28.0).reshape(14, 2), np.array(["no", "yes"] * 7)
    >>> splits, notes = build_array_splits(ArrayFile({"all": (x, y)}), DataOptions(), "answers")
    >>> [len(part) for part in splits], splits[0].classes
    ([10, 2, 2], ('no', 'yes'))
    """
    names = [part for part in ("all", "train", "validation", "test") if part in file.parts]
    x = [_check_examples(part, file.parts[part][0], file.parts[names[0]][0].shape[1:]) for part in names]
    y = [_check_labels(part, file.parts[part][1], len(own)) for part, own in zip(names, x, strict=True)]
    joined, target, counts = np.concatenate(x), np.concatenate(y), list(map(len, x))
    schema = None
    kept, notes = _select_labelled(target, options.missing)
    joined, target, counts = _take(kept, joined, target, counts)
    if joined.ndim == 2:
        columns = tuple(Column(f"column {i + 1}") for i in range(joined.shape[1]))
        schema = Schema(columns, missing=options.missing, unknown=options.unknown, has_names=False)
        kept, more_notes = _select_examples(joined, options.missing)
        joined, target, counts = _take(kept, joined, target, counts)
        joined, image_notes = shape_images(joined, columns, False, bool(options.images))
        notes = (*notes, *more_notes, *image_notes)
    elif (at := find_non_finite(joined)) is not None:
        position = f"example {at[0]}, at {list(at[1:])}"
        raise DataError(argument="x", position=position, expected="a finite number", value=float(joined[at]))
    labels = interpret_labels(target, options.target)
    whole = Dataset(joined, labels.y, name, None, labels.classes, labels.encoding, schema=schema)
    bounds = np.cumsum([0, *counts])
    parts = {part: whole.take(slice(int(bounds[i]), int(bounds[i + 1]))) for i, part in enumerate(names)}
    splits = _divide(whole, parts, options)
    divided = next(own for own in (parts.get("all"), parts.get("train"), whole) if own is not None)
    return splits, (*notes, *labels.notes, *note_repeats(divided, splits), *note_parts(splits))


def _take(
    kept: np.ndarray, x: np.ndarray, y: np.ndarray, counts: list[int]
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Take some rows of all parts; return also the rows of each part."""
    if kept.all():
        return x, y, counts
    return x[kept], y[kept], [int(part.sum()) for part in np.split(kept, np.cumsum(counts)[:-1])]


def _select_labelled(y: np.ndarray, missing: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Find the rows with labels, (n,) bool, with notes. Raises :class:`DataError` unless the others are dropped."""
    columns = [] if y.ndim not in (1, 2) or y.dtype.kind not in "fOSU" else [y] if y.ndim == 1 else list(y.T)
    unlabelled = np.zeros(len(y), bool)
    for values in map(factorize, columns):
        if "" in values.names:
            unlabelled |= values.positions == values.names.index("")
    n = int(unlabelled.sum())
    if n and (missing != "drop" or n == len(y)):
        raise DataError(
            f"expected a label in every row, got {count(n, 'row')} without one",
            argument="y",
            position=f"row{'s' * (n > 1)} {elide(list(map(str, np.flatnonzero(unlabelled))), 5)}, from 0",
            remedy="fill them in" + ', or leave those rows out: missing="drop"' * (missing != "drop"),
        )
    note = f"{count(n, 'row')} without a label {'is' if n == 1 else 'are'} left out"
    return ~unlabelled, (note,) if n else ()


def _check_exact(part: str, x: np.ndarray) -> None:
    """Raise :class:`DataError` for whole numbers that float64 cannot hold."""
    if x.dtype.kind in "iu" and x.dtype.itemsize == 8 and ((x > MOST_EXACT) | (x < -MOST_EXACT)).any():
        at = np.argwhere((x > MOST_EXACT) | (x < -MOST_EXACT))[0].tolist()
        place = f"column {at[1] + 1}" if len(at) == 2 else f"at {at[1:]}"
        raise DataError(
            argument=f"x of part {part!r}",
            position=f"row {at[0]}, from 0, {place}",
            expected=f"whole numbers up to 2^53 = {MOST_EXACT:,}, larger ones are not exact",
            value=int(x[tuple(at)]),
            remedy="leave the column out of the array, or round its values: x.astype(float)",
        )


def _select_examples(x: np.ndarray, missing: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Find the rows to keep, (n,) bool, with notes. Raises :class:`DataError` for NaN that ``missing`` refuses."""
    incomplete = np.isnan(x).any(axis=1) if x.dtype.kind == "f" else np.zeros(len(x), bool)
    n = int(incomplete.sum())
    if n == 0:
        return ~incomplete, ()
    if (empty := np.flatnonzero(np.isnan(x).all(axis=0))).size:
        raise DataError(
            expected="a value in some row of each column",
            value="missing values (NaN) only",
            argument="x",
            position=f"column {int(empty[0]) + 1}",
            remedy="leave the column out of the array",
        )
    if missing == "refuse" or (missing == "drop" and n == len(x)):
        raise DataError(
            f"expected numbers, got missing values (NaN) in {count(n, 'row')}",
            argument="x",
            position=f"row{'s' * (n > 1)} {elide(list(map(str, np.flatnonzero(incomplete))), 5)}, from 0",
            remedy=('leave those rows out: missing="drop", or ' if n < len(x) else "")
            + 'fill by the median: missing="median"',
        )
    if missing == "drop":
        return ~incomplete, (f"{count(n, 'row')} with missing values {'is' if n == 1 else 'are'} left out",)
    return np.ones(len(x), bool), (f"the missing values of {count(n, 'row')} are filled by the model",)


def _divide(whole: Dataset, parts: Mapping[str, Dataset], options: DataOptions) -> Splits:
    """Divide what the file has not divided."""
    training, validation, test = (parts.get(name) for name in ("train", "validation", "test"))
    if training is None:
        return divide_rows(whole, None, options, count_sevenths)
    if validation is None and test is None:
        return divide_rows(training, None, options, count_sevenths)
    if validation is None:
        training, validation, _ = divide_rows(training, None, options, count_sixth)
    held = validation if test is None else test
    return training, validation, replace(held, name=f"{whole.name} test")


def _check_examples(part: str, x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Convert examples to bytes or float64. Raises :class:`DataError` for an empty array and another shape."""
    if x.ndim < 2 or 0 in x.shape:
        expected = "an array of shape (n, ...) in which no size is 0"
        raise DataError(argument=f"x of part {part!r}", expected=expected, value=x.shape)
    if x.shape[1:] != shape:
        raise DataError(argument=f"x of part {part!r}", expected=f"examples of shape {shape}", value=x.shape[1:])
    if x.dtype.kind not in "biuf":
        raise DataError(argument=f"x of part {part!r}", expected="numbers", value=x.dtype)
    _check_exact(part, x)
    return x if x.dtype == np.uint8 else x.astype(np.float64)


def _check_labels(part: str, y: np.ndarray | None, n: int) -> np.ndarray:
    if y is None:
        remedy = 'state the array of the labels: y="NAME"'
        raise DataError(f"expected labels of the part {part!r}, got none", remedy=remedy)
    if len(y) != n:
        raise DataError(f"expected one label for each of {n:,} examples, got {len(y):,}", argument=f"y of {part!r}")
    return y
