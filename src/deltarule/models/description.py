"""Networks, optimizers and settings as plain JSON: names and numbers, never code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from typing import Any

from deltarule.errors import DeltaruleError, FileError, InvalidArgument

DAMAGE = (
    DeltaruleError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
"""What may be raised where a description does not say what it should."""

_HOMES = (
    "core.activations",
    "core.convolution",
    "core.costs",
    "core.distortions",
    "core.initializers",
    "core.layers",
    "core.network",
    "core.normalization",
    "core.optimizers",
    "core.pooling",
    "core.regularizers",
    "core.schedules",
    "data.encodings",
    "data.order",
)


def describe(thing: Any) -> Any:
    """A dataclass as ``{"type": name, field: value, ...}``, all the way down; other values as they are.

    >>> from deltarule.core.layers import Dense
    >>> describe(Dense(30))
    {'type': 'Dense', 'n_out': 30, 'initializer': {'type': 'Default'}}
    """
    if is_dataclass(thing) and not isinstance(thing, type):
        return {"type": type(thing).__name__, **{f.name: describe(getattr(thing, f.name)) for f in fields(thing)}}
    if isinstance(thing, (tuple, list)):
        return [describe(item) for item in thing]
    return thing


def build(description: Any, custom: Iterable[type] = ()) -> Any:
    """What :func:`describe` described.

    ``custom`` are classes of the user's own that the description may name. Raises
    :class:`FileError` for a name that is neither known nor given, and for fields that do not fit.

    >>> build({"type": "Dense", "n_out": 30, "initializer": {"type": "He"}})
    Dense(n_out=30, initializer=He())
    """
    if isinstance(description, list):
        return tuple(build(item, custom) for item in description)
    if not isinstance(description, dict) or "type" not in description:
        return description
    classes = known() | {cls.__name__: cls for cls in custom}
    name = description["type"]
    if not isinstance(name, str) or name not in classes:
        raise FileError(
            f"{name!r} is not part of this version of deltarule; if it is a class of your own, in Python: "
            f"deltarule.load(path, custom=[{name}]); the commands know deltarule's own classes only"
        )
    arguments = {key: build(value, custom) for key, value in description.items() if key != "type"}
    try:
        return classes[name](**arguments)
    except DeltaruleError as error:
        raise FileError(f"the description of {name} is not valid: {error}") from None
    except DAMAGE as error:
        raise FileError(f"the description of {name} does not fit this version of deltarule: {error}") from None


def own_classes(custom: Iterable[type]) -> tuple[type, ...]:
    """The classes of a user's own, from whatever lists them. Raises :class:`InvalidArgument` for what lists none."""
    found = tuple(custom) if isinstance(custom, Iterable) and not isinstance(custom, type) else None
    if found is None or not all(isinstance(cls, type) for cls in found):
        raise InvalidArgument(f"custom {custom!r}: give a list of classes of your own, such as [Swish]")
    return found


@cache
def known() -> dict[str, type]:
    """Every dataclass of the modules above, by name: what descriptions and files may name."""
    modules = [import_module(f"deltarule.{home}") for home in _HOMES]
    return {
        name: thing
        for module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, type) and is_dataclass(thing) and thing.__module__ == module.__name__
    }
