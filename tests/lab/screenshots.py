"""``python -m tests.lab.screenshots FOLDER`` shows every page as it opens: light and dark, desktop and phone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Browser
from tests.lab.browser import Lab, Tab
from tests.lab.chromium import chromium
from tests.lab.strokes import draw

from deltarule.lab.pages import PAGES

LOOKS = {
    "desktop-light": (1200, "light"), "desktop-dark": (1200, "dark"), "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
}  # fmt: skip
TALL = 6000
FIVE = [
    [(0.68, 0.18), (0.36, 0.18), (0.34, 0.47), (0.52, 0.42), (0.68, 0.56), (0.64, 0.76), (0.46, 0.84), (0.32, 0.78)]
]


def shots(lab: Lab, browser: Browser, folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Each page in each look, cut below its content."""
    for look, (width, scheme) in LOOKS.items():
        context = browser.new_context(
            viewport={"width": width, "height": TALL}, color_scheme=scheme, reduced_motion="reduce"
        )
        for name in names:
            tab = Tab(context.new_page(), f"{lab.address}{name}/")
            if name == "draw":
                draw(tab.page.locator(".pad-canvas"), FIVE)
                tab.says("towards 3")
            if name == "train":
                tab.page.get_by_role("button", name="start", exact=True).click()
                tab.says("How fast each layer learns")
                tab.says("epoch [4-9]")
                tab.page.get_by_role("button", name="pause", exact=True).click()
                tab.says("paused")
            tab.settled()
            tab.page.wait_for_timeout(300)
            path = folder / f"{name}-{look}.png"
            tab.page.screenshot(path=path)
            tab.close()
            cut(path)
            yield path
        context.close()


def cut(path: Path) -> None:
    """Takes away the empty rows below a page, and what floats in its corner."""
    image = Image.open(path).convert("RGB")
    pixels = np.asarray(image)[: TALL - 60]
    filled = np.flatnonzero((pixels != pixels[-1, 2]).any(axis=(1, 2)))
    image.crop((0, 0, image.width, int(filled[-1]) + 40 if filled.size else 400)).save(path)


def sheet(folder: Path, names: Sequence[str]) -> Image.Image:
    """All of them side by side: a row a page."""
    wide, high = {"desktop": 300, "phone": 98}, 320
    whole = Image.new("RGB", (2 * (300 + 98) + 50, len(names) * (high + 30)), "#777777")
    for row, name in enumerate(names):
        x = 10
        ImageDraw.Draw(whole).text((x, row * (high + 30) + 8), name, "white")
        for look in LOOKS:
            image = Image.open(folder / f"{name}-{look}.png")
            width = wide[look.split("-")[0]]
            image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
            whole.paste(image.crop((0, 0, width, min(high, image.height))), (x, row * (high + 30) + 25))
            x += width + 10
    return whole


def main() -> None:
    folder, *names = sys.argv[1:]
    chosen = names or [page.name for page in PAGES]
    Path(folder).mkdir(parents=True, exist_ok=True)
    lab = Lab()
    with chromium() as browser:
        for path in shots(lab, browser, Path(folder), chosen):
            print(path)
    lab.end()
    sheet(Path(folder), chosen).save(Path(folder) / "sheet.png")


if __name__ == "__main__":
    main()
