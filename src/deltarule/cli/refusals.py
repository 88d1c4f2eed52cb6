"""Mistakes in the words of the command line: what the library says of a value begins with the option that gave it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from deltarule.errors import InvalidArgument


@contextmanager
def told_as(option: str) -> Iterator[None]:
    """What is refused inside is told as this option, without the object that the user never wrote.

    >>> from deltarule.core.regularizers import L2
    >>> with told_as("--l2 -1"):
    ...     L2(-1.0)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --l2 -1: lmbda of L2: expected a number from 0, got -1.0
    """
    try:
        yield
    except InvalidArgument as error:
        reason = re.sub(r"^[A-Z]\w*\(.*?\): ", "", str(error))
        raise InvalidArgument(f"{option}: {reason}") from None


@contextmanager
def as_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let an error call an argument by the option that gave it.

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


@contextmanager
def with_dashes(names: Iterable[str]) -> Iterator[None]:
    """An argument that an error begins with is written as the option of its name, ``--batch-size`` for ``batch_size``.

    >>> with with_dashes(["devices"]):
    ...     raise InvalidArgument("devices 3: JAX finds 1")
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --devices 3: JAX finds 1
    """
    try:
        yield
    except InvalidArgument as error:
        name, space, rest = str(error).partition(" ")
        if name not in names:
            raise
        raise InvalidArgument(f"--{name.replace('_', '-')}{space}{rest}") from None
