"""Graphs that are written by hand: forms of layers that exporters write, and operators that are no layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def node(operator: str, inputs: str, output: str, domain: str = "", **attributes: Any) -> Any:
    """Build a node; names of inputs have spaces between them."""
    return helper.make_node(operator, inputs.split(), [output], domain=domain, **attributes)


@dataclass
class Graph:
    """A graph from x, examples of ``shape``, to y."""

    nodes: Sequence[Any]
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    shape: tuple[int, ...] = (3,)
    opset: int = 17
    outputs: Sequence[str] = ("y",)

    def build(self) -> onnx.ModelProto:
        given = [numpy_helper.from_array(np.asarray(array), name) for name, array in self.constants.items()]
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *self.shape])
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs]
        graph = helper.make_graph(self.nodes, "graph", [x], ends, given)
        versions = [helper.make_opsetid("", self.opset), helper.make_opsetid("ai.onnx.ml", 3)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)


RNG = np.random.default_rng(5)


def draw(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


W3, W4, KERNEL = draw(4, 3), draw(2, 4), draw(2, 3, 2, 2)
V, S = RNG.uniform(0.5, 2, 4).astype(np.float32), np.float32(0.5)
DENSE = node("Gemm", "x w", "a", transB=1)
RELU = node("Relu", "a", "b")

GRAPHS = {
    "alpha and beta": Graph([node("Gemm", "x w v", "y", transB=1, alpha=0.5, beta=3.0)], {"w": W3, "v": V}),
    "a scale after a layer": Graph(
        [DENSE, node("Mul", "a v", "b"), node("Relu", "b", "y")],
        {"w": W3, "v": V},
    ),
    "a difference": Graph(
        [DENSE, node("Sub", "v a", "b"), node("Relu", "b", "y")],
        {"w": W3, "v": V},
    ),
    "a scale before a layer": Graph(
        [DENSE, RELU, node("Div", "b v", "c"), node("Add", "c v", "d"), node("MatMul", "d u", "y")],
        {"w": W3, "v": V, "u": W4.T},
    ),
    "a scale between two activations": Graph(
        [DENSE, RELU, node("Mul", "b v", "c"), node("Tanh", "c", "y")],
        {"w": W3, "v": V},
    ),
    "a scale of a sigmoid": Graph(
        [
            *(DENSE, node("Sigmoid", "a", "b"), node("Mul", "b s", "c"), node("Sub", "c s", "d")),
            node("Gemm", "d u", "y", transB=1),
        ],
        {"w": W3, "s": S, "u": W4},
    ),
    "negative scales of inputs": Graph(
        [node("Mul", "x m", "b"), node("Gemm", "b w", "y", transB=1)],
        {"w": W3, "m": np.array([-1, 2, 0.5], np.float32)},
    ),
    "scales of channels": Graph(
        [
            *(node("Sub", "x m", "b"), node("Div", "b q", "c"), node("Conv", "c k", "d"), node("Flatten", "d", "e")),
            node("Gemm", "e u", "y", transB=1),
        ],
        {"u": draw(2, 12), "m": draw(3, 1, 1), "q": np.full((1, 3, 1, 1), 2, np.float32), "k": KERNEL},
        (3, 4, 3),
    ),
    "a transposition before rows": Graph(
        [node("Transpose", "x", "b", perm=[0, 2, 1]), node("Flatten", "b", "c"), node("Gemm", "c w", "y", transB=1)],
        {"w": draw(2, 8)},
        (2, 4),
    ),
    "channels last": Graph(
        [
            *(node("Transpose", "x", "b", perm=[0, 3, 1, 2]), node("Conv", "b k", "c")),
            *(node("Transpose", "c", "d", perm=[0, 2, 3, 1]), node("Flatten", "d", "y")),
        ],
        {"k": KERNEL},
        (3, 3, 3),
    ),
    "a sigmoid that is written out": Graph(
        [DENSE, node("Neg", "a", "b"), node("Exp", "b", "c"), node("Add", "c one", "d"), node("Div", "one d", "y")],
        {"w": W3, "one": np.float32(1)},
    ),
    "float16 and float64 weights": Graph(
        [
            *(node("Cast", "w", "v", to=1), node("Gemm", "x v", "a", transB=1), node("Cast", "a", "b", to=11)),
            *(node("Gemm", "b u", "c", transB=1), node("Cast", "c", "y", to=1)),
        ],
        {"w": W3.astype(np.float16), "u": W4.astype(np.float64)},
    ),
    "an activation of raw images": Graph(
        [node("Tanh", "x", "a"), node("Conv", "a k", "b"), node("Flatten", "b", "c"), node("Gemm", "c u", "y")],
        {"k": KERNEL, "u": draw(12, 2)},
        (3, 4, 3),
    ),
    "an activation of transposed rows": Graph(
        [
            *(node("Div", "x s", "e"), node("Tanh", "e", "a"), node("Transpose", "a", "b", perm=[0, 2, 1])),
            *(node("Mul", "b s", "f"), node("Flatten", "f", "c"), node("Gemm", "c w", "y", transB=1)),
        ],
        {"w": draw(2, 8), "s": S},
        (2, 4),
    ),
    "an example in the shape of the mini-batch": Graph(
        [
            *(node("Shape", "x", "s"), node("Gather", "s zero", "n"), node("Unsqueeze", "n axis", "m")),
            *(node("Concat", "m six", "t", axis=0), node("Reshape", "x t", "b"), node("Gemm", "b w", "y", transB=1)),
        ],
        {"zero": np.array(0), "axis": np.array([0]), "six": np.array([6]), "w": draw(2, 6)},
        (2, 3),
    ),
}
"""Graphs by what is special about them."""
