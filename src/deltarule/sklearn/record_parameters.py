"""Parameters of an estimator within its records: ``layers__0__n_out``, ``optimizer__beta1``, ``eta__start``.

A record is a frozen dataclass, so a change replaces it, and all that contains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from deltarule.errors import InvalidArgument

SEPARATOR = "__"


def list_parameters(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of everything within a record, or within a list of records.

    >>> from deltarule import Dense, Dropout
    >>> [path for path, _ in list_parameters([Dense(30), Dropout(0.5)])]
    ['0', '0__n_out', '0__initializer', '1', '1__p']
    """
    for name, part in _list_parts(value):
        yield name, part
        yield from ((f"{name}{SEPARATOR}{path}", inner) for path, inner in list_parameters(part))


def replace_parameter(value: Any, path: str, new: Any, name: str = "") -> Any:
    """Return a record, or a list of records, with another value at a path.

    Raises :class:`InvalidArgument` for a path that it does not have, by the ``name`` of the parameter (by default the
    path), and for a value that a record refuses.

    >>> from deltarule import Dense, Dropout
    >>> replace_parameter([Dense(30), Dropout(0.5)], "1__p", 0.2)
    [Dense(n_out=30, initializer=Default()), Dropout(p=0.2)]
    """
    field, _, rest = path.partition(SEPARATOR)
    parts = dict(_list_parts(value))
    if field not in parts:
        expected = f"a parameter of {value}, one of {', '.join(parts) or 'none'}"
        raise InvalidArgument(argument=name or path, expected=expected, value=field)
    part = replace_parameter(parts[field], rest, new, name or path) if rest else new
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field: part})
    return type(value)(part if i == int(field) else other for i, other in enumerate(value))


def _list_parts(value: Any) -> list[tuple[str, Any]]:
    """List the fields of a record, or the records of a list with their positions; other values have none."""
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value) if field.init]
    if type(value) in (list, tuple) and any(is_dataclass(one) for one in value):
        return [(str(i), one) for i, one in enumerate(value)]
    return []
