"""ONNX files as models: a chain of layers that another library wrote becomes a network to read, check and train on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from deltarule.core.activations import Activation, Linear, Sigmoid
from deltarule.core.constraints import check, instance, optional
from deltarule.core.costs import COST, Cost, CrossEntropy, LabelSmoothing, LogLikelihood, Quadratic
from deltarule.core.layer import Layer, Params, Shape
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.data.arrays import find_non_finite
from deltarule.data.encodings import Encoding, MultiLabel, OneHot, OneVsRest, Standardized
from deltarule.data.schema import Column, Schema
from deltarule.errors import FileError, InvalidArgument
from deltarule.exchange.onnx_chain import begin_rows, settle
from deltarule.exchange.onnx_interpreter import KNOWN, interpret
from deltarule.exchange.onnx_operators import NAMES
from deltarule.exchange.onnx_reading import check_operators, read_source
from deltarule.exchange.onnx_tensors import REMEDY
from deltarule.exchange.onnx_values import Chain, Head, Value
from deltarule.models import Model
from deltarule.models.description import DAMAGE
from deltarule.models.parameters import check_parameters
from deltarule.preprocessing import Preprocessing, Scaling, Standardization, WordColumn


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
    check("encoding", encoding, optional(instance(Encoding, "an Encoding such as OneHot(10)")))
    source = read_source(path)
    try:
        check_operators(source.model, KNOWN)
        with np.errstate(all="ignore"):  # damaged numbers
            return _build_model(interpret(source), cost, encoding, source.model)
    except FileError as error:
        raise error.with_fields(path=source.path, remedy=error.remedy or REBUILD) from None
    except InvalidArgument as error:
        if error.argument in ("cost", "encoding"):
            raise
        raise FileError(f"expected a chain of layers, got a damaged graph: {error}", path=source.path) from None
    except DAMAGE as error:
        detail = f"{type(error).__name__} {error}"[:200]
        raise FileError(f"expected a chain of layers, got a damaged graph: {detail}", path=source.path) from None


REBUILD = "docs/onnx.md lists what is read; or build the network in Python, and give its arrays to Model"
"""The remedy of a graph that is no chain of deltarule's layers."""

OUTPUTS = ("labels", "zeros", "decisions", "shares", "pair", "values", "logarithms")
"""The kinds of heads that may be outputs of a graph."""


def _build_model(outputs: Sequence[Value], cost: Cost | None, encoding: Encoding | None, proto: Any) -> Model:
    """Build the model whose outputs these are."""
    heads = [value for value in outputs if isinstance(value, Head)]
    ends = [value.chain if isinstance(value, Head) else value for value in outputs]
    chains = [one for one in ends if isinstance(one, Chain) and one.layers]
    if len(chains) < len(ends) or any(head.kind not in OUTPUTS for head in heads):
        found = ", ".join(_describe(value) for value in outputs)
        raise FileError(f"expected the outputs of layers, got {found}"[:300], position="output")
    chain = next((one for one in chains if one.softmax), chains[0])
    if any(not _is_same(chain, one) for one in chains):
        raise FileError("expected outputs of one chain of layers, got outputs of several layers", position="output")
    kinds = {head.kind for head in heads}
    names = {head.classes for head in heads if head.classes}
    if len(names) > 1:
        problem = f"expected the same names of classes in all outputs, got {' and '.join(map(str, sorted(names)[:2]))}"
        raise FileError(problem[:300], position="output", value=sorted(names)[:2])
    classes = next(iter(names), ())
    chain = begin_rows(chain)
    layers, read_cost, decoding = _end(chain, kinds)
    if cost is not None:
        _check_cost(cost, read_cost)
    network = Network([layer for layer, _ in layers], cost or read_cost, chain.input_shape)
    encoding = encoding or (_choose_encoding(cost, network.n_out, kinds) if cost else decoding)
    if encoding.n_out != network.n_out:
        expected = f"an encoding with {network.n_out} outputs, as the network has"
        raise InvalidArgument(argument="encoding", expected=expected, value=encoding)
    classes = (classes or _find_own_classes(proto, network.n_out)) if isinstance(encoding, OneHot) else ()
    params = [own for _, own in layers]
    _check_params(network, params)
    preprocessing = _build_preprocessing(chain, encoding, classes, _find_raw_shape(proto.graph, network.input_shape))
    return Model(network, params, preprocessing)


