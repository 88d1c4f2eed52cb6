"""Learning-rate schedules: η as a function of the step and of the history so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, pi
from typing import Any, ClassVar, Protocol, TypeAlias

from deltarule.core.constraints import Constraints, Validated, number, whole
from deltarule.core.layer import Array
from deltarule.errors import InvalidArgument

Records: TypeAlias = Sequence[Mapping[str, Any]]
"""The measurements, one record per epoch; ReduceOnPlateau reads ``validation_accuracy``."""


@dataclass(frozen=True)
class Clock:
    """The length of a training, which the functions of a schedule receive.

    Args:
        steps_per_epoch: The number of steps (mini-batches) in an epoch.
        epochs: The number of epochs.

    >>> Clock(steps_per_epoch=100, epochs=30).steps
    3000
    """

    steps_per_epoch: int
    epochs: int

    @property
    def steps(self) -> int:
        """The number of steps in the whole training."""
        return self.steps_per_epoch * self.epochs


class Schedule(Protocol):
    """The protocol of learning-rate schedules: the two functions that a schedule has.

    Both must be pure functions, so that a resumed run gets the same values. ``clock`` is a :class:`Clock`, the length
    of the training, and ``history`` a list with one record per epoch.

    >>> class InverseTime:
    ...     def eta(self, steps, clock, history):
    ...         return 1 / (1 + steps / clock.steps_per_epoch)
    ...     def is_finished(self, history):
    ...         return False
    >>> import numpy as np
    >>> InverseTime().eta(np.asarray([0, 10, 30]), Clock(10, 4), []).tolist()
    [1.0, 0.5, 0.25]
    """

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        """Return η for each number in ``steps``, an array of step numbers counted from 0 over the whole training."""
        ...

    def is_finished(self, history: Records) -> bool:
        """Return True when the schedule has ended; training then stops."""
        ...


ETA = number(0)


@dataclass(frozen=True)
class Constant(Validated):
    """A constant η. ``fit(..., eta=0.5)`` means ``eta=Constant(0.5)``.

    Args:
        value: The learning rate η.

    >>> import numpy as np
    >>> Constant(0.5).eta(np.asarray([0, 99]), Clock(10, 10), []).tolist()
    [0.5, 0.5]
    """

    value: float
    constraints: ClassVar[Constraints] = {"value": ETA}

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        xp = steps.__array_namespace__()
        return xp.full(steps.shape, self.value, dtype=xp.float64)

    def is_finished(self, history: Records) -> bool:
        return False


@dataclass(frozen=True)
class Exponential(Validated):
    """Exponential decay: ``η = start · rateᵗ`` after t epochs. η decreases after every step.

    Args:
        start: The η of the first step.
        rate: The factor of η for one epoch, above 0 and at most 1.

    >>> import numpy as np
    >>> Exponential(1.0, 0.5).eta(np.asarray([0, 5, 10]), Clock(10, 3), []).round(3).tolist()
    [1.0, 0.707, 0.5]
    """

    start: float
    rate: float
    constraints: ClassVar[Constraints] = {"start": ETA, "rate": number(above=0, most=1)}

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        xp = steps.__array_namespace__()
        return self.start * self.rate ** (xp.astype(steps, xp.float64) / clock.steps_per_epoch)

    def is_finished(self, history: Records) -> bool:
        return False


@dataclass(frozen=True)
class ReduceOnPlateau(Validated):
    """A schedule that halves η each time validation accuracy has not improved for ``patience`` epochs.

    An improvement is an accuracy above all earlier ones. After each halving the count of epochs starts again from 0.
    The schedule needs a validation set.

    Args:
        start: The first η.
        patience: The number of epochs without improvement before η is halved.
        stop_at: Training stops when η has reached ``stop_at`` times ``start`` (chapter 3: the text says 1/1024, its
            exercise 1/128).

    >>> history = [{"validation_accuracy": accuracy} for accuracy in (0.8, 0.9, 0.9, 0.85)]
    >>> import numpy as np
    >>> ReduceOnPlateau(1.0, patience=2).eta(np.asarray([40]), Clock(10, 30), history).tolist()
    [0.5]
    """

    start: float
    patience: int = 10
    stop_at: float = 1 / 128
    constraints: ClassVar[Constraints] = {"start": ETA, "patience": whole(1), "stop_at": number(above=0, below=1)}

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        xp = steps.__array_namespace__()
        return xp.full(steps.shape, self.start / 2 ** self._halvings(history), dtype=xp.float64)

    def is_finished(self, history: Records) -> bool:
        return 0.5 ** self._halvings(history) <= self.stop_at

    def _halvings(self, history: Records) -> int:
        best, waited, halvings = float("-inf"), 0, 0
        for record in history:
            if "validation_accuracy" not in record and "validation_r2" not in record:
                raise InvalidArgument(
                    argument="validation",
                    expected=f"a validation set whose labels are classes, because {self} uses the validation accuracy",
                    value=None,
                )
            score = record.get("validation_accuracy", record.get("validation_r2"))
            if isnan(score):  # R² of a single example, or of targets that are all equal
                score = -record["validation_cost"]
            waited = 0 if score > best else waited + 1
            best = max(best, score)
            if waited == self.patience:
                waited, halvings = 0, halvings + 1
        return halvings


@dataclass(frozen=True)
class OneCycle(Validated):
    """The one-cycle schedule: η rises to ``peak`` in the first part of the training, then falls to nearly 0.

    η starts at ``peak``/25 and ends at ``peak``/10,000. Both parts follow half a cosine. The schedule always covers all
    epochs. It is not in the book (see Smith and Topin, 2018).

    Args:
        peak: The largest η.
        rise: The first part of the training, as a fraction of all steps, between 0 and 1.

    >>> import numpy as np
    >>> OneCycle(1.0, rise=0.5).eta(np.asarray([0, 50, 100]), Clock(10, 10), []).round(4).tolist()
    [0.04, 1.0, 0.0001]
    """

    peak: float
    rise: float = 0.25
    constraints: ClassVar[Constraints] = {"peak": ETA, "rise": number(above=0, below=1)}

    def eta(self, steps: Array, clock: Clock, history: Records) -> Array:
        xp = steps.__array_namespace__()
        t = xp.astype(steps, xp.float64) / clock.steps

        def half_cosine(start: float, end: float, share: Array) -> Array:
            return end + (start - end) * (1 + xp.cos(pi * share)) / 2

        up = half_cosine(self.peak / 25, self.peak, t / self.rise)
        down = half_cosine(self.peak, self.peak / 1e4, (t - self.rise) / (1 - self.rise))
        return xp.where(t < self.rise, up, down)

    def is_finished(self, history: Records) -> bool:
        return False
