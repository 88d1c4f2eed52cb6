"""New tables for a model: their columns matched to those of the training set, read whole or in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.data.column_selection import Selection, choose_inputs
from deltarule.data.dataset import Dataset
from deltarule.data.error_context import reading
from deltarule.data.frames import open_frame
from deltarule.data.label_matching import match_labels
from deltarule.data.options import DataOptions
from deltarule.data.schema import Column, Schema
from deltarule.data.table import Table, TableReader
from deltarule.data.table_sources import open_table
from deltarule.errors import DataError
from deltarule.preprocessing.preprocessing import Preprocessing
from deltarule.preprocessing.standardization import NumberColumn, Standardization, WordColumn

ROWS = 8192
"""The number of rows of a block."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a table, ready for a model.

    Attributes:
        examples: The rows that can be predicted, without labels.
        kept: Which rows of the table these are, (n,) bool; the others have missing values, and the model's training
            left such rows out.
        lines: The line of each row in its file.
        text: Columns as text, by name.
    """

    examples: Dataset
    kept: np.ndarray
    lines: np.ndarray
    text: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class ModelTable:
    """A new table, opened for a model.

    >>> from deltarule.data.encodings import OneHot
    >>> import tempfile
    >>> fitted = Preprocessing(OneHot(2), example_shape=(1,), schema=Schema((Column("width"),), ("kind",)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "new.csv")
    ...     _ = path.write_text("kind,width\\n0,1.5\\n1,2.5\\n")
    ...     [block.examples.x.tolist() for block in ModelTable.open(path, fitted).read_blocks()]
    [[[1.5], [2.5]]]
    """

    reader: TableReader
    selection: Selection
    fitted: Preprocessing

    @classmethod
    def open(cls, path: Path, fitted: Preprocessing, options: DataOptions | None = None) -> ModelTable:
        """Open a table, and match its columns by name; ``options.ignore`` names surplus columns.

        Raises :class:`DataError` for a missing or surplus column, and if the model was not trained on a table.
        """
        options = options or DataOptions()
        if fitted.schema is None:
            raise DataError(expected="a model that was trained on a table", value="a model of images", path=path)
        with reading(path):
            reader = open_table(path, options, fitted.schema.names)
            return cls.adopt(reader, fitted, options)

    @classmethod
    def adopt(cls, reader: TableReader, fitted: Preprocessing, options: DataOptions | None = None) -> ModelTable:
        """Match the columns of an open table, such as a data frame; raises the same errors as :meth:`open`."""
        if fitted.schema is None:
            raise DataError(expected="a model that was trained on a table", value="a model of images")
        ignored = options.ignore if options else ()
        selection = choose_inputs(reader.names, reader.has_names, fitted.schema, reader.source, ignored)
        return cls(reader, selection, fitted)

    def read_blocks(self, rows: int = ROWS, text: tuple[str, ...] = ()) -> Iterator[Block]:
        """Read the rows in blocks, and the columns named ``text`` as text. Raises :class:`DataError` with the line."""
        skip = set(self.selection.skip) - set(text)
        with reading(self.reader.source):
            for table in self.reader.blocks(rows, text=text, skip=skip, words=self._words):
                yield self._build_block(table)

    def read_labelled(self, name: str) -> tuple[Dataset, int]:
        """Read all rows with their labels; return the data set, and the number of rows that were left out.

        Raises :class:`DataError` if a target column is missing, and for classes that the model does not know.
        """
        schema = self.fitted.schema
        assert schema is not None
        targets = self.selection.targets
        if len(targets) < max(1, len(schema.targets)):
            missing = next((t for t in schema.targets if t not in targets), "")
            raise DataError(
                f"expected the target column {missing!r}, got none of this name",
                path=self.reader.source,
                remedy="to answer rows without a target, predict them",
            )
        with reading(self.reader.source):
            skip = set(self.selection.skip) - set(targets)
            table = self.reader.read(text=targets, skip=skip, words=self._words)
            block = self._build_block(table)
            columns = [table.text[target][block.kept] for target in targets]
            values = columns[0] if len(columns) == 1 else np.stack(columns, axis=1)
            y = self._match(values, block.lines[block.kept])
        left_out = int((~block.kept).sum())
        return Dataset(
            block.examples.x, y, name, None, self.fitted.classes, self.fitted.encoding, schema=block.examples.schema
        ), left_out

    def _match(self, values: np.ndarray, lines: np.ndarray) -> np.ndarray:
        from deltarule.data.encodings import OneHot, OneVsRest

        encoding = self.fitted.encoding
        known = OneHot(2) if isinstance(encoding, OneVsRest) else encoding
        try:
            return match_labels(values, self.fitted.classes, known, self.selection.targets, "label", lines)
        except DataError as error:
            if "target=" in error.remedy:  # the model decides on the kind of the target
                error.with_fields(expected="a number, as the model predicts numbers")
                error.with_fields(remedy="correct it or leave the row out; for classes, train a model on such data")
            raise

    @property
    def _words(self) -> dict[str, tuple[str, ...]]:
        """The words of the training set, by the columns of this table."""
        schema = self.fitted.schema
        assert schema is not None
        pairs = zip(self.selection.inputs, schema.columns, strict=True)
        return {own: column.words for own, column in pairs if column.words}

    def _build_block(self, table: Table) -> Block:
        schema = self.fitted.schema
        assert schema is not None
        positions = {column.name: i for i, column in enumerate(table.columns)}
        order = [positions[name] for name in self.selection.inputs]
        x = table.x if order == list(range(table.x.shape[1])) else table.x[:, order]
        columns = tuple(
            Column(fitted.name, table.columns[i].words) for fitted, i in zip(schema.columns, order, strict=True)
        )
        kept = np.ones(len(x), bool)
        if schema.missing == "drop" and x.dtype.kind == "f":
            kept = ~np.isnan(x).any(axis=1)
        self._check(x, columns, kept, table.lines)
        x = (x if kept.all() else x[kept]).reshape(int(kept.sum()), *self.fitted.example_shape)
        given = Schema(columns, missing=schema.missing, unknown=schema.unknown)
        examples = Dataset(x, np.zeros(len(x), np.int64), self.reader.source, schema=given)
        return Block(examples, kept, table.lines, dict(table.text))

    def _check(self, x: np.ndarray, columns: tuple[Column, ...], kept: np.ndarray, lines: np.ndarray) -> None:
        """Raise :class:`DataError`, with line and column, for a missing value or an unknown word."""
        inputs = self.fitted.inputs
        fitted = inputs.columns if isinstance(inputs, Standardization) else [NumberColumn(c.name) for c in columns]
        for i, (own, column) in enumerate(zip(fitted, columns, strict=True)):
            values = x[:, i]
            holes = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
            if own.fill is None and (wrong := holes & kept).any():
                expected = "a value, as in all rows of the training set"
                remedy = 'fill it in, or train with missing="median" on data with missing values'
                self._raise(lines, wrong, own.name, expected, "a missing value", remedy)
            if isinstance(own, WordColumn) and isinstance(inputs, Standardization) and inputs.unknown == "refuse":
                unknown = np.array([word not in own.words for word in column.words] or [False])
                wrong = kept & ~holes & unknown[np.where(holes, 0, values).astype(np.int64)]
                if wrong.any():
                    got = repr(column.words[int(values[np.argmax(wrong)])])
                    words = ", ".join(own.words[:8]) + (", …" if len(own.words) > 8 else "")
                    remedy = 'correct the word, or train with unknown="zeros"'
                    self._raise(lines, wrong, own.name, f"a word of the training set ({words})", got, remedy)

    def _raise(self, lines: np.ndarray, wrong: np.ndarray, column: str, expected: str, got: str, remedy: str) -> None:
        at = int(np.argmax(wrong))
        n = int(wrong.sum())
        more = f" (and in {n - 1:,} more rows)" if n > 1 else ""
        raise DataError(
            f"expected {expected}, got {got}{more}",
            position=f"line {int(lines[at]) if len(lines) else at + 1}, column {column!r}",
            remedy=remedy,
        )


def read_frame(frame: Any, fitted: Preprocessing) -> Dataset:
    """Read the rows of a data frame for a model, without labels; columns are matched by name.

    Raises :class:`DataError` for a missing or surplus column, an unknown word, and a missing value in a column that had
    none in the training set.

    >>> import pandas as pd
    >>> from deltarule.data.encodings import OneHot
    >>> fitted = Preprocessing(OneHot(2), example_shape=(1,), schema=Schema((Column("width"),), ("kind",)))
    >>> read_frame(pd.DataFrame({"kind": ["a"], "width": [1.5]}), fitted).x.tolist()
    [[1.5]]
    """
    try:
        table = ModelTable.adopt(open_frame(frame), fitted)
    except DataError as error:
        if "ignore=" in error.remedy:  # predict has no such argument
            error.with_fields(remedy="leave it out: frame.drop(columns=…)")
        raise
    blocks = list(table.read_blocks(max(1, len(frame) if hasattr(frame, "__len__") else ROWS)))
    for block in blocks:
        if not block.kept.all():
            at = int(np.argmin(block.kept))
            raise DataError(
                expected="values in all columns, as the training left out rows with missing values",
                value=None,
                position=f"row {int(block.lines[at])}",
                remedy="leave those rows out",
            )
    if not blocks:
        assert fitted.schema is not None
        return Dataset(np.zeros((0, *fitted.example_shape)), np.zeros(0, np.int64), schema=fitted.schema)
    if len(blocks) == 1:
        return blocks[0].examples
    x = np.concatenate([block.examples.x for block in blocks])
    return replace(blocks[0].examples, x=x, y=np.zeros(len(x), np.int64))
