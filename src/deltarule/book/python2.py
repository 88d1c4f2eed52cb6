"""Python 2 in old scripts of the reader's, and its translation into Python 3."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MODULES = {
    "cPickle": "Python 3 has no cPickle; mnist_loader.load_data() reads mnist.pkl.gz without it",
    "theano": "the network3 of deltarule needs no Theano: leave its imports out, and import network3",
    "Queue": "write queue",
    "ConfigParser": "write configparser",
    "StringIO": "write from io import StringIO",
    "cStringIO": "write from io import StringIO",
    "urllib2": "write urllib.request",
}
"""Modules of Python 2, each with a remedy."""

NAMES = {
    "xrange": "write range",
    "raw_input": "write input",
    "unicode": "write str",
    "basestring": "write str",
    "long": "write int",
    "reduce": "write from functools import reduce",
    "unichr": "write chr",
    "execfile": "write exec(open(file).read())",
}
METHODS = {"iteritems": "write items()", "itervalues": "write values()", "iterkeys": "write keys()"}
_LAZY = re.compile(r"(?:object of type )?'(zip|map|filter|range)' (?:object is not subscriptable|has no len\(\))")
_STATEMENT = "Missing parentheses in call to 'print'"
_LONGEST = 20  # lines of one statement
_UNCLEAR = "print(...)"  # in place of a statement whose end is not found
UNPARSABLE = (ValueError, RecursionError, MemoryError)
"""Errors of :func:`parse` other than SyntaxError: for null bytes, and for too deep nesting."""


@dataclass(frozen=True)
class Rewrite:
    """The translation ``text`` of a statement of Python 2 in ``line`` (from 1)."""

    line: int
    text: str


def find_rewrites(source: str) -> list[Rewrite]:
    """List the print statements in ``source`` with their translations, and if there are any, also the old names.

    Python 3 code, which has no print statements, gives an empty list, whatever names it contains.

    >>> find_rewrites('for i in xrange(3):\\n    print "i is", i\\n')
    [Rewrite(line=1, text='range instead of xrange'), Rewrite(line=2, text='print("i is", i)')]
    >>> find_rewrites("print('x is', x)")
    []
    """
    python3, found = convert_prints(source)
    return sorted([*found, *_find_old_names(python3)], key=lambda each: each.line) if found else []


def convert_prints(source: str) -> tuple[str, list[Rewrite]]:
    """Convert print statements into calls, and return the new source and the calls.

    >>> convert_prints('if x: print "x is", x')
    ('if x: print("x is", x)', [Rewrite(line=1, text='print("x is", x)')])
    """
    lines, found = source.splitlines(), []
    for _ in lines:
        try:
            parse("\n".join(lines))
        except SyntaxError as error:
            if not (error.msg or "").startswith(_STATEMENT) or not error.lineno or not error.offset:
                break
            at, column = error.lineno - 1, error.offset - 1
            rest = lines[at][column:].removeprefix("print").strip()
            call, length = _to_call(rest, lines[at + 1 : at + _LONGEST])
            lines[at : at + length] = [lines[at][:column] + (call or _UNCLEAR)] + [""] * (length - 1)
            found.append(Rewrite(at + 1, call or f"print({rest} ...)"))
        except UNPARSABLE:
            break
        else:
            break
    return "\n".join(lines), found


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
        case AttributeError(name=str(name)) if name in METHODS:
            return f"{name} is Python 2's: {METHODS[name]}"
        case TypeError() if lazy := _LAZY.search(str(error)):
            return f"a {lazy[1]} was a list in Python 2: write list({lazy[1]}(...))"
    return None


def is_missing_module(error: BaseException | None) -> bool:
    """Return whether an error says that a module of Python 2 is missing."""
    return isinstance(error, ModuleNotFoundError) and error.name in MODULES


def _find_old_names(source: str) -> Iterator[Rewrite]:
    """Find names of Python 2 in a source with the syntax of Python 3."""
    try:
        tree = parse(source)
    except (SyntaxError, *UNPARSABLE):
        return
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in NAMES and name not in stored:
                yield Rewrite(node.lineno, f"{NAMES[name].removeprefix('write ')} instead of {name}")
            case ast.Attribute(attr=name) if name in METHODS:
                yield Rewrite(node.lineno, f"{METHODS[name].removeprefix('write ')} instead of {name}()")


def _to_call(first: str, others: list[str]) -> tuple[str | None, int]:
    """Convert a print statement with these operands into a call (None if unclear), and count its lines."""
    for length, rest in _join_lines(first, others):
        for text in (rest, re.sub(r"\s*#[^'\"]*$", "", rest)):
            ends = text.endswith(",")
            call = f'print({text.rstrip(", ")}, end=" ")' if ends else f"print({text})"
            try:
                parse(call)
            except (SyntaxError, *UNPARSABLE):
                continue
            return call, length
    return None, 1


def _join_lines(first: str, others: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the first line, and then the statement with one more line each time, with the number of lines."""
    text = first
    for length, line in enumerate(["", *others], 1):
        text = f"{text.removesuffix(chr(92)).rstrip()} {line.strip()}".replace("( ", "(") if line else text
        yield length, text
