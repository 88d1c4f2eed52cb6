"""What the pages read gives a result or their own message: seeds and mutations of them in Chromium."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fuzz import browser as page_fuzzing
from playwright.sync_api import Browser

TEXTS = 400


@pytest.mark.parametrize("name", page_fuzzing.TARGETS)
def test_mutated_texts_give_a_result_or_a_message(name: str, browser: Browser) -> None:
    found = page_fuzzing.run_target(browser, name, 600, TEXTS, seed=1)
    assert found["failures"] == []
    assert found["executions"] >= TEXTS


def test_another_error_and_a_wrong_result_are_noticed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    target = page_fuzzing.TARGETS["playground table"]
    points = "[{ x: NaN, y: 0, label: 0 }, {}]"
    broken = f"readTable = () => ({{ points: {points}, classes: 0, classNames: [], columns: [1, 2, 3] }})"
    thrown = "(text) => { throw new TypeError('no table') }"
    wrong = f"(() => {{ var {broken}; return {target.check}; }})()"
    for check, problem in ((thrown, "TypeError"), (wrong, "a point is outside")):
        monkeypatch.setitem(page_fuzzing.TARGETS, "playground table", replace(target, check=check))
        (failure,) = page_fuzzing.run_target(browser, "playground table", 60, 4, seed=1)["failures"]
        assert failure.startswith(problem)


def test_the_seeds_are_read(browser: Browser) -> None:
    with page_fuzzing.open_target(browser, "playground address") as page:
        count = "(texts) => texts.map((text) => readAddress(text).own?.points.length ?? 0)"
        assert page.evaluate(count, page_fuzzing.list_addresses()) == [0, 0, 2, 2]
        tables = "(texts) => texts.map((text) => readTable(text).points?.length ?? 0)"
        assert page.evaluate(tables, page_fuzzing.list_tables()) == [3, 3, 3, 3]


def test_a_damaged_page_says_so(browser: Browser) -> None:
    content = page_fuzzing.TARGETS["table page"].content().replace('"base64": "', '"base64": "!')
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.set_content(content)
    assert page.get_by_role("alert").inner_text().startswith("This page is damaged")
    context.close()
