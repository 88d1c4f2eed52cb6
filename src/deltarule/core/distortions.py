"""Distortions of images that leave a digit the digit it is, drawn anew for every image."""

from __future__ import annotations

from dataclasses import dataclass

from deltarule.core import random
from deltarule.core.layer import Array, Key
from deltarule.errors import UsageError


@dataclass(frozen=True)
class Shift:
    """Moves each image by whole pixels, from −``pixels`` to ``pixels`` down and as much to the right.

    Every place is equally likely; zeros move in. Raises :class:`UsageError` unless ``pixels`` is a
    whole number from 0.

    >>> import numpy as np
    >>> Shift(1)(np.asarray([[[1.0, 2.0, 3.0]]]), random.key(6))
    array([[[0., 1., 2.]]])
    """

    pixels: int = 1

    def __post_init__(self) -> None:
        if isinstance(self.pixels, bool) or not isinstance(self.pixels, int) or self.pixels < 0:
            raise UsageError(f"Shift(pixels={self.pixels!r}): give a whole number from 0")

    def __call__(self, images: Array, rng: Key) -> Array:
        xp = images.__array_namespace__()
        n, height, width = images.shape[:3]
        places = random.bits(rng, (2, n)) % xp.asarray(2 * self.pixels + 1, dtype=xp.uint32)
        down, right = (xp.astype(place, xp.int32) - self.pixels for place in (places[0], places[1]))
        images = _moved(images, down, height, 1)
        return _moved(images, right, width, 2)


def _moved(images: Array, by: Array, size: int, axis: int) -> Array:
    xp = images.__array_namespace__()
    index = xp.arange(size, dtype=xp.int32)[None, :] - by[:, None]
    inside = (index >= 0) & (index < size)
    along = (images.shape[0], *(size if i == axis else 1 for i in range(1, len(images.shape))))
    index, inside = xp.reshape(xp.clip(index, 0, size - 1), along), xp.reshape(inside, along)
    moved = xp.take_along_axis(images, xp.broadcast_to(index, images.shape), axis=axis)
    return xp.where(inside, moved, xp.zeros_like(moved))
