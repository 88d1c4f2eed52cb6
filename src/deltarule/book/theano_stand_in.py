"""A stand-in for Theano beside network3: its settings, shared arrays and activation functions, and names for the rest.

A script that imports ``theano`` only for these runs with it. Using any other name is an error with a remedy.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from deltarule.book import network3_arrays
from deltarule.book.theano_names import MODULE, SETTING, TheanoName, find_remedy, refuse

ROOTS = ("theano", "pytensor", "aesara")
"""Theano and its successors."""


def cast(x: Any, dtype: str) -> network3_arrays.Shared:
    """Convert the numbers of an array into a type such as "int32".

    >>> cast([1.0, 2.0], "int32").eval()
    array([1, 2], dtype=int32)
    """
    return network3_arrays.to_shared(np.asarray(x).astype(dtype))


def shared(value: Any, name: str | None = None, borrow: bool = False) -> network3_arrays.Shared:
    """Make an array with ``get_value``, ``set_value`` and ``eval``, a copy unless ``borrow``.

    >>> shared([1.0], borrow=True).get_value()
    array([1.])
    """
    array = network3_arrays.to_shared(np.asarray(value) if borrow else np.array(value))
    array.name = name
    return array


SETTINGS = {"floatX": "float32", "device": "cpu", "mode": "Mode"}


class Settings:
    """Theano's settings: three have a value, others can be set without an effect, and reading those is an error.

    >>> Settings().mode
    'Mode'
    """

    def __init__(self) -> None:
        vars(self).update(SETTINGS)

    def __getattr__(self, name: str) -> Any:
        refuse(f"theano.config.{name}", SETTING)


class Symbol:
    """A name of Theano that network3 does not need; using it is an error with a remedy."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: Any, **options: Any) -> NoReturn:
        refuse(self._name, find_remedy(self._name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"{self._name}.{name}"
        refuse(full, find_remedy(full))


class _StandIn(ModuleType):
    """A module with a few names; the others are symbols."""

    def __getattr__(self, name: str) -> Any:
        full = f"{self.__name__}.{name}"
        if name.startswith("__"):
            refuse(full, "leave it out: this is deltarule's stand-in for Theano")
        return MODULES.get(full) or Symbol(full)


_ACTIVATIONS = {name: getattr(network3_arrays, name) for name in ("sigmoid", "tanh", "softmax")}
MEANINGS: dict[str, dict[str, Any]] = {
    "theano": {"config": Settings(), "shared": shared, "__version__": "1.0.5+deltarule"},
    "theano.tensor": {**_ACTIVATIONS, "cast": cast},
    "theano.tensor.nnet": {**_ACTIVATIONS, "relu": network3_arrays.ReLU},
}
"""The names with a meaning in each module. The version is Theano's last, with a mark that this is not Theano."""


def _make_module(name: str) -> ModuleType:
    module = _StandIn(name)
    module.__dict__.update(MEANINGS.get(name, {}), __path__=[])
    return module


MODULES = {name: _make_module(name) for name in MEANINGS}
"""The stand-ins with names of their own."""


def normalize_name(name: str) -> str:
    """Replace a successor's name by Theano's.

    >>> normalize_name("pytensor.tensor")
    'theano.tensor'
    """
    root, dot, rest = name.partition(".")
    return f"theano{dot}{rest}" if root in ROOTS else name


def is_setting(name: str) -> bool:
    """Return whether a dotted name is one of Theano's settings.

    >>> is_setting("theano.config.openmp")
    True
    """
    return normalize_name(name).startswith("theano.config.")


def has_meaning(name: str) -> bool:
    """Return whether a dotted name works without Theano.

    >>> has_meaning("theano.config.floatX"), has_meaning("pytensor.tensor.dot")
    (True, False)
    """
    full = normalize_name(name)
    module, _, last = full.rpartition(".")
    if is_setting(full):
        return full.removeprefix("theano.config.") in SETTINGS
    return (
        full in MODULES
        or last in MEANINGS.get(module, {})
        or full.startswith(("theano.shared.", "theano.tensor.cast."))
    )


MISSING: dict[str, str] = {}
"""The definitions in a reader's network3 that is not used because it needs Theano, each with the path of the file."""


def describe_missing(names: Collection[str], path: str) -> tuple[str, str]:
    """Describe why definitions of a reader's network3 are missing, and what to do."""
    listed = ", ".join(names)
    problem = f"{path} defines {listed}, but needs Theano, which is not installed, and deltarule's network3 lacks it"
    return problem, f"write {listed} with numpy or a layer of your own (docs/own-layers.md), in another file"


def find_in_module(name: str) -> Any:
    """Find a name that network3 lacks: Theano's two modules are stand-ins, and others an error with a remedy."""
    if name in MISSING:
        problem, remedy = describe_missing([name], MISSING[name])
        raise TheanoName(problem, argument=f"network3.{name}", remedy=remedy)
    if name in ("theano", "T"):
        return MODULES["theano" if name == "theano" else "theano.tensor"]
    if name in MODULE:
        refuse(f"network3.{name}", MODULE[name])
    raise AttributeError(f"module 'network3' has no attribute {name!r}", name=name)


class StandInLoader(Loader):
    """A loader of the stand-in for a name such as ``theano.tensor``."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        name = normalize_name(spec.name)
        return MODULES.get(name) or _make_module(name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is."""


def is_active(root: str) -> bool:
    """Return whether the stand-in is imported under this name."""
    return isinstance(sys.modules.get(root), _StandIn)
