"""Print statements of Python 2, and the calls that print the same in Python 3."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from deltarule.book.edits import Edit
from deltarule.book.python2_tokens import (
    Statement,
    Token,
    find_closing,
    find_sign,
    split_operands,
    split_statements,
)

NO_WRITE = "Python 2 prints the space at the end only before another print: write it where sys.stdout.write needs none"
NO_SPACE = "Python 2 prints no space after a text that ends with a line break or tab: write one print for each text"
_OPERANDS = frozenset(("(", "[", "{", "`", "-", "+", "~", ">>"))
"""Signs with which the operands of a print statement can begin."""
_BINARY = frozenset(("in", "is", "and", "or", "if", "else", "for"))
"""Words that follow a value."""


@dataclass(frozen=True)
class PrintStatement:
    """A print statement: the stream after ``>>``, and the operands, which may end with a comma."""

    word: Token
    stream: Sequence[Token]
    operands: Sequence[Token]

    @property
    def ends_with_comma(self) -> bool:
        """Return whether the next print continues the line."""
        return bool(self.operands) and self.operands[-1].text == ","

    @property
    def is_invalid_in_python3(self) -> bool:
        """Return whether Python 3 reports a missing parenthesis."""
        first = self.operands[0] if self.operands else self.word
        return not self.stream and bool(self.operands) and (first.kind != "sign" or first.text == "{")

    def find_edits(self, source: str, render: Callable[[Sequence[Token]], str]) -> tuple[list[Edit], str]:
        """Find the edits that make it a call, and a note about spaces (or ""); ``render`` writes the stream."""
        operands = self.operands[:-1] if self.ends_with_comma else self.operands
        spaced = [not _ends_with_break(operand) for operand in split_operands(operands)]
        options, note = [], ""
        if self.ends_with_comma:
            options.append('end=" "' if all(spaced[-1:]) else 'end=""')
        if len(spaced) > 1 and not all(spaced[:-1]):
            if any(spaced[:-1]):
                note = NO_SPACE
            else:
                options.append('sep=""')
        if self.stream:
            options.append(f"file={render(self.stream)}")
        last = (self.operands or self.stream or [self.word])[-1]
        if not operands:
            return [Edit(self.word.end, last.end, f"({', '.join(options)})")], ""
        gap = source[self.word.end : operands[0].start]
        opening = Edit(self.word.end, operands[0].start, "(" + "\\\n" * gap.count("\n"))
        return [opening, Edit(operands[-1].end, last.end, ", ".join(["", *options]) + ")")], note


def find_print(statement: Statement) -> PrintStatement | None:
    """Find a statement that only Python 2 can run; return None for other statements and for calls.

    >>> [find_print(each) is not None for each in split_statements("print\\nprint 1; print (1), 2; print(1, 2)")]
    [True, True, True, False]
    """
    if statement.tokens[0].text != "print":
        return None
    word, *rest = statement.tokens
    if not rest:
        return PrintStatement(word, (), ())
    first = rest[0]
    if first.text in _BINARY or (first.kind == "sign" and first.text not in _OPERANDS):
        return None
    if first.text == "not" and len(rest) > 1 and rest[1].text == "in":
        return None
    if first.text == ">>":
        comma = find_sign(rest, ",")
        return PrintStatement(word, rest[1:comma], rest[comma + 1 :])
    if first.text == "(":
        end = find_closing(rest)
        if end >= len(rest) - 1 or rest[end + 1].text in ("=", ":"):
            return None
        if rest[end + 1].text in (*_BINARY, "not") and find_sign(rest, ",") == len(rest):
            return None
    return PrintStatement(word, (), rest)


def find_ambiguous_print(statement: Statement) -> PrintStatement | None:
    """Find a print that Python 2 and 3 run differently: several values, or none, in parentheses; or a condition.

    >>> statements = split_statements("print(1); print(1, 2); print(1, end=2)")
    >>> [find_ambiguous_print(each) is not None for each in statements]
    [False, True, False]
    """
    if [token.text for token in statement.tokens[:2]] != ["print", "("]:
        return None
    word, *rest = statement.tokens
    end = find_closing(rest)
    if end >= len(rest):
        return None
    inner = rest[1:end]
    operands = split_operands(inner)
    if any(is_only_python3(operand) for operand in operands):
        return None
    if end < len(rest) - 1:
        follows = rest[end + 1].text in _BINARY or rest[end + 1].text == "not"
        return PrintStatement(word, (), rest) if follows else None
    several = not inner or find_sign(inner, ",") < len(inner)
    return PrintStatement(word, (), rest) if several and find_sign(inner, "for") == len(inner) else None


def is_only_python3(operand: Sequence[Token]) -> bool:
    """Return whether an argument of print is one of a function: ``end=""`` or ``*values``."""
    return bool(operand) and (operand[0].text == "*" or (len(operand) > 1 and operand[1].text == "="))


def find_print_edits(source: str, statement: Statement) -> list[Edit]:
    """Find the edits for a statement that Python 3 cannot even parse because its print has no parentheses."""
    found = find_print(statement)
    if found is None or not found.is_invalid_in_python3:
        return []
    return found.find_edits(source, lambda stream: "")[0]


def list_prints(source: str) -> Iterator[tuple[Statement, list[Edit]]]:
    """List the print statements that Python 3 cannot parse, each with its edits."""
    for statement in split_statements(source):
        if edits := find_print_edits(source, statement):
            yield statement, edits


def _ends_with_break(operand: Sequence[Token]) -> bool:
    """Return whether an operand is surely a text that ends with white space other than a space."""
    if not operand:  # between two commas
        return False
    while operand[0].text == "(" and find_closing(operand) == len(operand) - 1 > 1:
        operand = operand[1:-1]
    last = len(operand) - 1
    if operand[last].kind == "string" and (last == 0 or operand[last - 1].text == "+"):
        return _is_break(operand[last])
    texts = next((i for i, token in enumerate(operand) if token.kind != "string"), len(operand))
    full = [text for text in operand[:texts] if text.text.lstrip("uUbBrR") not in _EMPTY] or operand[:1]
    return texts > 0 and _is_break(full[-1]) and (texts > last or _is_format(operand[texts:]))


_EMPTY = ("''", '""', "''''''", '""""""')


def _is_break(text: Token) -> bool:
    inside = text.text.rstrip("'\"")
    if not (inside[-1:].isspace() or "\\" in inside[-5:]):  # most texts
        return False
    try:
        value = ast.literal_eval(text.text.lstrip("uUbB"))
    except (SyntaxError, ValueError):
        return False
    return isinstance(value, str) and value[-1:].isspace() and value[-1:] != " "


def _is_format(tokens: Sequence[Token]) -> bool:
    """Return whether tokens behind a text format or repeat it: ``% value``, ``.format(values)`` or ``* 2``."""
    if tokens[0].text in ("%", "*"):
        operators = find_sign(tokens[1:], "+", "-", "*", "/", "%", "//", "==", "<", ">", *_BINARY, "not")
        return len(tokens) > 1 and operators == len(tokens) - 1
    start = [token.text for token in tokens[:3]]
    return start == [".", "format", "("] and find_closing(tokens[2:]) == len(tokens) - 3
