"""Synthetic photographs: digits of a data set on paper, with random light and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deltarule.data.grayscale import resize

Rng = np.random.Generator


def gradient(y: np.ndarray, x: np.ndarray, rng: Rng) -> np.ndarray:
    a, b = rng.uniform(-0.3, 0.3, 2)
    return 1 + a * (y - 0.5) + b * (x - 0.5)


def vignette(y: np.ndarray, x: np.ndarray, rng: Rng) -> np.ndarray:
    return 1 - 0.8 * ((y - 0.5) ** 2 + (x - 0.5) ** 2)


def shadow(y: np.ndarray, x: np.ndarray, rng: Rng) -> np.ndarray:
    return np.clip(0.8 + 10 * (rng.uniform(0.3, 0.9) - x - 0.3 * y), 0.65, 1)


def even(y: np.ndarray, x: np.ndarray, rng: Rng) -> np.ndarray:
    return np.ones(np.broadcast_shapes(y.shape, x.shape))


# light, how much of it paper and ink send back, and the standard deviation of the noise
KINDS: dict[str, tuple[Callable, float, float, float]] = {
    "scan": (even, 1.0, 0.0, 0.0),
    "inverted": (even, 0.0, 1.0, 0.0),
    "gradient": (gradient, 0.7, 0.2, 0.02),
    "noise": (even, 0.8, 0.3, 0.1),
    "vignette": (vignette, 0.85, 0.2, 0.03),
    "pencil": (even, 0.8, 0.6, 0.02),
    "chalk": (gradient, 0.3, 0.8, 0.04),
    "shadow": (shadow, 0.85, 0.2, 0.02),
}


def page(image: np.ndarray, kind: str, rng: Rng) -> np.ndarray:
    """Synthesize a picture (h, w) uint8 with ``image`` (255 for ink) at a random place, 4 to 12 times as large."""
    light, paper, ink, noise = KINDS[kind]
    side = image.shape[0] * int(rng.integers(4, 13))
    height, width = rng.integers(int(1.1 * side), 2 * side, 2)
    top, left = rng.integers(0, height - side), rng.integers(0, width - side)
    strokes = np.zeros((height, width))
    strokes[top : top + side, left : left + side] = resize(image, (side, side)) / 255
    y, x = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None]
    sent_back = (paper + (ink - paper) * strokes) * light(y, x, rng) + rng.normal(0, noise, (height, width))
    return np.clip(np.rint(255 * sent_back), 0, 255).astype(np.uint8)
