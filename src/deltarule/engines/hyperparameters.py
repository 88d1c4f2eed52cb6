"""The numbers of a descent, such as λ and μ, as arguments, so that one compiled program serves many values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeAlias

from deltarule.core.descent import Descent

Path: TypeAlias = tuple[str, ...]
"""The place of a number, such as ``("regularizer", "lmbda")``."""

PARTS = ("optimizer", "regularizer")
"""The parts of a descent whose numbers may differ between descents that share a program."""


def strip_numbers(descent: Descent) -> Any:
    """Return the descent without these numbers: equal for descents that one program can serve."""
    nothing: dict[str, Any] = dict.fromkeys(PARTS)
    plain = replace(descent, **nothing)
    return plain, tuple(_strip(getattr(descent, part)) for part in PARTS)


def find_differing_numbers(descents: Sequence[Descent]) -> list[dict[Path, float]]:
    """Return, for each of several descents equal but for numbers, the numbers that differ between them.

    >>> from deltarule.core.optimizers import Momentum
    >>> find_differing_numbers([Descent(None, Momentum(mu), None, 100) for mu in (0.5, 0.9)])
    [{('optimizer', 'mu'): 0.5}, {('optimizer', 'mu'): 0.9}]
    """
    all_numbers = [dict(item for part in PARTS for item in _numbers(getattr(d, part), (part,))) for d in descents]
    paths = [path for path in all_numbers[0] if len({numbers[path] for numbers in all_numbers}) > 1]
    return [{path: numbers[path] for path in paths} for numbers in all_numbers]


def replace_numbers(thing: Any, numbers: Mapping[Path, Any]) -> Any:
    """Return a copy with these numbers in their places; they may be traced numbers of a compiler."""
    for path, number in numbers.items():
        thing = _put(thing, path, number)
    return thing


def _put(thing: Any, path: Path, number: Any) -> Any:
    # not dataclasses.replace, which would check the range of a number that has no value yet
    changed, name = copy(thing), path[0]
    inner = number if len(path) == 1 else _put(getattr(thing, name), path[1:], number)
    object.__setattr__(changed, name, inner)
    return changed


def _numbers(thing: Any, path: Path) -> list[tuple[Path, float]]:
    if not is_dataclass(thing):
        return []
    found: list[tuple[Path, float]] = []
    for field in fields(thing):
        value, here = getattr(thing, field.name), (*path, field.name)
        found += [(here, value)] if _is_number(field.type, value) else _numbers(value, here)
    return found


def _strip(thing: Any) -> Any:
    if not is_dataclass(thing):
        return thing
    values = ((field.name, field.type, getattr(thing, field.name)) for field in fields(thing))
    return type(thing), tuple(
        (name, None if _is_number(kind, value) else _strip(value)) for name, kind, value in values
    )


def _is_number(kind: Any, value: Any) -> bool:
    # a field declared as float may hold an int; a field declared as int selects a different program
    return kind in (float, "float") and isinstance(value, (int, float)) and not isinstance(value, bool)
