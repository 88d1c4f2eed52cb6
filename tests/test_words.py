"""The words of the project: plain phrases, docstrings that begin with a verb or a noun, functions that are verbs."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.py") if "lessons" not in path.parts)  # essays of their own
TEXTS = [
    path
    for folder in ("src", "docs", "benchmarks", "examples", "tools", "tests")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".md", ".html", ".js", ".toml") and path != Path(__file__)
] + sorted(ROOT.glob("*.md"))

DIALECT = (
    "what is learned from", "learn from the validation examples as well", "cannot be meant", "does not belong here",
    "nobody to vote with", "must reached", "is refused a folder", "is told as",
)  # fmt: skip
PARTICIPLES = re.compile(
    r"_?(asked|chosen|drawn|expanded|found|given|held|kept|known|learned|made|meant|moved|placed|said|seen|shown|told|"
    r"trained|tried|turned|typed|understood|used|wanted|written)"
)


@cache
def find_documented(path: Path) -> list[tuple[str, str]]:
    """The names and the first lines of docstrings of a module, its classes and its functions."""
    return [
        (getattr(node, "name", ""), (ast.get_docstring(node) or "").partition("\n")[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_text_has_a_phrase_of_the_old_dialect():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").lower() for path in TEXTS}
    assert [(path, phrase) for path, text in texts.items() for phrase in DIALECT if phrase in text] == []


def test_docstrings_do_not_begin_with_a_question_word():
    asking = re.compile(r"(What|Whether|How|Who|Where|Which|Why|When)\b")
    found = [f"{path.name}: {line}" for path in SOURCES for _, line in find_documented(path) if asking.match(line)]
    assert found == []


def test_functions_and_classes_are_not_called_by_a_participle():
    found = [f"{path.name}: {name}" for path in SOURCES for name, _ in find_documented(path)]
    assert [one for one in found if PARTICIPLES.fullmatch(one.split(": ")[1])] == []
