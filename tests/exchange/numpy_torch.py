"""The few parts of PyTorch that exported scripts use, in NumPy with loops, after PyTorch's documentation.

``make test`` runs the scripts with it; the tests with the marker ``peers`` run them with PyTorch itself.
"""

from __future__ import annotations

import contextlib
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import load_file


class Tensor(np.ndarray):
    def movedim(self, source: int, target: int) -> Tensor:
        return np.moveaxis(self, source, target).view(Tensor)

    def flatten(self, start: int) -> Tensor:  # type: ignore[override]
        return self.reshape(*self.shape[:start], prod(self.shape[start:]))

    def numpy(self) -> np.ndarray:
        return np.asarray(self)


def tensor(array: np.ndarray) -> Tensor:
    return np.array(array).view(Tensor)


class Module:
    """A module with tensors by name, of the shapes that PyTorch's module has."""

    is_double = False

    def __init__(self) -> None:
        self.shapes: dict[str, tuple[int, ...]] = {}

    def __call__(self, x: np.ndarray) -> Any:
        return self.forward(x)

    def forward(self, x: np.ndarray) -> Any:
        raise NotImplementedError

    def load(self, tensors: dict[str, np.ndarray]) -> None:
        assert {name: one.shape for name, one in tensors.items()} == self.shapes
        self.tensors = tensors


class Sequential(Module):
    def __init__(self, *modules: Module) -> None:
        self.modules, self.training = modules, True

    def double(self) -> Sequential:
        self.is_double = True
        return self

    def eval(self) -> None:
        self.training = False

    def load_state_dict(self, tensors: dict[str, np.ndarray]) -> None:
        own: list[dict[str, np.ndarray]] = [{} for _ in self.modules]
        for name, one in tensors.items():
            place, _, rest = name.partition(".")
            own[int(place)][rest] = one
            assert one.dtype == (np.int64 if "num" in rest else np.float64 if self.is_double else np.float32)
        for module, found in zip(self.modules, own, strict=True):
            module.load(found)

    def forward(self, x: np.ndarray) -> Tensor:
        assert not self.training
        for module in self.modules:
            x = module(x)
        return x.view(Tensor)


class Linear(Module):
    def __init__(self, n_in: int, n_out: int) -> None:
        self.shapes = {"weight": (n_out, n_in), "bias": (n_out,)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        return np.einsum("ni,oi->no", x, self.tensors["weight"]) + self.tensors["bias"]


def to_pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def cut(x: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    """Return the windows of images (n, channels, height, width), (n, channels, rows, columns, *size)."""
    return sliding_window_view(x, size, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]


class Conv2d(Module):
    def __init__(self, n_in: int, n_out: int, kernel: Any, stride: Any = 1) -> None:
        self.size, self.stride = to_pair(kernel), to_pair(stride)
        self.shapes = {"weight": (n_out, n_in, *self.size), "bias": (n_out,)}

    def forward(self, x: np.ndarray) -> np.ndarray:
        z = np.einsum("ncrsij,ocij->nors", cut(x, self.size, self.stride), self.tensors["weight"])
        return z + self.tensors["bias"][:, None, None]


class MaxPool2d(Module):
    def __init__(self, size: Any, stride: Any = None) -> None:
        self.size, self.stride, self.shapes = to_pair(size), to_pair(stride or size), {}

    def forward(self, x: np.ndarray) -> np.ndarray:
        return cut(x, self.size, self.stride).max(axis=(4, 5))


class LPPool2d(MaxPool2d):
    def __init__(self, norm: float, size: Any, stride: Any = None) -> None:
        super().__init__(size, stride)
        self.norm = norm

    def forward(self, x: np.ndarray) -> np.ndarray:
        return (cut(x, self.size, self.stride) ** self.norm).sum(axis=(4, 5)) ** (1 / self.norm)


class BatchNorm(Module):
    dims: tuple[int, ...]

    def __init__(self, n: int, eps: float, momentum: float) -> None:
        self.eps = eps
        names = ("weight", "bias", "running_mean", "running_var")
        self.shapes = {**dict.fromkeys(names, (n,)), "num_batches_tracked": ()}

    def forward(self, x: np.ndarray) -> np.ndarray:
        assert x.ndim in self.dims
        own = {name: one.reshape(-1, *[1] * (x.ndim - 2)) for name, one in self.tensors.items()}
        normal = (x - own["running_mean"]) / np.sqrt(own["running_var"] + np.float32(self.eps))
        return own["weight"] * normal + own["bias"]


class Flatten(Module):
    def forward(self, x: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(x).reshape(len(x), prod(x.shape[1:]))


class Elementwise(Module):
    def __init__(self, *settings: float) -> None:
        super().__init__()
        self.settings = settings


FUNCTIONS: dict[str, Any] = {
    "Sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "Tanh": np.tanh,
    "Identity": lambda z: z,
    "ReLU": lambda z: np.maximum(z, 0),
    "LeakyReLU": lambda z, a: np.where(z > 0, z, a * z),
    "ELU": lambda z, a: np.where(z > 0, z, a * (np.exp(np.minimum(z, 0)) - 1)),
    "Dropout": lambda z, p: z,
    "Softmax": lambda z, axis: np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True),
}


def build_modules() -> dict[str, ModuleType]:
    """Build the modules ``torch`` and ``safetensors.torch``, by name."""
    torch, nn, loader = ModuleType("torch"), ModuleType("torch.nn"), ModuleType("safetensors.torch")
    for module in (Module, Sequential, Linear, Conv2d, MaxPool2d, LPPool2d, Flatten):
        setattr(nn, module.__name__, module)
    for name, dims in {"BatchNorm1d": (2, 3), "BatchNorm2d": (4,), "BatchNorm3d": (5,)}.items():
        setattr(nn, name, type(name, (BatchNorm,), {"dims": dims}))
    for name, function in FUNCTIONS.items():
        forward = (lambda f: lambda self, x: f(x, *self.settings).view(Tensor))(function)
        setattr(nn, name, type(name, (Elementwise,), {"forward": forward}))
    loader.load_file = lambda path: {name: tensor(one) for name, one in load_file(path).items()}  # type: ignore[attr-defined]
    contents = {"nn": nn, "tensor": tensor, "no_grad": contextlib.nullcontext, "sigmoid": FUNCTIONS["Sigmoid"]}
    vars(torch).update(contents)
    return {"torch": torch, "torch.nn": nn, "safetensors.torch": loader}
