"""Convolution: one small window of weights, applied at every place of an image (equation (125))."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from deltarule.core import operations, windows
from deltarule.core.constraints import Constraints, or_pair, validate, whole
from deltarule.core.initializers import INITIALIZER, Default, Initializer
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.windows import Pair, Size, pair, to_ints
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class Conv(Layer):
    """A convolutional layer: feature maps whose places share weights and biases (equation (125)).

    z[r, c, m] = b[m] + Σ w[m, i, j, ch] x[r·s + i, c·s + j, ch].

    Images have the shape (height, width, channels), the result (rows, columns, maps). ``kernel`` is the
    book's local receptive field and ``stride`` s the step by which it moves, each a number or a
    pair (height, width). There is no padding; rows and columns that no step reaches are left out.
    ``w`` has shape (maps, kernel height, kernel width, channels) and ``b`` (maps,). As in the book,
    the kernel is not flipped, and the layer applies no activation.

    Write the patch under each place of the kernel as one row. Then the layer computes what
    ``Dense`` computes on these rows, and its gradients are those of ``Dense``. As every
    place shares the weights, BP3 and BP4 are summed over the places as well as over the mini-batch:
    ∂C/∂b[m] = Σ δ[r, c, m] and ∂C/∂w[m, i, j, ch] = Σ δ[r, c, m] x[r·s + i, c·s + j, ch].
    A number of x can lie in several patches; its error is the sum of their errors wᵀ δ (BP2 without its factor σ′).

    >>> import numpy as np
    >>> edge = {"w": np.asarray([[-1.0, 1.0]]).reshape(1, 1, 2, 1), "b": np.asarray([0.0])}
    >>> image = np.asarray([[0.0, 0.0, 1.0, 1.0]]).reshape(1, 1, 4, 1)
    >>> Conv(1, kernel=(1, 2)).forward(edge, image)[0].ravel()
    array([0., 1., 0.])
    """

    maps: int
    kernel: Size
    stride: Size = 1
    initializer: Initializer = Default()
    weights: ClassVar[tuple[str, ...]] = ("w",)
    constraints: ClassVar[Constraints] = {
        "maps": whole(1),
        "kernel": or_pair(whole(1)),
        "stride": or_pair(whole(1)),
        "initializer": INITIALIZER,
    }

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "maps", int(self.maps))
        object.__setattr__(self, "kernel", to_ints(self.kernel))
        object.__setattr__(self, "stride", to_ints(self.stride))

    def init(self, rng: Key, input_shape: Shape) -> Params:
        shape = (self.maps, *pair(self.kernel), input_shape[-1])
        return self.initializer(rng, shape, prod(shape[1:]))

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = windows.image_shape(self, input_shape)
        h, w = pair(self.kernel)
        if h > height or w > width:
            raise ShapeError(
                argument="kernel",
                owner="Conv",
                expected=f"at most the size of the image, ({height}, {width})",
                value=(h, w),
                remedy=f"make it ({min(h, height)}, {min(w, width)}), or smaller",
            )
        return (*windows.places((height, width), (h, w), pair(self.stride)), self.maps)

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, tuple[Array, Pair]]:
        xp = x.__array_namespace__()
        patches = windows.patches(x, pair(self.kernel), pair(self.stride))
        z = _rows(patches) @ _rows_of_maps(params["w"]).T + params["b"]
        return xp.reshape(z, (*patches.shape[:3], self.maps)), (patches, x.shape[1:3])

    def backward(self, params: Params, cache: tuple[Array, Pair], delta: Array) -> tuple[Array, Params]:
        xp = delta.__array_namespace__()
        patches, image = cache
        w, delta = params["w"], _rows(delta)  # a row for each place of each example
        d_patches = xp.reshape(delta @ _rows_of_maps(w), patches.shape)  # BP2: wᵀ δ for every patch,
        d_x = windows.fold(d_patches, image, pair(self.kernel), pair(self.stride))  # added up where they overlap
        d_b = xp.sum(delta, axis=0)  # BP3, summed over the places
        d_w = operations.sum_of_outer_products(delta, _rows(patches))  # BP4, summed over the places
        return d_x, {"w": xp.reshape(d_w, w.shape), "b": d_b}


def _rows(x: Array) -> Array:
    """Put the places below each other, shape (examples · rows · columns, features)."""
    return x.__array_namespace__().reshape(x, (-1, x.shape[3]))


def _rows_of_maps(w: Array) -> Array:
    """Lay out the weights of each feature map in the order of a patch, shape (maps, h · w · channels)."""
    return w.__array_namespace__().reshape(w, (w.shape[0], -1))
