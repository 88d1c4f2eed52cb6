"""Descriptions of networks, optimizers and settings in plain JSON: names and numbers, never code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
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
"""The errors that an invalid description may raise."""

_HOMES = (
    "core.network",
    "core.layers",
    "core.activations",
    "core.costs",
    "core.initializers",
    "data.encodings",
    "data.step_labels",
    "preprocessing.scaling",
    "core.convolution",
    "core.pooling",
    "core.normalization",
    "core.recurrent",
    "core.lstm",
    "core.gru",
    "core.steps",
    "core.step_costs",
    "core.rbm",
    "core.machine_layers",
    "core.latent",
    "core.belief_network",
    "core.distortions",
    "core.optimizers",
    "core.regularizers",
    "core.schedules",
    "data.order",
    "data.schema",
    "preprocessing.standardization",
)
"""The modules of the classes that descriptions may name, those of most models first."""


def describe(thing: Any) -> Any:
    """Describe a dataclass as ``{"type": name, field: value, ...}``, recursively; leave other values as they are.

    >>> from deltarule.core.layers import Dense
    >>> describe(Dense(30))
    {'type': 'Dense', 'n_out': 30, 'initializer': {'type': 'Default'}}
    """
    if is_dataclass(thing) and not isinstance(thing, type):
        arguments = [field.name for field in fields(thing) if field.init]
        return {"type": type(thing).__name__, **{name: describe(getattr(thing, name)) for name in arguments}}
    if isinstance(thing, (tuple, list)):
        return [describe(item) for item in thing]
    return thing


def build(description: Any, custom: Iterable[type] = ()) -> Any:
    """Build an object from its description by :func:`describe`.

    ``custom`` lists the user's classes that the description may name. Raises :class:`FileError` for the name of
    any other class, and for fields that do not fit the class.

    >>> build({"type": "Dense", "n_out": 30, "initializer": {"type": "He"}})
    Dense(n_out=30, initializer=He())
    """
    if isinstance(description, list):
        return tuple(build(item, custom) for item in description)
    if not isinstance(description, dict) or "type" not in description:
        return description
    name = description["type"]
    cls = {own.__name__: own for own in custom}.get(name) or find_class(name) if isinstance(name, str) else None
    if cls is None:
        raise FileError(
            expected="the name of a class of this version of deltarule",
            value=name,
            remedy=f"if this is a class of your own, load or resume in Python and pass custom=[{name}] (the commands "
            "only know deltarule's own classes)",
        )
    arguments = {key: build(value, custom) for key, value in description.items() if key != "type"}
    try:
        return cls(**arguments)
    except InvalidArgument as error:
        raise FileError(**vars(error)).with_fields(position=f"description of {name}") from None
    except DAMAGE:
        given = ", ".join(arguments) or "none"
        raise FileError(f"expected the fields of {name}, got {given}", position=f"description of {name}") from None


def check_custom(custom: Iterable[type]) -> tuple[type, ...]:
    """Return ``custom`` as a tuple. Raises :class:`InvalidArgument` unless it is a list of classes."""
    found = tuple(custom) if isinstance(custom, Iterable) and not isinstance(custom, type) else None
    if found is None or not all(isinstance(cls, type) for cls in found):
        expected = "a list of classes of your own, such as [Swish]"
        raise InvalidArgument(argument="custom", expected=expected, value=custom)
    return found


@cache
def find_class(name: str) -> type | None:
    """Find a class that descriptions and files may name; None for another. No more modules are imported than needed.

    >>> find_class("Dense").__name__, find_class("Path")
    ('Dense', None)
    """
    return next((classes[name] for classes in map(_list_own, _HOMES) if name in classes), None)


def list_classes() -> dict[str, type]:
    """List the classes that descriptions and files may name, by name: all dataclasses of the modules above."""
    return {name: cls for home in _HOMES for name, cls in _list_own(home).items()}


@cache
def _list_own(home: str) -> dict[str, type]:
    module = import_module(f"deltarule.{home}")
    return {
        name: thing
        for name, thing in vars(module).items()
        if isinstance(thing, type) and is_dataclass(thing) and thing.__module__ == module.__name__
    }


def list_versions() -> dict[str, str]:
    """List the versions of Python, deltarule and the packages that its numbers depend on."""
    import platform

    own, numpy = (import_module(name).__version__ for name in (__name__.partition(".")[0], "numpy"))
    found = {"python": platform.python_version(), "deltarule": own, "numpy": numpy}
    return found | {name: version for name in ("jax", "jaxlib") if (version := _find_version(name))}


def _find_version(package: str) -> str:
    """Find the version of an installed package without importing it; empty if it is not installed.

    It is in the name of a folder beside the package; importlib.metadata, which is slow to import, knows other places.
    """
    if (spec := find_spec(package)) is None or spec.origin is None:
        return ""
    if len(found := list(Path(spec.origin).parents[1].glob(f"{package}-*.dist-info"))) == 1:
        return found[0].name.removesuffix(".dist-info").removeprefix(f"{package}-")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
