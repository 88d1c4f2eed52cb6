"""Options in errors: an invalid argument of the library is told by the option that gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from deltarule.errors import InvalidArgument

V = TypeVar("V")
T = TypeVar("T")


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
def part_of(option: str, text: str) -> Iterator[None]:
    """Let an argument that is refused within the block be told as a part of an option's text.

    >>> from deltarule.core.distortions import Shift
    >>> with part_of("--expand", "shift:pixels=-1"):
    ...     Shift(-1)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --expand: expected pixels as a whole number from 0 to 32767, got 'shift:pixels=-1'
    """
    try:
        yield
    except InvalidArgument as error:
        expected = f"{error.argument} as {error.expected}"
        raise error.with_fields(argument=option, owner="", value=text, expected=expected) from None


def refuse(option: str, value: Any, expected: str, remedy: str = "") -> InvalidArgument:
    """An error about the value of an option, or with ``NOTHING`` about its being there at all.

    >>> str(refuse("--mu", 0.5, "none with sgd"))
    '--mu: expected none with sgd, got 0.5'
    """
    return InvalidArgument(argument=option, value=value, expected=expected, remedy=remedy)


def build(option: str, value: V, make: Callable[[V], T]) -> T:
    """What an option's value makes. Raises :class:`InvalidArgument` that names the option."""
    with given_by(option, value):
        return make(value)
