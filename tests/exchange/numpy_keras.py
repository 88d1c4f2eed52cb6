"""The few parts of Keras 3 that exported scripts use, in NumPy with loops, after Keras's documentation.

``make test`` runs the scripts with it; the tests with the marker ``peers`` run them with Keras itself.
"""

from __future__ import annotations

from math import prod
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Variable:
    def __init__(self, name: str, shape: tuple[int, ...], dtype: str) -> None:
        self.name, self.shape, self.dtype = name, shape, dtype

    def assign(self, value: np.ndarray) -> None:
        assert (value.shape, value.dtype) == (self.shape, self.dtype)
        self.value = value


class Layer:
    """A layer whose weights are made when the shape of its inputs is known; a batch is the first axis."""

    def __init__(self, dtype: str = "float32") -> None:
        self.dtype, self.weights = dtype, list[Variable]()

    def add(self, **shapes: tuple[int, ...]) -> None:
        self.weights = [Variable(name, shape, self.dtype) for name, shape in shapes.items()]

    def build(self, shape: tuple[int, ...]) -> None:
        pass

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.call(x)

    def call(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def __getitem__(self, name: str) -> np.ndarray:
        return next(one.value for one in self.weights if one.name == name)


class Sequential:
    def __init__(self, layers: list[Any]) -> None:
        self.input, *self.layers = layers
        assert {layer.dtype for layer in layers} == {self.input.dtype}
        x = np.ones((1, *self.input.shape), self.input.dtype)
        for layer in self.layers:
            layer.build(x.shape[1:])
            for weight in layer.weights:
                weight.assign(np.ones(weight.shape, weight.dtype))
            x = layer(x)

    def predict(self, x: np.ndarray, verbose: int) -> np.ndarray:
        assert (x.shape[1:], x.dtype) == (self.input.shape, self.input.dtype)
        for layer in self.layers:
            x = layer(x)
        return x


class Input:
    def __init__(self, shape: tuple[int, ...], dtype: str = "float32") -> None:
        self.shape, self.dtype = shape, dtype


class Dense(Layer):
    def __init__(self, units: int, **settings: str) -> None:
        super().__init__(**settings)
        self.units = units

    def build(self, shape: tuple[int, ...]) -> None:
        self.add(kernel=(*shape, self.units), bias=(self.units,))

    def call(self, x: np.ndarray) -> np.ndarray:
        return np.einsum("ni,io->no", x, self["kernel"]) + self["bias"]


def to_pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def cut(x: np.ndarray, size: Any, strides: Any) -> np.ndarray:
    """Return the windows of images (n, height, width, channels), (n, rows, columns, channels, *size)."""
    (s, t), size = to_pair(strides), to_pair(size)
    return sliding_window_view(x, size, axis=(1, 2))[:, ::s, ::t]


class Conv2D(Layer):
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, *, data_format: str, **settings: str) -> None:
        super().__init__(**settings)
        assert data_format == "channels_last"
        self.filters, self.size, self.strides = filters, to_pair(kernel_size), strides

    def build(self, shape: tuple[int, ...]) -> None:
        self.add(kernel=(*self.size, shape[-1], self.filters), bias=(self.filters,))

    def call(self, x: np.ndarray) -> np.ndarray:
        return np.einsum("nrscij,ijco->nrso", cut(x, self.size, self.strides), self["kernel"]) + self["bias"]


class MaxPooling2D(Layer):
    def __init__(self, pool_size: Any, strides: Any = None, *, data_format: str, **settings: str) -> None:
        super().__init__(**settings)
        assert data_format == "channels_last"
        self.size, self.strides = pool_size, strides or pool_size

    def call(self, x: np.ndarray) -> np.ndarray:
        return cut(x, self.size, self.strides).max(axis=(4, 5))


class BatchNormalization(Layer):
    def __init__(self, *, epsilon: float, momentum: float, **settings: str) -> None:
        super().__init__(**settings)
        self.epsilon = np.float32(epsilon)

    def build(self, shape: tuple[int, ...]) -> None:
        n = shape[-1:]
        self.add(gamma=n, beta=n, moving_mean=n, moving_variance=n)

    def call(self, x: np.ndarray) -> np.ndarray:
        normal = (x - self["moving_mean"]) / np.sqrt(self["moving_variance"] + self.epsilon)
        return self["gamma"] * normal + self["beta"]


class Flatten(Layer):
    def __init__(self, data_format: str, **settings: str) -> None:
        super().__init__(**settings)
        assert data_format == "channels_last"

    def call(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), prod(x.shape[1:]))


class Activation(Layer):
    def __init__(self, name: str = "", dtype: str = "float32", **settings: float) -> None:
        super().__init__(dtype)
        self.name, self.settings = name, settings

    def call(self, x: np.ndarray) -> np.ndarray:
        return FUNCTIONS[self.name](x)


class Dropout(Activation):
    def __init__(self, rate: float, **settings: str) -> None:
        super().__init__("linear", **settings)


class ReLU(Activation):
    def call(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0)


class LeakyReLU(Activation):
    def call(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, x * self.settings["negative_slope"])


class ELU(Activation):
    def call(self, x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, self.settings["alpha"] * (np.exp(np.minimum(x, 0)) - 1))


class Softmax(Activation):
    def call(self, x: np.ndarray) -> np.ndarray:
        return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


FUNCTIONS: dict[str, Any] = {"sigmoid": sigmoid, "tanh": np.tanh, "linear": lambda z: z}


def average_pool(x: np.ndarray, size: Any, strides: Any, *, data_format: str) -> np.ndarray:
    assert data_format == "channels_last"
    return cut(x, size, strides).mean(axis=(4, 5))


LAYERS = (
    *(Layer, Dense, Conv2D, MaxPooling2D, BatchNormalization, Flatten),
    *(Activation, Dropout, ReLU, LeakyReLU, ELU, Softmax),
)


def build_modules() -> dict[str, ModuleType]:
    """Build the module ``keras``, by its name."""
    keras = ModuleType("keras")
    keras.layers = SimpleNamespace(**{layer.__name__: layer for layer in LAYERS})  # type: ignore[attr-defined]
    operations = {"average_pool": average_pool, "sqrt": np.sqrt, "sigmoid": sigmoid, "convert_to_numpy": np.asarray}
    contents = {
        "ops": SimpleNamespace(**operations),
        "Sequential": Sequential,
        "Input": Input,
    }
    vars(keras).update(contents)
    return {"keras": keras}
