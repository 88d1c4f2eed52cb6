"""Made-up marks that are no digit: letters, symbols and scribbles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deltarule.data.ink import find_window
from deltarule.handwriting.glyphs import SIZE, draw_glyphs, list_characters

DIGITS = "0123456789"

TWINS = "OoIilZzSsBbgq"
"""Letters that look like a digit."""

LETTERS = "".join(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" if c not in TWINS)
"""The letters that are no digit's twin."""

SYMBOLS = '+=?&%#@*$€§<>~^:;"-_.äöüñéÄÖÜÆΩπΣΔ'
"""Other marks; those that look like a one, such as ``/``, ``|`` and brackets, are left out."""


def draw_scribbles(n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw scribbles: one to three random curves of a pen, cropped ink from 0 to 1, each (h, w) float32.

    >>> [bool(ink.max() > 0.5) for ink in draw_scribbles(2, np.random.default_rng(1))]
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
    rows, columns = ink.shape
    row = rows * rng.uniform(0.48, 0.62)
    stem = _find_stem(ink, row)
    half, rise = columns * rng.uniform(0.18, 0.32), columns * rng.uniform(-0.06, 0.1)
    return _draw_stroke(ink, (stem - half, row + rise / 2), (stem + half, row - rise / 2))


def hook_one(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw an upstroke from the left to the top of a one that is a plain stem."""
    rows, columns = ink.shape
    if columns > 0.5 * rows:  # it has a hook or a base already
        return ink
    length, angle = rows * rng.uniform(0.2, 0.5), rng.uniform(0.35, 1.2)
    top = rows * 0.03
    stem = _find_stem(ink, top + 1)
    return _draw_stroke(ink, (stem, top), (stem - length * np.cos(angle), top + length * np.sin(angle)))


def _find_stem(ink: np.ndarray, row: float) -> float:
    """Return the middle of the ink around a row."""
    band = ink[max(0, int(row) - 2) : int(row) + 3].max(axis=0) > 0.4
    return float(np.flatnonzero(band).mean()) if band.any() else ink.shape[1] / 2


def _draw_stroke(ink: np.ndarray, start: tuple[float, float], stop: tuple[float, float]) -> np.ndarray:
    """Draw a straight stroke between two points (column, row), about as thick as those of the ink, and crop it."""
    from PIL import Image, ImageDraw

    strong = ink > 0.4
    outline = np.count_nonzero(strong[1:] != strong[:-1]) + np.count_nonzero(strong[:, 1:] != strong[:, :-1])
    thick = np.clip(2.2 * np.count_nonzero(strong) / max(1, int(outline)), 2.0, 0.14 * len(ink))
    margin = len(ink) // 2 + 4
    image = Image.fromarray((np.pad(ink, margin) * 255).astype(np.uint8))
    points = [(column + margin, row + margin) for column, row in (start, stop)]
    ImageDraw.Draw(image).line(points, 255, max(2, round(float(thick))))
    drawn = np.asarray(image, np.float32) / 255
    return np.asarray(drawn[find_window(drawn > 0.3)])


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
