"""Pictures as users have them, made from fixed seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("circle", "square")


def draw(shape: str, rng: np.random.Generator, ink: int = 255, paper: int = 0, side: int = 28) -> Image.Image:
    """Draw the outline of a circle or a square, at some place and of some size."""
    picture = Image.new("L", (side, side), paper)
    r = rng.integers(6, 10) * side // 28
    cx, cy = rng.integers(11, 17, 2) * side // 28
    field = (int(cx - r), int(cy - r), int(cx + r), int(cy + r))
    pen = ImageDraw.Draw(picture)
    (pen.ellipse if shape == "circle" else pen.rectangle)(field, outline=ink, width=2)
    return picture


def make_shapes(folder: str | Path, n: int = 30, ink: int = 255, paper: int = 0, side: int = 28) -> Path:
    """Make a folder of pictures, ``n`` of each shape."""
    rng = np.random.default_rng(7)
    for shape in SHAPES:
        below = Path(folder, shape)
        below.mkdir(parents=True, exist_ok=True)
        for i in range(n):
            draw(shape, rng, ink, paper, side).save(below / f"{i}.png")
    return Path(folder)


def make_hues(folder: str | Path, n: int = 20) -> Path:
    """Make a folder of discs in two colours that have the same grey."""
    rng = np.random.default_rng(7)
    for name, colour in (("red", (255, 0, 0)), ("blue", (52, 41, 255))):
        below = Path(folder, name)
        below.mkdir(parents=True)
        for i in range(n):
            picture = Image.new("RGB", (16, 16), "white")
            r = int(rng.integers(3, 7))
            cx, cy = map(int, rng.integers(r, 16 - r, 2))
            ImageDraw.Draw(picture).ellipse((cx - r, cy - r, cx + r, cy + r), fill=colour)
            picture.save(below / f"{i}.png")
    return Path(folder)


def make_sevens(folder: str | Path) -> list[Path]:
    """Make pictures of a seven: by the transparency of white and of black, and in 10, 12 and 16 of 16 bits."""
    stroke = Image.new("L", (120, 120), 0)
    ImageDraw.Draw(stroke).line([(30, 20), (90, 20), (50, 100)], fill=255, width=10)
    files = []
    for name, colour in (("white", 255), ("black", 0)):
        files.append(Path(folder, f"seven_{name}_ink_transparent.png"))
        Image.merge("LA", (Image.new("L", stroke.size, colour), stroke)).save(files[-1])
    for top in (1023, 4095, 65535):
        files.append(Path(folder, f"seven_16_bit_{top}.png"))
        grey = (top - np.asarray(stroke, np.uint32) * top // 255).astype(np.uint16)
        Image.fromarray(grey).save(files[-1])
    return files
