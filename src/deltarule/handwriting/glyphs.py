"""Pictures of characters in handwriting fonts, each drawn with a random slant, width, stroke and unsteady hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from deltarule.core import random
from deltarule.core.distortions import Elastic
from deltarule.core.warp import warp_images
from deltarule.data.ink import find_window, thicken
from deltarule.data.library_errors import translating

SIZE = 96
"""The height and width, in pixels, of the field that a character is drawn in."""

_LETTER = 46  # the size of the font, in pixels, so that slanted and wide characters stay inside
_SLANT, _ANGLE = 0.25, 8.0  # the most slant, in columns for each row, and the most rotation, in degrees
_WIDTH = 0.25  # the natural logarithm of the most change of the width
_HAND = 26.0, 9.0  # alpha and sigma of the elastic distortion: displacements of about 0.5 pixels
_PEN = 3.0  # the most thickening of strokes, in pixels


def draw_glyphs(font: Path, characters: Iterable[str], rng: np.random.Generator) -> list[np.ndarray]:
    """Draw each character of a font, with random changes: cropped ink from 0 to 1, each (h, w) float32.

    A character that the font lacks, or that leaves no ink, gives an array without pixels.

    Args:
        font: The file of a TrueType, OpenType or WOFF font.
        characters: The characters to draw.
        rng: The source of the random changes.

    Raises:
        DataError: If the file is no font.
    """
    from PIL import Image

    fields, angles, slants = [], [], []
    for character in characters:
        fields.append(_draw(font, character, float(np.exp(rng.uniform(-_WIDTH, _WIDTH)))))
        angles.append(rng.uniform(-_ANGLE, _ANGLE) * np.pi / 180)
        slants.append(rng.uniform(-_SLANT, _SLANT))
    if not fields:
        return []
    images = [
        np.asarray(Image.fromarray(field).transform(field.shape[::-1], Image.Transform.AFFINE, _build_map(angle, slant),
                                                    Image.Resampling.BILINEAR))
        for field, angle, slant in zip(fields, angles, slants, strict=True)
    ]  # fmt: skip
    batch = np.stack(images).astype(np.float32) / 255
    hand = Elastic(*_HAND).displacement(batch, random.key(int(rng.integers(2**31))))
    return [_crop(field, rng) for field in warp_images(batch, *hand)]


def list_characters(font: Path, characters: Iterable[str]) -> list[str]:
    """List those characters that a font has with ink, and that differ from its sign for a missing one."""
    missing = _draw(font, "\U0010fffe", 1.0)
    drawn = {character: _draw(font, character, 1.0) for character in characters}
    return [name for name, field in drawn.items() if field.any() and not np.array_equal(field, missing)]


def _draw(font: Path, character: str, width: float) -> np.ndarray:
    """Draw a character in the middle of the field, (SIZE, SIZE) uint8."""
    from PIL import Image, ImageFont

    with translating(font, "a font", "download it again"):
        mask, _ = ImageFont.truetype(str(font), _LETTER).getmask2(character, mode="L")
    columns, rows = mask.size
    field = np.zeros((SIZE, SIZE), np.uint8)
    if not columns or not rows:
        return field
    zoom = min(_LETTER / max(rows, 1), 1.6 * _LETTER / max(1, columns * width))
    size = max(2, round(columns * zoom * width)), max(2, round(rows * zoom))
    drawn = np.asarray(Image.frombytes("L", mask.size, bytes(mask)).resize(size, Image.Resampling.BILINEAR))
    top, left = (SIZE - drawn.shape[0]) // 2, (SIZE - drawn.shape[1]) // 2
    field[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return field


def _build_map(angle: float, slant: float) -> tuple[float, ...]:
    """Build the affine map, of Pillow's six numbers, that slants and then rotates about the middle of the field."""
    cos, sin, middle = np.cos(angle), np.sin(angle), (SIZE - 1) / 2
    matrix = np.array([[1.0, -slant], [0.0, 1.0]]) @ np.array([[cos, -sin], [sin, cos]])
    shift = middle - matrix @ np.array([middle, middle])
    return (*matrix[0], shift[0], *matrix[1], shift[1])


def _crop(field: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Thicken the strokes at random, and crop the field to its ink."""
    ink = thicken(field, rng.uniform(0, 2) * _PEN)
    strong = ink > 0.3
    return np.asarray(ink[find_window(strong)] if strong.any() else ink[:0, :0], np.float32)
