"""Random distortions of images that keep a digit recognizable, drawn anew for every image (chapters 3 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, exp, pi, sqrt
from typing import ClassVar

from deltarule.core import random
from deltarule.core.augmentation import AUGMENTATION, Augmentation
from deltarule.core.constraints import Constraints, Validated, list_of, number, validate, whole
from deltarule.core.layer import Array, Key, Shape
from deltarule.core.warp import Warp, warp_images


@dataclass(frozen=True)
class Shift:
    """A random shift of each image by whole pixels, from −``pixels`` to ``pixels`` down, and likewise to the right.

    All shifts are equally likely; zeros move in. Raises :class:`InvalidArgument` unless ``pixels`` is a
    whole number from 0 to 32767.

    >>> import numpy as np
    >>> Shift(1)(np.asarray([[[1.0, 2.0, 3.0]]]), random.key(6))
    array([[[0., 1., 2.]]])
    """

    pixels: int = 1
    constraints: ClassVar[Constraints] = {"pixels": whole(0, 2**15 - 1)}

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "pixels", int(self.pixels))

    def __call__(self, images: Array, rng: Key) -> Array:
        xp = images.__array_namespace__()
        places = random.bits(rng, (2, images.shape[0])) % xp.asarray(2 * self.pixels + 1, dtype=xp.uint32)
        by = xp.astype(places, xp.int32) - self.pixels
        return _shift(_shift(images, by[0, :], axis=1), by[1, :], axis=2)


@dataclass(frozen=True)
class Affine(Warp, Validated):
    """A random affine map: it skews, scales, rotates and shifts each image about its centre, in this order.

    It draws uniformly an angle within ±``rotation`` degrees, a shift within ±``shift`` pixels down and
    another to the right, a factor within 1 ± ``scale``, and a slant within ±``skew``, by which a row
    moves to the right for each row that it lies below the centre. Raises :class:`InvalidArgument` for
    numbers below 0, and for a scale that is not below 1.

    >>> import numpy as np
    >>> Affine(shift=0.5)(np.asarray([[[0.0, 4.0, 0.0]]]), random.key(1)).round(2)
    array([[[0.  , 1.98, 1.33]]])
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: float = 0.0
    skew: float = 0.0
    constraints: ClassVar[Constraints] = {
        "rotation": number(0),
        "shift": number(0),
        "scale": number(0, below=1),
        "skew": number(0),
    }

    def displacement(self, images: Array, rng: Key) -> tuple[Array, Array]:
        drawn = _within_one(images, rng, (5, images.shape[0]))
        amplitudes = (self.rotation * pi / 180, self.shift, self.shift, self.scale, self.skew)
        return affine_displacement(images, *(drawn[i, :] * size for i, size in enumerate(amplitudes)))


def affine_displacement(
    images: Array, angle: Array, down: Array, right: Array, scale: Array, skew: Array
) -> tuple[Array, Array]:
    """Compute the displacements, ``(down, right)`` in pixels, that skew, scale, rotate and shift images.

    The arguments have shape (examples,); ``angle`` is in radians, counter-clockwise. The map takes a pixel p
    to p' = (1 + scale) R K p + shift, K the skew and R the rotation, about the centre; so pixel p' of the
    result comes from p = K⁻¹ R⁻¹ (p' − shift) / (1 + scale).
    """
    xp = images.__array_namespace__()
    height, width = images.shape[1:3]
    cos, sin = xp.cos(angle) / (1 + scale), xp.sin(angle) / (1 + scale)
    y = xp.arange(height, dtype=images.dtype)[:, None] - (height - 1) / 2
    x = xp.arange(width, dtype=images.dtype) - (width - 1) / 2
    cos, sin, down, right, skew = (a[:, None, None] for a in (cos, sin, down, right, skew))
    below, beside = y - down, x - right
    from_y = cos * below + sin * beside
    from_x = cos * beside - sin * below - skew * from_y
    return from_y - y, from_x - x


