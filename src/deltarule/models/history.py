"""Training histories: a record of measurements for each epoch, and optionally more between epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Any, TypeAlias

from deltarule.errors import InvalidArgument, MissingExtra

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Record: TypeAlias = dict[str, Any]

ALWAYS = ("epoch", "step", "eta", "seconds")
"""The names in every record of an epoch."""

VALIDATED = ("validation_accuracy", "validation_rmse", "validation_mae", "validation_r2", "validation_cost")
"""The names in a record of validation data: the accuracy of classes, or ``rmse``, ``mae`` and ``r2`` of numbers."""

SCORES = ("validation_accuracy", "validation_r2")
"""The measurements by which the best epoch is chosen; the higher, the better."""


@dataclass(frozen=True)
class History:
    """The measurements of a training run.

    ``records`` has one record per epoch. ``within`` has the records of measurements between epochs. ``changes`` has a
    record for each time that a resumed run got another learning rate: ``epoch`` and ``step`` (from 0), and the
    schedules ``before`` and ``after``. For another engine, number of threads or level of instructions the record has
    ``engine_before`` and ``engine_after``. If the training started from a model, the first record has the
    ``parameters_sha256`` and the number of ``epochs`` of that model.

    A record is a dictionary from names to numbers. The record of an epoch has ``epoch`` (from 0), ``step``
    (mini-batches so far), ``eta`` (of the last step) and ``seconds`` (the time of training, without evaluation).
    With validation data it also has ``validation_accuracy`` (0 to 1; only if the labels are classes) and
    ``validation_cost``. Monitors add the values that they measure.

    >>> history = History(({"epoch": 0, "validation_accuracy": 0.91}, {"epoch": 1, "validation_accuracy": 0.93}))
    >>> history["validation_accuracy"], history.best("validation_accuracy")["epoch"]
    ([0.91, 0.93], 1)
    """

    records: tuple[Record, ...] = ()
    within: tuple[Record, ...] = ()
    changes: tuple[Record, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, name: str) -> list[Any]:
        """Return the values of one name, one per epoch. Raises :class:`InvalidArgument` if an epoch has none."""
        if not all(name in record for record in self.records):
            expected = f"a name recorded in every epoch, one of {', '.join(self.names)}"
            raise InvalidArgument(argument="name", expected=expected, value=name)
        return [record[name] for record in self.records]

    @property
    def names(self) -> list[str]:
        """The names of all measurements, in the order of first appearance."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    @property
    def score(self) -> str:
        """The measurement by which the best epoch is chosen, the validation accuracy, or r² of real targets."""
        return next((name for name in SCORES if name in self.last), SCORES[0])

    @property
    def last(self) -> Record:
        """The record of the last epoch, or an empty record before the first."""
        return self.records[-1] if self.records else {}

    def best(self, name: str) -> Record:
        """Find the record with the highest value of ``name``. If several have this value, return the first.

        R² is NaN for a single example, and for targets that are all equal: then it is the record with the lowest
        validation cost.

        Raises :class:`InvalidArgument` if there is no epoch yet, or an epoch without such a value.
        """
        values = self[name]
        if not values:
            problem = f"expected at least one epoch with a value of {name!r}, got none"
            raise InvalidArgument(problem, argument="name", value=name, remedy="train first")
        if all(map(isnan, values)):
            values = [-record.get("validation_cost", nan) for record in self.records]
        values = [-inf if isnan(value) else value for value in values]
        return self.records[values.index(max(values))]

    def add(self, record: Record) -> History:
        """Return a history with the record of one more epoch."""
        return replace(self, records=(*self.records, record))

    def add_within(self, record: Record) -> History:
        """Return a history with one more record between epochs."""
        return replace(self, within=(*self.within, record))

    def add_change(self, record: Record) -> History:
        """Return a history with the record of one more change."""
        return replace(self, changes=(*self.changes, record))

    def plot(self, axes: Sequence[Axes] | None = None) -> Figure:
        """Plot accuracy (or R²) and cost by epoch, on a new figure or on two given axes.

        Raises :class:`InvalidArgument` unless the axes are two.
        """
        from deltarule import plotting

        return plotting.plot_curves({"": self.records}, axes=axes)

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas DataFrame with a row for each epoch and a column for each measurement.

        The index is the epoch, from 0. A measurement that an epoch lacks is NaN. Raises :class:`MissingExtra` if pandas
        is not installed.

        >>> history = History(({"epoch": 0, "eta": 0.5}, {"epoch": 1, "eta": 0.5, "test_cost": 0.2}))
        >>> history.to_frame()["test_cost"].to_dict()
        {0: nan, 1: 0.2}
        """
        try:
            import pandas as pd
        except ModuleNotFoundError:
            problem = "History.to_frame: expected the package pandas, which is not installed"
            raise MissingExtra(problem, remedy="install it: pip install pandas") from None
        columns = ["epoch", *(name for name in self.names if name != "epoch")]
        return pd.DataFrame(list(self.records), columns=columns).set_index("epoch")

    def _repr_html_(self) -> str:
        from deltarule.notebook.records import write_history

        return write_history(self)
