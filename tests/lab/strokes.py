"""Images of digits as strokes of a pen, and functions that draw on the pad and read it."""

from __future__ import annotations

import base64

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

DRAW = """
(canvas, [lines, clear]) => {
  if (clear) canvas.closest(".pad").querySelectorAll("button")[1].click();
  const box = canvas.getBoundingClientRect();
  const send = (kind, [x, y]) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, pointerType: "mouse", bubbles: true, cancelable: true, composed: true, pressure: 0.5,
    clientX: box.left + x * box.width, clientY: box.top + y * box.height }));
  for (const line of lines) {
    send("pointerdown", line[0]);
    line.slice(1).forEach((to) => send("pointermove", to));
    send("pointerup", line.at(-1));
  }
}
"""

INK = """
(canvas, side) => {
  const small = new OffscreenCanvas(side * canvas.width / canvas.height, side), ink = small.getContext("2d");
  ink.imageSmoothingQuality = "high";
  ink.drawImage(canvas, 0, 0, small.width, small.height);
  const alpha = ink.getImageData(0, 0, small.width, small.height).data.filter((_, i) => i % 4 === 3);
  return btoa(String.fromCharCode(...alpha));  // as one string, since an array would be sent number by number
}
"""

Point = tuple[float, float]


def trace_strokes(image: np.ndarray, size: float, left: float, top: float) -> list[list[Point]]:
    """Trace the ink of an image with short strokes; its larger side becomes ``size`` on a pad of width and height 1.

    The pen is as wide as the ink, so the strokes follow the middle of the ink: the corners shared by four dark
    pixels, and dark pixels far from any such corner.
    """
    large = Image.fromarray(np.uint8(255 * (image / image.max()))).resize((28, 28), Image.Resampling.BICUBIC)
    pixels = np.asarray(large)
    dark = pixels > 110
    corners = np.argwhere(dark[1:, 1:] & dark[1:, :-1] & dark[:-1, 1:] & dark[:-1, :-1]) + 0.5
    alone = [p for p in np.argwhere(dark) if not len(corners) or np.abs(corners - p).sum(axis=1).min() > 1]
    points = np.array([*corners, *alone], float)
    low = points.min(axis=0)
    scale = size / max(float(np.ptp(points, axis=0).max()), 1.0)
    positions = (points - low) * scale + (top, left)
    near = [
        [(x, y), (u, v)]
        for i, (y, x) in enumerate(positions)
        for j, (v, u) in enumerate(positions[:i])
        if np.abs(points[i] - points[j]).max() <= 1
    ]
    return near or [[(x, y), (x, y)] for y, x in positions]


def draw(canvas: Locator, strokes: list[list[Point]], clear: bool = True) -> None:
    """Draw the strokes at once, each from pen down to pen up."""
    canvas.evaluate(DRAW, [strokes, clear])


def read_ink(canvas: Locator, side: int = 112) -> np.ndarray:
    """Read the pixels of the pad as the widget does, (side, width) uint8."""
    return np.frombuffer(base64.b64decode(canvas.evaluate(INK, side)), np.uint8).reshape(side, -1)


def trace_middle(image: np.ndarray, size: float, left: float, top: float) -> list[list[Point]]:
    """Trace the ink of an image with smooth, connected strokes, as a person draws it; see :func:`trace_strokes`.

    The image is enlarged twice, its ink is thinned to lines one pixel wide, and each point moves to the mean of its
    neighbours.
    """
    size_2 = (2 * image.shape[1], 2 * image.shape[0])
    large = Image.fromarray(np.uint8(255 * (image / image.max()))).resize(size_2, Image.Resampling.BICUBIC)
    points = np.argwhere(thin(np.asarray(large) > 110))
    near = np.abs(points[:, None] - points).max(axis=-1) <= 1
    smooth = np.linalg.matrix_power(near / near.sum(axis=1, keepdims=True), 3) @ points
    positions = (smooth - smooth.min(axis=0)) * (size / max(float(np.ptp(smooth, axis=0).max()), 1.0)) + (top, left)
    lines = [[(positions[i][1], positions[i][0]), (positions[j][1], positions[j][0])]
             for i, j in np.argwhere(np.tril(near, -1))]  # fmt: skip
    return lines or [[(x, y), (x, y)] for y, x in positions]


def thin(dark: np.ndarray) -> np.ndarray:
    """Thin dark areas to lines one pixel wide (Zhang and Suen, 1984)."""
    dark = np.pad(dark, 1)
    removed = True
    while removed:
        removed = False
        for first in (True, False):
            around = np.stack([np.roll(dark, by, (0, 1)) for by in
                               ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))])  # fmt: skip
            count, changes = around.sum(axis=0), (~around & np.roll(around, -1, axis=0)).sum(axis=0)
            north, east, south, west = around[0], around[2], around[4], around[6]
            open_sides = (~(north & east & south) & ~(east & south & west)) if first else (
                ~(north & east & west) & ~(north & south & west))  # fmt: skip
            gone = dark & (count >= 2) & (count <= 6) & (changes == 1) & open_sides
            removed |= bool(gone.any())
            dark &= ~gone
    return dark[1:-1, 1:-1]
