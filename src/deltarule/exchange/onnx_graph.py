"""The graph of an ONNX file while it is built: nodes, constants, inputs and outputs, each with a unique name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from deltarule.errors import require_extra

with require_extra("onnx", "ONNX files"):
    from onnx import ModelProto, TensorProto, helper, numpy_helper

OPSET = 17
"""The version of the standard operators that files use: of 2022, so that older runtimes read them as well."""

ML_OPSET = 3
"""The version of the operators of ``ai.onnx.ml``, which encode words."""

IR_VERSION = 8
"""The version of the file format that belongs to this version of the operators."""

BATCH = "n"
"""The name of the first dimension of inputs and outputs, the number of examples, which is free."""

FLOAT32, FLOAT64, INT32, INT64 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64
"""The numbers of the types of tensors, to which Cast converts."""

Side: TypeAlias = "int | str"


@dataclass
class Graph:
    """A graph that grows node by node. Functions add to it; :meth:`build` returns the finished model.

    >>> graph = Graph()
    >>> x = graph.add_input("x", np.float32, (BATCH, 2), "Two numbers.")
    >>> graph.add_output(graph.add("Relu", x), "y", np.float32, (BATCH, 2), "The larger of 0 and x.")
    >>> [node.op_type for node in graph.build({}).graph.node]
    ['Relu', 'Identity']
    """

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def reserve(self, name: str) -> str:
        """Return the name, or the name with a number if it is in use already; a name is never empty."""
        name = to_utf8(name) or "column"
        free, i = name, 2
        while free in self.names:
            free, i = f"{name} {i}", i + 1
        self.names.add(free)
        return free

    def add_input(self, name: str, dtype: Any, shape: Sequence[Side], about: str) -> str:
        """Add an input of the graph; return its name."""
        name = self.reserve(name)
        self.inputs.append(_describe_tensor(name, dtype, shape, about))
        return name

    def add_output(self, tensor: str, name: str, dtype: Any, shape: Sequence[Side], about: str) -> None:
        """Give a tensor the name of an output of the graph."""
        name = self.reserve(name)
        self.nodes.append(helper.make_node("Identity", [tensor], [name], name=name))
        self.outputs.append(_describe_tensor(name, dtype, shape, about))

    def add_constant(self, name: str, values: Any) -> str:
        """Add an array as a constant of the graph; return its name. Text is stored as UTF-8."""
        name, array = self.reserve(name), np.asarray(values)
        if array.dtype.kind == "U":
            array = np.array([to_utf8(text) for text in array.reshape(-1).tolist()], object).reshape(array.shape)
        else:
            array = np.asarray(array, order="C")
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one output; return the name of the output."""
        output = self.reserve(name or operator.lower())
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def build(self, metadata: dict[str, str], about: str = "") -> Any:
        """Build the model of the nodes, with text about it."""
        graph = helper.make_graph(self.nodes, "deltarule", self.inputs, self.outputs, self.constants, about)
        domains = {node.domain for node in self.nodes} | {""}
        versions = [helper.make_opsetid(d, ML_OPSET if d else OPSET) for d in sorted(domains)]
        model: ModelProto = helper.make_model(graph, opset_imports=versions, ir_version=IR_VERSION)
        model.producer_name = "deltarule"
        model.producer_version = metadata.get("deltarule", "")
        helper.set_model_props(model, metadata)
        return model


def to_utf8(text: str) -> str:
    """Replace what UTF-8 cannot hold: names of folders, from which classes have theirs, may have other bytes.

    >>> to_utf8("gr\\udcfcn")
    'gr?n'
    """
    return text.encode("utf-8", "replace").decode()


def _describe_tensor(name: str, dtype: Any, shape: Sequence[Side], about: str) -> Any:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return helper.make_tensor_value_info(name, kind, list(shape), doc_string=to_utf8(about))
