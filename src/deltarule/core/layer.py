"""The contract of layers: sizes without weights, and a forward and a backward function without memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

Array: TypeAlias = Any
"""An array of any library that follows the array API standard: NumPy, JAX, array-api-strict."""

Shape: TypeAlias = tuple[int, ...]
Params: TypeAlias = Mapping[str, Array]
"""A layer's parameters by name, such as ``{"w": ..., "b": ...}``; empty for a layer without parameters."""

Key: TypeAlias = tuple[Any, ...]
"""A key of :mod:`deltarule.core.random`: the same key gives the same random numbers."""


class Layer(ABC):
    """One operation of a network. A subclass is a frozen dataclass that holds sizes, never weights.

    The first axis of every array is the mini-batch; arguments named shape are
    shapes of one example. ``forward`` returns its result and a cache of all that ``backward``
    needs again. ``backward`` takes ``d_y`` = ∂C/∂y for the result of ``forward``,
    and returns ``d_x`` = ∂C/∂x with the gradients of the parameters.

    ``rng`` is a key of :mod:`deltarule.core.random`. With a key, the layer draws random numbers or is being trained;
    without one, it predicts or is evaluated. A layer with ``draws`` gets a key in use, too, when the network is asked
    to sample.

    A layer can add a penalty to the cost, such as the divergence of a variational autoencoder: ``penalty`` computes
    it, and ``penalty_gradient`` its derivative, from the cache.

    Your own layer is a subclass with ``forward`` and ``backward``, and needs no registration:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass(frozen=True)
    ... class Double(Layer):
    ...     def forward(self, params, x, rng=None):
    ...         return 2 * x, None
    ...     def backward(self, params, cache, d_y):
    ...         return 2 * d_y, {}
    >>> Double().forward({}, np.asarray([[1.0, 2.0]]))[0]
    array([[2., 4.]])
    """

    weights: ClassVar[tuple[str, ...]] = ()
    """The names of the parameters that regularization shrinks (weights, not biases)."""

    statistics: ClassVar[tuple[str, ...]] = ()
    """The names of the parameters that no gradient moves, such as running means; averages leave them out."""

    draws: ClassVar[bool] = False
    """True for a layer that draws random numbers in use, too, and not only in training."""

    def init(self, rng: Key, input_shape: Shape) -> Params:
        """Return the initial parameters, in float64; none by default."""
        return {}

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one example after this layer. Raises :class:`ShapeError` if the input does not fit."""
        return input_shape

    @abstractmethod
    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        """Compute ``(y, cache)`` from a mini-batch ``x``."""

    @abstractmethod
    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        """Compute ``(d_x, grads)`` from ``d_y``; ``grads`` has the keys of ``params``."""

    def after_step(self, params: Params, cache: Any) -> Params:
        """Update the parameters that have no gradient after a training step, and return all parameters."""
        return params

    def penalty(self, params: Params, cache: Any) -> Array | None:
        """Compute the layer's penalty, its addition to C_x of each example x, shape (examples,); None for none."""
        return None

    def penalty_gradient(self, params: Params, cache: Any) -> Array:
        """Compute the derivative of each example's penalty in the input of the layer, of x's shape."""
        raise NotImplementedError  # only called for a layer that has a penalty
