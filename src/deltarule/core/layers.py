"""Layers other than activations: Dense, which computes BP3 and BP4, Dropout and Flatten."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from deltarule.core import operations, random
from deltarule.core.constraints import Constraints, Validated, number, validate, whole
from deltarule.core.initializers import INITIALIZER, Default, Initializer
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer, z = a wᵀ + b: the book's zˡ = wˡ aˡ⁻¹ + bˡ, for a mini-batch whose examples are rows.

    ``w`` has the book's shape (n_out, n_in), w[j, k] leading from neuron k to neuron j, and ``b``
    has shape (n_out,). Backward, ``delta`` = δ = ∂C/∂z gives the gradients ∂C/∂b = δ (BP3) and
    ∂C/∂w[j, k] = a[k] δ[j] (BP4), summed over the mini-batch, and ∂C/∂a = wᵀ δ, BP2 without its
    factor σ′(z).

    >>> import numpy as np
    >>> nand = {"w": np.asarray([[-2.0, -2.0]]), "b": np.asarray([3.0])}
    >>> Dense(1).forward(nand, np.asarray([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))[0].tolist()
    [[3.0], [1.0], [-1.0]]
    """

    n_out: int
    initializer: Initializer = Default()
    weights: ClassVar[tuple[str, ...]] = ("w",)
    constraints: ClassVar[Constraints] = {"n_out": whole(1), "initializer": INITIALIZER}

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "n_out", int(self.n_out))

    def init(self, rng: Key, input_shape: Shape) -> Params:
        return self.initializer(rng, (self.n_out, *input_shape), prod(input_shape))

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise ShapeError(
                argument="input_shape",
                owner="Dense",
                expected="a flat shape (n,)",
                value=input_shape,
                remedy="put Flatten() before it",
            )
        return (self.n_out,)

    def forward(self, params: Params, a: Array, rng: Key | None = None) -> tuple[Array, Array]:
        return a @ params["w"].T + params["b"], a

    def backward(self, params: Params, a: Array, delta: Array) -> tuple[Array, Params]:
        xp = delta.__array_namespace__()
        d_a = delta @ params["w"]  # BP2: wᵀ δ; the layer before multiplies it by its σ′(z)
        d_b = xp.sum(delta, axis=0)  # BP3
        d_w = operations.sum_of_outer_products(delta, a)  # BP4
        return d_a, {"w": d_w, "b": d_b}


@dataclass(frozen=True)
class Dropout(Layer, Validated):
    """Dropout: in training, each input is set to 0 with probability ``p``, and the rest is divided by 1 − p.

    So the mean is the same as after training, when nothing is dropped (chapter 3; the book halves the
    outgoing weights after training instead, which is equivalent). A new mask is drawn for every
    example of every step. Raises :class:`InvalidArgument` unless 0 ≤ p < 1.

    >>> import numpy as np
    >>> Dropout(0.5).forward({}, np.ones((1, 6)), random.key(0))[0]
    array([[2., 0., 2., 2., 0., 2.]])
    >>> Dropout(0.5).forward({}, np.ones((1, 6)))[0]
    array([[1., 1., 1., 1., 1., 1.]])
    """

    p: float = 0.5
    constraints: ClassVar[Constraints] = {"p": number(0, below=1)}

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Array | None]:
        if rng is None:
            return x, None
        xp = x.__array_namespace__()
        kept = xp.astype(self.mask(rng, x.shape), x.dtype) / (1 - self.p)
        return x * kept, kept

    def backward(self, params: Params, kept: Array | None, d_y: Array) -> tuple[Array, Params]:
        return (d_y if kept is None else d_y * kept), {}

    def mask(self, rng: Key, shape: Shape) -> Array:
        """Draw the mask: True for each input to keep. The first axis of ``shape`` is the mini-batch."""
        return random.bernoulli(rng, 1 - self.p, shape)


@dataclass(frozen=True)
class Flatten(Layer):
    """A layer that flattens an example of any shape to one row.

    From one number of the row to the next, the last index changes first.

    >>> import numpy as np
    >>> Flatten().forward({}, np.asarray([[[1.0, 2.0], [3.0, 4.0]]]))[0]
    array([[1., 2., 3., 4.]])
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Shape]:
        xp = x.__array_namespace__()
        return xp.reshape(x, (x.shape[0], prod(x.shape[1:]))), x.shape

    def backward(self, params: Params, shape: Shape, d_y: Array) -> tuple[Array, Params]:
        return d_y.__array_namespace__().reshape(d_y, shape), {}
