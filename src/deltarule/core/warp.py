"""Warps of images: each pixel takes the interpolated value at the place its displacement points to."""

from __future__ import annotations

from abc import ABC, abstractmethod

from deltarule.core.layer import Array, Key, Shape


class Warp(ABC):
    """An augmentation that gives, for each pixel of each image, the displacement to the source of its new value.

    A subclass is a frozen dataclass with ``displacement``. Several are composed by adding their
    displacements (see :class:`deltarule.core.distortions.Chain`), so that an image is interpolated only once.
    """

    @abstractmethod
    def displacement(self, images: Array, rng: Key) -> tuple[Array, Array]:
        """Return ``(down, right)`` in pixels, each of shape (examples, height, width), of the images' type."""

    def __call__(self, images: Array, rng: Key) -> Array:
        return warp_images(images, *self.displacement(images, rng))


def warp_images(images: Array, down: Array, right: Array) -> Array:
    """Compute new[i, j] = image[i + down[i, j], j + right[i, j]], bilinear between pixels, with zeros outside.

    ``images`` has shape (examples, height, width) or (examples, height, width, channels), the
    displacements (examples, height, width), in pixels, the same for all channels.

    >>> import numpy as np
    >>> image = np.asarray([[[0.0, 4.0, 8.0]]])
    >>> warp_images(image, np.zeros((1, 1, 3)), np.asarray([[[0.0, -0.25, 1.0]]]))
    array([[[0., 3., 0.]]])
    """
    xp = images.__array_namespace__()
    n, height, width, *channels = images.shape
    c = channels[0] if channels else 1
    padded = xp.reshape(_pad(xp.reshape(images, (n, height, width, c))), (-1,))
    first = xp.arange(n, dtype=xp.int32)[:, None, None] * ((height + 2) * (width + 2))
    row, low = _split_place(down + xp.arange(height, dtype=down.dtype)[:, None], height)
    column, left = _split_place(right + xp.arange(width, dtype=right.dtype), width)
    channel = xp.arange(c, dtype=xp.int32)
    at = (first + row * (width + 2) + column)[..., None] * c + channel

    def pixels(rows: int, columns: int) -> Array:
        index = xp.reshape(at + (rows * (width + 2) + columns) * c, (-1,))
        return xp.reshape(xp.take(padded, index, axis=0), at.shape)

    low, left = low[..., None], left[..., None]
    above = (1 - left) * pixels(0, 0) + left * pixels(0, 1)
    below = (1 - left) * pixels(1, 0) + left * pixels(1, 1)
    return xp.reshape((1 - low) * above + low * below, images.shape)


def _pad(images: Array) -> Array:
    """Add a border of zeros, one pixel wide, which represents everything outside the image."""
    xp = images.__array_namespace__()
    n, height, width, c = images.shape
    zero: Shape = (n, 1, width, c)
    rows = xp.concat([xp.zeros(zero, dtype=images.dtype), images, xp.zeros(zero, dtype=images.dtype)], axis=1)
    side = xp.zeros((n, height + 2, 1, c), dtype=images.dtype)
    return xp.concat([side, rows, side], axis=2)


def _split_place(place: Array, size: int) -> tuple[Array, Array]:
    """Return the index, with the border, of the pixel before a place, and the distance from it to the place, 0 to 1."""
    xp = place.__array_namespace__()
    place = xp.clip(place, -1, size)
    before = xp.clip(xp.floor(place), -1, size - 1)
    return xp.astype(before, xp.int32) + 1, place - before
