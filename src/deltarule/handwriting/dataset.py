"""A training set of characters in handwriting fonts: digits, and marks that are no digit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.photo import AS_MNIST, fit_to_field
from deltarule.handwriting.marks import (
    DIGITS,
    LETTERS,
    MARK,
    NO_DIGIT,
    SYMBOLS,
    cross_seven,
    draw_characters,
    draw_scribbles,
)

CLASSES = (*DIGITS, NO_DIGIT, MARK)
"""The classes of a reader: the digits, wrongly cut pieces of a row, and marks that are no digit."""

TIMES = 20, 4, 2, 4000
"""How often each font draws each digit, letter and symbol, and the number of scribbles."""

_CROSSED = 0.4  # the share of sevens that get a bar


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
    is_crossed = (np.array(names) == "7") & (rng.random(len(names)) < _CROSSED)
    digits = [cross_seven(ink, rng) if crossed else ink for ink, crossed in zip(digits, is_crossed, strict=True)]
    letters, _ = draw_characters(fonts, LETTERS, times[1], rng)
    symbols, _ = draw_characters(fonts, SYMBOLS, times[2], rng)
    marks = [*letters, *symbols, *draw_scribbles(times[3], rng)]
    x = [fit_to_field(ink, (28, 28), 255, AS_MNIST) for ink in (*digits, *marks)]
    y = np.array([*map(CLASSES.index, names), *[CLASSES.index(MARK)] * len(marks)])
    return Dataset(np.stack(x), y, "fonts", 255.0, CLASSES, style=AS_MNIST)
