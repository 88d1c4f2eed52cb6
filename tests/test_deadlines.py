"""No property-based test has a deadline, which a busy machine would miss."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parent


def test_no_test_sets_a_deadline_of_its_own():
    texts = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py") if path != Path(__file__)}
    assert [path.name for path, text in texts.items() if "deadline=" in text] == ["conftest.py"]


def test_tests_inherit_that_there_is_none():
    found: list[object] = []

    @settings(max_examples=1)
    @given(st.none())
    def see(_):
        found.append(settings().deadline)

    see()
    assert found == [None]
    assert settings.default.deadline is None
