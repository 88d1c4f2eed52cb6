"""From the move of a control to the picture, in the lab as users run it: `python -m benchmarks.lab`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from playwright.sync_api import Page
from tests.lab.browser import Lab, Tab
from tests.lab.chromium import start_chromium

from benchmarks.files import write_text
from benchmarks.machine import machine, slug
from benchmarks.processes import ROOT
from deltarule.lab.pages import PAGES

RESULTS = ROOT / "results" / f"lab-{slug(machine())}.json"
PAGE = ROOT / "docs" / "lab-speed.md"

PRESSES = 12
"""How often each control is moved, to and fro."""

WATCH = """
(control) => {
  control.delays = [];
  control.addEventListener("input", (event) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => control.delays.push(performance.now() - event.timeStamp);
    channel.port2.postMessage(null);
  }), { capture: true });
}
"""
"""Note the milliseconds from each event of a control to the end of the frame that shows its effect."""


def measure_page(page: Page) -> Iterator[float]:
    """Move each control of a page by keys, and yield the milliseconds from each event to its picture."""
    for control in page.locator(".lesson .controls [name]:not([type=hidden])").all():
        control.evaluate(WATCH)
        control.focus()
        for i in range(PRESSES):
            page.keyboard.press("Space" if control.get_attribute("type") == "checkbox" else
                                ("ArrowRight", "ArrowLeft")[i // 2 % 2])  # fmt: skip
            page.wait_for_timeout(60)
        yield from control.evaluate("(control) => control.delays")


def measure(names: list[str]) -> dict[str, list[float]]:
    """Measure the pages of these names."""
    lab, delays = Lab(), {}
    try:
        with start_chromium() as browser:
            context = browser.new_context(viewport={"width": 1200, "height": 1600})
            for name in names:
                tab = Tab(context.new_page(), f"{lab.address}{name}/")
                delays[name] = list(measure_page(tab.page))
                tab.close()
                print(f"{name}: {format_row(delays[name])}", flush=True)
    finally:
        lab.end()
    return delays


def format_row(delays: list[float]) -> str:
    """Format the median and the 95th percentile, and the number of moves."""
    if not delays:
        return "no control | | 0"
    ordered = sorted(delays)
    return f"{median(ordered):.0f} ms | {ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms | {len(ordered)}"


def describe_conditions() -> str:
    """Say when, where and with which versions it is measured."""
    about = machine()
    versions = ", ".join(f"{name} {version(name)}" for name in ("deltarule", "marimo", "anywidget"))
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.lab`: {about['processor']}, "
        f"{about['cores']} cores, {about['system']}; {versions}. The load average before the start was "
        f"{os.getloadavg()[0]:.2f}."
    )


def format_page(delays: dict[str, list[float]], conditions: str) -> str:
    """Format the page of the documentation."""
    titles = {page.name: page.title for page in PAGES}
    rows = "\n".join(f"| {titles[name]} | {format_row(one)} |" for name, one in delays.items())
    return f"""# How fast the lab answers

The time from a move of a control to the picture that shows its effect, in Chromium with two cores and no graphics
card. Each control of a page is moved {PRESSES} times by the keyboard. Written by `python -m benchmarks.lab`; do not
edit it by hand. The target: a median of 50 ms, and 100 ms in 95 of 100 moves.

| page | median | 95th percentile | moves |
|---|---:|---:|---:|
{rows}

{conditions}
"""


def main() -> None:
    """Measure, and write the results and the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lab", description=__doc__)
    names = [page.name for page in PAGES if page.chapter]
    parser.add_argument("pages", nargs="*", default=names, metavar="PAGE", help=f"some of: {', '.join(names)}")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file of all results")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    conditions = describe_conditions()
    delays = measure(options.pages)
    write_text(options.results, json.dumps({"milliseconds": delays, "conditions": conditions}, indent=1) + "\n")
    write_text(options.out, format_page(delays, conditions))


if __name__ == "__main__":
    main()
