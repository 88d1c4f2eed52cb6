"""Cost functions, each with its error in the last layer, δᴸ = ∂C/∂zᴸ (BP1).

A cost takes the *last weighted input* z, shape (examples, outputs), and the desired outputs y of
the same shape, because it owns the output activation: a = ``activation(z)``. Therefore the
cross-entropy can compute δᴸ = a − y, as the book proves it, and stays exact where σ is saturated.

``value`` is the mean over the examples, a number. ``delta`` is δᴸ of each example on its own.

Examples may have weights: C = (1/m) Σ w_x C_x over the m examples, so each δᴸ is multiplied by w_x. Weights
of 1 change nothing. An example of weight 2 counts like two, and one of weight 0 like none (only batch
normalization still sees it); m stays the number of examples. Other libraries divide by Σ w_x instead:
PyTorch for weights of classes, scikit-learn's MLP for weights of examples.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf
from typing import ClassVar

from deltarule.core.activations import Activation, Sigmoid, sigmoid
from deltarule.core.constraints import Constraint, Constraints, Validated, instance, number
from deltarule.core.layer import Array


class Cost(ABC):
    """A cost function; a subclass defines ``activation``, ``value`` and ``delta``.

    ``bounds`` and ``total`` say which desired outputs are valid. For other desired outputs the functions still
    return numbers, but these are not a cost: the cross-entropy of y = 5 has no minimum.

    >>> @dataclass(frozen=True)
    ... class Absolute(Cost):  # C_x = Σ |z − y|
    ...     def activation(self, z):
    ...         return z
    ...     def value(self, z, y):
    ...         return abs(z - y).sum() / z.shape[0]
    ...     def delta(self, z, y):
    ...         return z.__array_namespace__().sign(z - y)
    >>> import numpy as np
    >>> Absolute().value(np.asarray([[3.0, 1.0]]), np.asarray([[1.0, 1.0]])).item()
    2.0
    """

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval of valid desired outputs, ends included. It is unbounded unless a subclass overrides it."""
        return -inf, inf

    @property
    def total(self) -> float | None:
        """The sum that the desired outputs of each example must have; None if any sum is valid."""
        return None

    @abstractmethod
    def activation(self, z: Array) -> Array:
        """Compute aᴸ, the outputs of the network."""

    @abstractmethod
    def value(self, z: Array, y: Array) -> Array:
        """Compute C, the mean cost of the examples."""

    @abstractmethod
    def delta(self, z: Array, y: Array) -> Array:
        """Compute δᴸ = ∂C_x/∂z for each example x (BP1), of z's shape."""

    def terms(self, z: Array, y: Array) -> Array:
        """Compute the terms of C_x, shape (examples, any number): C_x is the sum of a row.

        By default a row is ``value`` of one example. The costs here override it by a formula for all examples at once.
        """
        xp, each = z.__array_namespace__(), [slice(i, i + 1) for i in range(z.shape[0])]
        costs = [xp.asarray(self.value(z[one, :], y[one, :]), dtype=z.dtype) for one in each]
        return xp.stack(costs)[:, None]

    def weighted_value(self, z: Array, y: Array, weights: Array | None) -> Array:
        """Compute C = (1/m) Σ w_x C_x for ``weights`` of shape (m,) and z's type; without weights it is ``value``.

        >>> import numpy as np
        >>> from deltarule.core.activations import Linear
        >>> z, y = np.asarray([[1.0], [3.0]]), np.zeros((2, 1))  # C_x = ½ and 4½
        >>> Quadratic(Linear()).weighted_value(z, y, np.asarray([1.0, 2.0])).item()
        4.75
        """
        return self.value(z, y) if weights is None else _average(weigh(self.terms(z, y), weights))

    def leave_out_padding(self, y: Array, lengths: Array | None) -> Array:
        """Mark the desired outputs that do not count because their steps are padding; by default all count."""
        return y

    def count_answers(self, n_out: int) -> int | None:
        """Count the answers of a network with ``n_out`` outputs if each step has one; None for one answer."""
        return None

    def check_outputs(self, n_out: int) -> None:  # noqa: B027 (by default any number)
        """Raise :class:`ShapeError` unless a network with this cost may have ``n_out`` outputs; by default it may."""


def weigh(rows: Array, weights: Array | float | None) -> Array:
    """Multiply each row by the weight of its example, such as δᴸ by w_x; without weights return the rows.

    A row may have any shape; one number is the weight of all.

    >>> import numpy as np
    >>> weigh(np.ones((2, 3)), np.asarray([0.0, 2.0])).tolist()
    [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]]
    """
    if weights is None or isinstance(weights, float):
        return rows if weights is None else weights * rows
    return weights[(slice(None), *[None] * (rows.ndim - 1))] * rows


def _average(terms: Array) -> Array:
    """Compute the mean over the examples of the sums of their terms."""
    return terms.__array_namespace__().sum(terms) / terms.shape[0]


COST = instance(Cost, "a cost such as CrossEntropy()")
COST_OF_ONE_ANSWER = Constraint(
    "a cost of one answer, such as CrossEntropy()",
    lambda value: COST.accepts(value) and type(value).leave_out_padding is Cost.leave_out_padding,
)


