"""Sliding windows over images: patches cut out of an image, and patches folded back to an image.

Images have the shape (examples, height, width, channels). A window of h × w, moved by s rows or t
columns at a time, covers at its place (r, c) the patch

    patches[n, r, c, (i, j, ch)] = x[n, r·s + i, c·t + j, ch]      for i < h, j < w,

laid out as one row, channels fastest. Convolution (equation (125)) and pooling both use patches.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any, TypeAlias

from deltarule.core.layer import Array, Shape
from deltarule.errors import ShapeError

Size: TypeAlias = int | tuple[int, int]
"""The size of a window or a stride: (height, width), or one number for both."""
Pair: TypeAlias = tuple[int, int]


def pair(size: Size) -> Pair:
    """Return a size as (height, width)."""
    return (size, size) if isinstance(size, int) else size


def to_ints(size: Any) -> Size:
    """Convert a size to Python's own whole numbers, a pair to a tuple.

    >>> to_ints([2, 3])
    (2, 3)
    """
    return int(size) if isinstance(size, Integral) else (int(size[0]), int(size[1]))


def places(image: Pair, window: Pair, stride: Pair) -> Pair:
    """Count the rows and columns of places where a window fits into an image; the rest of the image is left out.

    >>> places((28, 28), (5, 5), (1, 1)), places((28, 28), (5, 3), (2, 2))
    ((24, 24), (12, 13))
    """
    rows, columns = ((n - k) // step + 1 for n, k, step in zip(image, window, stride, strict=True))
    return rows, columns


def image_shape(layer: object, input_shape: Shape) -> tuple[int, int, int]:
    """Return (height, width, channels). Raises :class:`ShapeError` if the input is not an image."""
    if len(input_shape) == 3:
        height, width, channels = input_shape
        return height, width, channels
    side = round(input_shape[0] ** 0.5) if len(input_shape) == 1 else 0
    example = (*input_shape, 1) if len(input_shape) == 2 else (side, side, 1) if side**2 in input_shape else (28, 28, 1)
    raise ShapeError(
        argument="input_shape",
        owner=type(layer).__name__,
        expected="the shape of an image, (height, width, channels)",
        value=input_shape,
        remedy=f"put the layer before Flatten() and Dense, and give the network an input_shape such as {example}",
    )


def _take_every(x: Array, axis: int, start: int, step: int, count: int) -> Array:
    """Take ``count`` slices of x along an axis, from ``start`` in steps."""
    along = slice(start, start + step * (count - 1) + 1, step)
    return x[(*(slice(None),) * axis, along, ...)]


def _spread(d: Array, axis: int, start: int, step: int, length: int) -> Array:
    """Reverse :func:`_take_every`: put the slices of d at their places along an axis of this length, zeros between."""
    xp, count = d.__array_namespace__(), d.shape[axis]

    def shape(n: int) -> Shape:
        return (*d.shape[:axis], n, *d.shape[axis + 1 :])

    def zeros(n: int) -> Array:
        return xp.zeros(shape(n), dtype=d.dtype)

    apart = d
    if step > 1:
        apart = xp.reshape(xp.stack([d, *[xp.zeros_like(d)] * (step - 1)], axis=axis + 1), shape(count * step))
    end = step * (count - 1) + 1
    return xp.concat([zeros(start), _take_every(apart, axis, 0, 1, end), zeros(length - start - end)], axis=axis)


def patches(x: Array, window: Pair, stride: Pair) -> Array:
    """Return the content of the window at each place, shape (examples, rows, columns, h · w · channels).

    >>> import numpy as np
    >>> image = np.arange(9.0).reshape(1, 3, 3, 1)
    >>> patches(image, (2, 2), (1, 1))[0, 1, 0]
    array([3., 4., 6., 7.])
    """
    # columns first, then whole strips of columns: h + w slices instead of h · w
    (h, w), (s, t) = window, stride
    rows, columns = places(x.shape[1:3], window, stride)
    xp = x.__array_namespace__()
    strips = xp.concat([_take_every(x, 2, j, t, columns) for j in range(w)], axis=3)
    return xp.concat([_take_every(strips, 1, i, s, rows) for i in range(h)], axis=3)


def fold(d_patches: Array, image: Pair, window: Pair, stride: Pair) -> Array:
    """Compute ∂C/∂x from ∂C/∂patches: each number of x sums the errors of all patches that contain it.

    d_x[n, y, x, ch] = Σ d_patches[n, r, c, (i, j, ch)] over all r·s + i = y and c·t + j = x. The
    result has the shape (examples, \\*image, channels).

    >>> import numpy as np
    >>> fold(np.ones((1, 2, 2, 4)), (3, 3), (2, 2), (1, 1))[0, :, :, 0]  # in how many patches each number lies
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    (h, w), (s, t), (height, width) = window, stride, image
    strip, channels = d_patches.shape[3] // h, d_patches.shape[3] // (h * w)
    d_strips = sum(_spread(d_patches[:, :, :, i * strip : (i + 1) * strip], 1, i, s, height) for i in range(h))
    return sum(_spread(d_strips[:, :, :, j * channels : (j + 1) * channels], 2, j, t, width) for j in range(w))
