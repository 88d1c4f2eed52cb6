"""Python 2 in a reader's old scripts: what of it was meant, and how it is written today."""

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
"""Modules that were, and what to do instead."""

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
_UNCLEAR = "print(...)"  # holds the place of a statement whose end is not found
UNPARSABLE = (ValueError, RecursionError, MemoryError)
"""What :func:`parsed` raises beside SyntaxError: for null bytes, and for what is nested too deeply."""


@dataclass(frozen=True)
class Rewritten:
    """A statement of Python 2 in line ``line`` (from 1), and the same for Python 3."""

    line: int
    text: str


def rewritten(source: str) -> list[Rewritten]:
    """List what keeps ``source`` from being Python 3: print statements, and where there are any, old names too.

    A source that Python 3 can parse has none, whatever names are in it.

    >>> rewritten('for i in xrange(3):\\n    print "i is", i\\n')
    [Rewritten(line=1, text='range instead of xrange'), Rewritten(line=2, text='print("i is", i)')]
    >>> rewritten("print('x is', x)")
    []
    """
    python3, found = converted(source)
    return sorted([*found, *_old_names(python3)], key=lambda each: each.line) if found else []


def converted(source: str) -> tuple[str, list[Rewritten]]:
    """Turn print statements into calls, and return the new source and the calls.

    >>> converted('if x: print "x is", x')
    ('if x: print("x is", x)', [Rewritten(line=1, text='print("x is", x)')])
    """
    lines, found = source.splitlines(), []
    for _ in lines:
        try:
            parsed("\n".join(lines))
        except SyntaxError as error:
            if not (error.msg or "").startswith(_STATEMENT) or not error.lineno or not error.offset:
                break
            at, column = error.lineno - 1, error.offset - 1
            rest = lines[at][column:].removeprefix("print").strip()
            call, length = _as_call(rest, lines[at + 1 : at + _LONGEST])
            lines[at : at + length] = [lines[at][:column] + (call or _UNCLEAR)] + [""] * (length - 1)
            found.append(Rewritten(at + 1, call or f"print({rest} ...)"))
        except UNPARSABLE:
            break
        else:
            break
    return "\n".join(lines), found


def parsed(source: str) -> ast.Module:
    """Parse a source without warnings of what newer versions of Python will not like in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def hint(error: BaseException) -> str | None:
    """What to write instead, if an error is such as Python 2's words meet in Python 3.

    >>> hint(NameError("name 'xrange' is not defined", name="xrange"))
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


def is_bygone(error: BaseException | None) -> bool:
    """Whether an error is that a module of Python 2 is missing."""
    return isinstance(error, ModuleNotFoundError) and error.name in MODULES


def _old_names(source: str) -> Iterator[Rewritten]:
    """Find Python 2's own names in what is Python 3 but for them."""
    try:
        tree = parsed(source)
    except (SyntaxError, *UNPARSABLE):
        return
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in NAMES and name not in stored:
                yield Rewritten(node.lineno, f"{NAMES[name].removeprefix('write ')} instead of {name}")
            case ast.Attribute(attr=name) if name in METHODS:
                yield Rewritten(node.lineno, f"{METHODS[name].removeprefix('write ')} instead of {name}()")


def _as_call(first: str, others: list[str]) -> tuple[str | None, int]:
    """The call for a print statement of these operands, None if they cannot be told, and how many lines it takes."""
    for length, rest in _longer_and_longer(first, others):
        for text in (rest, re.sub(r"\s*#[^'\"]*$", "", rest)):
            ends = text.endswith(",")
            call = f'print({text.rstrip(", ")}, end=" ")' if ends else f"print({text})"
            try:
                parsed(call)
            except (SyntaxError, *UNPARSABLE):
                continue
            return call, length
    return None, 1


def _longer_and_longer(first: str, others: list[str]) -> Iterator[tuple[int, str]]:
    text = first
    for length, line in enumerate(["", *others], 1):
        text = f"{text.removesuffix(chr(92)).rstrip()} {line.strip()}".replace("( ", "(") if line else text
        yield length, text
