"""Regularization: a penalty on large weights (chapter 3), never on biases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import ClassVar, Protocol

from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.layer import Array, Layer
from deltarule.core.trees import Tree


class Regularizer(Protocol):
    """The protocol of regularizers: a term of the cost for one array of weights, and its gradient.

    ``n`` is the size of the training set, by which the book divides λ (equations (85) and (95)).

    >>> class L4:  # (λ/4n) Σ w⁴ with λ = 1
    ...     def value(self, w, n):
    ...         return (w**4).sum() / (4 * n)
    ...     def gradient(self, w, n):
    ...         return w**3 / n
    >>> import numpy as np
    >>> L4().gradient(np.asarray([[2.0]]), 10).item()
    0.8
    """

    def value(self, w: Array, n: int) -> Array:
        """Compute the term of the cost for the weights ``w``."""
        ...

    def gradient(self, w: Array, n: int) -> Array:
        """Compute the gradient of the term, an array of the shape of ``w``."""
        ...


@dataclass(frozen=True)
class L2(Validated):
    """L2 regularization, or weight decay: (λ/2n) Σ w² in the cost, (λ/n) w in the gradient (equations (87), (88)).

    >>> import numpy as np
    >>> L2(5.0).value(np.asarray([[1.0, 2.0]]), 50).item()
    0.25
    """

    lmbda: float
    constraints: ClassVar[Constraints] = {"lmbda": number(0)}

    def value(self, w: Array, n: int) -> Array:
        return self.lmbda / (2 * n) * w.__array_namespace__().sum(w**2)

    def gradient(self, w: Array, n: int) -> Array:
        return self.lmbda / n * w


@dataclass(frozen=True)
class L1(Validated):
    """L1 regularization: ``(λ/n) Σ |w|`` in the cost, (λ/n) sgn(w) in the gradient, sgn(0) = 0 (equations (95), (96)).

    >>> import numpy as np
    >>> w = np.asarray([[2.0, -3.0, 0.0]])
    >>> L1(10.0).value(w, 50).item(), L1(10.0).gradient(w, 50).tolist()
    (1.0, [[0.2, -0.2, 0.0]])
    """

    lmbda: float
    constraints: ClassVar[Constraints] = {"lmbda": number(0)}

    def value(self, w: Array, n: int) -> Array:
        xp = w.__array_namespace__()
        return self.lmbda / n * xp.sum(xp.abs(w))

    def gradient(self, w: Array, n: int) -> Array:
        return self.lmbda / n * w.__array_namespace__().sign(w)


def penalty(regularizer: Regularizer | None, layers: Sequence[Layer], params: Tree, n: int) -> Array | float:
    """Compute the regularization term of the cost, over all weights of all layers."""
    if regularizer is None:
        return 0.0
    values = [regularizer.value(p[name], n) for layer, p in zip(layers, params, strict=True) for name in layer.weights]
    return reduce(add, values, 0.0)


def add_penalty_gradients(
    regularizer: Regularizer | None, layers: Sequence[Layer], params: Tree, grads: Tree, n: int
) -> Tree:
    """Add the gradient of the regularization term, for the parameters that a layer lists as weights."""
    if regularizer is None:
        return grads
    return [
        {name: g + regularizer.gradient(p[name], n) if name in layer.weights else g for name, g in layer_grads.items()}
        for layer, p, layer_grads in zip(layers, params, grads, strict=True)
    ]
