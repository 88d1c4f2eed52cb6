"""ONNX files as models: a chain of layers that another library wrote becomes a network to read, check and train on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod
from os import PathLike
from typing import Any

import numpy as np

from deltarule.core.activations import Activation, Linear, Sigmoid
from deltarule.core.constraints import check, optional
from deltarule.core.costs import COST, Cost, CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.data.encodings import Encoding, MultiLabel, OneHot, OneVsRest, Standardized
from deltarule.data.schema import Column, Schema
from deltarule.errors import DeltaruleError, FileError
from deltarule.exchange.onnx_arithmetic import OPERATORS, continue_steps, read_small
from deltarule.exchange.onnx_chain import begin_rows, settle
from deltarule.exchange.onnx_heads import HEADS, read_after_head, read_concat, read_words
from deltarule.exchange.onnx_operators import LAYERS, Operator
from deltarule.exchange.onnx_reading import DOMAINS, Node, Source, check_operators, read_node, read_source
from deltarule.exchange.onnx_tensors import read_tensor
from deltarule.exchange.onnx_values import Chain, Constant, Head, Steps, Value, Words
from deltarule.models import Model
from deltarule.models.description import DAMAGE
from deltarule.models.parameters import LARGEST
from deltarule.preprocessing import NumberColumn, Preprocessing, Scaling, Standardization, WordColumn

TABLE: dict[tuple[str, str], Operator] = {**OPERATORS, **LAYERS, **HEADS, ("", "Concat"): read_concat}
"""The function for each operator whose input is a chain of layers."""

KNOWN = {*TABLE, ("", "Constant"), ("", "Gather")}
"""The operators that are known, by domain and name."""


def from_onnx(path: str | PathLike[str] | Any, cost: Cost | None = None, encoding: Encoding | None = None) -> Model:
    """Read a model from an ONNX file that PyTorch, Keras, skl2onnx or deltarule wrote.

    The graph must be a chain of layers. Scales and shifts before the first layer become the preprocessing, those after
    a layer become part of it. Softmax or sigmoid at the end becomes the cost, LogLikelihood or CrossEntropy; any other
    end becomes Quadratic. Images have the shape (rows, columns, channels) in the model, whatever their order in the
    file.

    Args:
        path: The file, or an ``onnx.ModelProto``.
        cost: The cost, if the graph ends with the weighted inputs (logits) of a classifier; None to read it from the
            graph.
        encoding: The encoding of the labels; None to read it from the graph.

    Raises:
        FileError: If the file is missing, damaged or too new, has an operator that is no layer of deltarule (the error
            names the nearest ones), or keeps its data outside of its folder.
        InvalidArgument: If an argument is invalid.
        MissingExtra: If the package onnx is not installed.

    >>> from deltarule.exchange import to_onnx
    >>> network = Network.dense([784, 30, 10])
    >>> model = Model(network, network.init(seed=1), Preprocessing(OneHot(10), Scaling(255.0)))
    >>> from_onnx(to_onnx(model))
    Model(784-30-10, Sigmoid, CrossEntropy; 0 epochs)
    """
    check("cost", cost, optional(COST))
    source = read_source(path)
    try:
        check_operators(source.model, KNOWN)
        outputs = _interpret(source)
        return _build_model(outputs, cost, encoding, source.model)
    except FileError as error:
        raise error.with_fields(path=source.path) from None
    except DAMAGE as error:
        detail = f"{type(error).__name__} {error}"[:200]
        raise FileError(f"expected a chain of layers, got a damaged graph: {detail}", path=source.path) from None


def _interpret(source: Source) -> list[Value]:
    """Compute the values of the outputs of a graph."""
    graph = source.model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    _check_unique([*tensors, *(one for node in graph.node for one in node.output if one)])
    if graph.sparse_initializer:
        raise FileError("expected dense tensors, got sparse ones", position="sparse_initializer")
    values: dict[str, Value] = _read_inputs([one for one in graph.input if one.name not in tensors])
    used, size = 0, source.model.ByteSize()
    for i, proto in enumerate(graph.node):
        node = read_node(proto, i, source.opset)
        found: list[Value | None] = []
        for name in proto.input:
            if name in tensors and name not in values:
                values[name] = Constant(read_tensor(tensors[name], source.folder))
            if name and name not in values:
                problem = f"expected inputs that nodes before it compute, got {name[:80]!r}: the graph has a cycle, or"
                raise FileError(f"{problem} is incomplete", position=node.position)
            found.append(values[name] if name else None)
        used += sum(value.array.nbytes for value in found if isinstance(value, Constant))
        if used > MOST_USES * (size + sum(source.folder.sizes.values())):
            raise FileError("expected a network as large as its file, got numbers that are used again and again")
        values[node.outputs[0] if node.outputs else ""] = _compute(node, found, source, DOMAINS[proto.domain])
    missing = [one.name for one in graph.output if one.name not in values]
    if missing or not graph.output:
        raise FileError("expected outputs that nodes compute", position="output", value=missing[:3])
    return [values[one.name] for one in graph.output]


def _check_unique(names: Sequence[str]) -> None:
    """Raise :class:`FileError` for a tensor that is computed twice."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FileError("expected each tensor to be computed once", position=f"tensor {twice[:80]!r}")


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
        if prod(dims) > LARGEST:
            problem = f"expected examples of at most {LARGEST:,} numbers, got {dims}"
            raise FileError(problem, position=f"input {one.name[:80]!r}", value=dims)
        is_column = dims == (1,) and (len(inputs) > 1 or kind.elem_type == FLOAT64)
        if kind.elem_type == TEXT:
            found[one.name] = Words(WordColumn(one.name, ()))
        else:
            found[one.name] = Chain(dims, columns=(NumberColumn(one.name),) if is_column else ())
    return found


