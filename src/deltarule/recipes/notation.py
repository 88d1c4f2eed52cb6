"""The notation for objects in network files and in printed text, such as ``Conv(20, 5)``: Python's own."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from unicodedata import normalize

import numpy as np

from deltarule.core import augmentation
from deltarule.core.belief_network import BeliefLayer
from deltarule.core.machine_layers import MachineLayer
from deltarule.core.step_costs import SumOverSteps
from deltarule.errors import InvalidArgument
from deltarule.models.description import list_classes
from deltarule.recipes.builtin import suggest
from deltarule.recipes.recipe import BoltzmannMachine, Output

MOST_POSITIONAL = 3
"""The most values that are written without their names."""


def format_object(thing: Any) -> str:
    """Format an object in the notation, ``Output`` for ``Output()``.

    Leave out fields that have their default value, except fields whose default is a float: these are always shown.

    >>> from deltarule.core.convolution import Conv
    >>> from deltarule.core.initializers import He
    >>> from deltarule.core.layers import Dropout
    >>> format_object(Conv(20, 5, initializer=He())), format_object(Dropout())
    ('Conv(20, 5, initializer=He)', 'Dropout(0.5)')
    """
    if isinstance(thing, (tuple, list)):
        return f"[{', '.join(map(format_object, thing))}]"
    if isinstance(thing, _Call) or not is_dataclass(thing):
        return repr(thing.item() if isinstance(thing, np.generic) else thing)
    shown = [f for f in fields(thing) if isinstance(f.default, float) or getattr(thing, f.name) != _get_default(f)]
    in_order = len(shown) <= MOST_POSITIONAL and shown == list(fields(thing))[: len(shown)]
    words = [format_object(getattr(thing, f.name)) for f in shown]
    if not in_order:  # the first ones without their names, as long as none is left out
        pairs = zip(shown, fields(thing), strict=False)
        start = 0 if len(shown) > MOST_POSITIONAL else sum(1 for a, b in pairs if a == b)
        words[start:] = [f"{f.name}={word}" for f, word in zip(shown[start:], words[start:], strict=True)]
    return f"{type(thing).__name__}({', '.join(words)})" if words else type(thing).__name__


def parse_object(source: Any, hint: Any) -> Any:
    """Build the object that ``source`` describes.

    Args:
        source: Text, ``"Conv(20, 5)"``, or a table, ``{"type": "Conv", "maps": 20, "kernel": 5}``. Numbers and
            other plain values stand for themselves.
        hint: The type that the object must have, such as ``Layer``.

    Raises:
        InvalidArgument: For an unknown class or field, a missing field, and a value of another type. ``argument``
            and ``owner`` name the innermost field at fault; they are empty if ``source`` itself is at fault.

    >>> from deltarule.core.layer import Layer
    >>> parse_object("Conv(20, kernel=5)", Layer) == parse_object({"type": "Conv", "maps": 20, "kernel": 5}, Layer)
    True
    """
    if isinstance(source, str) and _find_choices(hint):
        source = _parse(source, hint)
    if isinstance(source, Mapping):
        if "type" not in source:
            raise InvalidArgument(expected=f'a table whose "type" is {_describe(hint)}', value=source)
        source = _Call(source["type"], [], {name: value for name, value in source.items() if name != "type"})
    if isinstance(source, _Call):
        return _build(source, hint)
    if isinstance(source, list):
        inner = [get_args(kind)[0] for kind in _list_kinds(hint) if get_origin(kind) in (tuple, Sequence)]
        if inner:
            return tuple(parse_object(item, inner[0]) for item in source)
    return _check_plain(source, hint)


@dataclass(frozen=True, repr=False)
class _Call:
    """A parsed call, ``name(*positional, **named)``."""

    name: Any
    positional: Sequence[Any]
    named: Mapping[str, Any]

    def __repr__(self) -> str:
        named = [f"{name}={format_object(value)}" for name, value in self.named.items()]
        words = [*map(format_object, self.positional), *named]
        return f"{self.name}({', '.join(words)})" if words else f"{self.name}"


def _parse(text: str, hint: Any) -> Any:
    """Parse text into calls, lists and plain values, without running any of it."""

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
        if normalize("NFKC", text) != text:  # Python would read Ｄense as Dense
            raise ValueError
        return read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        remedy = suggest(text, _find_choices(hint))
        raise InvalidArgument(expected=f"text such as {_find_example(hint)}", value=text, remedy=remedy) from None


def _build(call: _Call, hint: Any) -> Any:
    """Build the object that a call describes."""
    name, choices = call.name, _find_choices(hint)
    if not isinstance(name, str) or name not in choices:
        remedy = f"write {str(name).title()}" if name in ("true", "false") else suggest(str(name), choices)
        raise InvalidArgument(expected=_describe(hint), value=call, remedy=remedy)
    cls = choices[name]
    order = [field.name for field in fields(cls)]
    if len(call.positional) > len(order):
        raise InvalidArgument(expected=_format_signature(cls), value=call)
    values = dict(zip(order, call.positional, strict=False))
    for field, value in call.named.items():
        if field not in order:
            expected = f"a field of {_format_signature(cls)}" if order else _format_signature(cls)
            raise InvalidArgument(expected=expected, value=field, remedy=suggest(field, order))
        if field in values:
            raise InvalidArgument("expected the field once, got it twice", argument=field, owner=name)
        values[field] = value
    hints, arguments = get_type_hints(cls), {}
    for field, value in values.items():
        try:
            arguments[field] = parse_object(value, hints[field])
        except InvalidArgument as error:
            if not error.argument:
                error.with_fields(argument=field, owner=name)
            raise
    if missing := [f.name for f in fields(cls) if _get_default(f) is MISSING and f.name not in arguments]:
        raise InvalidArgument(f"expected {_format_signature(cls)}, got no {' and no '.join(missing)}")
    return cls(**arguments)


_PLAIN: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text in quotes",
    bool: "true or false",
    type(None): "nothing",
}
_LISTS: Mapping[Any, str] = {tuple: "a list of two, [height, width]", Sequence: "a list"}


def _check_plain(value: Any, hint: Any) -> Any:
    """Return a plain value of a type that the hint allows; a whole number is allowed where a float is."""
    kinds = _list_kinds(hint)
    if type(value) in kinds or (type(value) is int and float in kinds):
        return value
    raise InvalidArgument(expected=_describe(hint), value=value)


def _describe(hint: Any) -> str:
    """Describe the values that a hint allows, as the end of "expected …"."""
    choices, kinds = _find_choices(hint), _list_kinds(hint)
    words = [f"one of {', '.join(sorted(choices))}"] if choices else []
    words += [word for kind, word in _PLAIN.items() if kind in kinds and kind is not type(None)]
    words += [_LISTS[get_origin(kind)] for kind in kinds if get_origin(kind) in _LISTS]
    return " or ".join(words)


def _list_kinds(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type hint."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


@cache
def _list_choices() -> dict[str, type]:
    """List all classes by name that a network file can hold.

    It cannot hold the layers that only a Boltzmann machine or a deep belief net is made of, nor the cost of networks
    that answer at each step: no file of data has labels at each step.
    """
    without = (BeliefLayer, MachineLayer, SumOverSteps)
    found = {name: cls for name, cls in list_classes().items() if not issubclass(cls, without)}
    return {**found, "Output": Output, "BoltzmannMachine": BoltzmannMachine}


def _find_choices(hint: Any) -> dict[str, type]:
    """Find the classes that a hint allows, by name: subclasses of a base class, or implementations of a protocol."""
    found: dict[str, type] = {}
    for kind in _list_kinds(hint):
        if not isinstance(kind, type) or not kind.__module__.startswith("deltarule."):
            continue
        fits = _is_implementation if getattr(kind, "_is_protocol", False) else issubclass
        found |= {name: cls for name, cls in _list_choices().items() if fits(cls, kind)}
    return found


def _is_implementation(cls: type, protocol: type) -> bool:
    """Return True for a class in the module of a protocol's classes that has the protocol's functions."""
    functions = [name for name in vars(protocol) if name == "__call__" or not name.startswith("_")]
    here = cls.__module__ == _IMPLEMENTED_IN.get(protocol, protocol.__module__)
    return here and all(hasattr(cls, name) for name in functions)


_IMPLEMENTED_IN: Mapping[type, str] = {augmentation.Augmentation: "deltarule.core.distortions"}
"""The module of a protocol's classes, if it is not the protocol's own."""


def _get_default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _format_signature(cls: type) -> str:
    """Format a class with its fields and their defaults.

    >>> from deltarule.core.layers import Dense, Flatten
    >>> _format_signature(Dense), _format_signature(Flatten)
    ('Dense(n_out, initializer=Default)', 'Flatten without fields')
    """
    words = [
        f.name if _get_default(f) is MISSING else f"{f.name}={format_object(_get_default(f))}" for f in fields(cls)
    ]
    return f"{cls.__name__}({', '.join(words)})" if words else f"{cls.__name__} without fields"


def _find_example(hint: Any) -> str:
    choices = _find_choices(hint)
    for name in ("Conv(20, 5)", "Adam(0.7, 0.9)", "OneCycle(0.01)", "L2(5.0)", "Affine(rotation=10)", "LogLikelihood"):
        if name.split("(")[0] in choices:
            return f'"{name}"'
    return f'"{next(iter(choices), 0.5)}"'
