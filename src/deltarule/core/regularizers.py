"""Regularization: a price on large weights (chapter 3), never on biases.

``n`` is the size of the training set, by which the book divides λ (equations (85) and (95)).
"""

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
    """What it adds to the cost for one array of weights, and that addition's gradient."""

    def value(self, w: Array, n: int) -> Array: ...

    def gradient(self, w: Array, n: int) -> Array: ...


@dataclass(frozen=True)
class L2(Validated):
    """Weight decay: (λ/2n) Σ w² on the cost, (λ/n) w on the gradient (equations (87) and (88)).

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
    """(λ/n) Σ |w| on the cost, (λ/n) sgn(w) on the gradient, with sgn(0) = 0 (equations (95), (96))."""

    lmbda: float
    constraints: ClassVar[Constraints] = {"lmbda": number(0)}

    def value(self, w: Array, n: int) -> Array:
        xp = w.__array_namespace__()
        return self.lmbda / n * xp.sum(xp.abs(w))

    def gradient(self, w: Array, n: int) -> Array:
        return self.lmbda / n * w.__array_namespace__().sign(w)


def penalty(regularizer: Regularizer | None, layers: Sequence[Layer], params: Tree, n: int) -> Array | float:
    """What the regularizer adds to the cost, over all weights of all layers."""
    if regularizer is None:
        return 0.0
    values = [regularizer.value(p[name], n) for layer, p in zip(layers, params, strict=True) for name in layer.weights]
    return reduce(add, values, 0.0)


def add_penalty_gradients(
    regularizer: Regularizer | None, layers: Sequence[Layer], params: Tree, grads: Tree, n: int
) -> Tree:
    """The gradients with the regularizer's own added, for the parameters that a layer calls weights."""
    if regularizer is None:
        return grads
    return [
        {name: g + regularizer.gradient(p[name], n) if name in layer.weights else g for name, g in layer_grads.items()}
        for layer, p, layer_grads in zip(layers, params, grads, strict=True)
    ]
