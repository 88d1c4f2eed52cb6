"""What the fields of a record and the arguments of a function may be: one table, looked at once, at the border.

A record is a frozen dataclass that is :class:`Validated`, with a table ``constraints`` (``ClassVar[Constraints]``):

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Dropout(Validated):
...     p: float = 0.5
...     constraints = {"p": number(0, below=1)}
>>> Dropout(1.5)
Traceback (most recent call last):
    ...
deltarule.errors.InvalidArgument: p of Dropout: expected a number from 0 and below 1, got 1.5
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any, ClassVar, TypeAlias

from deltarule.errors import InvalidArgument


@dataclass(frozen=True)
class Constraint:
    """A set of values: ``accepts`` says which are in it, ``expected`` describes it as the end of "expected …"."""

    expected: str
    accepts: Callable[[Any], bool]


Constraints: TypeAlias = Mapping[str, Constraint]
"""The constraint of each argument, by its name."""


def number(least: float = -inf, most: float = inf, *, above: float = -inf, below: float = inf) -> Constraint:
    """Accept the finite numbers from ``least`` to ``most``, or between ``above`` and ``below``; no booleans.

    >>> number(0, below=1).expected, number(above=0).accepts(0), number().accepts(True), number().accepts(10**400)
    ('a number from 0 and below 1', False, False, False)
    """

    def accepts(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real) or not _is_finite(value):
            return False
        return bool(least <= value <= most and above < value < below)  # type: ignore[operator] # a Real has them

    return Constraint(_in_range("a number", least, most, above, below), accepts)


def _is_finite(value: Real) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number that no floating-point number is near
        return False


def whole(least: int, most: float = inf) -> Constraint:
    """Accept the whole numbers from ``least`` to ``most``, of Python's types or NumPy's; no booleans.

    >>> whole(1).expected, whole(1).accepts(1), whole(1).accepts(1.0)
    ('a whole number from 1', True, False)
    """

    def accepts(value: Any) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most

    return Constraint(_in_range("a whole number", least, most), accepts)


def one_of(*choices: object) -> Constraint:
    """Accept these values alone.

    >>> one_of("float32", "float64").expected
    "'float32' or 'float64'"
    """
    shown = [repr(choice) for choice in choices]
    listed = " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)

    def accepts(value: Any) -> bool:
        return any(isinstance(value, type(choice)) and value == choice for choice in choices)

    return Constraint(listed, accepts)


def true_or_false() -> Constraint:
    """Accept True and False, of Python or NumPy.

    >>> true_or_false().accepts(1), true_or_false().accepts(False)
    (False, True)
    """
    return Constraint("True or False", lambda value: value is True or value is False or _is_array_bool(value))


def _is_array_bool(value: Any) -> bool:
    return str(getattr(value, "dtype", "")) == "bool" and getattr(value, "shape", None) == ()


def instance(kind: type | tuple[type, ...], such: str) -> Constraint:
    """Accept objects of a kind; ``such`` describes them, with an example.

    >>> instance(Mapping, "a mapping such as {}").accepts({})
    True
    """
    return Constraint(such, lambda value: isinstance(value, kind) and not isinstance(value, type))


def with_functions(names: Sequence[str], such: str) -> Constraint:
    """Accept objects that have these functions, as a protocol demands; no classes.

    >>> with_functions(["init", "update"], "an optimizer such as Adam()").accepts(object())
    False
    """

    def accepts(value: Any) -> bool:
        return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in names)

    return Constraint(such, accepts)


def optional(constraint: Constraint) -> Constraint:
    """Accept None as well.

    >>> optional(whole(1)).expected
    'a whole number from 1, or None'
    """
    return Constraint(f"{constraint.expected}, or None", lambda value: value is None or constraint.accepts(value))


def or_pair(constraint: Constraint) -> Constraint:
    """Accept also two values in a tuple or list, each of which a constraint accepts: one for each side of an image.

    >>> or_pair(whole(1)).expected, or_pair(whole(1)).accepts((2, 0))
    ('a whole number from 1, or a pair (height, width) of them', False)
    """

    def accepts(value: Any) -> bool:
        both = value if isinstance(value, (tuple, list)) else (value, value)
        return len(both) == 2 and all(map(constraint.accepts, both))

    return Constraint(f"{constraint.expected}, or a pair (height, width) of them", accepts)


def list_of(constraint: Constraint, such: str, least: int = 0) -> Constraint:
    """Accept sequences of ``least`` members or more, all accepted; ``such`` describes them, with an example.

    >>> sizes = list_of(whole(1), "a list of sizes such as [784, 30, 10]", least=2)
    >>> sizes.accepts([784, 10]), sizes.accepts([784, 0]), sizes.accepts([784])
    (True, False, False)
    """

    def accepts(value: Any) -> bool:
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        return listed and len(value) >= least and all(map(constraint.accepts, value))

    return Constraint(such, accepts)


def check(argument: str, value: Any, constraint: Constraint, owner: str = "") -> None:
    """Raise :class:`InvalidArgument` unless the constraint accepts the value.

    >>> check("activation", dict, instance(Mapping, "a mapping such as {}"))
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: activation: expected a mapping such as {}, got the class dict; write dict()
    """
    if constraint.accepts(value):
        return
    if isinstance(value, type):
        problem = f"expected {constraint.expected}, got the class {value.__name__}"
        # a number or text made of nothing is not what was meant
        remedy = "" if issubclass(value, (Real, str)) else f"write {_called(value)}"
    else:
        problem, remedy = "", ""
    raise InvalidArgument(
        problem, argument=argument, owner=owner, value=value, expected=constraint.expected, remedy=remedy
    )


def check_all(constraints: Constraints, **arguments: Any) -> None:
    """Raise :class:`InvalidArgument` for the first argument that its constraint does not accept."""
    for name, value in arguments.items():
        check(name, value, constraints[name])


def validate(record: Any) -> None:
    """Raise :class:`InvalidArgument` for the first field of a record that the table of its class does not accept."""
    for name, constraint in type(record).constraints.items():
        check(name, getattr(record, name), constraint, type(record).__name__)


class Validated:
    """A dataclass whose fields are checked by the table of its class when it is made."""

    constraints: ClassVar[Constraints] = {}

    def __post_init__(self) -> None:
        validate(self)


def _in_range(kind: str, least: float, most: float, above: float = -inf, below: float = inf) -> str:
    """Describe a range in words.

    >>> _in_range("a number", 0, 255), _in_range("a number", 0, inf, below=1), _in_range("a number", -inf, 1, above=0)
    ('a number from 0 to 255', 'a number from 0 and below 1', 'a number above 0 and up to 1')
    """
    lower = f"from {least}" if least > -inf else f"above {above}" if above > -inf else ""
    upper = f"to {most}" if most < inf else f"below {below}" if below < inf else ""
    if lower and upper and not (least > -inf and most < inf):
        return f"{kind} {lower} and {upper.replace('to', 'up to', 1)}"
    return " ".join(part for part in (kind, lower, upper) if part)


def _called(cls: type) -> str:
    """An object of a class as one writes it: with nothing in the parentheses, if all fields have defaults."""
    needs = is_dataclass(cls) and any(f.default is MISSING and f.default_factory is MISSING for f in fields(cls))
    return f"{cls.__name__}({'…' if needs else ''})"