MOST_USES = 8
"""The largest quotient of the bytes that nodes use and the bytes of a file; about 1 if each tensor is used once."""

FLOAT64, TEXT = 11, 8
"""The numbers of the types of columns, as ONNX has them."""


def _build_model(outputs: Sequence[Value], cost: Cost | None, encoding: Encoding | None, proto: Any) -> Model:
    """Build the model whose outputs these are."""
    heads = [value for value in outputs if isinstance(value, Head)]
    ends = [value.chain if isinstance(value, Head) else value for value in outputs]
    chains = [one for one in ends if isinstance(one, Chain) and one.layers]
    if len(chains) < len(ends):
        raise FileError("expected the outputs of layers", position="output")
    chain = next((one.chain for one in heads), None) or min(chains, key=lambda one: len(one.layers))
    if any(not _is_same(chain, one) for one in chains):
        raise FileError("expected outputs of one chain of layers, got outputs of several layers", position="output")
    kinds = {head.kind for head in heads}
    classes = next((head.classes for head in heads if head.classes), ())
    chain = begin_rows(chain)
    layers, read_cost, decoding = _end(chain, kinds)
    network = Network([layer for layer, _ in layers], cost or read_cost, chain.input_shape)
    encoding = encoding or (_choose_encoding(cost, network.n_out, ()) if cost else decoding)
    classes = (classes or _find_own_classes(proto, network.n_out)) if isinstance(encoding, OneHot) else ()
    preprocessing = _build_preprocessing(chain, encoding, classes, _find_raw_shape(proto.graph))
    return Model(network, [params for _, params in layers], preprocessing)


def _is_same(chain: Chain, other: Chain) -> bool:
    """Check whether two chains have the same layers, but for a last ReLU in front of normalized outputs."""
    pairs = zip(chain.layers, other.layers, strict=False)
    return abs(len(chain.layers) - len(other.layers)) <= 1 and all(one is two for one, two in pairs)


