"""What a constructor is given: numbers that are numbers, and objects rather than their classes."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from numbers import Integral
from typing import Any

from deltarule.errors import InvalidArgument


def is_whole(value: Any, least: int) -> bool:
    """Whether a value is a whole number from ``least``, of Python's or NumPy's; ``True`` is none.

    >>> is_whole(1, 1), is_whole(0, 1), is_whole(True, 1), is_whole(1.0, 1)
    (True, False, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def check_whole(least: int, **values: Any) -> None:
    """Raises :class:`InvalidArgument` for a value that is no whole number from ``least``.

    >>> check_whole(0, seed=-1)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: seed -1: give a whole number from 0
    """
    for name, value in values.items():
        if not is_whole(value, least):
            raise InvalidArgument(f"{name} {value!r}: give a whole number from {least}")


def check_object(where: str, given: Any, kind: type | tuple[type, ...], such: str) -> None:
    """Raises :class:`InvalidArgument` for what is not of this kind, above all for a class without its parentheses.

    >>> check_object("layer 1", int, object, "Sigmoid()")
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: layer 1: int is a class: write int()
    """
    if isinstance(given, type):
        raise InvalidArgument(f"{where}: {given.__name__} is a class: write {given.__name__}({_arguments(given)})")
    if not isinstance(given, kind):
        raise InvalidArgument(f"{where}: {given!r} does not belong here: give one such as {such}")


def _arguments(cls: type) -> str:
    """What the parentheses hold: nothing, if all has defaults."""
    needed = is_dataclass(cls) and any(f.default is MISSING and f.default_factory is MISSING for f in fields(cls))
    return "…" if needed else ""
