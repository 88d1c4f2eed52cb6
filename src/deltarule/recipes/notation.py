"""Objects as one writes them, ``Conv(20, 5)``: the same words in Python, in network files and in what is printed."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from deltarule.core import augmentation
from deltarule.errors import DeltaruleError, InvalidArgument
from deltarule.models.description import list_classes
from deltarule.recipes.builtin import near
from deltarule.recipes.recipe import Output

LONG = 3
"""The most values that can be told apart by their order."""


def format_object(thing: Any) -> str:
    """An object as one writes it, ``Output`` for ``Output()``; sizes and parts that are the usual ones are left out.

    >>> from deltarule.core.convolution import Conv
    >>> from deltarule.core.initializers import He
    >>> from deltarule.core.layers import Dropout
    >>> format_object(Conv(20, 5, initializer=He())), format_object(Dropout())
    ('Conv(20, 5, initializer=He)', 'Dropout(0.5)')
    """
    if isinstance(thing, (tuple, list)):
        return f"[{', '.join(map(format_object, thing))}]"
    if isinstance(thing, _Call):
        words = [*map(format_object, thing.positional), *(f"{name}={format_object(value)}" for name, value in thing.named.items())]
        return f"{thing.name}({', '.join(words)})" if words else f"{thing.name}"
    if not is_dataclass(thing):
        return repr(thing.item() if isinstance(thing, np.generic) else thing)
    told = [f for f in fields(thing) if isinstance(f.default, float) or getattr(thing, f.name) != _default(f)]
    in_order = len(told) <= LONG and told == list(fields(thing))[: len(told)]
    words = [format_object(getattr(thing, f.name)) for f in told]
    if not in_order:  # by position as far as it goes
        start = 0 if len(told) > LONG else sum(1 for a, b in zip(told, fields(thing), strict=False) if a == b)
        words[start:] = [f"{f.name}={word}" for f, word in zip(told[start:], words[start:], strict=True)]
    return f"{type(thing).__name__}({', '.join(words)})" if words else type(thing).__name__


def parse_object(given: Any, hint: Any) -> Any:
    """What was written, in one of two forms, as an object of the kind that the type ``hint`` says.

    ``given`` is text, ``"Conv(20, 5)"``, or a table, ``{"type": "Conv", "maps": 20, "kernel": 5}``;
    numbers are as they are. Raises :class:`InvalidArgument` for what is unknown, and for what does not fit.

    >>> from deltarule.core.layer import Layer
    >>> parse_object("Conv(20, kernel=5)", Layer) == parse_object({"type": "Conv", "maps": 20, "kernel": 5}, Layer)
    True
    """
    if isinstance(given, str) and _choices(hint):
        given = _parsed(given, hint)
    if isinstance(given, Mapping):
        if "type" not in given:
            raise InvalidArgument(f"{_shown(given)} says no type; {_wanted(hint)}")
        given = _Call(given["type"], [], {name: value for name, value in given.items() if name != "type"})
    if isinstance(given, _Call):
        return _made(given, hint)
    if isinstance(given, list):
        inner = [get_args(kind)[0] for kind in _kinds(hint) if get_origin(kind) in (tuple, Sequence)]
        if inner:
            return tuple(parse_object(item, inner[0]) for item in given)
    return _plain(given, hint)


@dataclass(frozen=True)
class _Call:
    """``name(*positional, **named)``, as it was written."""

    name: Any
    positional: Sequence[Any]
    named: Mapping[str, Any]


def _parsed(text: str, hint: Any) -> Any:
    """Text as calls, lists and plain values. Nothing is run: the names are looked up among ours alone."""

    def read(node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return _Call(name, [], {})
            case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if all(k.arg for k in keywords):
                return _Call(name, [read(arg) for arg in args], {str(k.arg): read(k.value) for k in keywords})
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [read(item) for item in items]
        return ast.literal_eval(node)

    try:
        return read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        meant = near(text, _choices(hint)) or f"; write it as {_example(hint)} is written"
        raise InvalidArgument(f"{_shown(text)} cannot be read{meant}") from None


def _made(call: _Call, hint: Any) -> Any:
    name, choices = call.name, _choices(hint)
    if not isinstance(name, str) or name not in choices:
        if name in ("true", "false"):
            raise InvalidArgument(f"{name} is written {name.title()} within a text")
        if isinstance(name, str) and name in _classes():
            raise InvalidArgument(f"{name} does not belong here; {_wanted(hint)}")
        raise InvalidArgument(f"{name!r} is not known{near(str(name), choices)}; {_wanted(hint)}")
    cls = choices[name]
    order = [field.name for field in fields(cls)]
    if len(call.positional) > len(order):
        raise InvalidArgument(f"{name} takes {_signature(cls)}, and was given {len(call.positional)} values")
    given = dict(zip(order, call.positional, strict=False))
    for field, value in call.named.items():
        if field not in order:
            raise InvalidArgument(f"{name} has no {field!r}{near(field, order)}; it takes {_signature(cls)}")
        if field in given:
            raise InvalidArgument(f"{name} was given {field} twice")
        given[field] = value
    hints, arguments = get_type_hints(cls), {}
    for field, value in given.items():
        try:
            arguments[field] = parse_object(value, hints[field])
        except InvalidArgument as error:
            raise InvalidArgument(f"{field} of {name}: {error}") from None
    if missing := [f.name for f in fields(cls) if _default(f) is MISSING and f.name not in arguments]:
        raise InvalidArgument(f"{name} needs {' and '.join(missing)}; it takes {_signature(cls)}")
    try:
        return cls(**arguments)
    except DeltaruleError as error:
        raise InvalidArgument(str(error)) from None


_PLAIN: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    bool: "true or false",
    type(None): "nothing",
}


def _plain(value: Any, hint: Any) -> Any:
    """A plain value, if it is of the kind that the hint says; a whole number will do for any number."""
    kinds = _kinds(hint)
    if type(value) in kinds or (type(value) is int and float in kinds):
        return value
    wrong = "is a list, where one belongs" if isinstance(value, list) and _choices(hint) else "does not belong here"
    raise InvalidArgument(f"{_shown(value)} {wrong}; {_wanted(hint)}")


def _wanted(hint: Any) -> str:
    """What a place wants, in words."""
    choices, kinds = _choices(hint), _kinds(hint)
    words = [f"one of {', '.join(sorted(choices))}"] if choices else []
    words += [word for kind, word in _PLAIN.items() if kind in kinds and kind is not type(None)]
    words += ["a list" for kind in kinds if get_origin(kind) in (tuple, Sequence)]
    return f"give {' or '.join(words)}"


def _kinds(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a type hint."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


@cache
def _classes() -> dict[str, type]:
    return {**list_classes(), "Output": Output}


def _choices(hint: Any) -> dict[str, type]:
    """The classes that fit a place, by name: subclasses of a base, or those that live with a protocol."""
    found: dict[str, type] = {}
    for kind in _kinds(hint):
        if not isinstance(kind, type) or not kind.__module__.startswith("deltarule."):
            continue
        fits = _implements if getattr(kind, "_is_protocol", False) else issubclass
        found |= {name: cls for name, cls in _classes().items() if fits(cls, kind)}
    return found


def _implements(cls: type, protocol: type) -> bool:
    """Whether a class lives where a protocol's classes do, and has its functions."""
    functions = [name for name in vars(protocol) if name == "__call__" or not name.startswith("_")]
    here = cls.__module__ == _IMPLEMENTED_IN.get(protocol, protocol.__module__)
    return here and all(hasattr(cls, name) for name in functions)


_IMPLEMENTED_IN: Mapping[type, str] = {augmentation.Augmentation: "deltarule.core.distortions"}
"""Where protocols have their classes, if not beside them."""


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _signature(cls: type) -> str:
    words = [f.name if _default(f) is MISSING else f"{f.name}={format_object(_default(f))}" for f in fields(cls)]
    return f"({', '.join(words)})" if words else "no fields"


def _example(hint: Any) -> str:
    choices = _choices(hint)
    for name in ("Conv(20, 5)", "Adam(0.7, 0.9)", "OneCycle(0.01)", "L2(5.0)", "Affine(rotation=10)", "LogLikelihood"):
        if name.split("(")[0] in choices:
            return f'"{name}"'
    return f'"{next(iter(choices), 0.5)}"'


def _shown(value: Any) -> str:
    text = format_object(value) if is_dataclass(value) or isinstance(value, (tuple, list)) else repr(value)
    return text if len(text) < 60 else text[:57] + "…"
