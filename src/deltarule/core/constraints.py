"""Constraints on the fields of records and the arguments of functions, checked once, on entry.

A record is a frozen dataclass that inherits :class:`Validated` and has a table ``constraints``
(``ClassVar[Constraints]``):

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Dropout(Validated):
...     p: float = 0.5
...     constraints = {"p": number(0, below=1)}
>>> Dropout(1.5)
Traceback (most recent call last):
    ...
deltarule.errors.InvalidArgument: p of Dropout: expected a number of at least 0 and below 1, got 1.5
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
    """A set of permitted values: ``accepts(value)`` tests a value, ``expected`` completes the message "expected …"."""

    expected: str
    accepts: Callable[[Any], bool]


LARGEST = 10**300
"""The largest whole number where no other is named: it can be shown, and is a floating-point number as well."""

Constraints: TypeAlias = Mapping[str, Constraint]
"""The constraint of each argument, by its name."""


def number(least: float = -inf, most: float = inf, *, above: float = -inf, below: float = inf) -> Constraint:
    """Accept the finite numbers from ``least`` to ``most``, or between ``above`` and ``below``; no booleans.

    >>> number(0, below=1).expected, number(above=0).accepts(0), number().accepts(True), number().accepts(10**400)
    ('a number of at least 0 and below 1', False, False, False)
    """

    def accepts(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, Real) or not _is_finite(value):
            return False
        return bool(least <= value <= most and above < value < below)  # type: ignore[operator] # a Real has them

    return Constraint(_in_range("a number", least, most, above, below), accepts)


def _is_finite(value: Real) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False


def whole(least: int, most: float = inf) -> Constraint:
    """Accept the whole numbers from ``least`` to ``most``, of Python's types or NumPy's; no booleans.

    >>> whole(1).expected, whole(1).accepts(1), whole(1).accepts(1.0)
    ('a whole number of at least 1', True, False)
    """
    largest = LARGEST if most == inf else most

    def accepts(value: Any) -> bool:
        return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= largest

    return Constraint(_in_range("a whole number", least, most), accepts)


def one_of(*choices: object) -> Constraint:
    """Accept only these values.

    >>> one_of("float32", "float64").expected
    "'float32' or 'float64'"
    """
    names = [repr(choice) for choice in choices]
    listed = " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

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


def instance(kind: type | tuple[type, ...], expected: str) -> Constraint:
    """Accept instances of a class; ``expected`` describes them, with an example.

    >>> instance(Mapping, "a mapping such as {}").accepts({})
    True
    """
    return Constraint(expected, lambda value: isinstance(value, kind) and not isinstance(value, type))


def with_functions(names: Sequence[str], expected: str) -> Constraint:
    """Accept objects with these methods, as a protocol requires; no classes.

    >>> with_functions(["init", "update"], "an optimizer such as Adam()").accepts(object())
    False
    """

    def accepts(value: Any) -> bool:
        return not isinstance(value, type) and all(callable(getattr(value, name, None)) for name in names)

    return Constraint(expected, accepts)


def optional(constraint: Constraint) -> Constraint:
    """Accept None and what ``constraint`` accepts.

    >>> optional(whole(1)).expected
    'a whole number of at least 1, or None'
    """
    return Constraint(f"{constraint.expected}, or None", lambda value: value is None or constraint.accepts(value))


def or_pair(constraint: Constraint) -> Constraint:
    """Accept one value, or a tuple or list of two, one for each side of an image.

    >>> or_pair(whole(1)).expected, or_pair(whole(1)).accepts((2, 0))
    ('a whole number of at least 1, or a pair (height, width) of such numbers', False)
    """

    def accepts(value: Any) -> bool:
        both = value if isinstance(value, (tuple, list)) else (value, value)
        return len(both) == 2 and all(map(constraint.accepts, both))

    return Constraint(f"{constraint.expected}, or a pair (height, width) of such numbers", accepts)


def list_of(constraint: Constraint, expected: str, least: int = 0) -> Constraint:
    """Accept sequences of ``least`` or more members that ``constraint`` accepts; ``expected`` describes them.

    >>> sizes = list_of(whole(1), "a list of sizes such as [784, 30, 10]", least=2)
    >>> sizes.accepts([784, 10]), sizes.accepts([784, 0]), sizes.accepts([784])
    (True, False, False)
    """

    def accepts(value: Any) -> bool:
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        return listed and len(value) >= least and all(map(constraint.accepts, value))

    return Constraint(expected, accepts)


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
        # float() and str() are no useful suggestions
        remedy = "" if issubclass(value, (Real, str)) else f"write {_format_call(value)}"
    else:
        problem, remedy = "", ""
    raise InvalidArgument(
        problem, argument=argument, owner=owner, value=value, expected=constraint.expected, remedy=remedy
    )


def check_all(constraints: Constraints, **arguments: Any) -> None:
    """Raise :class:`InvalidArgument` for the first argument that its constraint rejects."""
    for name, value in arguments.items():
        check(name, value, constraints[name])


def validate(record: Any) -> None:
    """Raise :class:`InvalidArgument` for the first field of a record that the constraints of its class reject."""
    for name, constraint in type(record).constraints.items():
        check(name, getattr(record, name), constraint, type(record).__name__)


class Validated:
    """A dataclass that checks its fields against the ``constraints`` of its class when it is created."""

    constraints: ClassVar[Constraints] = {}

    def __post_init__(self) -> None:
        validate(self)


def _in_range(kind: str, least: float, most: float, above: float = -inf, below: float = inf) -> str:
    """Describe a range in words.

    >>> _in_range("a number", 0, 255), _in_range("a number", 0, inf, below=1), _in_range("a number", -inf, 1, above=0)
    ('a number from 0 to 255', 'a number of at least 0 and below 1', 'a number above 0 and at most 1')
    """
    if least > -inf and most < inf:
        return f"{kind} from {least} to {most}"
    lower = f" of at least {least}" if least > -inf else f" above {above}" if above > -inf else ""
    upper = f" at most {most}" if most < inf else f" below {below}" if below < inf else ""
    return f"{kind}{lower}{' and' if lower and upper else ''}{upper}"


def _format_call(cls: type) -> str:
    """Format a call of a class, such as ``Adam()``, or ``L2(…)`` where a field has no default."""
    needs = is_dataclass(cls) and any(f.default is MISSING and f.default_factory is MISSING for f in fields(cls))
    return f"{cls.__name__}({'…' if needs else ''})"
