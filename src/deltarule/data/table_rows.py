"""The rows of a table that become examples: those with missing values are refused, left out, or kept to be filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from deltarule.data.phrases import count, elide, name_column, name_columns, refer_to
from deltarule.data.roles import Roles
from deltarule.data.schema import Column
from deltarule.data.table import Table
from deltarule.errors import DataError


def select_rows(table: Table, roles: Roles, missing: str) -> tuple[Table, tuple[str, ...]]:
    """Select the rows by their missing values: "refuse", "drop" or "median", which keeps NaN in ``x``.

    Rows without a target, or without a group, cannot be filled: with "median" they are refused. Returns the table of
    these rows and notes.

    Raises:
        DataError: For missing values that are refused, and if no row is left.

    >>> table = Table((), np.zeros((2, 0)), {"y": np.array(["a", ""], object)}, np.array([2, 3]))
    >>> rows, notes = select_rows(table, Roles(("y",), "", (), ()), "drop")
    >>> len(rows.x), notes
    (1, ('1 row with missing values is left out',))
    """
    holes = find_holes(table, roles)
    if not holes:
        return table, ()
    if missing == "drop":
        incomplete = np.logical_or.reduce(list(holes.values()))
        n = int(incomplete.sum())
        if n == len(incomplete):
            most = max(holes, key=lambda name: int(holes[name].sum()))
            raise DataError(
                f"expected rows without missing values, got none: all {n:,} have one",
                argument="missing",
                value=missing,
                remedy=f'leave {name_column(most)} out, which lacks most: ignore="{refer_to(most)}"',
            )
        note = f"{count(n, 'row')} with missing values {'is' if n == 1 else 'are'} left out"
        return _take(table, ~incomplete), (note,)
    inputs = {name: mask for name, mask in holes.items() if name in roles.inputs}
    refused = holes if missing == "refuse" else {name: mask for name, mask in holes.items() if name not in inputs}
    if refused:
        raise DataError(**_describe_holes(table, refused, roles))
    n = sum(int(mask.sum()) for mask in inputs.values())
    filled = f"{count(n, 'missing value')} of {', '.join(map(name_column, list(inputs)[:6]))}"
    return table, (f"{filled}{', …' * (len(inputs) > 6)} {'is' if n == 1 else 'are'} filled by the model",)


def find_holes(table: Table, roles: Roles) -> dict[str, np.ndarray]:
    """Find missing values: for each column that lacks some, the rows, (n,) bool."""
    holes = {
        name: np.fromiter((not value for value in values.tolist()), bool, len(values))
        for name, values in table.text.items()
        if name in (*roles.targets, roles.group)
    }
    if table.x.dtype.kind == "f":
        positions = {column.name: i for i, column in enumerate(table.columns)}
        holes |= {name: np.isnan(table.x[:, positions[name]]) for name in roles.inputs if name in positions}
    return {name: mask for name, mask in holes.items() if mask.any()}


def check_words(table: Table, columns: Sequence[Column]) -> None:
    """Raise :class:`DataError` for a word that ``columns``, those of the training set, lack.

    >>> table = Table((Column("soil", ("clay", "peat")),), np.array([[0], [1]]), lines=np.array([2, 3]))
    >>> check_words(table, [Column("soil", ("clay", "sand"))])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    deltarule.errors.DataError: line 3, column soil: expected one of the words of the training set, clay, sand, got ...
    """
    known = {column.name: column.words for column in columns if column.words}
    for i, column in enumerate(table.columns):
        unknown = [j for j, word in enumerate(column.words) if word not in known.get(column.name, column.words)]
        if (rows := np.isin(table.x[:, i], unknown)).any():
            at = int(np.argmax(rows))
            line = table.lines[at] if len(table.lines) == len(rows) else at + 1
            raise DataError(
                position=f"line {line}, {name_column(column.name)}",
                expected=f"one of the words of the training set, {elide(known[column.name])}",
                value=column.words[int(table.x[at, i])],
                remedy='correct the word, or allow it: unknown="zeros"',
            )


def _describe_holes(table: Table, holes: Mapping[str, np.ndarray], roles: Roles) -> dict[str, str]:
    """Return the fields of an error: up to five lines with their columns, the number, and the ways on."""
    names = list(holes)
    masks = np.stack(list(holes.values()), axis=1)
    rows = np.flatnonzero(masks.any(axis=1))
    lines = table.lines if len(table.lines) == len(masks) else np.arange(1, len(masks) + 1)
    shown = [f"{lines[i]} ({elide([names[j] for j in np.flatnonzero(masks[i])], 4)})" for i in rows[:5]]
    total = count(int(masks.sum()), "missing value")
    if empty := [name for name, mask in holes.items() if mask.all() and name in roles.inputs]:
        has = "has no value" if len(empty) == 1 else "have no values"
        references = ",".join(refer_to(name) for name in empty)
        return {
            "problem": f"expected a value in every cell, got {total}: {name_columns(empty)} {has} at all",
            "remedy": f'leave {"it" if len(empty) == 1 else "them"} out: ignore="{references}"',
        }
    ways = ['leave those rows out: missing="drop"']
    inputs = [name for name in names if name in roles.inputs]
    if len(inputs) == len(names):
        ways.append('fill by the median or the most frequent word: missing="median"')
    if inputs:
        most = max(inputs, key=lambda name: int(holes[name].sum()))
        ways.append(f'leave {name_column(most)} out: ignore="{refer_to(most)}"')
    else:
        ways.insert(0, "fill them in")
    return {
        "problem": f"expected a value in every cell, got {total} in {count(len(rows), 'row')}",
        "position": f"line{'s' * (len(rows) > 1)} {', '.join(shown)}{', …' * (len(rows) > 5)}",
        "remedy": ", or ".join(ways),
    }


def _take(table: Table, keep: np.ndarray) -> Table:
    text = {name: values[keep] for name, values in table.text.items()}
    lines = table.lines[keep] if len(table.lines) == len(keep) else table.lines
    return replace(table, x=table.x[keep], text=text, lines=lines)
