"""The layers of the book's third program, with weights in the book's shapes, and their conversion for the library.

A new layer draws its first weights and biases from ``numpy.random``, as the program does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import Any, ClassVar

import numpy as np

from deltarule.book.network3_arrays import FUNCTIONS, ActivationFn, Parameter, Shared, linear, sigmoid
from deltarule.book.network3_layers import PublishedConvPool, PublishedDropout
from deltarule.book.theano_names import LAYER, WithoutSymbols
from deltarule.core.activations import Activation
from deltarule.core.constraints import Constraint, Constraints, check, instance, list_of, validate, whole
from deltarule.core.initializers import FanOut, Zeros
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.layers import Dense, Flatten
from deltarule.errors import ShapeError

ACTIVATION_FN = Constraint(
    "sigmoid, tanh, ReLU or linear of this module, or an activation of deltarule with its derivative, such as "
    "deltarule.ShiftedSigmoid()",
    lambda value: isinstance(value, Activation) or any(value is function for function in FUNCTIONS),
)


def _whole_numbers(count: int) -> Constraint:
    listed = list_of(whole(1), f"{count} whole numbers of at least 1")
    return Constraint(listed.expected, lambda values: listed.accepts(values) and len(values) == count)


class _WeightedLayer(WithoutSymbols):
    """The base of the program's layers: weights, biases and an activation function."""

    theano_names = LAYER
    activation_fn: ActivationFn
    w = Parameter()
    b = Parameter()

    @property
    def params(self) -> list[Shared]:
        """``[w, b]``."""
        return [self.w, self.b]

    def _activation(self) -> Activation:
        """Return the library's layer for ``activation_fn``, or ``activation_fn`` itself if it is such a layer."""
        function = self.activation_fn  # the reader may have changed it
        check("activation_fn", function, ACTIVATION_FN, type(self).__name__)
        return function if isinstance(function, Activation) else FUNCTIONS[function]

    def _check_incoming(self, taken: Shape, incoming: Shape, fits: bool) -> None:
        """Raise :class:`ShapeError` unless the input fits."""
        if not fits:
            remedy = "convolutions come before dense layers" if len(incoming) < len(taken) else ""
            problem = f"expected {_format_shape(taken)}, got {_format_shape(incoming)}"
            raise ShapeError(problem, argument="input", owner=repr(self), remedy=remedy)


@dataclass(repr=False, eq=False)
class ConvPoolLayer(_WeightedLayer):
    """A convolution (equation (125)), the max-pooling of its feature maps, then bias and ``activation_fn``.

    ``filter_shape`` is (maps, channels in, rows, columns) of the local receptive fields, and ``image_shape``
    (mini-batch size, channels in, rows, columns) of the input. Rows and columns after the last whole pool of
    ``poolsize`` are left out, and in a tie each of the largest numbers of a pool gets the whole error. ``w`` has the
    filter's shape and ``b`` the shape (maps,). As in the program, the convolution rotates its filters by 180°:
    ``w[m, ch, ::-1, ::-1]`` corresponds to w in equation (125).

    Raises:
        ShapeError: The shapes do not fit.

    >>> layer = ConvPoolLayer((20, 1, 5, 5), (10, 1, 28, 28))
    >>> layer.w.shape, layer.b.shape, layer.n_out
    ((20, 1, 5, 5), (20,), (20, 12, 12))
    """

    filter_shape: tuple[int, int, int, int]
    image_shape: tuple[int, int, int, int]
    poolsize: tuple[int, int] = (2, 2)
    activation_fn: ActivationFn = sigmoid
    constraints: ClassVar[Constraints] = {
        "filter_shape": _whole_numbers(4),
        "image_shape": _whole_numbers(4),
        "poolsize": _whole_numbers(2),
        "activation_fn": ACTIVATION_FN,
    }

    def __post_init__(self) -> None:
        validate(self)
        for name in ("filter_shape", "image_shape", "poolsize"):
            setattr(self, name, tuple(map(int, getattr(self, name))))
        (maps, channels, *kernel), (_, _, *image) = self.filter_shape, self.image_shape
        least = tuple(k + p - 1 for k, p in zip(kernel, self.poolsize, strict=True))
        if channels != self.image_shape[1] or any(n < small for n, small in zip(image, least, strict=True)):
            raise ShapeError(
                argument="image_shape",
                owner=repr(self),
                expected=f"images of {channels} feature maps, the second number of filter_shape, and of "
                f"{least[0]} × {least[1]} pixels or more, for the filter and the pool",
                value=self.image_shape,
            )
        rest = [(n - k + 1) // p for n, k, p in zip(image, kernel, self.poolsize, strict=True)]
        self.n_out = (maps, rest[0], rest[1])
        deviation = sqrt(prod(self.poolsize) / (maps * prod(kernel)))
        self.w = np.random.normal(loc=0, scale=deviation, size=self.filter_shape)
        self.b = np.random.normal(loc=0, scale=1.0, size=(maps,))

    def __repr__(self) -> str:
        return f"ConvPoolLayer(filter_shape={self.filter_shape}, image_shape={self.image_shape})"

    def to_library_layers(self, incoming: Shape) -> list[Layer]:
        """Build the library's layers for an input (channels, rows, columns)."""
        self._check_incoming(self.image_shape[1:], incoming, incoming == self.image_shape[1:])
        maps, _, *kernel = self.filter_shape
        convolution = PublishedConvPool(maps, (kernel[0], kernel[1]), self.poolsize, FanOut(self.poolsize))
        return [convolution, self._activation()]

    def to_library_params(self, incoming: Shape) -> Params:
        """Convert the parameters for the library's ``Conv``: w (maps, rows, columns, channels), not rotated."""
        w = np.asarray(self.w)[:, :, ::-1, ::-1].transpose(0, 2, 3, 1)
        return {"w": np.ascontiguousarray(w), "b": np.asarray(self.b)}

    def set_from_library(self, params: Params, incoming: Shape) -> None:
        """Set the parameters from those of the library."""
        self.w, self.b = np.asarray(params["w"]).transpose(0, 3, 1, 2)[:, :, ::-1, ::-1], params["b"]


@dataclass(repr=False, eq=False)
class FullyConnectedLayer(_WeightedLayer):
    """A fully connected layer with dropout of its inputs: a = f((1 − p) aᴵ w + b), f the ``activation_fn``.

    The inputs aᴵ are rows. In training, each input is zero with probability p = ``p_dropout``, and there is no factor
    1 − p. ``w`` has the shape (n_in, n_out), w[k, j] from k to j, and ``b`` the shape (n_out,).

    Raises:
        InvalidArgument: A number is out of its range.

    >>> FullyConnectedLayer(n_in=40*4*4, n_out=100).w.shape
    (640, 100)
    """

    n_in: int
    n_out: int
    activation_fn: ActivationFn = sigmoid
    p_dropout: float = 0.0
    constraints: ClassVar[Constraints] = {
        "n_in": whole(1),
        "n_out": whole(1),
        "activation_fn": ACTIVATION_FN,
        "p_dropout": PublishedDropout.constraints["p"],
    }

    def __post_init__(self) -> None:
        validate(self)
        self.n_in, self.n_out = int(self.n_in), int(self.n_out)
        self.w, self.b = self._draw_first()

    def _draw_first(self) -> tuple[np.ndarray, np.ndarray]:
        w = np.random.normal(loc=0.0, scale=sqrt(1.0 / self.n_out), size=(self.n_in, self.n_out))
        return w, np.random.normal(loc=0.0, scale=1.0, size=(self.n_out,))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_in={self.n_in}, n_out={self.n_out})"

    def to_library_layers(self, incoming: Shape) -> list[Layer]:
        """Build the library's layers for an input (numbers,) or (channels, rows, columns)."""
        self._check_incoming((self.n_in,), incoming, prod(incoming) == self.n_in)
        flat = [Flatten()] if len(incoming) > 1 else []
        dropout = [PublishedDropout(self.p_dropout)] if self.p_dropout else []
        return [*flat, *dropout, *self._dense_layers()]

    def _dense_layers(self) -> list[Layer]:
        return [Dense(self.n_out, FanOut()), self._activation()]

    def to_library_params(self, incoming: Shape) -> Params:
        """Convert the parameters for the library's ``Dense``: w (n_out, n_in), channels fastest."""
        w = np.asarray(self.w).T
        if len(incoming) > 1:
            w = w.reshape(self.n_out, *incoming).transpose(0, 2, 3, 1).reshape(w.shape)
        return {"w": np.ascontiguousarray(w), "b": np.asarray(self.b)}

    def set_from_library(self, params: Params, incoming: Shape) -> None:
        """Set the parameters from those of the library."""
        w = np.asarray(params["w"])
        if len(incoming) > 1:
            w = w.reshape(self.n_out, *incoming[1:], incoming[0]).transpose(0, 3, 1, 2).reshape(w.shape)
        self.w, self.b = w.T, params["b"]


