"""Draw docs/notebooks.png, the objects of docs/notebooks.md in a notebook, by ``python -m tools.notebook_picture``.

Needs the Chromium of the tests.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.lab.chromium import start_chromium

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = 3
"""The number of cells of the page that end with an object."""


def run_cells() -> list[str]:
    """Run the first cells of the page, and return the HTML of the object that each ends with."""
    variables: dict[str, object] = {}
    found = []
    page = (DOCS / "notebooks.md").read_text(encoding="utf-8")
    for cell in re.findall(r"```python\n(.*?)```", page, re.DOTALL)[:SHOWN]:
        exec(cell, variables)
        found.append(eval(cell.strip().splitlines()[-1], variables)._repr_html_())
    return found


if __name__ == "__main__":
    body = "<hr style='border:none;margin:14px'>".join(run_cells())
    with start_chromium() as browser:
        page = browser.new_page(viewport={"width": 760, "height": 100})
        page.set_content(f"<!doctype html><body style='margin:16px;background:white;color:#111'>{body}")
        page.screenshot(path=DOCS / "notebooks.png", full_page=True)
