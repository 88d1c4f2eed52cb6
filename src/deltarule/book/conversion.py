"""Conversion of a whole script from Python 2 to Python 3, by rules for the statements that such scripts use.

The rules keep comments and the layout. The result is parsed, and what the rules do not know is reported by its line.
(lib2to3 is no longer in Python 3.13, and its successors outside are not kept up.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deltarule.book import python2
from deltarule.book.conversion_names import NAMES, find_name_edits
from deltarule.book.edits import Edit, apply_edits, mask
from deltarule.book.python2 import Rewrite


@dataclass(frozen=True)
class Conversion:
    """A script in Python 3, and the lines that a person should look at; ``complete`` if it can be parsed."""

    text: str
    notes: list[Rewrite]
    complete: bool


def convert(source: str) -> Conversion:
    r"""Convert a script from Python 2 to Python 3; Python 3 stays as it is.

    >>> convert("for i in xrange(3):\n    print 'i is', i  # so\n").text
    "for i in range(3):\n    print('i is', i)  # so\n"
    >>> convert("n = m / 2\nprint n").notes
    [Rewrite(line=1, text='/ gives a float in Python 3: write // if both are whole numbers')]
    """
    if _is_python3(source):
        return Conversion(source, [], True)
    text = _expand_tabs(source.replace("\r\n", "\n"))
    for find in (_find_prints, _find_clauses):
        text = apply_edits(text, find(text))
    try:
        text, notes = _convert_names(text)
    except SyntaxError as error:
        return Conversion(text, [Rewrite(error.lineno or 1, f"not converted: {error.msg}")], False)
    except python2.UNPARSABLE as error:
        return Conversion(text, [Rewrite(1, f"not converted: {error}")], False)
    return Conversion(text, notes, True)


def _convert_names(text: str) -> tuple[str, list[Rewrite]]:
    """Convert names until nothing changes, since one rule may lie within another."""
    for _ in range(_MOST_PASSES):
        edits, notes = find_name_edits(text, python2.parse(text))
        if not edits:
            break
        text = apply_edits(text, edits)
    return text, notes


_MOST_PASSES = 20


def _is_python3(source: str) -> bool:
    """Return whether a source is Python 3: it can be parsed, and has neither print statements nor old names."""
    try:
        python2.parse(source)
    except (SyntaxError, *python2.UNPARSABLE):
        return False
    old = {*NAMES, *python2.METHODS, "cPickle", "has_key"}
    return not old & set(re.findall(r"\w+", mask(source))) and not any(_find_prints(source))


def _expand_tabs(source: str) -> str:
    """Replace tabs in front of statements by spaces to the next multiple of 8, which Python 2 assumed."""
    return re.sub(r"(?m)^[ ]*\t[ \t]*", lambda found: found[0].expandtabs(8), source)


_PRINT = re.compile(r"(?m)(?:^|(?<=[:;]))[ \t]*(?P<word>print)\b(?![ \t]*(?:[=.)\]]|\w+[ \t]*=(?!=)))[ \t]*")
_TO_FILE = re.compile(r">>\s*([\w.]+)\s*(?:,\s*)?")


def _find_prints(source: str) -> Iterator[Edit]:
    """Find print statements, and yield the calls."""
    code = mask(source)
    for found in _PRINT.finditer(code):
        start, end = found.end(), _find_end(code, found.end())
        masked, operands = code[start:end], source[start:end]
        if masked.startswith("(") and _find_closing(masked) == len(masked) - 1:
            continue  # a call already
        options = ""
        if to_file := _TO_FILE.match(masked):
            operands, options = operands[to_file.end() :], f", file={to_file[1]}"
        if operands.rstrip().endswith(","):
            operands, options = operands.rstrip()[:-1], f', end=" "{options}'
        yield Edit(found.start("word"), end, f"print({operands}{options if operands else options.removeprefix(', ')})")


def _find_end(code: str, start: int) -> int:
    """Find the end of a statement: at a semicolon or the end of the line, outside brackets, without a backslash."""
    depth = 0
    for i in range(start, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0 and (code[i] == ";" or (code[i] == "\n" and code[i - 1] != "\\")):
            return start + len(code[start:i].rstrip())
    return start + len(code[start:].rstrip())


def _find_closing(code: str) -> int:
    """Find the bracket that closes the first one; -1 if there is none."""
    depth = 0
    for i, letter in enumerate(code):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return i
    return -1


_CLAUSES = {
    re.compile(r"(?m)^[ \t]*except\s+(?:[\w.]+|\([^()\n]*\))(?P<old>\s*,\s*)\w+\s*:"): " as ",
    re.compile(r"(?P<old><>)"): "!=",
    re.compile(r"(?<![\w.])(?<![\d.][eE][+-])0(?P<old>)(?=[1-7][0-7]*(?![\w.]))"): "o",
    re.compile(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|[0-9]+)(?P<old>[lL])\b"): "",
}
"""Patterns with a part ``old``, and what replaces it."""
_RAISE = re.compile(r"(?m)(?:^|(?<=:))[ \t]*raise[ \t]+[\w.]+(?P<comma>[ \t]*,[ \t]*)(?=\S)")
_BACKTICKS = re.compile(r"`([^`\n]+)`")


def _find_clauses(source: str) -> Iterator[Edit]:
    """Find clauses and numbers in the notation of Python 2."""
    code = mask(source)
    for pattern, new in _CLAUSES.items():
        yield from (Edit(*found.span("old"), new) for found in pattern.finditer(code))
    for found in _RAISE.finditer(code):
        end = _find_end(code, found.end())
        yield Edit(*found.span("comma"), "(")
        yield Edit(end, end, ")")
    for found in _BACKTICKS.finditer(code):
        yield Edit(found.start(), found.start() + 1, "repr(")
        yield Edit(found.end() - 1, found.end(), ")")
