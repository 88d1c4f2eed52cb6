"""Training histories: a record of measurements for each epoch, and optionally more between epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from deltarule.errors import InvalidArgument

Record: TypeAlias = dict[str, Any]

ALWAYS = ("epoch", "step", "eta", "seconds")
"""The names in every record of an epoch."""

VALIDATED = ("validation_accuracy", "validation_cost")
"""The names that validation data add; the first only if the labels are classes."""


@dataclass(frozen=True)
class History:
    """The measurements of a training run: ``records`` has one for each epoch, ``within`` those between epochs.

    A record holds numbers by name. Every record has ``epoch`` (from 0), ``step`` (mini-batches so far), ``eta`` (of
    the last step) and ``seconds`` (of training alone). Validation data add ``validation_accuracy`` (0 to 1) and
    ``validation_cost``, and monitors what they measure.

    >>> history = History(({"epoch": 0, "validation_accuracy": 0.91}, {"epoch": 1, "validation_accuracy": 0.93}))
    >>> history["validation_accuracy"], history.best("validation_accuracy")["epoch"]
    ([0.91, 0.93], 1)
    """

    records: tuple[Record, ...] = ()
    within: tuple[Record, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, name: str) -> list[Any]:
        """Return the value of one name for each epoch. Raises :class:`InvalidArgument` if an epoch has none."""
        if not all(name in record for record in self.records):
            expected = f"a name that every epoch has a value for, among {', '.join(self.names)}"
            raise InvalidArgument(argument="name", expected=expected, value=name)
        return [record[name] for record in self.records]

    @property
    def names(self) -> list[str]:
        """The names of all measurements, in the order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    @property
    def last(self) -> Record:
        """The record of the last epoch, empty before the first."""
        return self.records[-1] if self.records else {}

    def best(self, name: str) -> Record:
        """Find the record with the highest value of ``name``, the first of a tie.

        Raises :class:`InvalidArgument` before the first epoch, and if an epoch has no such value.
        """
        values = self[name]
        if not values:
            problem = f"expected at least one epoch with a value of {name!r}, got none"
            raise InvalidArgument(problem, argument="name", value=name, remedy="train first")
        return self.records[values.index(max(values))]

    def add(self, record: Record) -> History:
        """Return a history with the record of one more epoch."""
        return History((*self.records, record), self.within)

    def add_within(self, record: Record) -> History:
        """Return a history with one more record between epochs."""
        return History(self.records, (*self.within, record))
