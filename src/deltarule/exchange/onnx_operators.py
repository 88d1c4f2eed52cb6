"""Operators of ONNX as layers of deltarule: a small function for each operator, and a table of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from deltarule.core.activations import ELU, LeakyReLU, ReLU, Sigmoid, Tanh
from deltarule.core.convolution import Conv
from deltarule.core.layer import Layer
from deltarule.core.layers import Dense, Dropout
from deltarule.core.normalization import BatchNorm
from deltarule.core.pooling import L2Pool, MaxPool
from deltarule.exchange.onnx_chain import (
    begin_images,
    begin_rows,
    flatten,
    merge_back,
    merge_forward,
    prepare,
    put_in_order,
    settle,
)
from deltarule.exchange.onnx_reading import Node
from deltarule.exchange.onnx_values import CHANNELS_FIRST, Chain, Constant, Head, Steps, Value, Words

Operator: TypeAlias = Callable[[Node, Sequence["Value | None"]], "Value"]
"""Compute the value of a node from the values of its inputs, None for one that is left out."""


def find_chain(node: Node, values: Sequence[Value | None], i: int = 0) -> Chain:
    """Return an input that is a chain of layers. Raises :class:`FileError` for another."""
    found = values[i] if i < len(values) else None
    if not isinstance(found, Chain):
        raise node.refuse("the output of a layer", _name(found))
    if found.softmax:
        raise node.refuse("no layer after softmax", "one")
    if found.is_whole and node.operator not in MOVES:
        raise node.refuse("real numbers, by a Cast before it", "whole numbers")
    return found


def find_array(node: Node, values: Sequence[Value | None], i: int, default: Any = None) -> np.ndarray:
    """Return an input that is a constant. Raises :class:`FileError` for another."""
    found = values[i] if i < len(values) else None
    if found is None and default is not None:
        return np.asarray(default)
    if not isinstance(found, Constant) or found.array.dtype.kind not in "fiu":
        raise node.refuse("constant numbers, such as weights", _name(found))
    if found.array.dtype == np.float16:
        return found.array.astype(np.float32)
    return found.array


MOVES = ("Concat", "Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operators that compute nothing, and so give the same for whole numbers and for real ones."""

NAMES: dict[type, str] = {
    Chain: "the output of another layer: only a chain of layers can be read, no branches",
    Constant: "a constant",
    Head: "labels or probabilities",
    Steps: "a part of a formula",
    Words: "a column of text",
}
"""The kinds of values in words."""


def _name(value: Value | None) -> str:
    return "nothing" if value is None else NAMES[type(value)]


def read_gemm(node: Node, values: Sequence[Value | None]) -> Value:
    """Read α a w + β b as a dense layer."""
    if node.integer("transA", 0):
        raise node.refuse("transA 0", "1")
    w, b = find_array(node, values, 1), find_array(node, values, 2, 0.0)
    w = w if node.integer("transB", 0) else w.T
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    return _add_dense(node, find_chain(node, values), w if alpha == 1 else w * alpha, b if beta == 1 else b * beta)


