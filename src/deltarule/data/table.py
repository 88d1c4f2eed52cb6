"""Tables: raw columns of numbers and words, read from a file or a data frame and not yet interpreted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from deltarule import limits
from deltarule.data.schema import Column
from deltarule.errors import DataError


def check_column_number(n: int) -> None:
    """Raise :class:`DataError` for more columns than :data:`deltarule.limits.TABLE_COLUMNS`; values come later.

    >>> check_column_number(100)
    """
    if n > limits.TABLE_COLUMNS:
        raise DataError(
            f"expected at most {limits.TABLE_COLUMNS:,} columns, got {n:,}",
            remedy=limits.describe_remedy("TABLE_COLUMNS", "save the table with a line for each row"),
        )


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of a table, column by column.

    Attributes:
        columns: The columns of ``x``.
        x: The values, (n, columns): uint8 if all are whole numbers from 0 to 255, otherwise float64. A missing value is
            NaN. For a column of words, the position of the word in :attr:`Column.words`.
        text: The columns that were asked for as text, such as the labels, by name: (n,) arrays of ``str`` objects,
            exactly as written but for spaces around a value; "" for a missing value.
        lines: The line of each row in its file, counted from 1, (n,) int64; for other sources the row's number.
        notes: Sentences about what was decided or left out in reading, such as blank lines.
        skipped: The names of the columns that were not read, of a table that was read whole.

    >>> Table((Column("a"),), np.array([[1], [2]], np.uint8)).x.shape
    (2, 1)
    """

    columns: tuple[Column, ...]
    x: np.ndarray
    text: Mapping[str, np.ndarray] = field(default_factory=dict)
    lines: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class TableReader(Protocol):
    """An open table: its names and a sample are known, its rows are not yet read."""

    @property
    def source(self) -> str:
        """The path of the file, or the kind of the object, for errors."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order; "column 1", "column 2", … without a heading."""
        ...

    @property
    def has_names(self) -> bool:
        """True if the table has a heading."""
        ...

    @property
    def sample(self) -> Sequence[Sequence[str]]:
        """The first rows as text, at most 1,000, with a cell for each column."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the dialect and the heading, such as "columns are separated by semicolons"."""
        ...

    def read(
        self, text: Collection[str] = (), skip: Collection[str] = (), words: Mapping[str, Sequence[str]] | None = None
    ) -> Table:
        """Read all rows: the columns named ``text`` as text, none of ``skip``, all others as numbers or words.

        ``words`` states the columns of words beforehand, as a model knows them: other columns must have numbers, and
        a word that is not among these is appended to the words of its column. Without it, a column is one of words if
        a value is not a number.
        """
        ...

    def blocks(
        self,
        rows: int,
        text: Collection[str] = (),
        skip: Collection[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> Iterator[Table]:
        """Read the table as :meth:`read` does, in blocks of at most so many rows, without holding all of it."""
        ...
