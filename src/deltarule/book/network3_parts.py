"""The layers of the book's third program, each with its weights in the book's shapes and the library's layers it is.

A layer draws its first weights and biases as the program does, from ``numpy.random``, when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np

from deltarule.book.network3_arrays import FUNCTIONS, ActivationFn, Parameter, Shared, linear, sigmoid
from deltarule.book.network3_layers import Crop, PublishedDropout
from deltarule.core.activations import Activation
from deltarule.core.constraints import whole
from deltarule.core.convolution import Conv
from deltarule.core.initializers import FanOut, Zeros
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.layers import Dense, Flatten
from deltarule.core.pooling import MaxPool
from deltarule.errors import InvalidArgument, ShapeError


@dataclass(repr=False, eq=False)
class ConvPoolLayer:
    """A convolution (equation (125)), the max-pooling of its feature maps, then bias and ``activation_fn``.

    ``filter_shape`` is (maps, channels in, rows, columns) of the local receptive fields and
    ``image_shape`` (mini-batch size, channels in, rows, columns) of what comes in; rows and columns
    that make no whole ``poolsize`` are left out. ``w`` has the filter's shape and ``b`` is (maps,).
    As in the program, the convolution turns its filters round: ``w[m, ch, ::-1, ::-1]`` is what lies
    over the image as in equation (125). Raises :class:`ShapeError` where the shapes do not fit.

    >>> layer = ConvPoolLayer((20, 1, 5, 5), (10, 1, 28, 28))
    >>> layer.w.shape, layer.b.shape, layer.n_out
    ((20, 1, 5, 5), (20,), (20, 12, 12))
    """

    filter_shape: tuple[int, int, int, int]
    image_shape: tuple[int, int, int, int]
    poolsize: tuple[int, int] = (2, 2)
    activation_fn: ActivationFn = sigmoid
    w = Parameter()
    b = Parameter()

    def __post_init__(self) -> None:
        for name, count in (("filter_shape", 4), ("image_shape", 4), ("poolsize", 2)):
            setattr(self, name, _whole("ConvPoolLayer", name, getattr(self, name), count))
        (maps, channels, *kernel), (_, incoming, *image) = self.filter_shape, self.image_shape
        if channels != incoming:
            raise ShapeError(
                f"{self}: filters for {channels} feature maps, images of {incoming}: "
                "the second numbers of filter_shape and image_shape must be equal"
            )
        rest = [(n - k + 1) // p for n, k, p in zip(image, kernel, self.poolsize, strict=True)]
        if min(rest) < 1:
            raise ShapeError(
                f"{self}: filters of {kernel[0]} × {kernel[1]} and a pool of {self.poolsize[0]} × {self.poolsize[1]} "
                f"need images of {' × '.join(str(k + p - 1) for k, p in zip(kernel, self.poolsize, strict=True))} "
                f"at least, not {image[0]} × {image[1]}"
            )
        self.n_out = (maps, rest[0], rest[1])
        deviation = sqrt(prod(self.poolsize) / (maps * prod(kernel)))
        activation_of(self)
        self.w = np.random.normal(loc=0, scale=deviation, size=self.filter_shape)
        self.b = np.random.normal(loc=0, scale=1.0, size=(maps,))

    def __repr__(self) -> str:
        return f"ConvPoolLayer(filter_shape={self.filter_shape}, image_shape={self.image_shape})"

    @property
    def params(self) -> list[Shared]:
        """``[w, b]``."""
        return [self.w, self.b]

    def library(self, incoming: Shape) -> list[Layer]:
        """The library's layers for what comes in, (channels, rows, columns)."""
        if incoming != self.image_shape[1:]:
            remedy = "; convolutions come before dense layers" if len(incoming) == 1 else ""
            raise ShapeError(f"{self} takes {_times(self.image_shape[1:])}, but is given {_times(incoming)}{remedy}")
        maps, _, *kernel = self.filter_shape
        taken = [n * p + k - 1 for n, p, k in zip(self.n_out[1:], self.poolsize, kernel, strict=True)]
        crop = [] if taken == list(incoming[1:]) else [Crop(*taken)]
        convolution = Conv(maps, (kernel[0], kernel[1]), initializer=FanOut(self.poolsize))
        pool = [] if self.poolsize == (1, 1) else [MaxPool(self.poolsize)]
        return [*crop, convolution, *pool, activation_of(self)]

    def to_library(self, incoming: Shape) -> Params:
        """The parameters as the library's ``Conv`` has them, w (maps, rows, columns, channels), not turned round."""
        w = np.asarray(self.w)[:, :, ::-1, ::-1].transpose(0, 2, 3, 1)
        return {"w": np.ascontiguousarray(w), "b": np.asarray(self.b)}

    def from_library(self, params: Params, incoming: Shape) -> None:
        """Takes parameters over that the library has learned."""
        self.w, self.b = np.asarray(params["w"]).transpose(0, 3, 1, 2)[:, :, ::-1, ::-1], params["b"]


