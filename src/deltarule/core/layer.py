"""What a layer is: sizes without weights, and a forward and a backward function without memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

Array: TypeAlias = Any
"""An array of any library that follows the array API standard: NumPy, JAX, array-api-strict."""

Shape: TypeAlias = tuple[int, ...]
Params: TypeAlias = Mapping[str, Array]
"""A layer's parameters by name, such as ``{"w": ..., "b": ...}``; empty where nothing is learned."""

Key: TypeAlias = tuple[Any, ...]
"""A key of :mod:`deltarule.core.random`: from the same key comes the same randomness."""


class Layer(ABC):
    """One operation of a network. A subclass is a frozen dataclass holding sizes, never weights.

    The first axis of every array that passes through is the mini-batch; shapes in arguments are
    those of one example. ``forward`` returns what it computed and a cache of whatever ``backward``
    will want to see again. ``backward`` is handed ``d_y`` = ∂C/∂y for what ``forward`` returned,
    and gives back ``d_x`` = ∂C/∂x with the gradients of the parameters.

    ``rng`` is a key of :mod:`deltarule.core.random`. Given, the network is being trained; absent,
    it is being used.

    A layer of your own is a subclass with ``forward`` and ``backward``, and needs no registration:

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
    """The parameters that regularization shrinks (weights, not biases)."""

    def init(self, rng: Key, input_shape: Shape) -> Params:
        """The parameters to start learning from, in float64; none unless the layer has some."""
        return {}

    def output_shape(self, input_shape: Shape) -> Shape:
        """The shape of one example after this layer; raises :class:`ShapeError` if it cannot fit."""
        return input_shape

    @abstractmethod
    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        """``(y, cache)`` for a mini-batch ``x``."""

    @abstractmethod
    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        """``(d_x, grads)`` from ``d_y``; ``grads`` has the keys of ``params``."""

    def after_step(self, params: Params, cache: Any) -> Params:
        """The parameters after a step of learning, for what is not learned by gradient."""
        return params