def _describe(value: Value) -> str:
    if isinstance(value, Head):
        return f"{value.kind} of layers"
    return "the inputs as they are" if isinstance(value, Chain) and not value.layers else NAMES[type(value)]


def _check_params(network: Network, params: list[Params]) -> None:
    """Raise :class:`FileError` for parameters that do not fit the layers, or that are not finite."""
    check_parameters(network, params)
    for i, layer in enumerate(params):
        for name, values in layer.items():
            if (at := find_non_finite(np.asarray(values))) is not None:
                problem = f"expected finite parameters, got {values[at]} in {name} at {list(at)}"
                raise FileError(problem, position=f"layer {i}", value=float(values[at]), remedy=REMEDY)


def _is_same(chain: Chain, other: Chain) -> bool:
    """Check whether two chains have the same layers; one of them may end with softmax."""
    are_equal = all(one is two for one, two in zip(chain.layers, other.layers, strict=False))
    return are_equal and len(chain.layers) == len(other.layers) and chain.affine is other.affine


def _end(chain: Chain, kinds: set[str]) -> tuple[list[tuple[Layer, Params]], Cost, Encoding]:
    """Return the layers up to the last weighted inputs, the cost with the output activation, and the encoding."""
    if len(chain.shape) != 1:
        raise FileError(position="output", expected="rows of outputs, (n, outputs)", value=chain.dims)
    if chain.order is not None:
        problem = (
            "expected a dense layer after the last images, got their numbers in the order (channels, rows, columns)"
        )
        raise FileError(
            problem, position="output", value=chain.dims, remedy="add such a layer, or transpose the images"
        )
    decoding: Encoding | None = None
    if not chain.is_settled and _is_decoded(chain) and kinds <= {"values"}:
        mean, deviation = (np.broadcast_to(part, chain.dims) for part in (chain.affine.add, chain.affine.factor))
        decoding = Standardized(chain.dims[0], tuple(mean.tolist()), tuple(deviation.tolist()))
    else:
        chain = settle(chain)
    layers = list(chain.layers)
    cost: Cost = Quadratic(Linear())
    if chain.softmax:
        return layers, LogLikelihood(), OneHot(chain.dims[0])
    if isinstance(chain.last, Activation):
        layers = layers[:-1]
        cost = CrossEntropy() if isinstance(chain.last, Sigmoid) else Quadratic(chain.last)
    if "pair" in kinds:
        return _double(layers), LogLikelihood(), OneHot(2)
    return layers, cost, decoding or _choose_encoding(cost, chain.dims[0], kinds)


def _check_cost(cost: Cost, found: Cost) -> None:
    """Raise :class:`InvalidArgument` for a cost whose output activation is not the one at the end of the graph."""
    wanted, own = (_find_output(one) for one in (found, cost))
    if wanted not in (Linear(), own):
        expected = f"a cost such as {found}, whose output activation is the one at the end of the graph"
        raise InvalidArgument(argument="cost", expected=expected, value=cost)


def _find_output(cost: Cost) -> object:
    """Find the output activation of a cost: of deltarule's costs the activation, or the cost if it has its own."""
    inner = cost.cost if isinstance(cost, LabelSmoothing) else cost
    if isinstance(inner, Quadratic):
        return inner.output
    return Sigmoid() if isinstance(inner, CrossEntropy) else inner


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
    cost = cost.cost if isinstance(cost, LabelSmoothing) else cost
    has_classes = n_out > 1 and bool({"labels", "shares"} & set(kinds)) and "decisions" not in kinds
    if has_classes or "zeros" in kinds or isinstance(cost, LogLikelihood):
        return OneHot(n_out)
    if isinstance(cost, CrossEntropy) or "decisions" in kinds:
        return MultiLabel(n_out) if n_out > 1 else OneVsRest(1)
    return Standardized(n_out)


def _find_raw_shape(graph: Any, input_shape: Shape) -> Shape:
    """Find the shape of an example in the file, if the model keeps its order: of rows, and of grey pictures.

    It is empty for images with channels, and for several inputs.
    """
    constants = {tensor.name for tensor in graph.initializer}
    shapes = [one.type.tensor_type.shape.dim for one in graph.input if one.name not in constants]
    raw = tuple(int(side.dim_value) for side in shapes[0][1:])
    is_same = len(input_shape) == 1 or input_shape == (*raw, 1)
    return raw if len(shapes) == 1 and is_same else ()


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
