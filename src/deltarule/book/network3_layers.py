"""Layers only for the book's third program: its dropout, and a crop for pools that leave out a border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core import random
from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.windows import image_shape
from deltarule.engines.native_job import LayerJob, add_layer, describe_dropout
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


def _describe(dropout: PublishedDropout, job: LayerJob) -> None:
    describe_dropout(job, dropout.p, 1.0, 1 - dropout.p)
    job.index = _STREAM


add_layer(PublishedDropout, _describe)


@dataclass(frozen=True)
class Crop(Layer):
    """A crop of images to the first ``height`` rows and ``width`` columns, for pools that ignore the border.

    In the book's third program, 2 × 2 max-pooling of 11 rows uses ten of them. Only the last row of a convolution's
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


LAYERS = (PublishedDropout, Crop)
"""The layers for ``deltarule.load(path, custom=LAYERS)``, if a model has one of them."""