@dataclass(frozen=True)
class Elastic(Warp, Validated):
    """An elastic distortion: smooth random displacements, like the small oscillations of a hand.

    The displacement of every pixel, down and to the right, is drawn uniformly within ±1, smoothed by
    a Gaussian with the standard deviation ``sigma`` pixels, and multiplied by ``alpha`` (Simard,
    Steinkraus and Platt 2003, who take α = 34 and σ = 4 for MNIST). The displacements then have a
    standard deviation of about 0.16 α/σ pixels, less near the border, beyond which nothing is drawn.
    Raises :class:`InvalidArgument` unless α ≥ 0 and σ > 0.

    >>> import numpy as np
    >>> down, right = Elastic(34, 4).displacement(np.zeros((50, 28, 28)), random.key(1))
    >>> [round(float(d[:, 8:20, 8:20].std()), 1) for d in (down, right)]
    [1.5, 1.4]
    """

    alpha: float = 34.0
    sigma: float = 4.0
    constraints: ClassVar[Constraints] = {"alpha": number(0), "sigma": number(above=0)}

    def displacement(self, images: Array, rng: Key) -> tuple[Array, Array]:
        xp = images.__array_namespace__()
        n, height, width = images.shape[:3]
        drawn = _within_one(images, rng, (2 * n * height, width))
        # a Gaussian is a product of one in x and one in y: one matrix product along each axis
        along_x = xp.reshape(drawn @ self._smoothing(images, width), (2 * n, height, width))
        turned = xp.reshape(xp.permute_dims(along_x, (0, 2, 1)), (2 * n * width, height))
        smooth = xp.reshape(turned @ self._smoothing(images, height), (2, n, width, height))
        moves = self.alpha * xp.permute_dims(smooth, (0, 1, 3, 2))
        return moves[0, ...], moves[1, ...]

    def _smoothing(self, images: Array, size: int) -> Array:
        """Return the symmetric matrix g[i, j] ∝ exp(−(i − j)²/2σ²), scaled so that an infinite row would sum to 1."""
        xp = images.__array_namespace__()
        if self.sigma > 100:
            total = self.sigma * sqrt(2 * pi)  # the sum to all digits, without its thousands of terms
        else:
            reach = ceil(10 * self.sigma)
            total = sum(exp(-((i / self.sigma) ** 2) / 2) for i in range(-reach, reach + 1))
        i = xp.arange(size, dtype=images.dtype)
        return xp.exp(-(((i[:, None] - i[None, :]) / self.sigma) ** 2) / 2) / total


@dataclass(frozen=True)
class Chain:
    """Several augmentations in sequence; consecutive warps are added and interpolate the image once.

    >>> Chain([Affine(rotation=10), Elastic(20, 4)])
    Chain(parts=(Affine(rotation=10, shift=0.0, scale=0.0, skew=0.0), Elastic(alpha=20, sigma=4)))
    """

    parts: Sequence[Augmentation]
    constraints: ClassVar[Constraints] = {
        "parts": list_of(AUGMENTATION, "a list of augmentations such as [Shift(1), Elastic(34, 4)]")
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "parts", tuple(self.parts))

    def __call__(self, images: Array, rng: Key) -> Array:
        numbered = enumerate(self.parts)
        for bends, group in groupby(numbered, key=lambda pair: isinstance(pair[1], Warp)):
            if bends:
                moves = [part.displacement(images, random.fold(rng, i)) for i, part in group]  # type: ignore[attr-defined] # a Warp
                images = warp_images(images, sum(down for down, _ in moves), sum(right for _, right in moves))
            else:
                for i, part in group:
                    images = part(images, random.fold(rng, i))
        return images


def _within_one(images: Array, rng: Key, shape: Shape) -> Array:
    """Draw uniformly from −1 to 1, in the images' type; 24 bits, so that every floating type holds the same number."""
    xp = images.__array_namespace__()
    return xp.astype(random.bits(rng, shape) >> 8, images.dtype) * 2.0**-23 - 1


def _shift(images: Array, by: Array, axis: int) -> Array:
    """Shift each image along an axis by its whole number of pixels."""
    xp = images.__array_namespace__()
    n, size = images.shape[0], images.shape[axis]
    index = xp.arange(size, dtype=xp.int32)[None, :] - by[:, None]
    inside = (index >= 0) & (index < size)
    along = (n, *(size if i == axis else 1 for i in range(1, len(images.shape))))
    index, inside = xp.reshape(xp.clip(index, 0, size - 1), along), xp.reshape(inside, along)
    moved = xp.take_along_axis(images, xp.broadcast_to(index, images.shape), axis=axis)
    return xp.where(inside, moved, xp.zeros_like(moved))
