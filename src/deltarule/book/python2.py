"""Python 2 in a reader's old scripts: what of it was meant, and how it is written today."""

from __future__ import annotations

import ast
import re
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


@dataclass(frozen=True)
class Rewritten:
    """A statement of Python 2 in line ``line`` (from 1), and the same for Python 3."""

    line: int
    text: str


def rewritten(source: str) -> list[Rewritten]:
    """The print statements that keep ``source`` from being Python 3, each as a call.

    >>> rewritten('x = 1\\nprint "x is", x\\n')
    [Rewritten(line=2, text='print("x is", x)')]
    >>> rewritten("print('x is', x)")
    []
    """
    lines, found = source.splitlines(), []
    for _ in lines:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            if not (error.msg or "").startswith(_STATEMENT) or not error.lineno:
                break
            at = error.lineno - 1
            text, length = _as_call(lines[at : at + _LONGEST])
            indented = lines[at][: re.match(r"\s*", lines[at]).end()]  # type: ignore[union-attr]
            lines[at : at + length] = [indented + "pass"] + [""] * (length - 1)
            found.append(Rewritten(at + 1, text))
        except ValueError:
            break
        else:
            break
    return found


def is_python2(source: str) -> bool:
    """Whether a module can only have been meant for Python 2: print statements, cPickle, xrange.

    >>> is_python2("import cPickle"), is_python2("import pickle")
    (True, False)
    """
    if rewritten(source):
        return True
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    names = {(node.id, type(node.ctx)) for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "cPickle" in imported or (("xrange", ast.Load) in names and ("xrange", ast.Store) not in names)


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


def _as_call(lines: list[str]) -> tuple[str, int]:
    """The print statement that begins in the first of these lines as a call, and how many lines it takes."""
    first = re.split(r"\bprint\b", lines[0], maxsplit=1)[-1].strip()
    for length, rest in _longer_and_longer(first, lines[1:]):
        for text in (rest, re.sub(r"\s*#[^'\"]*$", "", rest)):
            ends = text.endswith(",")
            call = f'print({text.rstrip(", ")}, end=" ")' if ends else f"print({text})"
            try:
                ast.parse(call)
            except (SyntaxError, ValueError):
                continue
            return call, length
    return f"print({first} ...)", 1


def _longer_and_longer(first: str, others: list[str]) -> Iterator[tuple[int, str]]:
    text = first
    for length, line in enumerate(["", *others], 1):
        text = f"{text.removesuffix(chr(92)).rstrip()} {line.strip()}".replace("( ", "(") if line else text
        yield length, text
