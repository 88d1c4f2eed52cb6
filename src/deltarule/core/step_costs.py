"""The cost of a network that answers at every step of a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import ClassVar

from deltarule.core.constraints import Constraints, Validated, whole
from deltarule.core.costs import COST_OF_ONE_ANSWER, Cost
from deltarule.core.layer import Array
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class SumOverSteps(Cost, Validated):
    """A cost of each step, for a network that answers at every step of a sequence: C_x = Σ_t C_xt.

    z and y have the shape (examples, steps · n_out): the outputs of each step, flat in one row. Steps after the end of
    a sequence do not count: they have no cost, and δ = 0. The same holds for each step whose desired outputs are NaN.

    Args:
        cost: The cost of one step.
        n_out: The number of outputs of one step.

    Raises:
        InvalidArgument: If ``cost`` is not a cost of one answer, or ``n_out`` is not a whole number above 0.

    >>> import numpy as np
    >>> from deltarule.core.costs import CrossEntropy
    >>> cost = SumOverSteps(CrossEntropy(), 1)
    >>> z, y = np.zeros((1, 3)), np.ones((1, 3))
    >>> cost.delta(z, cost.leave_out_padding(y, np.asarray([2]))).tolist()
    [[-0.5, -0.5, 0.0]]
    """

    cost: Cost
    n_out: int
    constraints: ClassVar[Constraints] = {"cost": COST_OF_ONE_ANSWER, "n_out": whole(1)}

    @property
    def bounds(self) -> tuple[float, float]:
        return self.cost.bounds

    @property
    def total(self) -> float | None:
        """The sum that the desired outputs of each step must have; None if any sum is valid."""
        return self.cost.total

    def activation(self, z: Array) -> Array:
        return z.__array_namespace__().reshape(self.cost.activation(self._list_steps(z)), z.shape)

    def terms(self, z: Array, y: Array) -> Array:
        xp, (y, counts) = z.__array_namespace__(), self._find_counting(y)
        terms = self.cost.terms(self._list_steps(z), y)
        return xp.reshape(xp.where(counts, terms, xp.zeros_like(terms)), (z.shape[0], -1))

    def value(self, z: Array, y: Array) -> Array:
        return z.__array_namespace__().sum(self.terms(z, y)) / z.shape[0]

    def delta(self, z: Array, y: Array) -> Array:
        xp, (y, counts) = z.__array_namespace__(), self._find_counting(y)
        delta = self.cost.delta(self._list_steps(z), y)  # BP1 of each step
        return xp.reshape(xp.where(counts, delta, xp.zeros_like(delta)), z.shape)

    def leave_out_padding(self, y: Array, lengths: Array | None) -> Array:
        if lengths is None:
            return y
        xp = y.__array_namespace__()
        is_real = xp.arange(y.shape[1])[None, :] < self.n_out * lengths[:, None]
        return xp.where(is_real, y, xp.full_like(y, nan))

    def count_answers(self, n_out: int) -> int:
        return n_out // self.n_out

    def check_outputs(self, n_out: int) -> None:
        if n_out % self.n_out:
            raise ShapeError(
                argument="n_out",
                owner="SumOverSteps",
                expected=f"a divisor of the network's {n_out} outputs",
                value=self.n_out,
                remedy="give it the number of outputs of one step: n of EachStep(Dense(n))",
            )
        self.cost.check_outputs(self.n_out)

    def _list_steps(self, rows: Array) -> Array:
        """Put the steps of all examples below each other, shape (examples · steps, n_out)."""
        return rows.__array_namespace__().reshape(rows, (-1, self.n_out))

    def _find_counting(self, y: Array) -> tuple[Array, Array]:
        """List the steps of y, with 0 for NaN, and find those that count, shape (examples · steps, 1)."""
        xp, y = y.__array_namespace__(), self._list_steps(y)
        missing = xp.isnan(y)
        return xp.where(missing, xp.zeros_like(y), y), ~xp.any(missing, axis=1, keepdims=True)
