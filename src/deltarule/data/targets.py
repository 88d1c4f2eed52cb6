"""Targets: labels as they are written, interpreted as classes, as several labels, or as real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.data.cells import MISSING
from deltarule.data.encodings import Encoding, MultiLabel, OneHot, Standardized
from deltarule.data.label_values import LabelValues, factorize, find_confusable, find_names
from deltarule.data.number_text import find_marks, has_codes, has_decimal_commas, is_number, parse_numbers
from deltarule.data.phrases import count, elide
from deltarule.data.target_columns import NO, YES, TargetColumn, split_columns
from deltarule.data.target_kind import MOST_CODES, are_codes
from deltarule.errors import DataError


@dataclass(frozen=True, eq=False)
class Labels:
    """Interpreted labels.

    Attributes:
        y: Positions of classes, (n,) int64; real numbers, (n,) or (n, k) float64; or several labels, (n, k) uint8.
        classes: The names of the classes or of the several labels; () for real numbers.
        encoding: The encoding as desired outputs of a network.
        notes: Sentences about what was decided, and about labels that may be mistakes.

    >>> labels = interpret_labels(["oak", "ash", "oak"])
    >>> labels.y.tolist(), labels.classes, labels.encoding
    ([1, 0, 1], ('ash', 'oak'), OneHot(n_out=2))
    """

    y: np.ndarray
    classes: tuple[str, ...]
    encoding: Encoding
    notes: tuple[str, ...] = ()


def interpret_labels(
    values: Any,
    kind: str = "auto",
    name: str | Sequence[str] = "y",
    argument: str = "y",
    rows: Sequence[int] | np.ndarray | None = None,
) -> Labels:
    """Interpret labels as classes, as several labels of 0 and 1, or as real numbers.

    One column of words or codes has classes; one of numbers as :func:`~deltarule.data.target_kind.are_codes` decides.
    Several columns are several labels if all have 0 and 1 (or false and true, no and yes), else real numbers.

    Args:
        values: The labels, (n,) or (n, k): text, numbers, truth values or Python objects.
        kind: "classes" or "numbers"; "auto" decides by the values.
        name: The name of the target column; for several, their names.
        argument: The name of the argument, for errors.
        rows: The line of each row in its file, for errors; by default rows are counted from 1.

    Raises:
        DataError: For missing labels, for a target that is the same in all rows, for more than 10,000 classes, for a
            text among numbers, and for several columns of words.

    >>> interpret_labels([-1, 1, 1]).classes, interpret_labels(["007", "7"]).classes
    (('-1', '1'), ('007', '7'))
    >>> interpret_labels([3.5, 4.0]).encoding.n_out, interpret_labels(np.eye(2)).encoding
    (1, MultiLabel(n_out=2))
    """
    columns = split_columns(mark_missing(values, kind), name, argument, rows)
    if len(columns) > 1:
        return _interpret_several(columns, kind)
    column = columns[0]
    _check_different(column)
    if kind == "numbers" or (kind == "auto" and _has_amounts(column.values)):
        return Labels(column.numbers, (), Standardized(1), _note_amounts(column, kind))
    if kind == "auto":
        _check_marks(column)
    _check_classes(column)
    values = column.values
    return Labels(values.positions, values.names, OneHot(len(values.names)), _note_classes(column, kind))


def mark_missing(values: Any, kind: str = "auto") -> Any:
    """Replace words such as "NA" by "" in a column of text in which all other labels are amounts.

    Among classes, "NA" is the name of a class.

    >>> mark_missing(np.array(["1.5", "NA"], object)).tolist(), mark_missing(np.array(["a", "NA"], object)).tolist()
    (['1.5', ''], ['a', 'NA'])
    """
    if kind == "classes" or not isinstance(values, np.ndarray) or values.ndim != 1 or values.dtype.kind not in "OSUT":
        return values
    if MISSING.isdisjoint(name.lower() for name in find_names(values)):
        return values
    found = factorize(values)
    missing = np.array([name.lower() in MISSING for name in found.names])
    present = [name for name in found.names if name.lower() not in MISSING]
    if not missing.any() or not present or parse_numbers(present) is None:
        return values
    if kind == "auto" and not _are_amounts(present, found.counts[~missing], parse_numbers(present)):
        return values
    return np.where(missing[found.positions], "", values)


def _interpret_several(columns: Sequence[TargetColumn], kind: str) -> Labels:
    names = tuple(column.name for column in columns)
    notes: tuple[str, ...] = ()
    if kind != "numbers" and all({name.lower() for name in column.values.names} <= YES | NO for column in columns):
        y = np.stack([_find_ones(column.values) for column in columns], axis=1)
        if (y.sum(axis=1) == 1).all():
            way = ", if y.argmax(axis=1) is saved in place of y" if columns[0].argument == "y" else ""
            notes = (f"each row has exactly one of the labels {elide(names)}: they could be classes{way}",)
        return Labels(y, names, MultiLabel(len(names)), notes)
    for column in columns:
        if kind == "classes" or column.values.numbers is None:
            raise DataError(
                argument=column.argument,
                position=column.name,
                expected="numbers in each of several target columns, or 0 and 1 (no and yes, false and true)",
                value=next((n for n in column.values.names if kind == "classes" or not is_number(n)), ""),
                remedy="state a single target column, or write one that has their combinations as classes",
            )
        _check_different(column)
    notes = tuple(note for column in columns for note in _note_amounts(column, "numbers"))
    return Labels(np.stack([column.numbers for column in columns], axis=1), (), Standardized(len(columns)), notes)


def _find_ones(values: LabelValues) -> np.ndarray:
    return np.take(np.array([name.lower() in YES for name in values.names], np.uint8), values.positions)


def _check_different(column: TargetColumn) -> None:
    """Raise :class:`DataError` if all labels are the same."""
    names = column.values.names
    if len(names) == 1:
        rows = f"all {count(len(column), 'row')}" if len(column) > 1 else "the only row"
        raise DataError(
            f"expected different labels, got {names[0]!r} in {rows} of {column.name}",
            argument=column.argument,
            value=names[0],
            remedy="state another target column; a table without targets can be predicted, not trained on",
        )


def _check_marks(column: TargetColumn) -> None:
    """Raise :class:`DataError` for amounts with marks, such as $50,250: more of them than codes of classes would be."""
    names = column.values.names
    if column.values.numbers is not None or len(names) <= MOST_CODES:
        return
    marked = [(name, marks) for name in names if (marks := find_marks(name))]
    if 2 * len(marked) > len(names):
        name, marks = marked[0]
        problem = (
            f"expected plain numbers, or at most {MOST_CODES} classes, got amounts with {marks!r} in {column.name}"
        )
        remedy = f'write numbers such as 1234.5, without {marks!r}, or learn classes: target="classes"'
        raise DataError(problem, argument=column.argument, value=name, remedy=remedy)


def _check_classes(column: TargetColumn) -> None:
    """Raise :class:`DataError` for too many classes, or a different one in each of many rows."""
    k, n = len(column.values.names), len(column)
    if k > limits.CLASSES or k == n > MOST_CODES:
        expected = f"{limits.CLASSES:,} classes at most" if k > limits.CLASSES else "labels that repeat"
        remedy = "state another target column"
        if column.values.numbers is not None:
            remedy += ', or learn the numbers: target="numbers"'
        elif k > limits.CLASSES:
            remedy = limits.describe_remedy("CLASSES", remedy)
        problem = f"expected {expected}, got {k:,} different ones in {count(n, 'row')} of {column.name}"
        raise DataError(problem, argument=column.argument, value=k, remedy=remedy)


def _has_amounts(values: LabelValues) -> bool:
    """Return True if labels are taken as amounts: as numbers that are no codes.

    Words among more than 20 different numbers of this kind, and fewer than these, are mistakes, and no classes.
    """
    if values.numbers is not None:
        return _are_amounts(values.names, values.counts, values.numbers)
    known = [i for i, name in enumerate(values.names) if is_number(name)]
    if len(known) <= MOST_CODES or 2 * len(known) <= len(values.names):
        return False
    names = [values.names[i] for i in known]
    return _are_amounts(names, values.counts[known], parse_numbers(names))


def _are_amounts(names: Sequence[str], counts: np.ndarray, numbers: np.ndarray | None) -> bool:
    """Return True if all names are numbers that are no codes of classes."""
    if numbers is None or has_codes(names):
        return False
    different, inverse = np.unique(numbers, return_inverse=True)
    return not are_codes(different, np.bincount(inverse, counts))


def _note_amounts(column: TargetColumn, kind: str) -> tuple[str, ...]:
    """Return sentences about a decimal comma, and about whole numbers that may be classes."""
    y = column.numbers
    notes = [f"the comma in {column.name} is read as the decimal mark"] * has_decimal_commas(column.values.names)
    if kind == "auto" and np.array_equal(y, np.floor(y)):
        notes.append(
            f"the whole numbers of {column.name}, {y.min():g} to {y.max():g}, are taken as amounts; "
            'if they are classes: target="classes"'
        )
    return tuple(notes)


def _note_classes(column: TargetColumn, kind: str) -> tuple[str, ...]:
    """Return sentences about whole numbers that may be amounts, confusable names, and classes of one example."""
    values = column.values
    names, numbers, notes = values.names, values.numbers, []
    if kind == "auto" and numbers is not None and not values.has_codes and len(names) > 2:
        is_numbered = numbers.min() in (0, 1) and numbers.max() - numbers.min() == len(names) - 1
        if not is_numbered:
            notes.append(
                f"the whole numbers of {column.name} are taken as {len(names)} classes; "
                'if they are amounts: target="numbers"'
            )
    for group in find_confusable(names, numbers):
        why = "differ only in case or spaces" if numbers is None else "are the same number"
        notes.append(f"the classes {elide([repr(name) for name in group])} {why}; check them")
    if single := [name for name, n in zip(names, values.counts, strict=True) if n == 1]:
        have = "1 class has" if len(single) == 1 else f"{len(single)} classes have"
        notes.append(f"{have} a single example, in the training set only: {elide(single, 8)}")
    return tuple(notes)
