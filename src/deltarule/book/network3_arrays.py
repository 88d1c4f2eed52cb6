"""Activation functions of the book's third program, and weights that can be read and set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from deltarule.book.theano_names import ARRAY, WithoutSymbols
from deltarule.core.activations import Activation, Linear, Sigmoid, Tanh
from deltarule.core.activations import ReLU as Rectifier
from deltarule.core.costs import LogLikelihood
from deltarule.errors import InvalidArgument, ShapeError


def sigmoid(z: Any) -> np.ndarray:
    """Compute σ(z) = 1 / (1 + e⁻ᶻ), equation (3), elementwise.

    >>> float(sigmoid(0))
    0.5
    """
    return np.asarray(Sigmoid().function(np.asarray(z, dtype=float)))


def tanh(z: Any) -> np.ndarray:
    """Compute the hyperbolic tangent of z, elementwise (chapter 3, other models of neurons).

    >>> float(tanh(0))
    0.0
    """
    return np.asarray(Tanh().function(np.asarray(z, dtype=float)))


def ReLU(z: Any) -> np.ndarray:
    """Compute max(0, z), elementwise: a rectified linear unit.

    >>> ReLU([-1, 2]).tolist()
    [0.0, 2.0]
    """
    return np.asarray(Rectifier().function(np.asarray(z, dtype=float)))


def linear(z: Any) -> np.ndarray:
    """Return z as an array of floats.

    >>> linear([-1, 2]).tolist()
    [-1.0, 2.0]
    """
    return np.asarray(Linear().function(np.asarray(z, dtype=float)))


def softmax(z: Any) -> np.ndarray:
    """Compute exp z / Σ exp z for each row, equation (78), the activations of the softmax layer.

    >>> softmax([[0, 0]]).tolist()
    [[0.5, 0.5]]
    """
    return np.asarray(LogLikelihood().activation(np.asarray(z, dtype=float)))


def size(data: Any) -> int:
    """Count the examples of a pair (x, y).

    >>> size(([[0.5, 0.5], [0.5, 0.1]], [3, 5]))
    2
    """
    return len(data[1])


ActivationFn = Callable[..., Any] | Activation
FUNCTIONS: dict[Any, Activation] = {sigmoid: Sigmoid(), tanh: Tanh(), ReLU: Rectifier(), linear: Linear()}


class Shared(WithoutSymbols, np.ndarray):
    """An array with the methods that read and set the variables of the book's program.

    >>> w = to_shared([[1.0, 2.0]])
    >>> w.set_value([[3.0, 4.0]]); w.get_value(), w.eval()
    (array([[3., 4.]]), array([[3., 4.]]))
    """

    theano_names = ARRAY
    name: str | None = None

    def get_value(self, borrow: bool = False) -> np.ndarray:
        """Return the numbers as a plain array, a copy unless ``borrow``."""
        plain = np.asarray(self)
        return plain if borrow else plain.copy()

    def eval(self) -> np.ndarray:
        """Return the numbers as a plain array."""
        return self.get_value()

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Replace the numbers by others of the same shape."""
        _check_shape("value", np.shape(value), self.shape)
        self[...] = value


def to_shared(values: Any) -> Shared:
    """Convert numbers into a :class:`Shared` array; arrays are not copied."""
    return np.asarray(values).view(Shared)


class Parameter:
    """A layer's ``w`` or ``b``: an array in the book's shape, which can be set to any numbers of that shape."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else vars(layer)[self.name]

    def __set__(self, layer: Any, value: Any) -> None:
        try:
            array = np.array(value, dtype=None if getattr(value, "dtype", None) == np.float32 else np.float64)
        except (TypeError, ValueError):
            raise InvalidArgument(
                argument=self.name, owner=repr(layer), expected="numbers", value=str(value)[:60]
            ) from None
        _check_shape(self.name, array.shape, np.shape(vars(layer).get(self.name, array)), layer)
        vars(layer)[self.name] = to_shared(array)


def _check_shape(argument: str, shape: tuple[int, ...], expected: tuple[int, ...], owner: object = "") -> None:
    if shape != expected:
        raise ShapeError(argument=f"shape of {argument}", owner=str(owner), expected=f"{expected}", value=shape)
