"""A training set of characters in handwriting fonts: digits, and marks that are no digit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.grayscale import resize
from deltarule.data.ink import find_window
from deltarule.data.photo import AS_MNIST, fit_to_field
from deltarule.handwriting.marks import (
    DIGITS,
    LETTERS,
    SYMBOLS,
    cross_seven,
    draw_characters,
    draw_scribbles,
    hook_one,
)
from deltarule.handwriting.no_answers import MARK, NO_DIGIT

CLASSES = (*DIGITS, NO_DIGIT, MARK)
"""The classes of a reader: the digits, wrongly cut pieces of a row, and marks that are no digit."""

TIMES = 30, 4, 2, 4000
"""How often each font draws each digit, letter and symbol, and the number of scribbles."""

_SHAPED = 0.4  # the share of sevens that get a bar, and of ones that get an upstroke
_FAINT = 0.1  # ink that is left out of a coarse image


def build_font_set(fonts: Sequence[Path], seed: int, times: tuple[int, int, int, int] = TIMES) -> Dataset:
    """Build a set of digits and marks, images (n, 28, 28) uint8 as MNIST's.

    Args:
        fonts: The files of the fonts.
        seed: The seed of the random changes of the characters.
        times: How often each font draws each digit, each letter and each symbol, and the number of scribbles.

    Raises:
        DataError: If a file is no font.
    """
    rng = np.random.default_rng(seed)
    digits, names = draw_characters(fonts, DIGITS, times[0], rng)
    shape = {"7": cross_seven, "1": hook_one}
    some = rng.random(len(names)) < _SHAPED
    digits = [
        shape[name](ink, rng) if drawn and name in shape else ink
        for ink, name, drawn in zip(digits, names, some, strict=True)
    ]
    letters, _ = draw_characters(fonts, LETTERS, times[1], rng)
    symbols, _ = draw_characters(fonts, SYMBOLS, times[2], rng)
    marks = [*letters, *symbols, *draw_scribbles(times[3], rng)]
    x = [fit_to_field(ink, (28, 28), 255, AS_MNIST) for ink in (*digits, *marks)]
    y = np.array([*map(CLASSES.index, names), *[CLASSES.index(MARK)] * len(marks)])
    return Dataset(np.stack(x), y, "fonts", 255.0, CLASSES, style=AS_MNIST)


def coarsen(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw images (n, 28, 28) uint8 with few pixels, 7 to 12 rows, enlarged in blocks or smoothly, as icons are.

    >>> image = np.zeros((1, 28, 28), np.uint8)
    >>> image[0, 4:24, 12:16] = 255
    >>> coarsen(image, np.random.default_rng(1)).shape
    (1, 28, 28)
    """
    found = np.zeros_like(images)
    for i, image in enumerate(images):
        ink = image[find_window(image > 0)].astype(np.float32) / 255
        rows = int(rng.integers(7, 13))
        small = resize(ink, (rows, max(2, round(ink.shape[1] * rows / ink.shape[0]))))
        if rng.random() < 0.5:
            large = np.kron(small, np.ones((8, 8), np.float32))
        else:
            large = resize(np.pad(small, 1), (8 * rows, 8 * small.shape[1]))
        large = np.clip(large / max(float(large.max()), 1e-6), 0, 1)
        found[i] = fit_to_field(large[find_window(large > _FAINT)], (28, 28), 255, AS_MNIST)
    return found