def read_matmul(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a w as a dense layer without bias; a sum after it becomes its bias."""
    return _add_dense(node, find_chain(node, values), find_array(node, values, 1).T, np.zeros(()))


def _add_dense(node: Node, chain: Chain, w: np.ndarray, b: np.ndarray) -> Chain:
    chain = merge_back(begin_rows(chain))
    if w.ndim != 2 or chain.dims != w.shape[1:]:
        raise node.refuse("inputs (n, numbers) and weights that fit them", f"{chain.dims} and {w.shape[::-1]}")
    if b.ndim > 2 or (b.size > 1 and b.shape not in (w.shape[:1], (1, len(w)))):
        raise node.refuse(f"a bias of {len(w)} numbers", b.shape)
    own = {"w": _as_floats(w), "b": np.broadcast_to(b.reshape(-1), w.shape[:1]).astype(_as_floats(w).dtype)}
    chain, params = merge_forward(chain, own)
    params = {"w": np.ascontiguousarray(put_in_order(chain, params["w"])), "b": params["b"]}
    return replace(chain.append(Dense(len(w)), params), order=None)


def _as_floats(w: np.ndarray) -> np.ndarray:
    return w if w.dtype in (np.float32, np.float64) else w.astype(np.float64)


def read_conv(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a convolution of images without padding."""
    chain, w = find_chain(node, values), _as_floats(find_array(node, values, 1))
    if w.ndim != 4:
        raise node.refuse("weights (maps, channels, rows, columns)", f"{w.shape}")
    if node.integer("group", 1) != 1:
        raise node.refuse("group 1, as deltarule's Conv has", node.integer("group", 1))
    chain = find_images(node, merge_back(chain))
    kernel, stride = read_window(node, w.shape[2:], 1)
    if kernel != w.shape[2:]:
        raise node.refuse(f"weights of a kernel {kernel}", w.shape[2:])
    if chain.dims[0] != w.shape[1]:
        raise node.refuse(f"weights for {chain.dims[0]} channels", w.shape[1])
    b = np.broadcast_to(find_array(node, values, 2, 0.0).reshape(-1), w.shape[:1]).astype(w.dtype)
    chain, params = merge_forward(chain, {"w": w, "b": b})
    params = {"w": np.ascontiguousarray(np.moveaxis(params["w"], 1, 3)), "b": params["b"]}
    return chain.append(Conv(len(w), kernel, stride), params)


def find_images(node: Node, chain: Chain) -> Chain:
    """Return images with their channels first. Raises :class:`FileError` for axes in another order."""
    chain = begin_images(chain)
    if chain.axes != CHANNELS_FIRST:
        raise node.refuse("images as (n, channels, rows, columns)", f"a tensor of shape {chain.dims}")
    return chain


def read_window(node: Node, default: Sequence[int], stride: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the size of a window and its stride. Raises :class:`FileError` for padding, gaps and rounding up."""
    kernel = node.integers("kernel_shape", default)
    strides = node.integers("strides", kernel if stride is None else (stride,) * len(kernel))
    mode = node.attributes.get("auto_pad", b"NOTSET")
    if any(node.integers("pads", ())) or mode not in (b"NOTSET", b"VALID"):
        pads = list(node.attributes.get("pads", ())) or mode
        raise node.refuse("no padding, as deltarule's layers of windows have none", f"pads {pads}")
    if any(n != 1 for n in node.integers("dilations", ())):
        raise node.refuse("no dilations", node.integers("dilations", ()))
    if node.integer("ceil_mode", 0):
        raise node.refuse("ceil_mode 0", 1)
    if len(kernel) != 2 or len(strides) != 2:
        raise node.refuse("windows with two sides", f"{kernel} and strides {strides}")
    return (kernel[0], kernel[1]), (strides[0], strides[1])


def read_pool(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a max-pooling layer, or L2 pooling as LpPool with p = 2."""
    if node.operator == "LpPool" and node.integer("p", 2) != 2:
        raise node.refuse("p 2, as deltarule's L2Pool has", node.integer("p", 2))
    chain = find_images(node, settle(begin_images(find_chain(node, values))))
    size, stride = read_window(node, (), 1)
    return chain.append(build_pool(MaxPool if node.operator == "MaxPool" else L2Pool, size, stride))


def build_pool(kind: Any, size: tuple[int, int], stride: tuple[int, int]) -> Layer:
    """Build a pooling layer in its shortest form, such as MaxPool(2)."""
    short = size[0] if size[0] == size[1] else size
    layer: Layer = kind(short) if stride == size else kind(short, stride[0] if stride[0] == stride[1] else stride)
    return layer


def read_batch_normalization(node: Node, values: Sequence[Value | None]) -> Value:
    """Read batch normalization, with running mean and variance."""
    if node.integer("training_mode", 0) or not node.integer("spatial", 1):
        raise node.refuse("a model that is not in training, and a mean for each feature", dict(node.attributes))
    chain = find_chain(node, values)
    chain = settle(begin_rows(chain) if len(chain.dims) == 1 else begin_images(chain))
    if len(chain.dims) > 1 and chain.axes != CHANNELS_FIRST:
        raise node.refuse("images as (n, channels, rows, columns)", f"a tensor of shape {chain.dims}")
    names, features = ("scale", "shift", "mean", "variance"), chain.shape[-1]
    arrays = [_as_floats(find_array(node, values, i + 1)) for i in range(4)]
    if any(array.shape != (features,) for array in arrays):
        raise node.refuse(f"{features} numbers for each parameter", [array.shape for array in arrays])
    params = {name: put_in_order(chain, array) for name, array in zip(names, arrays, strict=True)}
    layer = BatchNorm(_round(node.number("epsilon", 1e-5)), _round(node.number("momentum", 0.9)))
    return chain.append(layer, params)


def _round(number: float) -> float:
    """Return the shortest number with the same float32, as 0.1 for 0.10000000149."""
    return float(str(np.float32(number)))


def read_dropout(node: Node, values: Sequence[Value | None]) -> Value:
    """Read dropout, which does nothing outside of training."""
    chain = find_chain(node, values)
    if len(values) > 2 and isinstance(values[2], Constant) and values[2].array.any():
        raise node.refuse("a model that is not in training", "training_mode True")
    p = _round(float(find_array(node, values, 1, node.number("ratio", 0.5)).item()))
    return prepare(chain).append(Dropout(p))


def _read_activation(build: Callable[[Node], Layer]) -> Operator:
    """Return the function for an activation."""

    def read(node: Node, values: Sequence[Value | None]) -> Value:
        return prepare(find_chain(node, values)).append(build(node))

    return read


def read_softmax(node: Node, values: Sequence[Value | None]) -> Value:
    """Read softmax at the end, which belongs to the cost; of its logarithm only the classes may be used further."""
    chain = settle(begin_rows(find_chain(node, values)))
    axis = node.integer("axis", -1 if node.opset >= 13 else 1)
    if len(chain.dims) != 1 or axis not in (1, -1):
        raise node.refuse("softmax of the last layer's outputs, along axis 1", f"axis {axis} of {chain.dims}")
    ended = replace(chain, softmax=True)
    return Head(ended, "logarithms") if node.operator == "LogSoftmax" else ended


def read_flatten(node: Node, values: Sequence[Value | None]) -> Value:
    """Read Flatten, which keeps the axis of the mini-batch."""
    chain = find_chain(node, values)
    if node.integer("axis", 1) not in (1, -len(chain.dims)):
        raise node.refuse("axis 1", node.integer("axis", 1))
    return flatten(merge_back(chain))


LAYERS: dict[tuple[str, str], Operator] = {
    ("", "Gemm"): read_gemm,
    ("", "MatMul"): read_matmul,
    ("", "Conv"): read_conv,
    ("", "MaxPool"): read_pool,
    ("", "LpPool"): read_pool,
    ("", "BatchNormalization"): read_batch_normalization,
    ("", "Dropout"): read_dropout,
    ("", "Sigmoid"): _read_activation(lambda node: Sigmoid()),
    ("", "Tanh"): _read_activation(lambda node: Tanh()),
    ("", "Relu"): _read_activation(lambda node: ReLU()),
    ("", "LeakyRelu"): _read_activation(lambda node: LeakyReLU(_round(node.number("alpha", 0.01)))),
    ("", "Elu"): _read_activation(lambda node: ELU(_round(node.number("alpha", 1.0)))),
    ("", "Softmax"): read_softmax,
    ("", "LogSoftmax"): read_softmax,
    ("", "Flatten"): read_flatten,
}
"""The function for each operator that is a layer, by its domain and name."""