class SoftmaxLayer(FullyConnectedLayer):
    """The last layer: a = softmax((1 − p) aᴵ w + b), equation (78), with the log-likelihood cost and first weights 0.

    >>> SoftmaxLayer(n_in=100, n_out=10).b.tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """

    constraints: ClassVar[Constraints] = {
        **FullyConnectedLayer.constraints,
        "n_out": Constraint(
            "a whole number of at least 2, one output per class: softmax of one is 1", whole(2).accepts
        ),
    }

    def __init__(self, n_in: int, n_out: int, p_dropout: float = 0.0) -> None:
        super().__init__(n_in, n_out, linear, p_dropout)

    def _draw_first(self) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((self.n_in, self.n_out)), np.zeros(self.n_out)

    def _dense_layers(self) -> list[Layer]:
        return [Dense(self.n_out, Zeros())]  # the softmax belongs to the cost


BookLayer = ConvPoolLayer | FullyConnectedLayer

LAYERS = (
    list_of(
        instance((ConvPoolLayer, FullyConnectedLayer), "a layer"),
        "a list of ConvPoolLayer, FullyConnectedLayer and a SoftmaxLayer",
        least=1,
    ),
    Constraint(
        "a SoftmaxLayer, which owns the cost, as the last layer and no other",
        lambda layers: [i for i, layer in enumerate(layers, 1) if isinstance(layer, SoftmaxLayer)] == [len(layers)],
    ),
    Constraint(
        "different layers, none of them twice",
        lambda layers: len(set(map(id, layers))) == len(layers),
    ),
)
"""The rules for the layers of a network."""


def check_layers(layers: Any, mini_batch_size: int) -> list[BookLayer]:
    """Check the rules for layers, and return them; raise :class:`InvalidArgument` or :class:`ShapeError`."""
    for constraint in LAYERS:
        check("layers", layers, constraint)
    for i, layer in enumerate(layers):
        if isinstance(layer, ConvPoolLayer) and layer.image_shape[0] != mini_batch_size:
            raise ShapeError(
                position=f"layer {i}",
                argument="image_shape",
                owner=repr(layer),
                expected=f"the network's mini_batch_size, {mini_batch_size}, as its first number",
                value=layer.image_shape,
            )
    return list(layers)


def _format_shape(shape: Shape) -> str:
    return " × ".join(map(str, shape)) + (f" = {prod(shape)}" if len(shape) > 1 else "") + " numbers"
