"""Types are strict everywhere except in the lessons' cells, and every exception has a reason."""

from __future__ import annotations

import io
import re
import tokenize
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src").rglob("*.py"))
IGNORED = re.compile(r"#\s*type:\s*ignore.*")
WITH_A_REASON = re.compile(r"# type: ignore\[[a-z-]+(, [a-z-]+)*\] # \w.+")
LESSONS = "deltarule.lab.lessons.*"


def find_ignores(text: str) -> list[str]:
    comments = [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]
    return [found[0] for comment in comments if (found := IGNORED.search(comment))]


def find_ignores_without_reason(text: str) -> list[str]:
    return [ignored for ignored in find_ignores(text) if not WITH_A_REASON.fullmatch(ignored)]


def test_each_type_ignore_has_a_code_and_a_reason():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in MODULES}
    found = {path: find_ignores_without_reason(text) for path, text in texts.items()}
    assert len(found) > 300
    assert {path: ignores for path, ignores in found.items() if ignores} == {}


@pytest.mark.parametrize(
    ("comment", "passes"),
    [
        ("# type: ignore", False),
        ("#type:ignore[misc]", False),
        ("# type: ignore[misc]", False),
        ("# type: ignore # a reason", False),
        ("# type: ignore[misc] #", False),
        ("# type: ignore[misc] # a reason", True),
        ("# type: ignore[misc, no-any-return] # a reason", True),
        ("# another comment", True),
    ],
)
def test_a_type_ignore_without_a_reason_is_found(comment, passes):
    assert (find_ignores_without_reason(f"x = 1  {comment}\n") == []) == passes


def test_mypy_is_strict():
    """Check that there are only two overrides: signatures that marimo writes, and libraries without types."""
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    lessons, libraries = mypy.pop("overrides")
    assert mypy == {"files": ["src/deltarule"], "python_version": "3.11", "strict": True}
    assert lessons == {"module": LESSONS, "allow_untyped_calls": True, "allow_untyped_defs": True}
    assert libraries | {"module": []} == {"module": [], "ignore_missing_imports": True, "follow_imports": "skip"}


def test_each_library_without_types_is_used():
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    names = [name.removesuffix(".*") for name in mypy["overrides"][1]["module"]]
    assert [name for name in names if not re.search(rf"^\s*(import|from) {name}\b", text, re.MULTILINE)] == []


def test_arrays_have_one_name_in_and_one_outside_the_core():
    """Check that ``Array`` (of any library) and ``np.ndarray`` have no second spelling."""
    spelled = re.compile(r"numpy\.typing|\bNDArray\b|ndarray\[")
    assert [path.name for path in MODULES if spelled.search(path.read_text(encoding="utf-8"))] == []
