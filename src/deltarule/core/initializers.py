"""Initializers of weights and biases (chapter 3, weight initialization)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import ClassVar, Protocol

from deltarule.core import random
from deltarule.core.constraints import Constraints, Validated, number, or_pair, validate, whole, with_functions
from deltarule.core.layer import Key, Params, Shape
from deltarule.core.windows import Size, pair, to_ints


class Initializer(Protocol):
    """The protocol of initializers: functions ``(rng, shape, n_in)`` that return ``{"w": weights, "b": biases}``.

    ``rng`` is a random key, ``shape`` the shape of the weights (outputs first), and ``n_in`` the number of inputs of
    one neuron. The weights have the shape ``shape``, the biases ``shape[:1]``; both are float64.

    >>> def halves(rng, shape, n_in):
    ...     return {"w": numpy.full(shape, 0.5), "b": numpy.zeros(shape[:1])}
    >>> from deltarule import Dense
    >>> import numpy
    >>> Dense(1, halves).init(random.key(0), (2,))
    {'w': array([[0.5, 0.5]]), 'b': array([0.])}
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params: ...


INITIALIZER = with_functions(["__call__"], "an initializer such as He()")


def _draw_gaussian(rng: Key, shape: Shape, weights_sd: float, biases_sd: float) -> Params:
    return {
        "w": weights_sd * random.normal(random.fold(rng, 0), shape),
        "b": biases_sd * random.normal(random.fold(rng, 1), shape[:1]),
    }


@dataclass(frozen=True)
class Large:
    """Weights and biases from N(0, 1), as in chapter 1: z has a standard deviation of about √n_in.

    >>> w = Large()(random.key(0), (100, 400), 400)["w"]
    >>> bool(abs(w.std() - 1) < 0.02)
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _draw_gaussian(rng, shape, 1.0, 1.0)


@dataclass(frozen=True)
class Default:
    """Weights from N(0, 1/n_in), biases from N(0, 1), as in chapter 3: z stays of order 1.

    >>> from deltarule.core.random import key
    >>> w = Default()(key(0), (100, 400), 400)["w"]
    >>> bool(abs(w.std() * 20 - 1) < 0.02)
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _draw_gaussian(rng, shape, 1 / sqrt(n_in), 1.0)


@dataclass(frozen=True)
class He:
    """Weights from N(0, 2/n_in), biases 0: the variance of activations stays the same through ReLU layers.

    It is not in the book (see He and others, 2015).

    >>> w = He()(random.key(0), (100, 200), 200)["w"]
    >>> bool(abs(w.std() * 10 - 1) < 0.02)
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _draw_gaussian(rng, shape, sqrt(2 / n_in), 0.0)


@dataclass(frozen=True)
class Glorot:
    """Weights and biases uniform between ±√(6/(n_in + n_out)), as in scikit-learn's multilayer perceptrons.

    The variance of activations and of errors stays about the same through linear or tanh layers. It is not in the book
    (see Glorot and Bengio, 2010, equation (16)). For a convolution n_out is maps · kernel height · kernel width.

    >>> w = Glorot()(random.key(0), (200, 400), 400)["w"]
    >>> bool(0.0999 < abs(w).max() < 0.1)
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        bound = sqrt(6 / (n_in + prod(shape[:-1])))
        w, b = random.uniform(random.fold(rng, 0), shape), random.uniform(random.fold(rng, 1), shape[:1])
        return {"w": bound * (2 * w - 1), "b": bound * (2 * b - 1)}


@dataclass(frozen=True)
class FanOut:
    """Weights from N(0, 1/n_out), biases from N(0, 1), as in the book's third program (chapter 6).

    n_out is the number of weighted inputs that one input feeds: the neurons of a dense layer, or
    maps · kernel height · kernel width of a convolution. If max-pooling follows, n_out is divided by the size of
    its regions, ``pool``, because only one number of each region has an effect. Raises :class:`InvalidArgument` for
    an invalid pool size.

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
        return _draw_gaussian(rng, shape, sqrt(prod(pair(self.pool)) / prod(shape[:-1])), 1.0)


@dataclass(frozen=True)
class Gaussian(Validated):
    """Weights from N(0, s²) with s = ``deviation``, biases 0, whatever the size of the layer.

    It is not in the book. Le, Jaitly and Hinton (2015) take 0.001 for the inputs of a recurrent layer, and Hinton
    (2010) 0.01 for Boltzmann machines.

    >>> w = Gaussian(0.01)(random.key(0), (100, 200), 200)["w"]
    >>> bool(abs(w.std() / 0.01 - 1) < 0.02)
    True
    """

    deviation: float = 0.01
    constraints: ClassVar[Constraints] = {"deviation": number(above=0)}

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _draw_gaussian(rng, shape, self.deviation, 0.0)


@dataclass(frozen=True)
class Orthogonal(Validated):
    """A random orthogonal matrix of weights, times ``scale``; biases 0.

    It is not in the book (see Saxe and others, 2014). It changes no length: wᵀw = 1, so neither a state nor an error
    that passes through it again and again grows or vanishes. If the matrix is not square, its shorter rows or columns
    have length ``scale`` and are orthogonal.

    >>> w = Orthogonal()(random.key(0), (3, 3), 3)["w"]
    >>> abs(w.T @ w).round(12).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    scale: float = 1.0
    constraints: ClassVar[Constraints] = {"scale": number(above=0)}

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        rows, columns = shape[0], prod(shape[1:])
        drawn = random.normal(rng, (max(rows, columns), min(rows, columns)))
        xp = drawn.__array_namespace__()
        q, r = xp.linalg.qr(drawn)
        q = q * xp.sign(xp.linalg.diagonal(r))  # so that every orthogonal matrix is equally likely
        w = q if rows >= columns else q.T
        return {"w": self.scale * xp.reshape(w, shape), "b": xp.zeros(rows)}


@dataclass(frozen=True)
class Identity(Validated):
    """The identity matrix of weights, times ``scale``; biases 0: a recurrent layer then starts by keeping its state.

    With ``Recurrent(n, ReLU(), Gaussian(0.001), Identity())`` it is the IRNN of Le, Jaitly and Hinton (2015). It is not
    in the book.

    >>> Identity()(random.key(0), (2, 2), 2)["w"].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    scale: float = 1.0
    constraints: ClassVar[Constraints] = {"scale": number(above=0)}

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        xp = rng[0].__array_namespace__()
        w = xp.eye(shape[0], prod(shape[1:]))
        return {"w": self.scale * xp.reshape(w, shape), "b": xp.zeros(shape[0])}


@dataclass(frozen=True)
class Zeros:
    """Weights and biases 0: only for a last layer, as in the book's third program (chapter 6).

    A softmax layer then starts with the same probability for every class. Neurons of a hidden layer would
    all start equal, receive equal gradients and stay equal.

    >>> Zeros()(random.key(0), (1, 2), 2)["w"].tolist() == [[0.0, 0.0]]
    True
    """

    def __call__(self, rng: Key, shape: Shape, n_in: int) -> Params:
        return _draw_gaussian(rng, shape, 0.0, 0.0)


INITIALIZERS: dict[str, Initializer] = {
    "large": Large(),
    "default": Default(),
    "he": He(),
    "fan-out": FanOut(),
    "glorot": Glorot(),
}
