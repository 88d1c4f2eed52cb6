"""Activation functions, a = σ(z), each beside its derivative.

σ is equation (3) of the book; a layer of such neurons is equation (25). BP2 multiplies the
error by σ′(z) on its way back. Here that factor belongs to the layer that applied σ, so a network
is a chain of ``Dense(30), Sigmoid(), Dense(10)`` and its error passes back through the same chain,
link by link.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.layer import Array, Key, Layer, Params


def sigmoid(z: Array) -> Array:
    """Compute σ(z) = 1 / (1 + e⁻ᶻ) elementwise (equation (3)).

    It does not overflow, and is exact also for very large positive and negative z.

    >>> import numpy as np
    >>> sigmoid(np.asarray([-1e4, 0.0, 1e4]))
    array([0. , 0.5, 1. ])
    """
    xp = z.__array_namespace__()
    e = xp.exp(-xp.abs(z))
    return xp.where(z < 0, e, xp.ones_like(z)) / (1 + e)


class Activation(Layer):
    """An activation function, applied elementwise: a = f(z), so ∂C/∂z = f′(z) ⊙ ∂C/∂a.

    Your own activation is a frozen dataclass with these two functions:

    >>> @dataclass(frozen=True)
    ... class Square(Activation):
    ...     def function(self, z):
    ...         return z**2
    ...     def derivative(self, z, a):
    ...         return 2 * z
    >>> import numpy as np
    >>> a, cache = Square().forward({}, np.asarray([[1.0, -3.0]]))
    >>> Square().backward({}, cache, np.ones((1, 2)))[0]
    array([[ 2., -6.]])
    """

    @abstractmethod
    def function(self, z: Array) -> Array:
        """Compute f(z), elementwise."""

    @abstractmethod
    def derivative(self, z: Array, a: Array) -> Array:
        """Compute f′(z), elementwise; ``a`` = f(z) is passed as well, since f′ is often simpler in terms of a."""

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval that contains f(z), ends included. It is unbounded unless a subclass overrides it.

        >>> Sigmoid().bounds, ShiftedSigmoid(2, -1).bounds
        ((0.0, 1.0), (-1, 1))
        """
        return -inf, inf

    def forward(self, params: Params, z: Array, rng: Key | None = None) -> tuple[Array, tuple[Array, Array]]:
        a = self.function(z)
        return a, (z, a)

    def backward(self, params: Params, cache: tuple[Array, Array], d_a: Array) -> tuple[Array, Params]:
        z, a = cache
        return d_a * self.derivative(z, a), {}  # BP2: ⊙ σ′(z), on the wᵀ δ of the layer after


