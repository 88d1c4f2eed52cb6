"""What was measured while a network learned: one record an epoch, and finer ones where asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from deltarule.errors import InvalidArgument

Record: TypeAlias = dict[str, Any]

ALWAYS = ("epoch", "step", "eta", "seconds")
"""What the record of every epoch has."""

VALIDATED = ("validation_accuracy", "validation_cost")
"""What it has with validation data, the first of them if the labels are classes."""


@dataclass(frozen=True)
class History:
    """``records`` hold, for each epoch, numbers by name; ``within`` the same between epochs.

    Always there: ``epoch`` (from 0), ``step`` (mini-batches so far), ``eta`` (of the last step) and
    ``seconds`` (of training alone). With validation data ``validation_accuracy`` (0 to 1) and
    ``validation_cost``; then whatever the monitors measured.

    >>> history = History(({"epoch": 0, "validation_accuracy": 0.91}, {"epoch": 1, "validation_accuracy": 0.93}))
    >>> history["validation_accuracy"], history.best("validation_accuracy")["epoch"]
    ([0.91, 0.93], 1)
    """

    records: tuple[Record, ...] = ()
    within: tuple[Record, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, name: str) -> list[Any]:
        """The values of one name over the epochs; raises :class:`InvalidArgument` if it was not measured."""
        if not all(name in record for record in self.records):
            expected = f"a name that every epoch has a number of, among {', '.join(self.names)}"
            raise InvalidArgument(argument="name", expected=expected, value=name)
        return [record[name] for record in self.records]

    @property
    def names(self) -> list[str]:
        """What was measured, in the order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    @property
    def last(self) -> Record:
        """The record of the last epoch, empty before the first."""
        return self.records[-1] if self.records else {}

    def best(self, name: str) -> Record:
        """The record in which ``name`` was highest, the first of equals.

        Raises :class:`InvalidArgument` before the first epoch, and if it was not measured in every one.
        """
        values = self[name]
        if not values:
            problem = f"expected one epoch or more in which {name!r} could be highest, got none"
            raise InvalidArgument(problem, argument="name", value=name, remedy="train first")
        return self.records[values.index(max(values))]

    def add(self, record: Record) -> History:
        """A history with the record of one more epoch."""
        return History((*self.records, record), self.within)

    def add_within(self, record: Record) -> History:
        """A history with one more record from between the epochs."""
        return History(self.records, (*self.within, record))
