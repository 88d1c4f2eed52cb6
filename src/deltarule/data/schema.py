"""Schemas: the columns of a table by name and kind, as a data set and a model remember them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core.constraints import Constraints, Validated, instance, list_of, one_of, true_or_false

MISSING = ("refuse", "drop", "median")
"""The ways to treat missing values: raise an error, leave the rows out, or fill by the median (or commonest word)."""

UNKNOWN = ("refuse", "zeros")
"""The ways to treat a word that the training set lacks: raise an error, or set the inputs of its column to zero."""

_NAME = instance(str, "text")
_NAMES = list_of(_NAME, "a tuple of names")


@dataclass(frozen=True)
class Column(Validated):
    """A column of a table: its name and, if its values are words, all different words.

    A column without words has numbers. A column with words is stored as positions in ``words``.

    >>> Column("width"), Column("soil", ("clay", "sand")).words[1]
    (Column(name='width', words=()), 'sand')
    """

    name: str
    words: tuple[str, ...] = ()
    constraints: ClassVar[Constraints] = {"name": _NAME, "words": _NAMES}


@dataclass(frozen=True)
class Schema(Validated):
    """The columns of a table that a data set was read from.

    Args:
        columns: The input columns, in the order of the inputs.
        targets: The names of the target columns.
        ignored: The names of the columns that are left out.
        missing: The way to treat missing values, one of :data:`MISSING`.
        unknown: The way to treat unknown words, one of :data:`UNKNOWN`.
        has_names: True if the table has a heading; otherwise columns are matched by their positions.

    >>> schema = Schema((Column("soil", ("clay", "sand")), Column("width")), targets=("species",))
    >>> schema.names
    ('soil', 'width')
    """

    columns: tuple[Column, ...]
    targets: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: str = "refuse"
    unknown: str = "refuse"
    has_names: bool = True
    constraints: ClassVar[Constraints] = {
        "columns": list_of(instance(Column, "a Column"), "a tuple of Columns"),
        "targets": _NAMES,
        "ignored": _NAMES,
        "missing": one_of(*MISSING),
        "unknown": one_of(*UNKNOWN),
        "has_names": true_or_false(),
    }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the input columns."""
        return tuple(column.name for column in self.columns)
