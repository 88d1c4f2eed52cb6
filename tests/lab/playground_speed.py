"""The speed of the Playground: ``python -m tests.lab.playground_speed`` counts its pictures in a real browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession
from tests.lab.chromium import start_chromium
from tests.lab.playground import Playground

SECONDS = 6
NETWORKS = {
    "the default network": "",
    "five classes, three layers of 16": "data=five&cost=log-likelihood&layers=16,16,16",
    "six layers of 16, seven inputs": "layers=16,16,16,16,16,16&features=x1,x2,x1x1,x2x2,x1x2,sinx1,sinx2",
}


def measure(playground: Playground, browser: CDPSession, address: str) -> tuple[float, float, float]:
    """Run for some seconds: pictures in a second, CPU time of all the browser's processes for one, and steps."""
    playground.open(address)

    def read() -> tuple[float, int, int]:
        processes = browser.send("SystemInfo.getProcessInfo")["processInfo"]
        pictures, steps = playground.ask("[playground.countPictures(), run.steps]")
        return sum(process["cpuTime"] for process in processes), pictures, steps

    playground.click("Run")
    playground.page.wait_for_timeout(1000)
    before = read()
    playground.page.wait_for_timeout(1000 * SECONDS)
    busy, pictures, steps = (b - a for a, b in zip(before, read(), strict=True))
    playground.click("Pause")
    return pictures / SECONDS, 1000 * busy / pictures, steps / SECONDS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, start_chromium() as browser:
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 1000})
        playground = Playground(context, Path(folder))
        client = browser.new_browser_cdp_session()
        for name, address in NETWORKS.items():
            pictures, busy, steps = measure(playground, client, address)
            print(f"{name}: {pictures:.0f} pictures/s, {busy:.1f} ms of CPU each, {steps:.0f} steps/s")


if __name__ == "__main__":
    main()
