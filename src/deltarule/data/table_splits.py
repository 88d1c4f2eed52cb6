"""The training, validation and test sets of a table."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from deltarule.data.column_references import is_column
from deltarule.data.dataset import Dataset
from deltarule.data.division import divide_rows, note_parts, note_repeats
from deltarule.data.encodings import MultiLabel, OneHot
from deltarule.data.error_context import reading
from deltarule.data.headings import normalize_name
from deltarule.data.label_matching import match_labels
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide, name_column, suggest_names
from deltarule.data.pixels import shape_images
from deltarule.data.roles import Roles
from deltarule.data.schema import Schema
from deltarule.data.split import SplitNote, Splits, count_sevenths, count_sixth, has_validation, is_split
from deltarule.data.table import Table
from deltarule.data.table_rows import check_words, select_rows
from deltarule.data.targets import Labels, interpret_labels, mark_missing
from deltarule.errors import DataError


def build_splits(
    table: Table, roles: Roles, options: DataOptions, name: str, test: Table | None = None
) -> tuple[Splits, tuple[str, ...]]:
    """Build the training, validation and test sets of a table, with raw values, and notes about them.

    Classes are divided as :func:`~deltarule.data.split.divide` does it, 5/7, 1/7 and 1/7 of each; other targets, and
    all rows of a group, likewise at random. A given test table is kept, and a sixth of the rest is the validation set.
    Rows with the same inputs stay in one set (:func:`~deltarule.data.division.divide_rows`).
    Rows whose words no training row has are moved to the training set, unless unknown words are allowed.

    The rows are not divided if ``options.split`` is False, if there are fewer than :data:`FEWEST_ROWS`, or if no class
    has three: then the three sets are the same object (:func:`is_split`).

    Args:
        table: The inputs, with targets and group as text.
        roles: The roles of the columns.
        options: What is stated about the table.
        name: The name of the data set.
        test: The test set's table, with the same columns; others are left out, and noted.

    Raises:
        DataError: For missing values that are refused, labels that cannot be interpreted, too few groups, and a test
            table without the columns or with classes that the table lacks.

    >>> from deltarule.data.schema import Column
    >>> table = Table((Column("a"),), np.arange(14.0)[:, None], {"y": np.array(["no", "yes"] * 7, object)})
    >>> splits, notes = build_splits(table, Roles(("y",), "", (), ("a",)), DataOptions(), "answers")
    >>> [len(part) for part in splits], splits[0].classes, notes
    ([10, 2, 2], ('no', 'yes'), ())
    """
    rows, notes = select_rows(_mark_missing(table, roles, options), roles, options.missing)
    labels = interpret_labels(_stack_targets(rows, roles), options.target, roles.targets, "label", _lines(rows))
    whole, image_notes = _build_dataset(rows, roles, options, labels, name)
    notes = (*notes, *labels.notes, *image_notes)
    groups = rows.text[roles.group] if roles.group else None
    if test is not None:
        with reading(options.test if isinstance(options.test, str) and options.test else None):
            surplus_notes = _note_surplus(test, roles, options)
            test_rows, test_notes = select_rows(_mark_missing(test, roles, options), roles, options.missing)
            if options.unknown == "refuse":
                check_words(test_rows, rows.columns)
            values, lines = _stack_targets(test_rows, roles), _lines(test_rows)
            y = match_labels(values, labels.classes, labels.encoding, roles.targets, "label", lines)
            matched, _ = _build_dataset(test_rows, roles, options, replace(labels, y=y), f"{name} test")
        held = replace(matched, x=matched.x.reshape(len(matched), *whole.x.shape[1:]))
        training, validation = divide_rows(whole, groups, options, count_sixth)[:2]
        splits = (training, validation, held)
        test_notes = (*(f"test set: {note}" for note in test_notes), *surplus_notes)
        notes = (*notes, *test_notes, *_note_groups(rows, test_rows, roles))
    else:
        splits = divide_rows(whole, groups, options, count_sevenths)
    return splits, (*notes, *note_repeats(whole, splits), *note_parts(splits))


def note_undivided(splits: Splits, options: DataOptions) -> tuple[str, ...]:
    """Return a note about rows that are not divided: what is measured on them.

    >>> whole = Dataset(np.zeros((2, 1)), np.array([0, 1]))
    >>> note_undivided((whole, whole, whole), DataOptions())
    ('all 2 rows are trained on, there are too few to divide: measured on the rows that were trained on',)
    """
    if has_validation(splits):
        return ()
    why = "as stated" if not options.split else "there are too few to divide"
    what = "without a validation set" if is_split(splits) else "measured on the rows that were trained on"
    return (SplitNote(f"all {count(len(splits[0]), 'row')} are trained on, {why}: {what}"),)


def find_groups(table: Table, roles: Roles, options: DataOptions) -> np.ndarray | None:
    """Return the group of each row that becomes an example, (n,) text; None if no group is stated.

    >>> table = Table((), np.zeros((2, 0)), {"who": np.array(["a", "b"], object)})
    >>> find_groups(table, Roles((), "who", (), ()), DataOptions()).tolist()
    ['a', 'b']
    """
    if not roles.group:
        return None
    rows, _ = select_rows(_mark_missing(table, roles, options), roles, options.missing)
    return rows.text[roles.group]


def _note_groups(training: Table, test: Table, roles: Roles) -> tuple[str, ...]:
    """Return a note about rows of a test table whose group the training table has as well."""
    if not roles.group or roles.group not in test.text:
        return ()
    known = set(training.text[roles.group].tolist())
    n = sum(value in known for value in test.text[roles.group].tolist())
    rows = f"{n:,} of {count(len(test.x), 'row')} of the test set"
    return (f"{rows} {'has' if n == 1 else 'have'} a {roles.group} that the training set has",) if n else ()


def _note_surplus(test: Table, roles: Roles, options: DataOptions) -> tuple[str, ...]:
    """Return a note about columns that only the test set has.

    Raises :class:`DataError` if ``options.ignore`` names a column that neither table has.
    """
    known = (*roles.inputs, *roles.targets, *([roles.group] if roles.group else []), *roles.ignored)
    stated = [normalize_name(name) for name in options.ignore if not is_column(name, known)]
    if unknown := [name for name in stated if name not in test.skipped]:
        raise DataError(
            argument="ignore",
            expected="a column of the table, or by its name one of the test set",
            value=unknown[0],
            remedy=suggest_names(unknown[0], (*known, *test.skipped)),
        )
    surplus = [name for name in test.skipped if name not in {*known, *stated}]
    return (f"the test set has other columns, left out: {elide(surplus)}",) if surplus else ()


def _lines(table: Table) -> np.ndarray | None:
    return table.lines if len(table.lines) == len(table.x) else None


def _mark_missing(table: Table, roles: Roles, options: DataOptions) -> Table:
    """Mark missing targets; raises :class:`DataError` if a target column is missing."""
    if lacking := [name for name in roles.targets if name not in table.text]:
        problem = f"expected the target {name_column(lacking[0])}, as in the training set, got none of this name"
        raise DataError(problem, value=lacking[0], remedy="give a table with the target columns")
    kind = options.target if len(roles.targets) == 1 else "numbers"
    return replace(table, text={**table.text, **{name: mark_missing(table.text[name], kind) for name in roles.targets}})


def _stack_targets(table: Table, roles: Roles) -> np.ndarray:
    columns = [table.text[target] for target in roles.targets]
    return columns[0] if len(columns) == 1 else np.stack(columns, axis=1)


def _build_dataset(
    table: Table, roles: Roles, options: DataOptions, labels: Labels, name: str
) -> tuple[Dataset, tuple[str, ...]]:
    """Build the data set of all rows, its columns in the order of the inputs; pictures become square."""
    positions = {column.name: i for i, column in enumerate(table.columns)}
    if missing := [name for name in roles.inputs if name not in positions]:
        raise DataError(
            f"expected {name_column(missing[0])}, as in the training set, got none of this name",
            value=missing[0],
            remedy=f"give a table with the columns {elide(roles.inputs)}",
        )
    order = [positions[name] for name in roles.inputs]
    x = table.x if order == list(range(table.x.shape[1])) else table.x[:, order]
    columns = tuple(table.columns[i] for i in order)
    has_names = not all(re.fullmatch(r"column \d+", column.name) for column in columns)
    ignored = (*roles.ignored, *([roles.group] if roles.group else []))
    schema = Schema(columns, roles.targets, ignored, options.missing, options.unknown, has_names)
    x, notes = shape_images(x, columns, has_names, options.images)
    classes = labels.classes if isinstance(labels.encoding, (OneHot, MultiLabel)) else ()
    return Dataset(x, labels.y, name, None, classes, labels.encoding, schema=schema), notes
