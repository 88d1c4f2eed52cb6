"""Made-up marks that are no digit: letters, symbols and scribbles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deltarule.data.ink import find_window
from deltarule.handwriting.glyphs import SIZE, draw_glyphs, list_characters

DIGITS = "0123456789"

NO_DIGIT = "no digit"
"""The class of pieces that are half a digit or more than one, in networks also trained on wrongly cut pieces."""

MARK = "other mark"
"""The class of whole marks that are no digit, such as letters."""

TWINS = "OoIilZzSsBbgq"
"""Letters that look like a digit."""

LETTERS = "".join(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in TWINS)
"""The letters that are no digit's twin."""

SYMBOLS = '+=?&%#@*$€§<>~^:;"-_.äöüñéÄÖÜÆΩπΣΔ'
"""Other marks; those that look like a one, such as ``/``, ``|`` and brackets, are left out."""


def draw_scribbles(n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw scribbles: one to three random curves of a pen, cropped ink from 0 to 1, each (h, w) float32.

    >>> [ink.max() > 0.5 for ink in draw_scribbles(2, np.random.default_rng(1))]
    [True, True]
    """
    from PIL import Image, ImageDraw

    found: list[np.ndarray] = []
    while len(found) < n:
        field = Image.new("L", (SIZE * 2, SIZE * 2))
        pen = ImageDraw.Draw(field)
        width = int(rng.integers(8, 20))
        for _ in range(int(rng.integers(1, 4))):
            points = _draw_path(rng, int(rng.integers(5, 10))) * SIZE * 2
            pen.line([tuple(point) for point in points.tolist()], 255, width, "curve")
        ink = np.asarray(field.resize((SIZE, SIZE), Image.Resampling.BOX), np.float32) / 255
        window = find_window(ink > 0.3)
        if ink[window].size:
            found.append(ink[window])
    return found


def draw_characters(
    fonts: Sequence[Path], characters: str, times: int, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[str]]:
    """Draw each character of each font, as :func:`draw_glyphs` does, so many times; return the inks and their names."""
    inks: list[np.ndarray] = []
    names: list[str] = []
    for font in fonts:
        own = list_characters(font, characters) * times
        drawn = draw_glyphs(font, own, rng)
        inks += [ink for ink in drawn if ink.size]
        names += [name for name, ink in zip(own, drawn, strict=True) if ink.size]
    return inks, names


def cross_seven(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a bar through the stem of a seven."""
    from PIL import Image, ImageDraw

    padded = np.pad(ink, 8)
    rows, columns = padded.shape
    row = rows * rng.uniform(0.48, 0.62)
    band = padded[max(0, int(row) - 2) : int(row) + 3].max(axis=0) > 0.4
    stem = np.flatnonzero(band)
    if not len(stem):
        return ink
    middle, thick = stem.mean(), np.clip(len(stem) * 0.6, 3.0, 0.12 * rows)
    half, rise = columns * rng.uniform(0.18, 0.32), rng.uniform(-0.15, 0.25) * columns * 0.4
    image = Image.fromarray((padded * 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    pen.line([(middle - half, row + rise / 2), (middle + half, row - rise / 2)], 255, max(2, round(thick)))
    crossed = np.asarray(image, np.float32) / 255
    return np.asarray(crossed[find_window(crossed > 0.3)])


def _draw_path(rng: np.random.Generator, n: int) -> np.ndarray:
    """Draw a random curve in the unit square through n points, (points, 2): a spline of Catmull and Rom (1974)."""
    knots = rng.uniform(0.1, 0.9, (n, 2))
    before, after = 2 * knots[:1] - knots[1:2], 2 * knots[-1:] - knots[-2:-1]
    p = np.concatenate([before, knots, after])
    t = np.linspace(0, n - 1, 12 * n)
    at = np.clip(t.astype(int), 0, n - 2)
    u = (t - at)[:, None]
    p0, p1, p2, p3 = p[at], p[at + 1], p[at + 2], p[at + 3]
    return np.asarray(
        0.5 * (2 * p1 + (p2 - p0) * u + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2 + (3 * p1 - p0 - 3 * p2 + p3) * u**3)
    )
