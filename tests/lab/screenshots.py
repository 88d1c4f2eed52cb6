"""Screenshots of every page: ``python -m tests.lab.screenshots FOLDER``, light and dark, desktop and phone."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Browser
from tests.lab.browser import Lab, Tab, add_token
from tests.lab.chromium import start_chromium
from tests.lab.strokes import draw

from deltarule.lab.pages import CARDS, PLAYGROUND

LOOKS = {
    "desktop-light": (1200, "light"), "desktop-dark": (1200, "dark"), "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
}  # fmt: skip
TALL = 9000
COLUMNS = 2
EPOCHS = re.compile(r"epoch ([4-9]|\d\d)")
"""The status of a run that has something to show."""

INDEX = "index"
FIVE = [
    [(0.68, 0.18), (0.36, 0.18), (0.34, 0.47), (0.52, 0.42), (0.68, 0.56), (0.64, 0.76), (0.46, 0.84), (0.32, 0.78)]
]
"""The strokes of a five, on a pad of width and height 1."""

ROW = [
    [(0.1, 0.2), (0.1, 0.8)],
    [(0.2, 0.25), (0.31, 0.25), (0.25, 0.82)],
    [(0.44, 0.2), (0.4, 0.56), (0.52, 0.56)],
    [(0.5, 0.34), (0.49, 0.82)],
    [(0.6, 0.3), (0.65, 0.2), (0.7, 0.3), (0.69, 0.45), (0.6, 0.8), (0.73, 0.78)],
]
"""The strokes of a number, on a strip of width and height 1."""


def take_screenshots(lab: Lab, browser: Browser, folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Take a screenshot of each page in each look, cropped below its content."""
    for look, (width, scheme) in LOOKS.items():
        context = browser.new_context(
            viewport={"width": width, "height": TALL}, color_scheme=scheme, reduced_motion="reduce"
        )
        for name in names:
            path = folder / f"{name}-{look}.png"
            if name in (INDEX, PLAYGROUND.name):  # these are no notebooks
                page = context.new_page()
                page.goto(add_token(lab.address if name == INDEX else f"{lab.address}{name}/"))
                for _ in range(25 if name == PLAYGROUND.name else 0):
                    page.get_by_role("button", name="Epoch", exact=True).click()
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=path)
                page.close()
                crop(path)
                yield path
                continue
            tab = Tab(context.new_page(), f"{lab.address}{name}/")
            if name == "draw":
                digit, strip = tab.page.locator(".pad-canvas").all()
                draw(digit, FIVE)
                draw(strip, ROW)
                tab.wait_for_text("towards 3")
                tab.wait_for_text("probability for this number")
            if name == "train":
                tab.page.locator(".run-start").click()
                tab.page.locator(".run-status").filter(has_text=EPOCHS).wait_for()
                tab.page.get_by_role("button", name="pause", exact=True).click()
                tab.page.get_by_text("validation examples are misread now").wait_for()
            tab.wait_until_idle()
            tab.page.wait_for_timeout(300)
            tab.page.screenshot(path=path)
            tab.close()
            crop(path)
            yield path
        context.close()


def crop(path: Path) -> None:
    """Crop the empty rows below a page, and the link in its corner."""
    image = Image.open(path).convert("RGB")
    pixels = np.asarray(image)[: TALL - 60]
    filled = np.flatnonzero((pixels != pixels[-1, 2]).any(axis=(1, 2)))
    image.crop((0, 0, image.width, int(filled[-1]) + 40 if filled.size else 400)).save(path)


def build_sheet(folder: Path, names: Sequence[str]) -> Image.Image:
    """Put all screenshots into one image, in two columns of pages."""
    wide, high = {"desktop": 300, "phone": 98}, 320
    across, down = 2 * (300 + 98) + 50, high + 30
    whole = Image.new("RGB", (COLUMNS * across, -(-len(names) // COLUMNS) * down), "#777777")
    for i, name in enumerate(names):
        x, top = i % COLUMNS * across + 10, i // COLUMNS * down
        ImageDraw.Draw(whole).text((x, top + 8), name, "white")
        for look in LOOKS:
            image = Image.open(folder / f"{name}-{look}.png")
            width = wide[look.split("-")[0]]
            image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
            whole.paste(image.crop((0, 0, width, min(high, image.height))), (x, top + 25))
            x += width + 10
    return whole


def main() -> None:
    folder, *names = sys.argv[1:]
    names = names or [INDEX, *(page.name for page in CARDS)]
    Path(folder).mkdir(parents=True, exist_ok=True)
    lab = Lab()
    with start_chromium() as browser:
        for path in take_screenshots(lab, browser, Path(folder), names):
            print(path)
    lab.end()
    build_sheet(Path(folder), names).save(Path(folder) / "sheet.png")


if __name__ == "__main__":
    main()