@dataclass(frozen=True)
class Quadratic(Cost, Validated):
    """The quadratic cost: C_x = ½ ‖a − y‖² with a = σ(z); δᴸ = (a − y) ⊙ σ′(z) (equations (6) and (BP1)).

    ``output`` is the last layer's activation function. With ``Linear()`` the error is a − y
    (equation (68)), and learning does not slow down.

    >>> import numpy as np
    >>> z, y = np.zeros((1, 1)), np.ones((1, 1))
    >>> Quadratic().value(z, y).item(), Quadratic().delta(z, y).item()
    (0.125, -0.125)
    """

    output: Activation = Sigmoid()
    constraints: ClassVar[Constraints] = {"output": instance(Activation, "an activation such as Sigmoid()")}

    @property
    def bounds(self) -> tuple[float, float]:
        return self.output.bounds  # for a target beyond them the output would saturate at a constant

    def activation(self, z: Array) -> Array:
        return self.output.function(z)

    def terms(self, z: Array, y: Array) -> Array:
        return (self.activation(z) - y) ** 2 / 2

    def value(self, z: Array, y: Array) -> Array:
        return _average(self.terms(z, y))

    def delta(self, z: Array, y: Array) -> Array:
        a = self.activation(z)
        d_a = a - y  # ∇ₐC
        return d_a * self.output.derivative(z, a)  # BP1


@dataclass(frozen=True)
class CrossEntropy(Cost):
    """The cross-entropy: C_x = −Σ [y ln a + (1 − y) ln(1 − a)], a = σ(z); δᴸ = a − y (equations (63) and (66)).

    It is computed from z, with −ln a = ln(1 + e⁻ᶻ) and −ln(1 − a) = ln(1 + eᶻ), so that it never takes the
    logarithm of a rounded 0. It also never subtracts two large numbers to get a small cost, which would lose digits.

    >>> import numpy as np
    >>> CrossEntropy().value(np.asarray([[1e4, -1e4]]), np.asarray([[0.0, 0.0]])).item()
    10000.0
    """

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    def activation(self, z: Array) -> Array:
        return sigmoid(z)

    def terms(self, z: Array, y: Array) -> Array:
        xp = z.__array_namespace__()
        zero = xp.zeros_like(z)
        return y * xp.logaddexp(zero, -z) + (1 - y) * xp.logaddexp(zero, z)

    def value(self, z: Array, y: Array) -> Array:
        return _average(self.terms(z, y))

    def delta(self, z: Array, y: Array) -> Array:
        return self.activation(z) - y  # BP1, in which the derivative of the output has cancelled


@dataclass(frozen=True)
class LogLikelihood(Cost):
    """The log-likelihood cost: C_x = −Σ y ln a with a = softmax(z); δᴸ = a − y (equations (78) and (80)).

    If y is one-hot, C_x = −ln a at the right class. Any other y that sums to 1 is valid as well.

    >>> import numpy as np
    >>> LogLikelihood().activation(np.asarray([[0.0, 0.0, 0.0, 0.0]])).tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def total(self) -> float | None:
        return 1.0

    def activation(self, z: Array) -> Array:
        xp = z.__array_namespace__()
        e = xp.exp(z - xp.max(z, axis=1, keepdims=True))
        return e / xp.sum(e, axis=1, keepdims=True)

    def terms(self, z: Array, y: Array) -> Array:
        xp = z.__array_namespace__()
        largest = xp.max(z, axis=1, keepdims=True)
        log_sum = xp.log(xp.sum(xp.exp(z - largest), axis=1, keepdims=True))
        return y * (log_sum - (z - largest))

    def value(self, z: Array, y: Array) -> Array:
        return _average(self.terms(z, y))

    def delta(self, z: Array, y: Array) -> Array:
        return self.activation(z) - y  # BP1, in which the derivative of the output has cancelled


@dataclass(frozen=True)
class LabelSmoothing(Cost, Validated):
    """Label smoothing: another cost with the softer targets y′ = (1 − ε) y + ε/K, K the number of classes.

    The target of the right class is 1 − ε + ε/K, of each other class ε/K. So the weights need not grow without end to
    bring an output closer to 1. A single output counts as two classes. All costs, in training, validation
    and evaluation, are computed with y′: they do not fall to 0, and cannot be compared with
    costs computed with y. It is not in the book (see Szegedy and others, 2016, section 7).

    Args:
        cost: The cost to compute with the softer targets; at each step it is ``SumOverSteps(LabelSmoothing(cost), n)``.
        epsilon: ε, the part of the target that is spread over all classes, from 0 to below 1.

    Raises:
        InvalidArgument: If ``cost`` is not a cost of one answer, or ``epsilon`` is out of range.

    >>> import numpy as np
    >>> z, y = np.zeros((1, 4)), np.asarray([[1.0, 0.0, 0.0, 0.0]])
    >>> LabelSmoothing(LogLikelihood(), 0.2).delta(z, y).round(2).tolist()  # ¼ − y′
    [[-0.6, 0.2, 0.2, 0.2]]
    """

    cost: Cost
    epsilon: float = 0.1
    constraints: ClassVar[Constraints] = {"cost": COST_OF_ONE_ANSWER, "epsilon": number(0, below=1)}

    @property
    def bounds(self) -> tuple[float, float]:
        return self.cost.bounds

    @property
    def total(self) -> float | None:
        return self.cost.total

    def activation(self, z: Array) -> Array:
        return self.cost.activation(z)

    def terms(self, z: Array, y: Array) -> Array:
        return self.cost.terms(z, self._smooth(y))

    def value(self, z: Array, y: Array) -> Array:
        return self.cost.value(z, self._smooth(y))

    def delta(self, z: Array, y: Array) -> Array:
        return self.cost.delta(z, self._smooth(y))

    def check_outputs(self, n_out: int) -> None:
        self.cost.check_outputs(n_out)

    def _smooth(self, y: Array) -> Array:
        return (1 - self.epsilon) * y + self.epsilon / max(2, y.shape[1])


COSTS: dict[str, Cost] = {
    "quadratic": Quadratic(),
    "cross-entropy": CrossEntropy(),
    "log-likelihood": LogLikelihood(),
}
