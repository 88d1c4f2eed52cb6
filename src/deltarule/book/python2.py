"""Python 2 in old scripts of the reader's: a parser for both, and hints for errors."""

from __future__ import annotations

import ast
import re
import warnings
from types import ModuleType

from deltarule.book import python2_names as names
from deltarule.book.edits import apply_edits
from deltarule.book.python2_prints import list_prints

MODULES = {
    **{old: f"write {new}" for old, new in names.MODULES.items()},
    **names.FORMER_MODULES,
    "cPickle": "Python 3 has no cPickle; mnist_loader.load_data() reads mnist.pkl.gz without it",
    "theano": "the network3 of deltarule needs no Theano: leave its imports out, and import network3",
    "StringIO": "write from io import StringIO",
    "cStringIO": "write from io import StringIO",
}
"""Modules of Python 2, each with a remedy."""

NAMES = {**{old: f"write {new}" for old, new in names.NAMES.items()}, **names.REMEDIES}
METHODS = {
    **{old: f"write {new}()" for old, new in {**names.ITERATORS, **names.VIEWS}.items()},
    **{old: f"write {new}" for old, new in names.ATTRIBUTES.items()},
    "has_key": "write key in d",
    "next": "write next(x)",
}
MEMBERS = {**{old: f"write {new}" for old, new in names.MODULE_NAMES.items()}, **names.FORMER_MODULE_NAMES}
_LAZY = re.compile(
    r"(?:object of type )?'(zip|map|filter|range|dict_keys|dict_values|dict_items)' (?:object|has no len)"
)
_OPERANDS = re.compile(
    r"unsupported operand type\(s\) for \+: .*'(zip|map|filter|range|dict_keys|dict_values|dict_items)'"
)
_IMPORT = re.compile(r"cannot import name '(\w+)'")
_CODEC = re.compile(r"'([\w-]+)' is not a text encoding")
UNPARSABLE = (ValueError, RecursionError, MemoryError)
"""Errors of :func:`parse` other than SyntaxError: for null bytes, and for too deep nesting."""


def convert_prints(source: str) -> tuple[str, int]:
    """Convert the print statements that Python 3 cannot parse into calls, and count them.

    >>> convert_prints('if x: print "x is", x')
    ('if x: print("x is", x)', 1)
    """
    found = [edits for _, edits in list_prints(source)]
    return apply_edits(source, [edit for edits in found for edit in edits]), len(found)


def parse(source: str) -> ast.Module:
    """Parse a source without warnings of deprecated syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def suggest(error: BaseException) -> str | None:
    """Suggest a replacement, if an error comes from a name or habit of Python 2; else return None.

    >>> suggest(NameError("name 'xrange' is not defined", name="xrange"))
    "xrange is Python 2's: write range"
    """
    match error:
        case NameError(name=str(name)) if name in NAMES:
            return f"{name} is Python 2's: {NAMES[name]}"
        case AttributeError(name=str(name), obj=ModuleType() as module) if f"{module.__name__}.{name}" in MEMBERS:
            return f"{module.__name__}.{name} is Python 2's: {MEMBERS[f'{module.__name__}.{name}']}"
        case ImportError(name=str(module)) if found := _IMPORT.search(str(error)):
            member = f"{module}.{found[1]}"
            return f"{member} is Python 2's: {MEMBERS[member]}" if member in MEMBERS else None
        case AttributeError(name=str(name)) if name in METHODS:
            return f"{name} is Python 2's: {METHODS[name]}"
        case LookupError() if (codec := _CODEC.search(str(error))) and codec[1] in names.CODECS:
            return f"{codec[1]} is Python 2's: {names.CODECS[codec[1]]}"
        case TypeError() | AttributeError():
            return _suggest_list(str(error))
    return None


def _suggest_list(text: str) -> str | None:
    """Suggest a list, if an error is about an iterator or a view."""
    if lazy := _LAZY.match(text) or _OPERANDS.match(text):
        call = lazy[1].removeprefix("dict_")
        if call != lazy[1]:
            return f"d.{call}() was a list in Python 2: write list(d.{call}())"
        return f"a {call} was a list in Python 2: write list({call}(...))"
    return None


def is_missing_module(error: BaseException | None) -> bool:
    """Return whether an error says that a module of Python 2 is missing."""
    return isinstance(error, ModuleNotFoundError) and error.name in MODULES
