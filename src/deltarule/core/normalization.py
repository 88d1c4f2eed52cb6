"""Batch normalization: each feature scaled to mean 0 and variance 1 over the mini-batch.

After S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift" (2015), whose section 3 and algorithms 1 and 2 these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, TypeAlias

from deltarule.core.constraints import Constraints, Validated, number
from deltarule.core.layer import Array, Key, Layer, Params, Shape

Statistics: TypeAlias = tuple[Array, Array, int]
"""Mean and variance of each feature, and the number of values they were computed from."""


@dataclass(frozen=True)
class BatchNorm(Layer, Validated):
    """Batch normalization: y = scale · x̂ + shift with x̂ = (x − mean) / √(variance + ε), per feature (the last axis).

    In training, mean and variance are those of the mini-batch, over its examples and, in images,
    over all places; ``scale`` and ``shift`` (the paper's γ and β) are learned. After training,
    mean and variance are running means. Each step of the training replaces a running mean by
    ``momentum`` · old + (1 − ``momentum``) · the value of the mini-batch. For the variance, this
    value is the unbiased one. Running means are parameters that no gradient moves in training;
    regularization shrinks no parameter of this layer. A mini-batch with a single number of each
    feature gives x̂ = 0, and leaves the running means unchanged. In sequences of unequal lengths the steps after the end
    count as well.
    Raises :class:`InvalidArgument` unless ε > 0 and 0 ≤ momentum < 1.

    >>> import numpy as np
    >>> from deltarule.core.random import key
    >>> x = np.asarray([[1.0, 10.0], [3.0, 30.0]])
    >>> BatchNorm().forward(BatchNorm().init(key(0), (2,)), x, key(0))[0].round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    """

    epsilon: float = 1e-5
    momentum: float = 0.9
    statistics: ClassVar[tuple[str, ...]] = ("mean", "variance")
    constraints: ClassVar[Constraints] = {"epsilon": number(above=0), "momentum": number(0, below=1)}

    def init(self, rng: Key, input_shape: Shape) -> Params:
        xp, n = rng[0].__array_namespace__(), input_shape[-1]
        ones, zeros = xp.ones(n, dtype=xp.float64), xp.zeros(n, dtype=xp.float64)
        return {"scale": ones, "shift": zeros, "mean": zeros, "variance": ones}

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        xp = x.__array_namespace__()
        batch: Statistics | None = None
        mean, variance = params["mean"], params["variance"]
        if rng is not None:
            m = self.over_all(prod(x.shape) // prod(mean.shape))
            mean = self.over_all(_sum_as(mean, x)) / m
            variance = self.over_all(_sum_as(mean, (x - mean) ** 2)) / m
            batch = mean, variance, m
        deviation = xp.sqrt(variance + self.epsilon)
        normal = (x - mean) / deviation
        return params["scale"] * normal + params["shift"], (normal, deviation, batch)

    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        xp = d_y.__array_namespace__()
        normal, deviation, batch = cache
        scale = params["scale"]
        d_shift = _sum_as(scale, d_y)  # ∂C/∂β = Σ ∂C/∂y
        d_scale = _sum_as(scale, d_y * normal)  # ∂C/∂γ = Σ ∂C/∂y · x̂
        d_x = d_y * scale / deviation  # through x̂ = (x − mean) / deviation, whose ∂C/∂x̂ is γ ∂C/∂y
        d_mean = -_sum_as(scale, d_x)
        d_variance = -_sum_as(scale, d_x * normal) / (2 * deviation)
        grads = {"scale": d_scale, "shift": d_shift}
        if batch is None:  # in use, where mean and variance do not depend on x
            return d_x, {**grads, "mean": d_mean, "variance": d_variance}
        # in training the error also passes through mean and variance, ∂mean/∂x = 1/m and ∂variance/∂x = 2 (x − mean)/m
        _, _, m = batch
        d_mean, d_variance = self.over_all(d_mean), self.over_all(d_variance)
        d_x = d_x + d_mean / m + d_variance * 2 * normal * deviation / m
        return d_x, {**grads, "mean": xp.zeros_like(d_mean), "variance": xp.zeros_like(d_variance)}

    def over_all(self, here: Any) -> Any:
        """Turn a sum over this device's examples into one over the whole mini-batch, for engines that divide it."""
        return here

    def after_step(self, params: Params, cache: Any) -> Params:
        _, _, batch = cache
        if batch is None or batch[2] == 1:  # a single number has no variance
            return params
        mean, variance, m = batch
        return {
            **params,
            "mean": self._running(params["mean"], mean),
            "variance": self._running(params["variance"], variance * m / (m - 1)),
        }

    def _running(self, old: Array, new: Array) -> Array:
        return self.momentum * old + (1 - self.momentum) * new


def _sum_as(feature: Array, x: Array) -> Array:
    """Sum x over every axis that ``feature`` lacks or has with length 1; the sum has the shape of ``feature``."""
    xp = x.__array_namespace__()
    shape = (1,) * (x.ndim - feature.ndim) + feature.shape
    return xp.reshape(xp.sum(x, axis=tuple(i for i, n in enumerate(shape) if n == 1)), feature.shape)
