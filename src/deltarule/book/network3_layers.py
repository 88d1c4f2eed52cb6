"""What the book's third program does that the library's own layers do not: its dropout, and pools that leave a rim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deltarule.core import random
from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.windows import image_shape
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class PublishedDropout(Layer, Validated):
    """Silences each input with probability ``p`` while training; in use, multiplies all of them by 1 − p instead.

    In use its ``Dense`` then sees z = (1 − p) w a + b, as the book's third program writes it (and as
    dropout was published: Hinton and others, 2012). :class:`deltarule.Dropout` divides by 1 − p while
    training and leaves inputs alone in use. With w′ = (1 − p) w that is the same function, but not
    the same learning: a step on w at η is a step on w′ at (1 − p)² η, and w′ starts 1 − p times as large.

    As in that program, all such layers of a network draw alike: in a step, layers with equally many
    inputs have the same mask. Raises :class:`InvalidArgument` unless 0 ≤ p < 1.

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
        step = rng[:-1] or rng  # without the number of the layer, by which networks keep masks apart
        mask = xp.astype(random.bernoulli(random.fold(step, _STREAM), 1 - self.p, x.shape), x.dtype)
        return x * mask, mask

    def backward(self, params: Params, mask: Array | None, d_y: Array) -> tuple[Array, Params]:
        return d_y * (1 - self.p if mask is None else mask), {}


_STREAM = 2**20
"""The number of the layers' common stream of a step: none that a layer has."""


@dataclass(frozen=True)
class Crop(Layer):
    """The first ``height`` rows and ``width`` columns of an image: what is left when a pool ignores the border.

    A max-pooling 2 × 2 of 11 rows takes ten of them, in the book's third program. The last row of a
    convolution's output depends on the last row of its input, so leaving that out comes to the same.

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
"""For ``deltarule.load(path, custom=LAYERS)``, where a model has one of them."""