@dataclass(frozen=True)
class Sigmoid(Activation):
    """The sigmoid, the book's neuron: σ(z) = 1 / (1 + e⁻ᶻ); σ′ = σ (1 − σ), never above ¼.

    >>> import numpy as np
    >>> s = Sigmoid()
    >>> s.derivative(np.asarray(0.0), s.function(np.asarray(0.0)))
    np.float64(0.25)
    """

    def function(self, z: Array) -> Array:
        return sigmoid(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return a * (1 - a)

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0


@dataclass(frozen=True)
class ShiftedSigmoid(Activation, Validated):
    """A scaled and shifted sigmoid, ``scale`` · σ(z) + ``shift``: σ − ½ by default, 2σ − 1 = tanh(z/2) with (2, −1).

    Both are centred on 0, as the exercises of chapter 6 require.

    >>> import numpy as np
    >>> ShiftedSigmoid().function(np.asarray([0.0])), ShiftedSigmoid(2, -1).function(np.asarray([0.0]))
    (array([0.]), array([0.]))
    """

    scale: float = 1.0
    shift: float = -0.5
    constraints: ClassVar[Constraints] = {"scale": number(), "shift": number()}

    def function(self, z: Array) -> Array:
        return self.scale * sigmoid(z) + self.shift

    def derivative(self, z: Array, a: Array) -> Array:
        s = sigmoid(z)
        return self.scale * s * (1 - s)

    @property
    def bounds(self) -> tuple[float, float]:
        return min(self.shift, self.shift + self.scale), max(self.shift, self.shift + self.scale)


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent: tanh(z) = 2σ(2z) − 1; tanh′ = 1 − tanh² (chapter 3, other models of neurons).

    >>> import numpy as np
    >>> a = Tanh().function(np.asarray([0.0, 1.0]))
    >>> a.round(4), Tanh().derivative(None, a).round(4)
    (array([0.    , 0.7616]), array([1.  , 0.42]))
    """

    def function(self, z: Array) -> Array:
        return z.__array_namespace__().tanh(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return 1 - a * a

    @property
    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0


@dataclass(frozen=True)
class Linear(Activation):
    """The identity: f(z) = z; f′ = 1.

    >>> import numpy as np
    >>> Linear().function(np.asarray([-2.0, 3.0])), Linear().derivative(np.asarray([-2.0, 3.0]), None)
    (array([-2.,  3.]), array([1., 1.]))
    """

    def function(self, z: Array) -> Array:
        return z

    def derivative(self, z: Array, a: Array) -> Array:
        return z.__array_namespace__().ones_like(z)


@dataclass(frozen=True)
class LeakyReLU(Activation, Validated):
    """The leaky rectifier: z where z > 0, else ``a`` · z; the derivative at 0 is ``a``.

    ``a`` is the slope of the leak, at least 0 and below 1.

    >>> import numpy as np
    >>> z = np.asarray([-2.0, 0.0, 3.0])
    >>> LeakyReLU(0.1).function(z), LeakyReLU(0.1).derivative(z, None)
    (array([-0.2,  0. ,  3. ]), array([0.1, 0.1, 1. ]))
    """

    a: float = 0.01
    constraints: ClassVar[Constraints] = {"a": number(0, below=1)}

    def function(self, z: Array) -> Array:
        return z.__array_namespace__().where(z > 0, z, self.a * z)

    def derivative(self, z: Array, a: Array) -> Array:
        xp = z.__array_namespace__()
        return xp.where(z > 0, xp.ones_like(z), xp.full_like(z, self.a))

    @property
    def bounds(self) -> tuple[float, float]:
        return (-inf if self.a else 0.0), inf


@dataclass(frozen=True)
class ReLU(Activation):
    """The rectified linear unit: max(0, z). Its derivative is 1 where z > 0, and 0 elsewhere, also at z = 0.

    >>> import numpy as np
    >>> ReLU().function(np.asarray([-1.0, 0.0, 2.0])), ReLU().derivative(np.asarray([-1.0, 0.0, 2.0]), None)
    (array([0., 0., 2.]), array([0., 0., 1.]))
    """

    def function(self, z: Array) -> Array:
        xp = z.__array_namespace__()
        return xp.where(z > 0, z, xp.zeros_like(z))

    def derivative(self, z: Array, a: Array) -> Array:
        xp = z.__array_namespace__()
        return xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z))

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, inf


@dataclass(frozen=True)
class ELU(Activation, Validated):
    """The exponential linear unit: z where z > 0 (derivative 1), else ``a`` (eᶻ − 1) (derivative f(z) + ``a``).

    ``a`` is above 0. It is not in the book (see Clevert, Unterthiner and Hochreiter, 2016).

    >>> import numpy as np
    >>> ELU().function(np.asarray([-1.0, 0.0, 2.0])).round(3).tolist()
    [-0.632, 0.0, 2.0]
    """

    a: float = 1.0
    constraints: ClassVar[Constraints] = {"a": number(above=0)}

    def function(self, z: Array) -> Array:
        xp = z.__array_namespace__()
        below = xp.where(z > 0, xp.zeros_like(z), z)  # expm1 must not see a large z, even unused
        return xp.where(z > 0, z, self.a * xp.expm1(below))

    def derivative(self, z: Array, a: Array) -> Array:
        xp = z.__array_namespace__()
        return xp.where(z > 0, xp.ones_like(z), a + self.a)

    @property
    def bounds(self) -> tuple[float, float]:
        return -self.a, inf
