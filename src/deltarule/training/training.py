"""The settings of training that determine its result, in one record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from numbers import Real
from typing import Any, ClassVar

from deltarule.core.augmentation import Augmentation
from deltarule.core.constraints import (
    Constraint,
    Constraints,
    check,
    list_of,
    number,
    one_of,
    optional,
    true_or_false,
    validate,
    whole,
    with_functions,
)
from deltarule.core.optimizers import SGD, Optimizer
from deltarule.core.regularizers import Regularizer
from deltarule.core.schedules import Constant, Schedule
from deltarule.data.order import Order, Shuffled
from deltarule.errors import InvalidArgument
from deltarule.models.description import build, describe


def _record_called_with(arguments: str, such: str) -> Constraint:
    def accepts(value: Any) -> bool:
        return not isinstance(value, type) and is_dataclass(value) and callable(value)

    return Constraint(f"{such}, or a frozen dataclass of your own that can be called with {arguments}", accepts)


_VALUES = list_of(Constraint("", lambda value: True), "a list with one value per member, such as [1, 2, 3]")
_NUMBER = number(0)
_SCHEDULE = with_functions(["eta", "is_finished"], "a schedule such as Exponential(0.5, 0.9)")


@dataclass(frozen=True, kw_only=True)
class Training:
    """The settings that determine the result of training, besides the network and the data.

    The same settings, execution and machine give bitwise the same result. To change a setting, use
    ``dataclasses.replace(training, eta=0.1)``.

    Args:
        epochs: The number of passes over the training set.
        batch_size: The number of examples in a mini-batch; the last one may be smaller.
        eta: The learning rate η, a number or a schedule.
        optimizer: The rule that turns a gradient into a step.
        regularizer: The cost of large weights, or None.
        augmentation: Random changes of the images of each mini-batch, or None.
        order: The order of the examples in each epoch; by default a new random order.
        seed: The seed of the first weights, the order, and all random choices of layers and augmentation.
        validate_every: Also evaluate the validation set after each ``validate_every`` steps; 0 evaluates it only after
            each epoch.
        keep_best: Keep the model of the epoch with the highest validation accuracy as ``model.best``.
        stop_if_not_finite: Raise :class:`DivergedError` when a parameter is infinite or NaN.
        dtype: The floating-point type of all arithmetic, ``"float32"`` or ``"float64"``.

    Raises:
        InvalidArgument: For invalid values.

    >>> Training(epochs=5, eta=0.25).schedule
    Constant(value=0.25)
    """

    epochs: int = 30
    batch_size: int = 10
    eta: float | Schedule = 0.5
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    augmentation: Augmentation | None = None
    order: Order = Shuffled()
    seed: int = 0
    validate_every: int = 0
    keep_best: bool = False
    stop_if_not_finite: bool = True
    dtype: str = "float32"

    constraints: ClassVar[Constraints] = {
        "epochs": whole(1),
        "batch_size": whole(1),
        "eta": Constraint(
            f"{_NUMBER.expected}, or {_SCHEDULE.expected}", lambda eta: _NUMBER.accepts(eta) or _SCHEDULE.accepts(eta)
        ),
        "optimizer": with_functions(["init", "update"], "an optimizer such as Adam()"),
        "regularizer": optional(with_functions(["value", "gradient"], "a regularizer such as L2(5.0)")),
        "augmentation": optional(_record_called_with("(images, rng)", "an augmentation such as Shift(1)")),
        "order": _record_called_with("(n, seed, epoch)", "an order such as Shuffled() or AsGiven()"),
        "seed": whole(0, 2**64 - 1),
        "validate_every": whole(0),
        "keep_best": true_or_false(),
        "stop_if_not_finite": true_or_false(),
        "dtype": one_of("float32", "float64"),
    }

    def __post_init__(self) -> None:
        validate(self)
        if isinstance(self.eta, Real):
            object.__setattr__(self, "eta", Constant(float(self.eta)))
        for name in ("epochs", "batch_size", "seed", "validate_every"):  # from NumPy's integers, too
            object.__setattr__(self, name, int(getattr(self, name)))
        for name in ("keep_best", "stop_if_not_finite"):
            object.__setattr__(self, name, bool(getattr(self, name)))
        object.__setattr__(self, "dtype", str(self.dtype))

    @property
    def schedule(self) -> Schedule:
        """``eta`` as a schedule."""
        return Constant(float(self.eta)) if isinstance(self.eta, (int, float)) else self.eta

    def vary(self, **lists: Sequence[Any]) -> list[Training]:
        """Return a training for each value of a setting, or of several settings with lists of the same length.

        Raises :class:`InvalidArgument` for empty lists, lists of different lengths, unknown settings or invalid values.

        >>> [(one.seed, one.schedule) for one in Training().vary(seed=range(2), eta=[0.1, 0.5])]
        [(0, Constant(value=0.1)), (1, Constant(value=0.5))]
        """
        for name in lists:
            check(name, name, one_of(*(field.name for field in fields(self))))
        columns = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in lists.items()}
        for name, values in columns.items():
            check(name, values, _VALUES)
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) != 1 or not all(lengths.values()):
            expected = "lists of the same length (at least 1), with one value per member"
            got = " and ".join(f"{n} values of {name}" for name, n in lengths.items()) or "no list"
            raise InvalidArgument(
                f"expected {expected}, got {got}",
                argument=" and ".join(lists) or "vary",
                expected=expected,
                value=lengths,
            )
        rows = zip(*columns.values(), strict=True)
        return [replace(self, **dict(zip(columns, row, strict=True))) for row in rows]

    @property
    def description(self) -> dict[str, Any]:
        """The settings as plain JSON, by their names."""
        return {field.name: describe(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any], custom: Iterable[type] = ()) -> Training:
        """Build a training from its :attr:`description`; ``custom`` lists your own classes that it names.

        Raises :class:`InvalidArgument` for invalid values, and LookupError for a missing setting.
        """
        return cls(**{field.name: build(description[field.name], custom) for field in fields(cls)})

    def _repr_html_(self) -> str:
        from deltarule.notebook.records import write_settings

        return write_settings(self)
