"""A parser that goes on behind statements that it cannot parse, and reports each of them."""

from __future__ import annotations

import ast

from deltarule.book import python2
from deltarule.book.python2_tokens import Statement, split_statements

_MOST = 20
_HEADERS = {"except": "except:", "elif": "elif 1:", "else": "else:", "try": "try:", "finally": "finally:"}
REMEDY = "write this statement in Python 3"


class Recovery:
    """A source, of which statements in the way of the parser are replaced by others of the same length.

    Attributes:
        reports: the messages of the parser, by the lines of these statements.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.reports: dict[int, str] = {}

    def parse(self) -> ast.Module:
        """Parse all that can be parsed; the positions of the nodes are those in the source."""
        text = self.source
        for _ in range(_MOST):
            try:
                return python2.parse(text)
            except SyntaxError as error:
                line, column = error.lineno or 1, (error.offset or 1) - 1
                text = self._blank(text, line, column if line not in self.reports else None)
                self.reports.setdefault(line, f"{error.msg}; {REMEDY}")
        line = max(self.reports, default=0) + 1
        self.reports[line] = f"the rest is not parsed; {REMEDY}, and convert the result again"
        return ast.Module([], [])

    def _blank(self, text: str, line: int, column: int | None) -> str:
        """Replace the statement in a column of a line; or all statements in the line."""
        begin = _find_start(text, line)
        end = text.find("\n", begin) + 1 or len(text) + 1
        found = [each for each in split_statements(text) if each.tokens[-1].end > begin and each.tokens[0].start < end]
        if column is not None:
            place = begin + column
            here = [each for each in found if each.tokens[0].start <= place <= each.tokens[-1].end]
            found = here[:1] or found
        for statement in found:
            first, last = statement.tokens[0].start, statement.tokens[-1].end
            text = text[:first] + _fill(text[first:last], _write_substitute(statement)) + text[last:]
        return text


def _find_start(text: str, line: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start


def _fill(old: str, new: str) -> str:
    """Write a text into the place of another, whose length and line breaks stay."""
    rest = "".join(letter if letter == "\n" else " " for letter in old[len(new) :])
    return new + rest if len(new) + len(rest) == len(old) else "0" + " " * (len(old) - 1)


def _write_substitute(statement: Statement) -> str:
    """Write a statement that can stand in the place of another."""
    first, last = statement.tokens[0].text, statement.tokens[-1].text
    if last != ":":
        return "0"
    return _HEADERS.get(first, "if 1:")
