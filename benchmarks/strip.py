"""Rows of digits on the lab's strip: ``python -m benchmarks.strip`` counts those that are read without a mistake.

Each row has three to six digits of MNIST's test images, separate, of several sizes. Their strokes are traced,
and drawn with the pad's own pen in Chromium. The drawings are clean: alone on the pad, the network of the page Draw a
digit reads each as what it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Locator
from tests.lab.chromium import start_chromium
from tests.lab.strokes import Point, draw, read_ink, trace_middle

from deltarule.data import load
from deltarule.data.dataset import Dataset
from deltarule.lab import drawing
from deltarule.lab.pad import SIDE
from deltarule.lab.pages import read_asset
from deltarule.lab.scripts import join_scripts
from deltarule.models.intervals import wilson_interval

LENGTHS = (3, 6)
"""The fewest and the most digits in a row."""

WIDE = 5
"""The width of the strip, in heights."""


@contextmanager
def open_pads() -> Iterator[tuple[Locator, Locator]]:
    """Open a page with a strip and a pad to draw on."""
    pads = "".join(f"makePad(document.body, {width}, {SIDE}, () => {{}});" for width in (WIDE * SIDE, SIDE))
    with start_chromium() as browser:
        page = browser.new_page(viewport={"width": 1600, "height": 600})
        page.set_content(
            f"<style>{read_asset('pad.css')}</style><body><script type=module>{join_scripts('pad.js')}{pads}</script>"
        )
        page.locator(".pad-canvas").nth(1).wait_for()
        yield page.locator(".pad-canvas").first, page.locator(".pad-canvas").nth(1)


def choose_digit(test: Dataset, rng: np.random.Generator, pad: Locator) -> tuple[str, list[list[Point]]]:
    """Choose a digit whose strokes, alone on the pad, the lab's network reads as what it is."""
    model = drawing.load_model()
    while True:
        i = int(rng.integers(0, len(test)))
        strokes = trace_middle(test.x[i], 1, 0, 0)
        draw(pad, [[(0.2 + 0.6 * x, 0.2 + 0.6 * y) for x, y in line] for line in strokes])
        image = drawing.prepare_image(model, read_ink(pad))
        if np.argmax(drawing.predict_proba(model, image)) == test.y[i]:
            return str(test.y[i]), strokes


def draw_row(strip: Locator, pad: Locator, test: Dataset, rng: np.random.Generator) -> str:
    """Draw a row of digits, and return it as text."""
    left, strokes, text = 0.1, [], ""
    for _ in range(rng.integers(LENGTHS[0], LENGTHS[1] + 1)):
        label, lines = choose_digit(test, rng, pad)
        size, top = rng.uniform(0.5, 0.65), rng.uniform(0.15, 0.25)
        strokes += [[((left + size * x) / WIDE, top + size * y) for x, y in line] for line in lines]
        left += size * max(x for line in lines for x, _ in line) + rng.uniform(0.15, 0.3)
        text += label
    draw(strip, strokes)
    return text


def main() -> None:
    """Draw the rows, and print those that are misread and the number of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.strip", description="Count the rows that are read.")
    parser.add_argument("--rows", type=int, default=100, help="the number of rows (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of all random choices (default 1)")
    options = parser.parse_args()
    test, rng, right = load("mnist")[2], np.random.default_rng(options.seed), 0
    with open_pads() as (strip, pad):
        for _ in range(options.rows):
            true = draw_row(strip, pad, test, rng)
            reading = drawing.read_number(read_ink(strip))
            text = reading if isinstance(reading, str) else reading.text
            right += text == true
            if text != true:
                print(f"{true} is read as {text}", flush=True)
    low, high = wilson_interval(right, options.rows)
    print(f"{right} of {options.rows} rows are read without a mistake (95 % interval: {low:.0%} to {high:.0%})")


if __name__ == "__main__":
    main()
