"""What the layers of the book's third program are made of: activation functions, and weights that are read and set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from deltarule.core.activations import Activation, Linear, Sigmoid, Tanh
from deltarule.core.activations import ReLU as Rectifier
from deltarule.errors import InvalidArgument, ShapeError


def sigmoid(z: Any) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), equation (3), elementwise."""
    return np.asarray(Sigmoid().function(np.asarray(z, dtype=float)))


def tanh(z: Any) -> np.ndarray:
    """The hyperbolic tangent of z, elementwise (chapter 3, other models of neurons)."""
    return np.asarray(Tanh().function(np.asarray(z, dtype=float)))


def ReLU(z: Any) -> np.ndarray:
    """max(0, z), elementwise: a rectified linear unit."""
    return np.asarray(Rectifier().function(np.asarray(z, dtype=float)))


def linear(z: Any) -> np.ndarray:
    """z as it is."""
    return np.asarray(Linear().function(np.asarray(z, dtype=float)))


ActivationFn = Callable[..., Any] | Activation
FUNCTIONS: dict[Any, Activation] = {sigmoid: Sigmoid(), tanh: Tanh(), ReLU: Rectifier(), linear: Linear()}


class Shared(np.ndarray):
    """An array that also has the methods by which one reads and sets the program's variables.

    >>> w = shared([[1.0, 2.0]])
    >>> w.set_value([[3.0, 4.0]]); w.get_value(), w.eval()
    (array([[3., 4.]]), array([[3., 4.]]))
    """

    def get_value(self, borrow: bool = False) -> np.ndarray:
        """The numbers as a plain array, a copy of them unless ``borrow``."""
        plain = np.asarray(self)
        return plain if borrow else plain.copy()

    def eval(self) -> np.ndarray:
        """The numbers as a plain array."""
        return self.get_value()

    def set_value(self, value: Any, borrow: bool = False) -> None:
        """Puts other numbers of the same shape in their place."""
        _check_shape("value", np.shape(value), self.shape)
        self[...] = value


def shared(values: Any) -> Shared:
    """The numbers as a :class:`Shared` array, not copied where they are one already."""
    return np.asarray(values).view(Shared)


class Parameter:
    """A layer's ``w`` or ``b``: read as an array in the book's shape, set with any numbers of that shape."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else vars(layer)[self.name]

    def __set__(self, layer: Any, value: Any) -> None:
        try:
            array = np.array(value, dtype=None if getattr(value, "dtype", None) == np.float32 else np.float64)
        except (TypeError, ValueError):
            told = str(value)[:60]
            raise InvalidArgument(argument=self.name, owner=repr(layer), expected="numbers", value=told) from None
        _check_shape(self.name, array.shape, np.shape(vars(layer).get(self.name, array)), layer)
        vars(layer)[self.name] = shared(array)


def _check_shape(argument: str, shape: tuple[int, ...], expected: tuple[int, ...], owner: object = "") -> None:
    if shape != expected:
        raise ShapeError(argument=f"shape of {argument}", owner=str(owner), expected=f"{expected}", value=shape)
