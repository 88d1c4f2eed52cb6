"""Models as ONNX files, which other programs run without deltarule: raw pixels or columns in, labels and shares out."""

from __future__ import annotations

import json
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from deltarule.core.constraints import check, instance, true_or_false
from deltarule.core.sequences import SequenceLayer
from deltarule.core.trees import leaves
from deltarule.data.encodings import OneHot
from deltarule.errors import InvalidArgument
from deltarule.exchange import onnx_memory  # noqa: F401 # it adds its layers to the table
from deltarule.exchange.onnx_graph import BATCH, Graph
from deltarule.exchange.onnx_inputs import export_preprocessing
from deltarule.exchange.onnx_layers import Signal, export_layer
from deltarule.exchange.onnx_outputs import (
    export_classes,
    export_cost,
    export_encoding,
    export_probabilities,
    export_vote,
)
from deltarule.files import replace_file
from deltarule.models import Ensemble, Model, files
from deltarule.models.description import describe, list_versions
from deltarule.models.parameters import check_finite
from deltarule.models.summary import summarize

MOST_BYTES = 2**31 - 2**20
"""The largest size of the parameters, in bytes: a file of Protocol Buffers has at most 2 GiB."""

_MODEL = instance((Model, Ensemble), "a Model or an Ensemble, as fit() and load() return them")


def to_onnx(model: Model | Ensemble, lengths: bool = False) -> Any:
    """Convert a model or an ensemble to ONNX: the network, its preprocessing and its classes.

    The inputs are raw, as in the training set: pixels, or the columns of a table by name, for any number of examples.
    A classifier returns ``labels`` and ``probabilities``, a model of real numbers returns ``values`` in their original
    units, any other model ``labels`` and ``outputs``. Numbers are computed in float32.

    Args:
        model: The model.
        lengths: True for a second input, the number of real steps of each sequence.

    Returns:
        An ``onnx.ModelProto``, in the operators of 2022 (opset 17), which ``onnx.checker`` accepts.

    Raises:
        InvalidArgument: If ``model`` is no model, or has a layer, cost or encoding of your own, which the error names;
            or for ``lengths`` without a layer of sequences.
        DivergedError: If a parameter is NaN or infinite.
        MissingExtra: If the package onnx is not installed.

    >>> from deltarule import Network
    >>> from deltarule.preprocessing import Preprocessing
    >>> network = Network.dense([784, 30, 10])
    >>> exported = to_onnx(Model(network, network.init(seed=1), Preprocessing(OneHot(10))))
    >>> [node.op_type for node in exported.graph.node][:3]
    ['Gemm', 'Sigmoid', 'Gemm']
    >>> [output.name for output in exported.graph.output]
    ['labels', 'probabilities']
    """
    if not _MODEL.accepts(model):
        raise InvalidArgument(argument="model", expected=_MODEL.expected, value=model)
    _check_size(model)
    graph = Graph()
    raw = _export_inputs(graph, model, _check_lengths(model, lengths))
    first, n_out = model.models[0], model.models[0].network.n_out
    if isinstance(model.encoding, OneHot) and n_out > 1:
        members = [_export_member(graph, one, raw, i, len(model.models)) for i, one in enumerate(model.models)]
        voting = model.voting if isinstance(model, Ensemble) else "soft"
        scores, shares = (members[0], members[0]) if len(members) == 1 else export_vote(graph, members, voting, n_out)
        export_classes(graph, scores, shares, model.classes, n_out)
    else:
        export_encoding(graph, model.encoding, _export_network(graph, first, raw, ""))
    return graph.build(_collect_metadata(model), f"A model of deltarule: {summarize(first.network)}")


def save_onnx(model: Model | Ensemble, path: str | PathLike[str], lengths: bool = False) -> None:
    """Write a model or an ensemble to an ONNX file, as :func:`to_onnx` converts it.

    An existing file is replaced only when the new file is complete.

    Args:
        model: The model.
        path: The file, such as ``"digits.onnx"``.
        lengths: True for a second input, the number of real steps of each sequence.

    Raises:
        FileError: If the file cannot be written.

    Raises also the errors of :func:`to_onnx`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from deltarule import Network
    >>> from deltarule.preprocessing import Preprocessing
    >>> network = Network.dense([784, 30, 10])
    >>> with TemporaryDirectory() as folder:
    ...     save_onnx(Model(network, network.init(seed=1), Preprocessing(OneHot(10))), Path(folder, "digits.onnx"))
    ...     Path(folder, "digits.onnx").stat().st_size // 1000
    97
    """
    replace_file(files.expand_path(path), to_onnx(model, lengths).SerializeToString(deterministic=True))


