"""Options in errors: an invalid argument of the library is told by the option that gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deltarule.errors import InvalidArgument


@contextmanager
def given_by(option: str, value: Any) -> Iterator[None]:
    """Let an argument that is refused within the block be told by an option, with the value that the option had.

    >>> from deltarule.core.regularizers import L2
    >>> with given_by("--l2", -1.0):
    ...     L2(-1.0)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --l2: expected a number from 0, got -1.0
    """
    try:
        yield
    except InvalidArgument as error:
        raise error.with_fields(argument=option, owner="", value=value) from None


@contextmanager
def as_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let an argument that is refused within the block be told by the option that gave it.

    >>> with as_options({"texts": "--set"}):
    ...     raise InvalidArgument(argument="texts", expected="name=value", value="eta")
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --set: expected name=value, got 'eta'
    """
    try:
        yield
    except InvalidArgument as error:
        if error.argument in options:
            error.with_fields(argument=options[error.argument], owner="")
        raise


def refuse(option: str, value: Any, expected: str, remedy: str = "") -> InvalidArgument:
    """An error about the value of an option.

    >>> str(refuse("--mu", 0.5, "none with sgd"))
    '--mu: expected none with sgd, got 0.5'
    """
    return InvalidArgument(argument=option, value=value, expected=expected, remedy=remedy)


def build(option: str, value: Any, make: Callable[[Any], Any]) -> Any:
    """What an option's value makes. Raises :class:`InvalidArgument` that names the option."""
    with given_by(option, value):
        return make(value)
