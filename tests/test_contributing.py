"""The lines that CONTRIBUTING.md names say what it says they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = re.findall(r"`([\w./]+):(\d+)`: `(.+)`$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("path", "line", "text"), NAMED, ids=lambda value: str(value)[:60])
def test_a_named_line_is_where_it_is_said_to_be(path, line, text):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    assert text in lines[int(line) - 1].strip(), f"now line {[i for i, at in enumerate(lines, 1) if text in at]}"


def test_lines_are_named():
    assert len(NAMED) > 12
