"""Bring the line numbers of CONTRIBUTING.md up to date: ``python -m tools.line_numbers``."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "CONTRIBUTING.md"
NAMED = re.compile(r"`([\w./]+):(\d+)`: `(.+)`$", re.MULTILINE)
"""A path, a line of it, and what stands there."""


def lines_with(path: str, text: str) -> list[int]:
    """Find the lines of a file, from 1, in which a text stands."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if text in line]


def renumber(document: str) -> str:
    """Put the first line in which each text stands in place of the number beside it. Raises LookupError for none."""

    def named(found: re.Match[str]) -> str:
        path, _, text = found.groups()
        if not (numbers := lines_with(path, text)):
            raise LookupError(f"{DOCUMENT.name}: {path} has no line {text!r}; name another")
        return f"`{path}:{numbers[0]}`: `{text}`"

    return NAMED.sub(named, document)


if __name__ == "__main__":
    DOCUMENT.write_text(renumber(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
