"""Edits of a source by positions, and a mask that hides its strings and comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

_HIDDEN = re.compile(
    r"""(?P<comment>\#[^\n]*)|(?P<string>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\""""
    r"""|'(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*")""",
    re.DOTALL,
)


@dataclass(frozen=True, order=True)
class Edit:
    """The replacement of ``source[start:end]`` by ``text``."""

    start: int
    end: int
    text: str


def mask(source: str) -> str:
    """Replace each letter of a comment by a space and of a string by s, so that patterns find only code.

    >>> mask("x = 'print'  # so")
    'x = sssssss      '
    """
    return _HIDDEN.sub(lambda found: (" " if found["comment"] else "s") * len(found[0]), source)


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """Apply edits from the last to the first; of two that overlap, only the earlier one.

    >>> apply_edits("xrange(3)", [Edit(0, 0, "list("), Edit(0, 6, "range"), Edit(9, 9, ")")])
    'list(range(3))'
    """
    chosen: list[Edit] = []
    for edit in sorted(set(edits)):
        if not chosen or edit.start >= max(each.end for each in chosen):
            chosen.append(edit)
    for edit in reversed(chosen):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


class Positions:
    """The positions of a tree's nodes in their source.

    >>> Positions("é = x").span(ast.parse("é = x").body[0].value)
    (4, 5)
    """

    def __init__(self, source: str) -> None:
        self.lines = [f"{line}\n" for line in source.split("\n")]
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        """Return the first position of a node and the one after its last."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._find(node.lineno, node.col_offset), self._find(end_line, end_column)

    def _find(self, line: int, column: int) -> int:
        """Find a position from a line and its column, which Python counts in bytes of UTF-8."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())
