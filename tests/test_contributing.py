"""The lines that CONTRIBUTING.md names say what it says they say."""

from __future__ import annotations

import pytest
from tools.line_numbers import DOCUMENT, NAMED, lines_with

FOUND = NAMED.findall(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("path", "line", "text"), FOUND, ids=lambda value: str(value)[:60])
def test_a_named_line_is_where_it_is_said_to_be(path, line, text):
    assert lines_with(path, text)[:1] == [int(line)], "run python -m tools.line_numbers"


def test_lines_are_named():
    assert len(FOUND) > 12
