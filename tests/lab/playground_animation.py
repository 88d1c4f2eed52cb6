"""The animation in docs/lab.md: ``python -m tests.lab.playground_animation`` lets the Playground learn a spiral."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize
from tests.lab.chromium import start_chromium
from tests.lab.playground import Playground

FILE = Path(__file__).parents[2] / "docs" / "lab" / "playground.webp"
ADDRESS = "data=spiral&layers=8,8&optimizer=adam&eta=0.02&batch=20&noise=0.03&seed=1"
SIZE: ViewportSize = {"width": 1280, "height": 800}
WIDE = 880
EPOCHS = (*[1] * 8, *[2] * 10, *[4] * 10, *[6] * 8)
"""The epochs between pictures: few at first, when most changes."""

STEPS = "Array.from({{ length: {} * run.at.stretch.stepsPerEpoch }}, () => run.step()).length"
PICTURE = 130
LAST = 2500
"""Milliseconds of each picture, and of the last one."""


def take_pictures(playground: Playground) -> list[Image.Image]:
    """Train, and take a picture before the first epochs and after each number of them."""
    playground.page.set_viewport_size(SIZE)
    playground.open(ADDRESS)
    pictures = []
    for epochs in (0, *EPOCHS):
        if epochs > 1:
            playground.ask(STEPS.format(epochs - 1))
        if epochs:
            playground.click("Epoch")
        image = Image.open(BytesIO(playground.page.screenshot())).convert("RGB")
        pictures.append(image.resize((WIDE, round(WIDE * image.height / image.width)), Image.Resampling.LANCZOS))
    return pictures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, start_chromium() as browser:
        playground = Playground(browser.new_context(offline=True, color_scheme="light"), Path(folder))
        first, *others = take_pictures(playground)
        accuracy = playground.ask("run.last.testAccuracy")
    durations = [*[PICTURE] * len(others), LAST]
    first.save(FILE, save_all=True, append_images=others, duration=durations, loop=0, quality=55, method=6)
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes, {1 + len(others)} pictures, {accuracy:.1%} of the test points")


if __name__ == "__main__":
    main()