def _end(chain: Chain, kinds: set[str]) -> tuple[list[tuple[Layer, Params]], Cost, Encoding]:
    """Return the layers up to the last weighted inputs, the cost with the output activation, and the encoding."""
    if len(chain.shape) != 1 or chain.order is not None:
        raise FileError("expected rows of outputs, (n, outputs)", position="output", value=chain.dims)
    decoding: Encoding | None = None
    if not chain.is_settled and _is_decoded(chain):
        mean, deviation = (np.broadcast_to(part, chain.dims) for part in (chain.affine.add, chain.affine.factor))
        decoding = Standardized(chain.dims[0], tuple(mean.tolist()), tuple(deviation.tolist()))
    else:
        chain = settle(chain)
    layers, cost = list(chain.layers), Quadratic(Linear())
    if chain.softmax:
        return layers, LogLikelihood(), OneHot(chain.dims[0])
    if isinstance(chain.last, Activation):
        layers = layers[:-1]
        cost = CrossEntropy() if isinstance(chain.last, Sigmoid) else Quadratic(chain.last)  # type: ignore[assignment]
    if "pair" in kinds:
        return _double(layers), LogLikelihood(), OneHot(2)
    return layers, cost, decoding or _choose_encoding(cost, chain.dims[0], kinds)


def _is_decoded(chain: Chain) -> bool:
    """Check whether a scale and shift at the end gives targets their units; a sum after MatMul is a bias."""
    if not chain.affine.is_increasing or isinstance(chain.last, Sigmoid):
        return False
    if not isinstance(chain.last, Dense):
        return True
    is_bias = not np.any(chain.layers[-1][1]["b"]) and (chain.affine.factor == 1).all()
    return not is_bias


def _double(layers: list[tuple[Layer, Params]]) -> list[tuple[Layer, Params]]:
    """Replace one output z by two, 0 and z, whose softmax is (1 − σ(z), σ(z))."""
    layer, params = layers[-1]
    if not isinstance(layer, Dense):
        raise FileError("expected a dense layer before the probabilities 1 − p and p", position="output")
    both = {name: np.concatenate([0 * params[name], params[name]]) for name in ("w", "b")}
    return [*layers[:-1], (replace(layer, n_out=2), both)]


def _choose_encoding(cost: Cost, n_out: int, kinds: Iterable[str]) -> Encoding:
    """Choose the encoding of the labels of a cost and of the outputs that a graph has."""
    has_classes = n_out > 1 and bool({"labels", "shares"} & set(kinds)) and "decisions" not in kinds
    if has_classes or isinstance(cost, LogLikelihood):
        return OneHot(n_out)
    if isinstance(cost, CrossEntropy) or "decisions" in kinds:
        return MultiLabel(n_out) if n_out > 1 else OneVsRest(1)
    return Standardized(n_out)


def _find_raw_shape(graph: Any) -> Shape:
    """Find the shape of a grey picture, (rows, columns), if the graph takes such; empty if it does not."""
    constants = {tensor.name for tensor in graph.initializer}
    shapes = [one.type.tensor_type.shape.dim for one in graph.input if one.name not in constants]
    return tuple(int(side.dim_value) for side in shapes[0][1:]) if len(shapes) == 1 and len(shapes[0]) == 3 else ()


def _find_own_classes(proto: Any, n_out: int) -> tuple[str, ...]:
    """Find the names of classes that are their numbers, which deltarule writes only as metadata; empty if not there."""
    numbers = tuple(map(str, range(n_out)))
    own = json.dumps(list(numbers))
    return numbers if any(one.key == "classes" and one.value == own for one in proto.metadata_props) else ()


def _build_preprocessing(chain: Chain, encoding: Encoding, classes: tuple[str, ...], raw: Shape) -> Preprocessing:
    """Build the preprocessing of raw inputs that the graph has before its first layer."""
    if not chain.columns:
        return Preprocessing(encoding, Scaling(*chain.scaling), classes, raw or chain.input_shape)
    columns = chain.columns
    names = [Column(one.name, one.words if isinstance(one, WordColumn) else ()) for one in columns]
    missing = "median" if any(one.fill is not None for one in columns) else "refuse"
    schema = Schema(tuple(names), missing=missing, unknown=chain.unknown)
    return Preprocessing(encoding, Standardization(columns, chain.unknown), classes, (len(columns),), schema)
