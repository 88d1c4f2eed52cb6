"""Measure the reader on MNIST's test images and on held-out handwriting fonts; write docs/reader-figures.md.

``python -m benchmarks.reader FONTS``, with the folder that ``python -m tools.handwriting_fonts FONTS`` filled.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import deltarule as dr
from deltarule.data import prepare
from deltarule.digit_strings import load_digit_reader, load_reader, read_string, synthesize_strings
from deltarule.digit_strings.recognition import UNKNOWN
from deltarule.handwriting.fonts import find_fonts
from deltarule.handwriting.marks import DIGITS, LETTERS, draw_characters
from deltarule.models import Confidence, Judgement, calibrate, judge
from deltarule.models.intervals import wilson_interval
from deltarule.models.predictor import Predictor

REPORT = Path(__file__).parent.parent / "docs" / "reader-figures.md"
SEED, OF_DIGITS, OF_LETTERS, ROWS = 2026, 10, 2, 200

SHAPES = {
    "hooked 1 without base": (
        "1",
        "cause coming-soon dawning-of-a-new-day handlee mali over-the-rainbow single-day solitreo sriracha",
    ),
    "1 with hook and base": ("1", "itim sedgwick-ave"),
    "crossed 7": ("7", "mali sedgwick-ave single-day solitreo the-girl-next-door"),
    "9 with a straight stem": (
        "9",
        "cause cedarville-cursive covered-by-your-grace dawning-of-a-new-day handlee hi-melody itim loved-by-the-king "
        "over-the-rainbow schoolbell single-day the-girl-next-door",
    ),
    "open 4": (
        "4",
        "cedarville-cursive coming-soon hi-melody just-me-again-down-here la-belle-aurore loved-by-the-king "
        "over-the-rainbow schoolbell short-stack single-day",
    ),
}
"""Shapes of digits, and the held-out fonts that have them, chosen by eye."""


@dataclass(frozen=True)
class Pages:
    """Pictures of characters: the inputs of a model, the character and the font of each."""

    x: np.ndarray
    characters: np.ndarray
    fonts: np.ndarray


def draw_pages(fonts: Sequence[Path], characters: str, times: int, rng: np.random.Generator) -> Pages:
    """Draw each character dark on light, with random slant, width and jitter, and prepare it as ``predict`` does."""
    x, names, origins = [], [], []
    for font in fonts:
        for ink, name in zip(*draw_characters([font], characters, times, rng), strict=True):
            page = np.rint(255 - 225 * np.pad(ink, 18)).astype(np.uint8)
            x.append(prepare(page))
            names.append(name)
            origins.append(font.stem)
    return Pages(np.stack(x), np.array(names), np.array(origins))


def format_rate(what: str, right: np.ndarray) -> str:
    """Format a row of the table: how many of how many, in per cent, and the 95 % interval."""
    low, high = wilson_interval(int(right.sum()), len(right))
    rate = f"{100 * right.mean():.1f} % | {100 * low:.1f} to {100 * high:.1f} %"
    return f"| {what} | {right.sum():,} of {len(right):,} | {rate} |"


def select(judgements: Sequence[Judgement], kind: str) -> np.ndarray:
    """Return which judgements are of a kind."""
    return np.array([one.kind == kind for one in judgements])


def measure_reader(reader: Predictor, test: dr.data.Dataset, digits: Pages, letters: Pages) -> list[str]:
    """Measure the reader that comes with deltarule; return the rows of a table."""
    found = judge(reader, test)
    labels = np.array([one.label for one in found])
    answered = select(found, "answer")
    right = answered & (labels == test.y.astype(str))
    rows = [format_rate("MNIST's test digits: answered", answered), format_rate("… and right, of all", right)]
    rows.append(format_rate("… right, of those answered", right[answered]))
    found = judge(reader, digits.x)
    right = select(found, "answer") & (np.array([one.label for one in found]) == digits.characters)
    rows.append(format_rate("digits of held-out fonts: right", right))
    for shape, (digit, fonts) in SHAPES.items():
        own = (digits.characters == digit) & np.isin(digits.fonts, fonts.split())
        rows.append(format_rate(f"… {shape} ({len(fonts.split())} fonts)", right[own]))
    found = judge(reader, letters.x)
    rows.append(format_rate("letters of held-out fonts: not answered", ~select(found, "answer")))
    rows.append(format_rate("… no digit", select(found, "none")))
    rows.append(format_rate("… unsure", select(found, "unsure")))
    return rows


def measure_alone(
    model: Predictor, checker: Predictor, test: dr.data.Dataset, digits: Pages, letters: Pages
) -> list[str]:
    """Measure a network without a class for other marks: alone, and with its pictures checked by the reader."""
    rows = []
    for suffix, checks in (("", False), (", checked by the reader", True)):
        answered: list[np.ndarray] = []
        for x in (test, digits.x, letters.x):
            own = select(judge(model, x), "answer")
            answered.append(own & ~select(judge(checker, x), "none") if checks else own)
        right = answered[1] & (np.array([one.label for one in judge(model, digits.x)]) == digits.characters)
        rows.append(format_rate(f"MNIST's test digits: answered{suffix}", answered[0]))
        rows.append(format_rate(f"digits of held-out fonts: right{suffix}", right))
        rows.append(format_rate(f"letters of held-out fonts: not answered{suffix}", ~answered[2]))
    return rows


def format_calibration(name: str, model: Predictor, test: dr.data.Dataset) -> str:
    """Format a row of the table of calibrations: the temperature, and the expected error with and without it.

    The expected calibration error is the mean difference between the share of the predicted class and the accuracy,
    over 15 bins of the share (Guo, Pleiss, Sun and Weinberger, 2017).
    """
    confidence, shares = model.confidence or Confidence(), model.predict_proba(test)
    errors = []
    for p in (shares, confidence.calibrate(shares)):
        top, right = p.max(axis=1), p.argmax(axis=1) == test.y
        bins = np.minimum((top * 15).astype(int), 14)
        errors.append(sum(abs((top - right)[bins == i].sum()) for i in range(15)) / len(test))
    return f"| {name} | {confidence.temperature:.2f} | {100 * errors[0]:.2f} % | {100 * errors[1]:.2f} % |"


def measure_rows(test: dr.data.Dataset, letters: Pages) -> list[str]:
    """Measure rows of digits of the test set, with and without a letter among them; return the rows of a table."""
    rng = np.random.default_rng(SEED)
    tall = np.flatnonzero((letters.x > 127).any(axis=2).sum(axis=1) >= 14)  # the others share no height with a digit
    some = rng.permutation(len(test))[: 3 * len(tall)]
    x, y = np.concatenate([letters.x[tall], test.x[some]]), np.concatenate([np.full(len(tall), 10), test.y[some]])
    mixed = dr.data.Dataset(x, y, "digits and letters", 255.0, (*DIGITS, UNKNOWN))
    reader, checker = load_reader(), load_digit_reader()
    rows = []
    for source in (test, mixed):
        found: dict[bool, list[tuple[bool, bool]]] = {False: [], True: []}
        for picture in synthesize_strings(source, ROWS, seed=SEED, lengths=(2, 3, 4, 5)):
            true = "".join((*DIGITS, UNKNOWN)[label] for label in picture.labels)
            if source is mixed and UNKNOWN not in true:
                continue
            text = read_string(picture.image, reader, checker=checker).text
            found[any(picture.touching)].append((text == true, UNKNOWN in text))
        for touching, name in ((False, "separate"), (True, "touching")):
            right, marked = np.array(found[touching]).T
            if source is test:
                rows.append(format_rate(f"{name} digits: all right", right))
                rows.append(format_rate("… a digit taken for a mark", marked))
            else:
                rows.append(format_rate(f"{name}, with letters: a mark reported", marked))
                rows.append(format_rate("… all right, each letter a `?`", right))
    return rows


def main() -> None:
    """Measure, print and write the report."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m benchmarks.{Path(__file__).stem} FONTS")
    train, validation, test = dr.data.load("mnist")
    fonts = find_fonts(Path(sys.argv[1]), held_out=True)
    rng = np.random.default_rng(SEED)
    digits, letters = draw_pages(fonts, DIGITS, OF_DIGITS, rng), draw_pages(fonts, LETTERS, OF_LETTERS, rng)
    heading = ["| | | | 95 % interval |", "|---|--:|--:|--:|"]
    reader = load_digit_reader()
    recipe = dr.recipes.recipe("fast-99")
    plain = dr.fit(dr.Network.dense([784, 30, 10]), train, epochs=30, eta=0.5, seed=1)
    convolutional = dr.fit(recipe.network((28, 28), 10), train, recipe.training)
    plain, convolutional = calibrate(plain, validation), calibrate(convolutional, validation)
    lines = [
        "## The reader that comes with deltarule",
        "",
        *heading,
        *measure_reader(reader, test, digits, letters),
        "",
        "## Rows of digits",
        "",
        "Rows of 2 to 5 of MNIST's test images, and rows with letters of the held-out fonts among them:",
        "",
        *heading,
        *measure_rows(test, letters),
        "",
        "## Networks without a class for other marks",
        "",
        "By their calibrated share and their energy alone, each limit set so that it leaves out one of 200 validation",
        "images. The book's first network, 784-30-10:",
        "",
        *heading,
        *measure_alone(plain, reader, test, digits, letters),
        "",
        "The convolutional network `fast-99`:",
        "",
        *heading,
        *measure_alone(convolutional, reader, test, digits, letters),
        "",
        "## Calibration",
        "",
        "The temperature that was fitted to the validation set, and the expected calibration error on the test set,",
        "in points, over 15 bins:",
        "",
        "| | T | error, T = 1 | error, with T |",
        "|---|--:|--:|--:|",
        format_calibration("the reader", reader, test),
        format_calibration("784-30-10", plain, test),
        format_calibration("fast-99", convolutional, test),
    ]
    text = "\n".join(
        [
            "# Figures of the reader",
            "",
            "Measured by `python -m benchmarks.reader FONTS`, with the folder that `python -m tools.handwriting_fonts",
            "FONTS` filled. The characters are drawn in handwriting fonts, not by people: in",
            f"{len(fonts)} fonts that were held out from the training.",
            f"Each has a random slant, width, stroke and jitter, {OF_DIGITS} times for a digit and {OF_LETTERS} for a",
            "letter. Letters that look like a digit are left out; these remain:",
            f"`{LETTERS}`. Each picture, dark on light, goes the way of `deltarule predict`.",
            "",
            *textwrap.wrap(f"The fonts: {', '.join(font.stem for font in fonts)}.", 118, break_on_hyphens=False),
            "",
            *lines,
            "",
        ]
    )
    REPORT.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
