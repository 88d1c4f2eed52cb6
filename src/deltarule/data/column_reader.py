"""A reader of typed tables, whose columns come in batches from a data frame or a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from deltarule.data.columns import TableBuilder, Values, check_size, concatenate
from deltarule.data.error_context import reading
from deltarule.data.headings import normalize_name
from deltarule.data.table import Table
from deltarule.errors import DataError

SAMPLE = 1_000
"""The most rows of a sample."""

_BATCH = 2**16

Batches = Callable[[Sequence[str], int], Iterator[Mapping[str, Values]]]
"""A function of the names of columns and a number of rows, which yields batches of at most so many rows."""


class ColumnReader:
    """A :class:`~deltarule.data.table.TableReader` of a source of typed columns.

    Args:
        source: The path of the file, or the kind of the object.
        names: The names of all columns; they are normalized as in a table of text: single spaces, and a
            position where one is empty.
        batches: The function that yields batches of columns.
        notes: Sentences about what was decided.
        has_names: True if the table has a heading.
        head: The function that returns the columns of the first rows; by default those of the first batch.
        lines: The number of each row in its file, (n,); by default they are counted from 1.
        rows: The number of rows, if it is known, so that a table above the limit is refused before it is read.

    Raises:
        DataError: If two columns have the same name, or there are no columns.

    >>> width = Values(np.zeros(2, bool), numbers=np.array([1.5, 2.0]))
    >>> reader = ColumnReader("leaves", ["width"], lambda names, rows: iter([{"width": width}]))
    >>> reader.sample, reader.read().x.tolist(), reader.read(text=["width"]).text["width"].tolist()
    ([['1.5'], ['2']], [[1.5], [2.0]], ['1.5', '2'])
    """

    def __init__(
        self,
        source: str,
        names: Sequence[str],
        batches: Batches,
        notes: Sequence[str] = (),
        has_names: bool = True,
        head: Callable[[], Mapping[str, Values]] | None = None,
        lines: np.ndarray | None = None,
        rows: int = 0,
    ) -> None:
        self.names = tuple(normalize_name(name) or f"column {i}" for i, name in enumerate(names, 1))
        self.source, self.has_names = source, has_names
        self._own_names = dict(zip(self.names, names, strict=True))  # those of the source
        self._batches, self._head, self._notes = batches, head or self._take_first_batch, tuple(notes)
        self._lines, self._rows = lines, rows
        if len(self._own_names) < len(names):
            twice = next(name for i, name in enumerate(self.names) if name in self.names[:i])
            raise DataError(
                expected="different names of columns", value=twice, path=source, remedy="rename one of the columns"
            )
        if not names:
            raise DataError("expected a table with columns, got none", path=source)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was decided."""
        return self._notes

    @cached_property
    def sample(self) -> Sequence[Sequence[str]]:
        """The first rows as text."""
        with reading(self.source):
            columns = self._head()
        cells = [columns[own].format().tolist() for own in self._own_names.values()] if columns else []
        return [list(row) for row in zip(*cells, strict=True)]

    def _take_first_batch(self) -> Mapping[str, Values]:
        return next(iter(self._batches(list(self._own_names.values()), SAMPLE)), {})

    def read(
        self, text: Collection[str] = (), skip: Collection[str] = (), words: Mapping[str, Sequence[str]] | None = None
    ) -> Table:
        with reading(self.source):
            check_size(self._rows * len({*self.names} - {*skip}))
            tables, size = [], 0
            for table in self.blocks(_BATCH, text, skip, words):
                size += table.x.nbytes
                check_size(size)
                tables.append(table)
            if not tables:
                raise DataError("expected a table with rows, got none")
            table = concatenate(tables, self.notes) if len(tables) > 1 else tables[0]
            return replace(table, skipped=tuple(name for name in self.names if name in skip))

    def blocks(
        self,
        rows: int,
        text: Collection[str] = (),
        skip: Collection[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> Iterator[Table]:
        builder, skipped = TableBuilder(self.source, text, words, self._lines), {*skip}
        with reading(self.source):
            own_names = {name: own for name, own in self._own_names.items() if name not in skipped}
            for columns in self._batches(list(own_names.values()), rows):
                yield builder.build({name: columns[own] for name, own in own_names.items()}, self.notes)