def _check_size(model: Model | Ensemble) -> None:
    """Raise an error for parameters that are not finite, or that do not fit in a file."""
    total = 0
    for one in model.models:
        check_finite(one.params)
        total += sum(4 * np.size(leaf) for leaf in leaves(one.params))
    if total > MOST_BYTES:
        problem = f"expected parameters of at most 2 GiB, as an ONNX file can have, got {total / 2**30:.1f} GiB"
        raise InvalidArgument(problem, argument="model", value=model, remedy="save it with model.save(path)")


def _check_lengths(model: Model | Ensemble, lengths: bool) -> bool:
    """Return ``lengths``. Raises :class:`InvalidArgument` if a network would not look at them."""
    check("lengths", lengths, true_or_false())
    for one in model.models if lengths else ():
        if not any(isinstance(layer, SequenceLayer) for layer in one.network.layers):
            expected = "False, because no layer of the network takes lengths"
            raise InvalidArgument(argument="lengths", expected=expected, value=lengths)
    return lengths


def _export_inputs(graph: Graph, model: Model | Ensemble, lengths: bool) -> dict[tuple[int, ...], Signal]:
    """Add the inputs of the graph; return the prepared examples by the shape in which a member takes them."""
    shapes = {one.network.input_shape: None for one in model.models}
    first, *others = shapes
    signal = export_preprocessing(graph, model.preprocessing, first)
    if lengths:
        about = f"The number of real steps of each sequence, from 1 to {first[0]}."
        signal = replace(signal, lengths=graph.add_input("lengths", np.int64, (BATCH,), about))
    reshaped = {first: signal}
    for shape in others:
        reshaped[shape] = Signal(_reshape(graph, signal, shape), shape, lengths=signal.lengths)
    return reshaped


def _reshape(graph: Graph, signal: Signal, shape: tuple[int, ...]) -> str:
    """Add a change of the shape of the examples; only grey images, whose order is the same, are channels first."""
    return graph.add("Reshape", signal.name, graph.add_constant("shape", np.array([-1, *shape])), name="example")


def _export_member(graph: Graph, model: Model, raw: dict[tuple[int, ...], Signal], i: int, members: int) -> str:
    """Add a classifier; return the name of its probabilities."""
    name = f"member {i}/" if members > 1 else ""
    outputs = _export_network(graph, model, raw, name)
    return export_probabilities(graph, model.network.cost, outputs, model.network.n_out, name)


def _export_network(graph: Graph, model: Model, raw: dict[tuple[int, ...], Signal], name: str) -> str:
    """Add a network with its output activation; return the name of its outputs."""
    network, signal = model.network, raw[model.network.input_shape]
    for i, (layer, params) in enumerate(zip(network.layers, model.params, strict=True)):
        signal = export_layer(graph, layer, params, signal, f"{name}layer {i}")
    return export_cost(graph, network.cost, signal.name, network.n_out, name)


def _collect_metadata(model: Model | Ensemble) -> dict[str, str]:
    """Collect text about the model: the version of deltarule, the networks, and the settings of the training."""
    settings = {name: value for name, value in model.settings.items() if name in SETTINGS}
    networks = [describe(one.network) for one in model.models]
    recipe = {"networks": networks[:1] if networks[1:] == networks[:-1] else networks, "training": settings}
    classes = json.dumps(list(model.classes))
    return {"deltarule": list_versions()["deltarule"], "recipe": json.dumps(recipe, default=str), "classes": classes}


SETTINGS = (
    *("epochs", "batch_size", "eta", "optimizer", "regularizer", "augmentation", "seed", "dtype"),
    *("training_examples", "members", "seeds"),
)
"""The settings of the training that the file records; others, such as names of files, stay here."""
