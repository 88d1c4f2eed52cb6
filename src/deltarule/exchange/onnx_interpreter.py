"""The graph of an ONNX file, computed with chains of layers in place of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.errors import DeltaruleError, FileError
from deltarule.exchange.onnx_arithmetic import OPERATORS, REAL, continue_steps, read_small
from deltarule.exchange.onnx_chain import name_columns
from deltarule.exchange.onnx_heads import HEADS, read_after_head, read_concat, read_words
from deltarule.exchange.onnx_operators import LAYERS, Operator
from deltarule.exchange.onnx_reading import DOMAINS, Node, Source, read_node
from deltarule.exchange.onnx_tensors import read_tensor
from deltarule.exchange.onnx_values import Chain, Constant, Head, Steps, Value, Words
from deltarule.models.description import DAMAGE
from deltarule.preprocessing import NumberColumn, WordColumn

TABLE: dict[tuple[str, str], Operator] = {**OPERATORS, **LAYERS, **HEADS, ("", "Concat"): read_concat}
"""The function for each operator whose input is a chain of layers."""

KNOWN = {*TABLE, ("", "Constant"), ("", "Gather")}
"""The operators that are known, by domain and name."""


def interpret(source: Source) -> list[Value]:
    """Compute the values of the outputs of a graph."""
    graph = source.model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    inputs = [one for one in graph.input if one.name not in tensors]
    _check_unique([*tensors, *(one.name for one in inputs), *(one for n in graph.node for one in n.output if one)])
    if graph.sparse_initializer:
        raise FileError("expected dense tensors, got sparse ones", position="sparse_initializer")
    values: dict[str, Value] = _read_inputs(inputs)
    others = {name for node in graph.node for name in node.output[1:]}
    used, size = 0, source.model.ByteSize()
    for i, proto in enumerate(graph.node):
        node = read_node(proto, i, source.opset)
        found: list[Value | None] = []
        for name in proto.input:
            if name in tensors and name not in values:
                values[name] = Constant(read_tensor(tensors[name], source.folder))
            if name in others:
                raise FileError(f"expected the first output of a node, got {name[:80]!r}", position=node.position)
            if name and name not in values:
                problem = f"expected inputs that nodes before it compute, got {name[:80]!r}: the graph has a cycle, or"
                raise FileError(f"{problem} is incomplete", position=node.position)
            found.append(values[name] if name else None)
        used += sum(value.array.nbytes for value in found if isinstance(value, Constant))
        if used > MOST_USES * (size + sum(source.folder.sizes.values())) + LEAST:
            raise FileError("expected a network as large as its file, got numbers that are used again and again")
        value = _compute(node, found, source, DOMAINS[proto.domain])
        values[node.outputs[0] if node.outputs else ""] = value
        used += _count_new_bytes(value, found)
    missing = [one.name[:80] for one in graph.output if one.name not in values]
    if missing or not graph.output:
        raise FileError(position="output", expected="outputs that nodes compute", value=missing[:3])
    return [values[one.name] for one in graph.output]


def _count_new_bytes(value: Value, found: Sequence[Value | None]) -> int:
    """Count the bytes of the arrays of a chain or a constant that the values before it do not have."""
    if isinstance(value, Constant):
        return 0 if any(value is one for one in found) else value.array.nbytes
    if not isinstance(value, Chain):
        return 0
    before = [one for one in found if isinstance(one, Chain)]
    arrays = [part for part in vars(value.affine).values() if all(one.affine is not value.affine for one in before)]
    if value.order is not None and all(one.order is not value.order for one in before):
        arrays.append(value.order)
    known = {id(layer) for one in before for layer in one.layers[-3:]}  # a node adds two layers at most
    new = [params for _, params in (one for one in value.layers[-3:] if id(one) not in known)]
    arrays += [np.asarray(leaf) for params in new for leaf in params.values()]
    return sum(array.nbytes for array in arrays)


def _check_unique(names: Sequence[str]) -> None:
    """Raise :class:`FileError` for a tensor that is computed twice."""
    if len(set(names)) < len(names):
        twice, times = Counter(names).most_common(1)[0]
        raise FileError(f"expected each tensor once, got it {times} times", position=f"tensor {twice[:80]!r}")


def _compute(node: Node, found: list[Value | None], source: Source, domain: str) -> Value:
    """Compute the value of a node, by the kinds of its inputs; errors name the node."""
    try:
        if node.operator == "Constant":
            return _read_constant(node, source)
        if any(isinstance(value, Steps) for value in found):
            return continue_steps(node, found)
        if any(isinstance(value, Words) for value in found):
            return read_words(node, found)
        if any(isinstance(value, Head) for value in found):
            return read_after_head(node, found)
        if node.operator in ("Gather", "Concat", "Slice") and all(isinstance(value, Constant) for value in found):
            return read_small(node, found)
        if (domain, node.operator) not in TABLE:
            raise node.refuse("it among constants, such as shapes", "the output of a layer")
        return TABLE[domain, node.operator](node, found)
    except FileError:
        raise
    except DeltaruleError as error:
        raise FileError(f"{node.operator}: {error}", position=node.position) from None
    except DAMAGE as error:
        problem = f"{node.operator}: expected inputs and attributes of a layer, got damaged ones: {error}"
        raise FileError(problem[:300], position=node.position) from None


def _read_constant(node: Node, source: Source) -> Value:
    if "value" in node.attributes:
        return Constant(read_tensor(node.attributes["value"], source.folder))
    for name in ("value_float", "value_int", "value_floats", "value_ints"):
        if name in node.attributes:
            return Constant(np.array(node.attributes[name]))
    raise node.refuse("a tensor or numbers", ", ".join(node.attributes) or "nothing")


def _read_inputs(inputs: Sequence[Any]) -> dict[str, Value]:
    """Return the inputs of the graph: an array, or the columns of a table, each of shape (n, 1)."""
    found: dict[str, Value] = {}
    for one in inputs:
        kind = one.type.tensor_type
        dims = tuple(side.dim_value for side in kind.shape.dim)[1:]
        if not one.type.HasField("tensor_type") or not dims or not all(n > 0 for n in dims):
            shape = [side.dim_param or side.dim_value for side in kind.shape.dim]
            expected = "a shape (n, …) whose sides are known, but for the number of examples"
            raise FileError(f"expected {expected}, got {shape}", position=f"input {one.name[:80]!r}")
        if prod(dims) > limits.INPUTS:
            problem = f"expected examples of at most {limits.INPUTS:,} numbers, got {dims}"
            remedy = limits.describe_remedy("INPUTS")
            raise FileError(problem, position=f"input {one.name[:80]!r}", value=dims, remedy=remedy)
        if kind.elem_type == TEXT and dims != (1,):
            problem = f"expected one column of text, (n, 1), got (n, {', '.join(map(str, dims))})"
            raise FileError(problem, position=f"input {one.name[:80]!r}", remedy="give each column an input of its own")
        if kind.elem_type == TEXT:
            found[one.name] = Words(WordColumn(one.name, ()))
            continue
        columns: tuple[NumberColumn, ...] = ()
        if dims == (1,) and (len(inputs) > 1 or kind.elem_type == FLOAT64):
            columns = (NumberColumn(one.name),)
        elif len(inputs) > 1 and len(dims) == 1:
            columns = name_columns(one.name, dims[0])
        batch = max(kind.shape.dim[0].dim_value, 0)
        found[one.name] = Chain(dims, columns=columns, batch=batch, is_whole=kind.elem_type not in REAL)
    return found


MOST_USES = 8
"""The largest quotient of the bytes that nodes use and the bytes of a file; about 2 if each tensor is used once."""

LEAST = 2**20
"""The bytes that nodes may use in any case."""

FLOAT64, TEXT = 11, 8
"""The numbers of the types of columns, as ONNX has them."""
