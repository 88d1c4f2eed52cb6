"""Pooling: each small region of a feature map reduced to one number, its maximum or its norm (chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core import windows
from deltarule.core.constraints import Constraints, optional, or_pair, validate, whole
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.windows import Pair, Size, pair, to_ints
from deltarule.errors import ShapeError

FARTHEST = 1000
"""The largest difference of a size that an error suggests from the size that does not fit."""


class Pool(Layer):
    """The base of pooling layers: a window that moves over each channel separately and must cover the image exactly.

    ``size`` is the window and ``stride`` the step by which it moves, each a number or a pair
    (height, width); without a stride the regions lie side by side. Raises :class:`ShapeError`
    if the last region would extend beyond the edge of the image, or not reach it.
    """

    size: Size
    stride: Size | None
    constraints: ClassVar[Constraints] = {"size": or_pair(whole(1)), "stride": optional(or_pair(whole(1)))}

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "size", to_ints(self.size))
        if self.stride is not None:
            object.__setattr__(self, "stride", to_ints(self.stride))

    @property
    def step(self) -> Pair:
        """The step by which the window moves, (height, width)."""
        return pair(self.size if self.stride is None else self.stride)

    def output_shape(self, input_shape: Shape) -> Shape:
        *image, channels = windows.image_shape(self, input_shape)
        sides = zip(("height", "width"), image, pair(self.size), self.step, strict=True)
        misfits = [
            _misfit(side, n, size, step, self.stride is None)
            for side, n, size, step in sides
            if n < size or (n - size) % step
        ]
        if misfits:
            raise ShapeError(
                argument="input_shape",
                owner=type(self).__name__,
                expected="images whose height and width the regions cover exactly",
                value=input_shape,
                remedy="; ".join(misfits),
            )
        return (*windows.places((image[0], image[1]), pair(self.size), self.step), channels)

    def _regions(self, x: Array) -> Array:
        """Return the numbers of each region, shape (examples, rows, columns, numbers, channels), row by row."""
        patches = windows.patches(x, pair(self.size), self.step)
        return x.__array_namespace__().reshape(patches, (*patches.shape[:3], -1, x.shape[3]))

    def _fold(self, d_regions: Array, image: Pair) -> Array:
        """Compute ∂C/∂x from ∂C/∂regions: a number that lies in several regions gets the sum of their errors."""
        d_patches = d_regions.__array_namespace__().reshape(d_regions, (*d_regions.shape[:3], -1))
        return windows.fold(d_patches, image, pair(self.size), self.step)


def _misfit(side: str, n: int, size: int, step: int, side_by_side: bool) -> str:
    """Suggest what would fit in place of a side of n: other images, and other sizes of the pool."""
    below = size + (n - size) // step * step
    images = [str(size)] if n < size else [str(below), str(below + step)]
    near = range(max(1, min(size, n) - FARTHEST), min(n, size + FARTHEST) + 1)
    sizes = [m for m in near if (n - m) % (m if side_by_side else step) == 0]
    nearest = sorted(sorted(sizes, key=lambda m: abs(m - size))[:2])
    other = f", or a size of {' or '.join(map(str, nearest))}" if nearest else ""
    return f"instead of {side} {n} use {' or '.join(images)}{other}"


@dataclass(frozen=True)
class MaxPool(Pool):
    """Max-pooling: the largest number of each region, a = max x. In a tie, the first number, row by row, is used.

    Only the largest number changes a, so it gets the whole error, ∂C/∂x = ∂C/∂a, and the others get 0.

    >>> import numpy as np
    >>> image = np.asarray([[1.0, 2.0, 5.0, 5.0], [4.0, 3.0, 0.0, 5.0]]).reshape(1, 2, 4, 1)
    >>> a, cache = MaxPool(2).forward({}, image)
    >>> a.ravel(), MaxPool(2).backward({}, cache, a)[0][0, :, :, 0]
    (array([4., 5.]), array([[0., 0., 5., 0.],
           [4., 0., 0., 0.]]))
    """

    size: Size
    stride: Size | None = None

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, tuple[Array, Pair]]:
        xp = x.__array_namespace__()
        regions = self._regions(x)
        places = xp.reshape(xp.arange(regions.shape[3]), (-1, 1))
        wins = places == xp.argmax(regions, axis=3, keepdims=True)  # argmax names the first of equals
        return xp.max(regions, axis=3), (wins, x.shape[1:3])

    def backward(self, params: Params, cache: tuple[Array, Pair], d_a: Array) -> tuple[Array, Params]:
        xp = d_a.__array_namespace__()
        wins, image = cache
        d_a = d_a[:, :, :, None, :]
        return self._fold(xp.where(wins, d_a, xp.zeros_like(d_a)), image), {}


@dataclass(frozen=True)
class L2Pool(Pool):
    """L2 pooling: the norm of each region, a = √(Σ x²), so ∂a/∂x = x / a, and 0 where a = 0.

    >>> import numpy as np
    >>> image = np.asarray([[3.0, 4.0], [0.0, 0.0]]).reshape(1, 2, 2, 1)
    >>> a, cache = L2Pool(2).forward({}, image)
    >>> a.item(), L2Pool(2).backward({}, cache, np.ones_like(a))[0].ravel()
    (5.0, array([0.6, 0.8, 0. , 0. ]))
    """

    size: Size
    stride: Size | None = None

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, tuple[Array, Array, Pair]]:
        xp = x.__array_namespace__()
        regions = self._regions(x)
        a = xp.sqrt(xp.sum(regions * regions, axis=3))
        return a, (regions, a, x.shape[1:3])

    def backward(self, params: Params, cache: tuple[Array, Array, Pair], d_a: Array) -> tuple[Array, Params]:
        xp = d_a.__array_namespace__()
        regions, a, image = cache
        share = d_a / xp.where(a > 0, a, xp.ones_like(a))  # where a is 0 so is every x of the region
        return self._fold(regions * share[:, :, :, None, :], image), {}
