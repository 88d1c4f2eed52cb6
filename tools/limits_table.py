"""Write the table of the limits into docs/reliability.md: ``python -m tools.limits_table``."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

from deltarule import limits

DOCUMENT = Path(__file__).parent.parent / "docs" / "reliability.md"
START, END = "<!-- limits -->", "<!-- end of limits -->"


def list_meanings() -> dict[str, str]:
    """List the names of the limits with the text below each."""
    body = ast.parse(Path(limits.__file__).read_text(encoding="utf-8")).body
    found = {}
    for assignment, text in pairwise(body):
        match assignment, text:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(meaning))):
                if name in limits.NAMES:
                    found[name] = meaning
    return found


def format_table() -> str:
    """Format the table."""
    rows = [f"| `{name}` | {getattr(limits, name):,} | {meaning} |" for name, meaning in list_meanings().items()]
    return "\n".join(["| Limit | value | meaning |", "|---|--:|---|", *rows])


def replace_table(document: str) -> str:
    """Put the table between its marks."""
    before, _, rest = document.partition(START)
    return f"{before}{START}\n\n{format_table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(replace_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
