"""The places of values in TOML: the line on which each begins, found in one pass over the text.

The parser of the standard library gives no positions. In valid TOML they follow from the tokens alone: strings,
comments, brackets, commas, equals signs, dots and ends of lines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Keys: TypeAlias = Sequence[str | int]
"""The place of a value in a file: ``["layers", 2, "kernel"]``."""

# a string without its end reaches to that of the line or the text, so that no part of the text is searched twice
TOKEN = re.compile(
    r'''
      """ (?: \\. | [^\\] )*? (?: """"{0,2} | \Z )
    | \'\'\' .*? (?: \'\'\'\'{0,2} | \Z )
    | " (?: \\[^\n] | [^"\\\n] )* "?
    | ' [^'\n]* '?
    | \# [^\n]*
    | [][{}=,.\n]
    | [^][{}=,.\n\s"'\#]+
    ''',
    re.DOTALL | re.VERBOSE,
)


def find_line(text: str, keys: Keys) -> int:
    """Find the line, from 1, on which the value at ``keys`` begins; without it, that of the value that would hold it.

    >>> find_line('epochs = 3\\nlayers = [\\n  "Dense(30)",\\n  "Output",\\n]\\n', ["layers", 1])
    4
    """
    line, depth = 1, 0
    for place, at in _Walk(text).walk():
        common = min(len(place), len(keys))
        if common > depth and place[:common] == list(keys[:common]):
            line, depth = at, common
    return line


def measure_depth(text: str) -> int:
    """Measure the deepest nesting of values by their brackets, and of keys by their dots.

    >>> measure_depth('about = "a.b.c"'), measure_depth("a.b.c = [[[1]]]")
    (0, 3)
    """
    brackets = dots = deepest = 0
    for token in TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                brackets += 1
            case "]" | "}":
                brackets -= 1
            case ".":
                dots += 1
            case "=" | "," | "\n":
                dots = 0
        deepest = max(deepest, brackets, dots)
    return deepest


@dataclass(frozen=True)
class _Token:
    text: str
    line: int


class _Walk:
    """A walk over the values of valid TOML that is not nested deeply."""

    def __init__(self, text: str) -> None:
        self.tokens, line = [], 1
        for token in TOKEN.finditer(text):
            if not token[0].startswith("#"):
                self.tokens.append(_Token(token[0], line))
            line += token[0].count("\n")
        self.tokens.append(_Token("", line))  # the end
        self.at = 0

    def walk(self) -> Iterator[tuple[list[str | int], int]]:
        """Walk over the values: the place of each, and its line."""
        table: list[str | int] = []
        last: dict[tuple[str | int, ...], int] = {}  # the position of the last table in each list of tables
        while (token := self.take()).text:
            if token.text == "[":
                is_listed = self.skip("[")
                keys, table = self.take_key("]"), []
                for i, key in enumerate(keys, 1):
                    table = [*table, key]
                    if is_listed and i == len(keys):
                        last[tuple(table)] = last.get(tuple(table), -1) + 1
                    table += [last[tuple(table)]] if tuple(table) in last else []
                self.skip("]")
                yield table, token.line
            elif token.text != "\n":
                self.at -= 1
                yield from self.walk_value([*table, *self.take_key("=")], token.line)

    def walk_value(self, place: list[str | int], line: int) -> Iterator[tuple[list[str | int], int]]:
        """Walk over a value and those within; ``line`` is that of its key."""
        yield place, line
        if self.skip("["):
            index = 0
            while not self.ends("]"):
                if self.skip(","):
                    index += 1
                else:
                    yield from self.walk_value([*place, index], self.tokens[self.at].line)
        elif self.skip("{"):
            while not self.ends("}"):
                if not self.skip(","):
                    line = self.tokens[self.at].line
                    yield from self.walk_value([*place, *self.take_key("=")], line)
        else:
            while self.tokens[self.at].text not in ("", "\n", ",", "]", "}"):
                self.at += 1

    def ends(self, mark: str) -> bool:
        """Skip empty lines, and return True at the mark, after which the walk goes on, and at the end of the text."""
        while self.skip("\n"):
            pass
        return self.skip(mark) or not self.tokens[self.at].text

    def take(self) -> _Token:
        """Return the next token, and go on; the last one is the end of the text."""
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def skip(self, text: str) -> bool:
        """Go on if this is the next token."""
        is_next = self.tokens[self.at].text == text
        self.at += is_next
        return is_next

    def take_key(self, end: str) -> list[str]:
        """Return the parts of a key, which ends with this mark."""
        parts = []
        while (text := self.take().text) not in ("", "\n", end):
            if text != ".":
                parts.append(tomllib.loads(f"key = {text}")["key"] if text[0] in "\"'" else text)
        return parts
