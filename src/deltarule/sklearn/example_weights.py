"""Weights of examples: brought to the mean 1, with a regularizer divided by their sum instead of n.

So an example of weight 2 counts like two equal ones, in the cost and in λ/n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deltarule.core.constraints import check, number
from deltarule.core.layer import Array
from deltarule.core.regularizers import L1, L2, Regularizer
from deltarule.errors import InvalidArgument


def normalize_weights(weights: np.ndarray | None) -> np.ndarray | None:
    """Return weights with the mean 1, (n,), or None if they are all equal.

    >>> normalize_weights(np.array([1.0, 3.0])).tolist(), normalize_weights(np.array([2.0, 2.0]))
    ([0.5, 1.5], None)
    """
    if weights is None or (weights == weights[0]).all():
        return None
    return np.asarray(weights / weights.mean())


@dataclass(frozen=True)
class DividedBy:
    """A regularizer whose n is a fixed number, the sum of the weights, instead of the number of examples.

    >>> DividedBy(L2(3.0), 6.0).gradient(np.array([2.0]), 4).tolist()
    [1.0]
    """

    regularizer: Regularizer
    total: float

    def value(self, w: Array, n: int) -> Array:
        return self.regularizer.value(w, self.total)  # type: ignore[arg-type] # a sum of weights in place of a number

    def gradient(self, w: Array, n: int) -> Array:
        return self.regularizer.gradient(w, self.total)  # type: ignore[arg-type] # as above


def divide_by_weights(regularizer: Regularizer | None, weights: np.ndarray | None) -> Regularizer | None:
    """Return the regularizer for a training set whose λ/n has the sum of the weights for n.

    >>> divide_by_weights(L2(3.0), np.array([1.0, 2.0, 3.0]))
    L2(lmbda=1.5)
    """
    if regularizer is None or weights is None:
        return regularizer
    total = float(weights.sum())
    if isinstance(regularizer, (L1, L2)):  # which the native engine knows
        return replace(regularizer, lmbda=regularizer.lmbda * len(weights) / total)
    return DividedBy(regularizer, total)


def weigh_classes(
    class_weight: Mapping[Any, float] | str | None, labels: np.ndarray, classes: np.ndarray, weights: np.ndarray | None
) -> np.ndarray | None:
    """Multiply the weights of examples by those of their classes; None stands for weights of 1.

    ``"balanced"`` gives all classes the same sum of weights, without changing the sum over all.

    Args:
        class_weight: The weights of classes by their names, those of other classes being 1; or ``"balanced"``.
        labels: The classes of the examples as positions in ``classes``, (n,).
        classes: The names of the classes.
        weights: The weights of the examples, (n,).

    Raises:
        InvalidArgument: For a class that is not among ``classes``, for a weight that is not a number of at least 0,
            or if no example has a weight above 0.

    >>> weigh_classes("balanced", np.array([0, 0, 0, 1]), np.array(["a", "b"]), None).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    if class_weight is None:
        return weights
    own = np.ones(len(labels)) if weights is None else weights
    if isinstance(class_weight, str):
        sums = np.bincount(labels, own, minlength=len(classes))
        return np.asarray(own * (own.sum() / (np.count_nonzero(sums) * np.where(sums > 0, sums, 1)))[labels])
    names = classes.tolist()
    if unknown := [name for name in class_weight if name not in names]:
        expected = f"weights of the classes {', '.join(map(str, names))}"
        raise InvalidArgument(argument="class_weight", expected=expected, value=unknown[0])
    for name, value in class_weight.items():
        check(f"class_weight[{name!r}]", value, number(0))
    found = np.asarray(own * np.array([float(class_weight.get(name, 1.0)) for name in names])[labels])
    if not found.any():
        expected = "a weight above 0 for at least one example"
        raise InvalidArgument(argument="class_weight", expected=expected, value=class_weight)
    return found
