"""Layers only for the book's third program: its dropout, and its convolution with max-pooling."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from deltarule.core import random
from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.convolution import Conv
from deltarule.core.initializers import Default, Initializer
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.windows import Size, fold, image_shape, pair, patches, places, to_ints
from deltarule.engines.native_job import KINDS, LayerJob, OtherLayer, add_layer, describe_dropout
from deltarule.engines.native_scope import MOST
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class PublishedDropout(Layer, Validated):
    """Dropout as published: zero each input with probability ``p`` in training; multiply all by 1 − p in prediction.

    In prediction the next ``Dense`` computes z = (1 − p) w a + b, as in the book's third program and in the first
    publication of dropout (Hinton and others, 2012). :class:`deltarule.Dropout` instead divides by 1 − p in training
    and leaves the inputs unchanged in prediction. With w′ = (1 − p) w both are the same function, but they learn
    differently: a step on w at η is a step on w′ at (1 − p)² η, and w′ starts 1 − p times as large.

    As in that program, all such layers of a network share their random numbers: in one step, layers with the same
    number of inputs have the same mask.

    Raises:
        InvalidArgument: ``p`` is not in 0 ≤ p < 1.

    >>> import numpy as np
    >>> PublishedDropout(0.25).forward({}, np.ones((1, 3)))[0]
    array([[0.75, 0.75, 0.75]])
    """

    p: float = 0.5
    constraints: ClassVar[Constraints] = {"p": number(0, below=1)}

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Array | None]:
        if rng is None:
            return x * (1 - self.p), None
        xp = x.__array_namespace__()
        step = rng[:-1] or rng  # without the number of the layer, which makes masks differ
        mask = xp.astype(random.bernoulli(random.fold(step, _STREAM), 1 - self.p, x.shape), x.dtype)
        return x * mask, mask

    def backward(self, params: Params, mask: Array | None, d_y: Array) -> tuple[Array, Params]:
        return d_y * (1 - self.p if mask is None else mask), {}


_STREAM = 2**20
"""The number of the common random stream in a step; no layer has it."""


def _describe_dropout(dropout: PublishedDropout, job: LayerJob) -> None:
    describe_dropout(job, dropout.p, 1.0, 1 - dropout.p)
    job.index = _STREAM


add_layer(PublishedDropout, OtherLayer(_describe_dropout))


@dataclass(frozen=True)
class PublishedConvPool(Layer, Validated):
    """A convolution, max-pooling and then the bias, as published: in a tie, all of the largest numbers win.

    In the book's third program, the derivative of the maximum is 1 for every number of the region that equals it.
    Where all four numbers of a region tie, the errors below the pool add up to four times the error above it.
    :class:`deltarule.MaxPool` gives the error to the first of them. Neither is wrong: the maximum has no derivative
    there. But digits have blank borders, so after a convolution many regions hold one number four times. The bias is
    added after the pool, so its error does not depend on the number of ties.

    Rows and columns after the last whole region are left out: 2 × 2 max-pooling of 11 rows uses ten of them.

    Args:
        maps: The number of feature maps.
        kernel: The size of the local receptive fields.
        pool: The size of the regions, which lie side by side.
        initializer: The first weights and biases.

    >>> import numpy as np
    >>> layer, params = PublishedConvPool(1, 1, 2), {"w": np.ones((1, 1, 1, 1)), "b": np.zeros(1)}
    >>> image = np.asarray([[1.0, 2.0, 5.0, 5.0, 9.0], [4.0, 3.0, 0.0, 5.0, 9.0]]).reshape(1, 2, 5, 1)
    >>> a, cache = layer.forward(params, image)
    >>> a.ravel(), layer.backward(params, cache, a)[0][0, :, :, 0]
    (array([4., 5.]), array([[0., 0., 5., 5., 0.],
           [4., 0., 0., 5., 0.]]))
    """

    maps: int
    kernel: Size
    pool: Size
    initializer: Initializer = Default()
    weights: ClassVar[tuple[str, ...]] = ("w",)
    constraints: ClassVar[Constraints] = {
        **{name: Conv.constraints[name] for name in ("maps", "kernel", "initializer")},
        "pool": Conv.constraints["kernel"],
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "maps", int(self.maps))
        object.__setattr__(self, "kernel", to_ints(self.kernel))
        object.__setattr__(self, "pool", to_ints(self.pool))

    @property
    def convolution(self) -> Conv:
        """The convolution."""
        return Conv(self.maps, self.kernel, initializer=self.initializer)

    def init(self, rng: Key, input_shape: Shape) -> Params:
        return self.convolution.init(rng, input_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, maps = self.convolution.output_shape(input_shape)
        rows, columns = places((height, width), pair(self.pool), pair(self.pool))
        if not (rows > 0 and columns > 0):
            expected = f"at most the size of the feature maps, ({height}, {width})"
            raise ShapeError(owner="PublishedConvPool", argument="pool", expected=expected, value=self.pool)
        return rows, columns, maps

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        xp = x.__array_namespace__()
        z, cache = self.convolution.forward({"w": params["w"], "b": xp.zeros_like(params["b"])}, x)
        taken = patches(z, pair(self.pool), pair(self.pool))
        regions = xp.reshape(taken, (*taken.shape[:3], -1, self.maps))
        largest = xp.max(regions, axis=3, keepdims=True)
        wins = find_winners(regions, largest)
        return largest[:, :, :, 0, :] + params["b"], (cache, wins, z.shape[1:3])

    def backward(self, params: Params, cache: Any, delta: Array) -> tuple[Array, Params]:
        xp = delta.__array_namespace__()
        inner, wins, image = cache
        d_regions = xp.where(wins, delta[:, :, :, None, :], xp.zeros_like(delta)[:, :, :, None, :])
        d_patches = xp.reshape(d_regions, (*delta.shape[:3], -1))
        d_z = fold(d_patches, image, pair(self.pool), pair(self.pool))
        d_x, grads = self.convolution.backward(params, inner, d_z)
        return d_x, {"w": grads["w"], "b": xp.sum(delta, axis=(0, 1, 2))}  # BP3, summed over the regions


def find_winners(regions: Array, largest: Array) -> Array:
    """Return which numbers equal the largest of their region; NaN is the largest, and does not equal itself."""
    return (regions == largest) | (regions != regions)


MOST_NUMBERS = 32
"""The most numbers of a region for the native engine, which has a bit for each."""


def _describe_convolution(layer: PublishedConvPool, job: LayerJob) -> None:
    job.kind, job.outputs, (job.window_h, job.window_w) = KINDS[Conv], layer.maps, pair(layer.kernel)
    job.step_h = job.step_w = 1
    job.numbers[:2] = pair(layer.pool)


def _list_shapes(layer: PublishedConvPool, shape: Shape) -> dict[str, Shape]:
    return {"w": (layer.maps, *pair(layer.kernel), shape[-1]), "b": (layer.maps,)}


def _find_obstacle(layer: PublishedConvPool, shape: Shape) -> str:
    if prod(pair(layer.pool)) > MOST_NUMBERS:
        return f"has a pool of more than {MOST_NUMBERS} numbers"
    if prod(layer.convolution.output_shape(shape)) > MOST:
        return f"has more than {MOST:,} numbers"
    return ""


add_layer(PublishedConvPool, OtherLayer(_describe_convolution, _list_shapes, _find_obstacle))


@dataclass(frozen=True)
class Crop(Layer):
    """A crop of images to the first ``height`` rows and ``width`` columns: in older files, before a convolution.

    These files have :class:`deltarule.MaxPool`, which leaves out no border. Only the last row of a convolution's
    output depends on the last row of its input, so cropping the input has the same effect.

    >>> import numpy as np
    >>> Crop(1, 2).forward({}, np.arange(6.0).reshape(1, 2, 3, 1))[0].ravel()
    array([0., 1.])
    """

    height: int
    width: int

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, channels = image_shape(self, input_shape)
        if not (0 < self.height <= height and 0 < self.width <= width):
            within = f"a size within the image, {height} × {width}"
            raise ShapeError(owner="Crop", argument="size", expected=within, value=(self.height, self.width))
        return self.height, self.width, channels

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Shape]:
        return x[:, : self.height, : self.width, :], x.shape

    def backward(self, params: Params, shape: Shape, d_y: Array) -> tuple[Array, Params]:
        xp = d_y.__array_namespace__()
        right = xp.zeros((shape[0], self.height, shape[2] - self.width, shape[3]), dtype=d_y.dtype)
        below = xp.zeros((shape[0], shape[1] - self.height, shape[2], shape[3]), dtype=d_y.dtype)
        return xp.concat([xp.concat([d_y, right], axis=2), below], axis=1), {}


LAYERS = (PublishedDropout, PublishedConvPool, Crop)
"""The layers for ``deltarule.load(path, custom=LAYERS)``, if a model has one of them."""
