"""Scripts of the pages: each keeps its own names, and no two that are put together share one by mistake."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deltarule.lab import scripts
from deltarule.lab.playground.page import ENGINE, MODULES

PLAYGROUND = [f"playground/{name}" for name in MODULES]
FIGURES = [
    *(f"widgets/{path.name}" for path in sorted((scripts.HERE / "widgets").glob("*.js"))), "pad.js", "fit_to_field.js",
    *(f"playground/{name}" for name in ENGINE),
]  # fmt: skip
TOGETHER = {
    "figures": FIGURES, "playground": PLAYGROUND, "table": ["forward.js", "page_model.js", "table.js"],
    "reader": ["forward.js", "page_model.js", "fit_to_field.js", "pad.js"],
}  # fmt: skip
"""Scripts that are put together, or may be, in a figure that uses several."""

IMPORT = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";", re.MULTILINE)


def list_exports(name: str) -> list[str]:
    text = (scripts.HERE / name).read_text(encoding="utf-8")
    return [one for line in text.splitlines() for one in scripts.find_exports(line)]


@pytest.mark.parametrize("group", TOGETHER)
def test_no_two_scripts_share_a_name(group: str) -> None:
    counts = Counter(name for script in TOGETHER[group] for name in list_exports(script))
    assert len(counts) > 5
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("script", [*PLAYGROUND, "widgets/training.js"])
def test_a_script_imports_what_another_exports(script: str) -> None:
    for names, path in IMPORT.findall((scripts.HERE / script).read_text(encoding="utf-8")):
        other = (scripts.HERE / script).parent / path
        exported = list_exports(str(other.resolve().relative_to(scripts.HERE)))
        assert {name.strip() for name in names.split(",")} <= set(exported), other.name


def test_constants_of_one_name_do_not_meet(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "HERE", tmp_path)
    (tmp_path / "a.js").write_text("const SIZE = 2;\nexport function* count() {\n  yield SIZE;\n}\n")
    (tmp_path / "b.js").write_text("const SIZE = 3;\nexport default { sizes: [...count(), SIZE] };\n")
    page = browser.new_page()
    code = "data:text/javascript," + scripts.join_scripts("a.js", "b.js")
    assert page.evaluate("async (code) => (await import(code)).default.sizes", code) == [2, 3]
    page.close()
