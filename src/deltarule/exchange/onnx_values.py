"""The values of a graph that is read: constants, chains of layers, and what is computed from their outputs.

A file is read by computing with these values in place of numbers. A :class:`Chain` is the tensor that the layers up to
here compute; an operator such as Conv returns the chain with one layer more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, TypeAlias

import numpy as np

from deltarule import limits
from deltarule.core.layer import Layer, Params, Shape
from deltarule.errors import ShapeError
from deltarule.preprocessing import NumberColumn, WordColumn

CHANNELS_FIRST = (2, 0, 1)
"""The axes of deltarule's images, (rows, columns, channels), in the order of ONNX."""


@dataclass(frozen=True)
class Affine:
    """A scale and shift of a tensor, x · mul / div + add: arrays with the axes of an example, or numbers.

    Division is apart, so that a file which divides by 255 gives 255 again.
    """

    mul: np.ndarray
    div: np.ndarray
    add: np.ndarray

    def scale(self, by: np.ndarray) -> Affine:
        """Multiply by a constant."""
        return Affine(self.mul * by, self.div, self.add * by)

    def divide(self, by: np.ndarray) -> Affine:
        """Divide by a constant."""
        return Affine(self.mul, self.div * by, self.add / by)

    def shift(self, by: np.ndarray) -> Affine:
        """Add a constant."""
        return Affine(self.mul, self.div, self.add + by)

    @property
    def factor(self) -> np.ndarray:
        """The factor of x."""
        return np.asarray(self.mul / self.div)

    @property
    def is_scalar(self) -> bool:
        """True if all numbers of an example are scaled alike."""
        return all(part.size == 1 for part in (self.mul, self.div, self.add))

    @property
    def is_increasing(self) -> bool:
        """True if the factor is above 0."""
        return bool((self.factor > 0).all())

    def transpose(self, axes: tuple[int, ...]) -> Affine:
        """Transpose the axes of an example."""
        return Affine(*(_transpose(part, axes) for part in (self.mul, self.div, self.add)))

    def reshape(self, dims: Shape, new: Shape) -> Affine:
        """Change the shape of an example from ``dims`` to ``new``."""
        if self.is_scalar:
            return Affine(*(part.reshape(()) for part in (self.mul, self.div, self.add)))
        return Affine(*(np.broadcast_to(part, dims).reshape(new) for part in (self.mul, self.div, self.add)))


def _transpose(part: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    return part.reshape((1,) * (len(axes) - part.ndim) + part.shape).transpose(axes)


IDENTITY = Affine(np.ones(()), np.ones(()), np.zeros(()))
"""The scale and shift that change nothing."""


@dataclass(frozen=True)
class Chain:
    """The tensor after a chain of layers.

    Args:
        dims: The shape of an example, as the tensor of the graph has it.
        layers: The layers with their parameters.
        shape: The shape of an example as deltarule has it; empty until the first layer, whose kind decides it.
        input_shape: The shape of the network's inputs; empty until then.
        axes: The axis of ``shape`` that each axis of ``dims`` is, before the first layer that of the input; empty for
            the same order.
        order: For rows, the place in deltarule's row of each number of the tensor; None if they are equal.
        affine: A scale and shift that no layer contains yet.
        columns: The columns of the table that the tensor is before any layer; empty for an array.
        scaling: The divisor and the mean of all inputs, once the first layer is there.
        softmax: True after softmax, which no layer may follow.
        unknown: The way to treat unknown words in columns.
        batch: The number of examples, if the graph fixes it; 0 if it is free.
        is_whole: True for whole numbers, with which a runtime computes in another way.
    """

    dims: Shape
    layers: tuple[tuple[Layer, Params], ...] = ()
    shape: Shape = ()
    input_shape: Shape = ()
    axes: tuple[int, ...] = ()
    order: np.ndarray | None = None
    affine: Affine = IDENTITY
    columns: tuple[NumberColumn | WordColumn, ...] = ()
    scaling: tuple[float, float] = (1.0, 0.0)
    softmax: bool = False
    unknown: str = "refuse"
    batch: int = 0
    is_whole: bool = False

    @property
    def last(self) -> Layer | None:
        """The last layer."""
        return self.layers[-1][0] if self.layers else None

    @property
    def is_settled(self) -> bool:
        """True if no scale and shift is left."""
        return self.affine is IDENTITY

    def append(self, layer: Layer, params: Params | None = None) -> Chain:
        """Return the chain with one layer more, without a change of the axes.

        Before the kind of the examples is known, the layer must compute number by number. Raises :class:`ShapeError`
        for a layer that does not fit.
        """
        if not self.shape:
            return replace(self, layers=(*self.layers, (layer, params or {})))
        shape = layer.output_shape(self.shape)
        check_size(shape)
        dims = tuple(shape[axis] for axis in self.axes) if len(shape) == len(self.axes) else shape
        return replace(self, layers=(*self.layers, (layer, params or {})), shape=shape, dims=dims)

    def replace_last(self, layer: Layer, params: Params) -> Chain:
        """Return the chain with another last layer of the same shape, and no scale and shift."""
        return replace(self, layers=(*self.layers[:-1], (layer, params)), affine=IDENTITY)

    def begin(self, shape: Shape, axes: tuple[int, ...] = ()) -> Chain:
        """Return the chain with the shape of the network's inputs."""
        check_size(shape)
        return replace(self, shape=shape, input_shape=shape, axes=axes)


def check_size(shape: Shape) -> None:
    """Raise :class:`ShapeError` for examples that are larger than any network needs."""
    if not all(n > 0 for n in shape) or prod(shape) > limits.INPUTS:
        expected, remedy = f"examples of 1 to {limits.INPUTS:,} numbers", limits.describe_remedy("INPUTS")
        raise ShapeError(expected=expected, value=shape, remedy=remedy)


@dataclass(frozen=True)
class Steps:
    """A chain after operators that are no layer alone, such as Neg and Exp, the beginning of a written-out sigmoid."""

    chain: Chain
    steps: tuple[Any, ...]


@dataclass(frozen=True)
class Head:
    """A value computed from the outputs of a network, which does not change the network.

    Args:
        chain: The network.
        kind: "labels", "zeros" (the labels of a single output), "decisions" (outputs above ½), "shares", "pair" (1 − p
            and p), "total", "is positive" (of the total), "values" (one output without an axis), "logarithms" (of
            softmax), or "is missing" (for inputs).
        classes: The names of the classes, where they are known.
    """

    chain: Chain
    kind: str
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """A column of text; ``unknown`` is empty until it is encoded."""

    column: WordColumn
    unknown: str = ""


@dataclass(frozen=True)
class Constant:
    """A constant array."""

    array: np.ndarray = field(repr=False)


Value: TypeAlias = Chain | Steps | Head | Words | Constant