@dataclass(repr=False, eq=False)
class FullyConnectedLayer:
    """a = f((1 − p) aᴵ w + b), f the ``activation_fn``, for inputs aᴵ as rows; dropout is applied to the inputs.

    While training, each input is silenced with probability p = ``p_dropout``, and there is no factor
    1 − p. ``w`` has shape (n_in, n_out), w[k, j] leading from k to j, and ``b`` is (n_out,). Raises
    :class:`InvalidArgument` for numbers that cannot be meant.

    >>> FullyConnectedLayer(n_in=40*4*4, n_out=100).w.shape
    (640, 100)
    """

    n_in: int
    n_out: int
    activation_fn: ActivationFn = sigmoid
    p_dropout: float = 0.0
    w = Parameter()
    b = Parameter()

    def __post_init__(self) -> None:
        self.n_in, self.n_out = _whole(type(self).__name__, "n_in and n_out", (self.n_in, self.n_out), 2)
        PublishedDropout(self.p_dropout)
        activation_of(self)
        self.w, self.b = self._first()

    def _first(self) -> tuple[np.ndarray, np.ndarray]:
        w = np.random.normal(loc=0.0, scale=sqrt(1.0 / self.n_out), size=(self.n_in, self.n_out))
        return w, np.random.normal(loc=0.0, scale=1.0, size=(self.n_out,))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_in={self.n_in}, n_out={self.n_out})"

    @property
    def params(self) -> list[Shared]:
        """``[w, b]``."""
        return [self.w, self.b]

    def library(self, incoming: Shape) -> list[Layer]:
        """The library's layers for what comes in, (numbers,) or (channels, rows, columns)."""
        if prod(incoming) != self.n_in:
            raise ShapeError(f"{self} takes {self.n_in} numbers, but is given {_times(incoming)}")
        flat = [Flatten()] if len(incoming) > 1 else []
        dropout = [PublishedDropout(self.p_dropout)] if self.p_dropout else []
        return [*flat, *dropout, *self._dense()]

    def _dense(self) -> list[Layer]:
        return [Dense(self.n_out, FanOut()), activation_of(self)]

    def to_library(self, incoming: Shape) -> Params:
        """The parameters as the library's ``Dense`` has them, w (n_out, n_in), channels fastest."""
        w = np.asarray(self.w).T
        if len(incoming) > 1:
            w = w.reshape(self.n_out, *incoming).transpose(0, 2, 3, 1).reshape(w.shape)
        return {"w": np.ascontiguousarray(w), "b": np.asarray(self.b)}

    def from_library(self, params: Params, incoming: Shape) -> None:
        """Takes parameters over that the library has learned."""
        w = np.asarray(params["w"])
        if len(incoming) > 1:
            w = w.reshape(self.n_out, *incoming[1:], incoming[0]).transpose(0, 3, 1, 2).reshape(w.shape)
        self.w, self.b = w.T, params["b"]


class SoftmaxLayer(FullyConnectedLayer):
    """The last layer: a = softmax((1 − p) aᴵ w + b), equation (78), with the log-likelihood cost; it starts at zero.

    >>> SoftmaxLayer(n_in=100, n_out=10).b.tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """

    def __init__(self, n_in: int, n_out: int, p_dropout: float = 0.0) -> None:
        super().__init__(n_in, n_out, linear, p_dropout)
        if n_out == 1:
            raise InvalidArgument(
                "n_out 1: expected 2 outputs or more, as the softmax of one is always 1; give one a class"
            )

    def _first(self) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((self.n_in, self.n_out)), np.zeros(self.n_out)

    def _dense(self) -> list[Layer]:
        return [Dense(self.n_out, Zeros())]  # the softmax belongs to the cost


BookLayer = ConvPoolLayer | FullyConnectedLayer


def checked(layers: Any, mini_batch_size: int) -> list[BookLayer]:
    """The layers, if they are such as make a network; raises :class:`InvalidArgument` or :class:`ShapeError` if not."""
    kinds = (ConvPoolLayer, FullyConnectedLayer)
    if not isinstance(layers, (list, tuple)) or not layers or not all(isinstance(layer, kinds) for layer in layers):
        raise InvalidArgument(
            f"layers {layers!r}: give a list of ConvPoolLayer, FullyConnectedLayer and a SoftmaxLayer"
        )
    if [isinstance(layer, SoftmaxLayer) for layer in layers] != [False] * (len(layers) - 1) + [True]:
        raise InvalidArgument("the last layer, and no other, must be a SoftmaxLayer, which owns the cost")
    if len({id(layer) for layer in layers}) < len(layers):
        raise InvalidArgument("a layer stands in this network twice: make another one, with weights of its own")
    for i, layer in enumerate(layers):
        if isinstance(layer, ConvPoolLayer) and layer.image_shape[0] != mini_batch_size:
            raise ShapeError(
                f"layer {i}: {layer} takes mini-batches of {layer.image_shape[0]}, the first number of image_shape, "
                f"but the network's are of {mini_batch_size}"
            )
    return list(layers)


def activation_of(layer: Any) -> Activation:
    """The library's layer for ``activation_fn``, which may be one of the library's (or one's own) itself."""
    function = layer.activation_fn
    if isinstance(function, Activation):
        return function
    try:
        return FUNCTIONS[function]
    except (KeyError, TypeError):
        raise InvalidArgument(
            f"{layer}: activation_fn {function!r} is not known; give sigmoid, tanh, ReLU or linear of this module, "
            "or an activation of deltarule, such as deltarule.ShiftedSigmoid(), which brings its derivative along"
        ) from None


def _whole(layer: str, name: str, values: Any, count: int) -> Any:
    numbers = tuple(values) if isinstance(values, (tuple, list)) else ()
    if len(numbers) != count or not all(map(whole(1).accepts, numbers)):
        raise InvalidArgument(f"{layer}: {name} {values!r}: give {count} whole numbers from 1")
    return tuple(map(int, numbers))


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape)) + (f" = {prod(shape)}" if len(shape) > 1 else "") + " numbers"
