"""Edits of a source by positions, and the positions of a tree's nodes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Edit:
    """The replacement of ``source[start:end]`` by ``text``."""

    start: int
    end: int
    text: str


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """Apply edits, none of which may overlap another; of several insertions in one place, the first stands first.

    >>> apply_edits("xrange(3)", [Edit(9, 9, ")"), Edit(0, 0, "list("), Edit(0, 6, "range")])
    'list(range(3))'
    """
    return "".join(_join_pieces(source, edits))


def _join_pieces(source: str, edits: Iterable[Edit]) -> Iterator[str]:
    end = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < end:
            raise ValueError(f"expected edits that do not overlap, got {edit}")
        yield source[end : edit.start]
        yield edit.text
        end = edit.end
    yield source[end:]


class Positions:
    """The positions of a tree's nodes in their source.

    >>> Positions("é = x").span(ast.parse("é = x").body[0].value)
    (4, 5)
    """

    def __init__(self, source: str) -> None:
        self.lines = source.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.count_letters = lru_cache(maxsize=4)(self._count_letters)

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword) -> tuple[int, int]:
        """Return the first position of a node and the one after its last."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.find(node.lineno, node.col_offset), self.find(end_line, end_column)

    def find(self, line: int, column: int) -> int:
        """Find a position from a line and its column, which Python counts in bytes of UTF-8."""
        if not self.lines[line - 1].isascii():
            column = self.count_letters(line)[column]
        return self.starts[line - 1] + column

    def _count_letters(self, line: int) -> list[int]:
        """Count the letters in front of each byte of a line."""
        letters = [i for i, letter in enumerate(self.lines[line - 1]) for _ in letter.encode()]
        return [*letters, len(self.lines[line - 1])]
