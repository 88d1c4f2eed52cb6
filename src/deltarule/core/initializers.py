"""Where learning starts: the first weights and biases (chapter 3, weight initialization).

An initializer is called with a key, the shape of the weights (outputs first), and ``n_in``, the
number of inputs that feed one neuron. It returns ``{"w": ..., "b": ...}`` in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import ClassVar, Protocol

from deltarule.core import random
from deltarule.core.constraints import Constraints, or_pair, validate, whole, with_functions
from deltarule.core.layer import Key, Params, Shape
from deltarule.core.windows import Size, pair, to_ints


class Initializer(Protocol):
    """``(rng, shape, n_in) -> {"w": array of shape, "b": array of shape[:1]}``."""

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params: ...


INITIALIZER = with_functions(["__call__"], "an initializer such as He()")


def _gaussian(rng: Key, shape: Shape, weights_sd: float, biases_sd: float) -> Params:
    return {
        "w": weights_sd * random.normal(random.fold(rng, 0), shape),
        "b": biases_sd * random.normal(random.fold(rng, 1), shape[:1]),
    }


@dataclass(frozen=True)
class Large:
    """Weights and biases from N(0, 1), as in chapter 1: z then has a deviation of about √n_in."""

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _gaussian(rng, shape, 1.0, 1.0)


@dataclass(frozen=True)
class Default:
    """Weights from N(0, 1/n_in), biases from N(0, 1), as in chapter 3: z stays of order 1.

    >>> from deltarule.core.random import key
    >>> w = Default()(key(0), (100, 400), 400)["w"]
    >>> bool(abs(w.std() * 20 - 1) < 0.02)
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _gaussian(rng, shape, 1 / sqrt(n_in), 1.0)


@dataclass(frozen=True)
class He:
    """Weights from N(0, 2/n_in), biases 0: keeps the variance of activations through ReLU layers."""

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _gaussian(rng, shape, sqrt(2 / n_in), 0.0)


@dataclass(frozen=True)
class FanOut:
    """Weights from N(0, 1/n_out), biases from N(0, 1), as in the book's third program (chapter 6).

    n_out is the number of weighted inputs that one input feeds: the neurons of a dense layer, and
    maps · kernel height · kernel width of a convolution, divided by the size of the max-pooling
    ``pool`` that follows, of which one number in the region goes on. Raises :class:`InvalidArgument` for
    a pool that is no size.

    >>> from deltarule.core.random import key
    >>> w = FanOut(pool=2)(key(0), (20, 5, 5, 1), 25)["w"]
    >>> bool(abs(w.std() * (20 * 5 * 5 / 4) ** 0.5 - 1) < 0.1)
    True
    """

    pool: Size = 1
    constraints: ClassVar[Constraints] = {"pool": or_pair(whole(1))}

    def __post_init__(self) -> None:
        validate(self)
        object.__setattr__(self, "pool", to_ints(self.pool))

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _gaussian(rng, shape, sqrt(prod(pair(self.pool)) / prod(shape[:-1])), 1.0)


@dataclass(frozen=True)
class Zeros:
    """Weights and biases 0: for a last layer alone, as in the book's third program (chapter 6).

    A softmax layer then starts by giving every class the same share. Neurons of a hidden layer would
    start alike, learn alike, and stay alike.
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _gaussian(rng, shape, 0.0, 0.0)


INITIALIZERS: dict[str, Initializer] = {
    "large": Large(),
    "default": Default(),
    "he": He(),
    "fan-out": FanOut(),
}
