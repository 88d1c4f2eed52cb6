"""Tokens and statements of a script in Python 2 or 3, found in one pass without a parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\f\r]+|\\\r?\n|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<string>(?:[bBuUfF]?[rR]?|[rR][bBfF])(?:
        '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''
        |\"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\"
        |(?!'''|\"\"\")(?:'[^'\\\n]*(?:\\.[^'\\\n]*)*'
        |"[^"\\\n]*(?:\\.[^"\\\n]*)*")))
    |(?P<open>(?:'''|\"\"\").*)
    |(?P<number>0[xX][0-9a-fA-F]+[lL]?|0[bB][01]+[lL]?|0[oO][0-7]+[lL]?
        |(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[jJ]?|[0-9]+[eE][+-]?[0-9]+[jJ]?|[0-9]+[jJlL]?)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><>|(?:\*\*|//|>>|<<|[-+*/%&|^=<>!:@])=|\*\*|//|>>|<<|->|.)
    """,
    re.VERBOSE | re.DOTALL,
)
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
_HEADERS = frozenset(
    ("if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async"),
)
"""Words that begin a statement with a colon."""


class Token(NamedTuple):
    """``source[start:end]``: a name, a string, a number or a sign; or the newline that ends a statement.

    The kind "open" is a string in three quotes that does not end.
    """

    kind: str
    text: str
    start: int
    end: int


class Statement(NamedTuple):
    """The tokens of a statement, without its end; ``first`` tells whether it stands first in its line."""

    tokens: Sequence[Token]
    first: bool


def tokenize(source: str) -> Iterator[Token]:
    """Yield the tokens without comments, and without the newlines within brackets.

    >>> [token.text for token in tokenize("print 'a b', (1,\\n 2)  # so")]
    ['print', "'a b'", ',', '(', '1', ',', '2', ')']
    """
    depth = 0
    for found in _TOKEN.finditer(source):
        kind, text = found.lastgroup or "", found[0]
        if kind == "space" or (kind == "newline" and depth):
            continue
        if kind == "sign":
            depth += (text in OPENING) - (text in CLOSING and depth > 0)
        yield Token(kind, text, found.start(), found.end())


def split_statements(source: str) -> Iterator[Statement]:
    """Yield the statements: a line may have several, after a colon and between semicolons.

    >>> [[token.text for token in each.tokens] for each in split_statements("if x: print 1; y = lambda: 2")]
    [['if', 'x', ':'], ['print', '1'], ['y', '=', 'lambda', ':', '2']]
    """
    tokens: list[Token] = []
    depth, lambdas, first = 0, 0, True
    for token in tokenize(source):
        if token.kind == "newline" or (depth == 0 and token.text == ";"):
            if tokens:
                yield Statement(tokens, first)
            tokens, lambdas, first = [], 0, token.kind == "newline"
            continue
        tokens.append(token)
        if token.kind == "sign":
            depth += (token.text in OPENING) - (token.text in CLOSING and depth > 0)
            if token.text == ":" and depth == 0 and lambdas:
                lambdas -= 1
            elif token.text == ":" and depth == 0 and tokens[0].text in _HEADERS:
                yield Statement(tokens, first)
                tokens, first = [], False
        elif token.text == "lambda" and depth == 0:
            lambdas += 1
    if tokens:
        yield Statement(tokens, first)


def mask(source: str) -> str:
    """Replace each letter of a comment by a space and of a string by s, so that searches find only code.

    >>> mask("x = 'print'  # so")
    'x = sssssss      '
    """
    pieces = []
    for found in _TOKEN.finditer(source):
        text = found[0]
        if found.lastgroup in ("string", "open"):
            text = "".join(letter if letter == "\n" else "s" for letter in text)
        pieces.append(" " * len(text) if text[0] == "#" else text)
    return "".join(pieces)


def find_sign(tokens: Sequence[Token], *signs: str) -> int:
    """Find the first of these signs or words outside brackets; return the number of tokens if there is none."""
    depth = 0
    for i, token in enumerate(tokens):
        if depth == 0 and token.text in signs and token.kind != "string":
            return i
        depth += (token.text in OPENING) - (token.text in CLOSING)
    return len(tokens)


def find_closing(tokens: Sequence[Token]) -> int:
    """Find the bracket that closes the first token; return the number of tokens if there is none.

    >>> find_closing(list(tokenize("(a, (b)), c")))
    6
    """
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth == 0:
            return i
    return len(tokens)


def is_complete(tokens: Sequence[Token]) -> bool:
    """Return whether all brackets and strings of a statement are closed.

    >>> [is_complete(list(tokenize(source))) for source in ("f(x)", "f(", "'''a")]
    [True, False, False]
    """
    signs = [token.text for token in tokens if token.kind == "sign"]
    return all(token.kind != "open" for token in tokens) and all(
        signs.count(opening) == signs.count(closing) for opening, closing in ("()", "[]", "{}")
    )


def split_operands(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Split tokens at the commas outside brackets; a comma at the end begins no operand.

    >>> [len(operand) for operand in split_operands(list(tokenize("a, f(b, c), d,")))]
    [1, 6, 1]
    """
    operands = []
    while tokens:
        end = find_sign(tokens, ",")
        operands.append(tokens[:end])
        tokens = tokens[end + 1 :]
    return operands


def join_tokens(source: str) -> str:
    """Write a statement in one line, without comments, as a message shows it.

    >>> join_tokens("print(\\n    'a',  # so\\n    b)")
    "print('a', b)"
    """
    text, last, end = "", "", 0
    for token in tokenize(source):
        gap = source[end : token.start]
        if "\n" in gap or "#" in gap:
            gap = "" if last in OPENING or token.text in CLOSING or not last else " "
        piece, line_break, _ = token.text.partition("\n")
        if token.kind != "newline":
            text += gap + piece + (" ..." if line_break else "")
        last, end = token.text, token.end
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


_LONGEST = 160
