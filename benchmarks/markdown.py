"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def format_table(heading: Sequence[str], sides: str, lines: Sequence[Sequence[str]]) -> str:
    """Format a table; ``sides`` has a letter for each column, l for left and r for right.

    >>> print(format_table(("job", "s"), "lr", [("conv-10", "2.0")]))
    | job | s |
    |---|---:|
    | conv-10 | 2.0 |
    """
    rule = "".join(f"---{':' * (side == 'r')}|" for side in sides)
    return "\n".join([f"| {' | '.join(heading)} |", f"|{rule}", *(f"| {' | '.join(line)} |" for line in lines)])
