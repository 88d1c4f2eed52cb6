"""Layers between sequences and single examples: the last step, the mean of the steps, and one layer for each step."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from deltarule.core.constraints import Constraint, Constraints, Validated
from deltarule.core.layer import Array, Key, Layer, Params, Shape
from deltarule.core.sequences import SequenceLayer, mask_steps, zero_padding
from deltarule.errors import ShapeError


@dataclass(frozen=True)
class LastStep(SequenceLayer):
    """The last real step of each sequence: shape (steps, ...) becomes (...). After a recurrent layer, its last state.

    >>> import numpy as np
    >>> x = np.asarray([[[1.0], [2.0], [3.0]], [[4.0], [0.0], [0.0]]])
    >>> LastStep().forward({}, x, lengths=np.asarray([3, 1]))[0].tolist()
    [[3.0], [4.0]]
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        return _check_steps(self, input_shape)[1:]

    def forward(
        self, params: Params, x: Array, rng: Key | None = None, lengths: Array | None = None
    ) -> tuple[Array, Array]:
        xp = x.__array_namespace__()
        is_last = xp.arange(1, x.shape[1] + 1)[None, :] == _count_real(x, lengths)[:, None]
        return xp.sum(xp.where(_stretch(is_last, x), x, xp.zeros_like(x)), axis=1), is_last

    def backward(self, params: Params, is_last: Array, d_y: Array) -> tuple[Array, Params]:
        d_y, xp = d_y[:, None, ...], d_y.__array_namespace__()
        return xp.where(_stretch(is_last, d_y), d_y, xp.zeros_like(d_y)), {}


@dataclass(frozen=True)
class MeanOverSteps(SequenceLayer):
    """The mean of the real steps of each sequence: shape (steps, ...) becomes (...).

    >>> import numpy as np
    >>> x = np.asarray([[[1.0], [2.0], [3.0]], [[4.0], [0.0], [0.0]]])
    >>> MeanOverSteps().forward({}, x, lengths=np.asarray([3, 1]))[0].tolist()
    [[2.0], [4.0]]
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        return _check_steps(self, input_shape)[1:]

    def forward(
        self, params: Params, x: Array, rng: Key | None = None, lengths: Array | None = None
    ) -> tuple[Array, Array]:
        xp = x.__array_namespace__()
        is_real = mask_steps(x, _count_real(x, lengths))
        shares = _stretch(is_real / xp.sum(is_real, axis=1, keepdims=True), x)
        return xp.sum(shares * zero_padding(x, lengths), axis=1), shares

    def backward(self, params: Params, shares: Array, d_y: Array) -> tuple[Array, Params]:
        return shares * d_y[:, None, ...], {}


@dataclass(frozen=True)
class EachStep(Layer, Validated):
    """One layer, such as ``Dense(10)``, applied to each step of a sequence, with the same parameters.

    Its gradients are sums over the steps as well as over the mini-batch. After a recurrent layer, a network answers so
    at
    each step:

    >>> from deltarule.core.lstm import LSTM
    >>> from deltarule.core.layers import Dense, Flatten
    >>> from deltarule.core.network import Network
    >>> from deltarule.core.costs import CrossEntropy
    >>> from deltarule.core.step_costs import SumOverSteps
    >>> Network([LSTM(20), EachStep(Dense(3)), Flatten()], SumOverSteps(CrossEntropy(), 3), (5, 2)).shapes
    [(5, 2), (5, 20), (5, 3), (15,)]

    Args:
        layer: The layer. It must compute each example by itself: no BatchNorm, no layer of sequences, no penalty.

    Raises:
        InvalidArgument: For another layer.
    """

    layer: Layer
    constraints: ClassVar[Constraints] = {
        "layer": Constraint(
            "a layer that computes each step by itself, such as Dense(10)", lambda value: _computes_each_alone(value)
        )
    }

    @property
    def weights(self) -> tuple[str, ...]:  # type: ignore[override] # of the layer
        return self.layer.weights

    @property
    def draws(self) -> bool:  # type: ignore[override] # if the layer does
        return self.layer.draws

    def init(self, rng: Key, input_shape: Shape) -> Params:
        return self.layer.init(rng, input_shape[1:])

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *self.layer.output_shape(_check_steps(self, input_shape)[1:]))

    def forward(self, params: Params, x: Array, rng: Key | None = None) -> tuple[Array, Any]:
        xp = x.__array_namespace__()
        y, cache = self.layer.forward(params, xp.reshape(x, (prod(x.shape[:2]), *x.shape[2:])), rng)
        return xp.reshape(y, (*x.shape[:2], *y.shape[1:])), (cache, x.shape)

    def backward(self, params: Params, cache: Any, d_y: Array) -> tuple[Array, Params]:
        (cache, shape), xp = cache, d_y.__array_namespace__()
        d_x, grads = self.layer.backward(params, cache, xp.reshape(d_y, (prod(shape[:2]), *d_y.shape[2:])))
        return xp.reshape(d_x, shape), grads


def _computes_each_alone(value: Any) -> bool:
    """Tell whether a layer is known not to look at other examples, nor at lengths, and has no penalty."""
    if not isinstance(value, Layer) or isinstance(value, (SequenceLayer, EachStep)):
        return False
    kind = type(value)
    return kind.after_step is Layer.after_step and kind.penalty is Layer.penalty


def _count_real(x: Array, lengths: Array | None) -> Array:
    """Return the number of real steps of each example, (examples,)."""
    return x.__array_namespace__().full((x.shape[0],), x.shape[1]) if lengths is None else lengths


def _check_steps(layer: Layer, input_shape: Shape) -> Shape:
    """Return the shape. Raises :class:`ShapeError` unless it is that of a sequence."""
    if len(input_shape) < 2:
        raise ShapeError(
            argument="input_shape",
            owner=type(layer).__name__,
            expected="the shape of a sequence, (steps, ...)",
            value=input_shape,
            remedy="put it before Flatten() and Dense, after a layer of sequences such as LSTM",
        )
    return input_shape


def _stretch(mask: Array, x: Array) -> Array:
    """Give a mask (examples, steps) the number of axes of x."""
    return mask[(..., *[None] * (x.ndim - 2))]
