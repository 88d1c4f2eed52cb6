"""Graphs with changed operators: those that are read give what ONNX Runtime gives, and no others are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from tests.exchange.models import ENCODINGS, MODELS, build_encoded
from tests.exchange.onnx_graphs import GRAPHS

from deltarule.data.encodings import OneHot
from deltarule.errors import DivergedError, FileError
from deltarule.exchange import from_onnx, to_onnx
from deltarule.models import Model

FILES = Path(__file__).parent / "onnx_files"
SOURCES = {
    **{path.stem: path.read_bytes() for path in sorted(FILES.glob("*.onnx"))},
    **{name: to_onnx(model).SerializeToString() for name, model in MODELS.items()},
    **{name: to_onnx(build_encoded(name)).SerializeToString() for name in ENCODINGS},
    **{name: graph.build().SerializeToString() for name, graph in GRAPHS.items()},
}
SIMPLE = ("Relu", "Tanh", "Sigmoid", "Identity", "Neg", "Abs", "Softmax", "Flatten", "Exp", "Reciprocal", "LogSoftmax")
AFFINE = ("Mul", "Add", "Sub", "Div")


def redirect(model: onnx.ModelProto, old: str, new: str) -> None:
    """Let the nodes that read one tensor read another."""
    for one in model.graph.node:
        for i, name in enumerate(one.input):
            if name == old:
                one.input[i] = new


def change(data: st.DataObject, model: onnx.ModelProto) -> None:
    """Replace, insert or leave out a node, or exchange inputs or attributes of two."""
    nodes = model.graph.node
    place = data.draw(st.integers(0, len(nodes) - 1))
    one, other = nodes[place], nodes[data.draw(st.integers(0, len(nodes) - 1))]
    kind = data.draw(st.sampled_from(["operator", "input", "attributes", "reverse", "leave out", "simple", "affine"]))
    new = f"new {len(nodes)}"
    if kind == "operator":
        one.op_type, one.domain = other.op_type, other.domain
    elif kind == "input" and one.input and other.input:
        one.input[0] = other.input[-1]
    elif kind == "attributes":
        copies = [onnx.AttributeProto.FromString(attribute.SerializeToString()) for attribute in other.attribute]
        del one.attribute[:]
        one.attribute.extend(copies)
    elif kind == "reverse":
        names = [*reversed(one.input)]
        del one.input[:]
        one.input.extend(names)
    elif kind == "leave out" and one.input and len(nodes) > 1:
        old, before = one.output[0], one.input[0]
        nodes.remove(one)
        redirect(model, old, before)
    elif kind == "simple":
        redirect(model, one.output[0], new)
        nodes.insert(place + 1, helper.make_node(data.draw(st.sampled_from(SIMPLE)), [one.output[0]], [new]))
    elif kind == "affine":
        number = np.float32(data.draw(st.sampled_from([0.5, 2, -1, 1])))
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(number), f"{new} number"))
        inputs = data.draw(st.permutations([one.output[0], f"{new} number"]))
        redirect(model, one.output[0], new)
        nodes.insert(place + 1, helper.make_node(data.draw(st.sampled_from(AFFINE)), inputs, [new]))


def run(model: onnx.ModelProto, seed: int) -> tuple[np.ndarray, Any] | None:
    """Compute the last output for random inputs; None if the runtime refuses the graph, or gives no finite numbers."""
    try:
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        x = np.random.default_rng(seed).normal(size=(3, *session.get_inputs()[0].shape[1:])).astype(np.float32)
        found = session.run(None, {session.get_inputs()[0].name: x})[-1]
    except Exception:  # its errors have no common public class
        return None
    if isinstance(found, list):  # of dictionaries, which skl2onnx writes
        found = np.array([list(one.values()) for one in found])
    is_finite = found.dtype.kind not in "fiu" or bool(np.isfinite(found).all())
    return (x, found) if is_finite else None


def list_answers(model: Model, x: np.ndarray) -> list[np.ndarray]:
    """List all that a file may give beside each other: z, outputs, logarithms, one of two, labels and their names."""
    outputs, labels = model.outputs(x), model.predict(x)
    inputs = model.preprocessing.transform(x).reshape(len(x), *model.network.input_shape)
    z = model.network.forward(model.params, inputs)[0]
    answers = [z, outputs, np.log(np.maximum(outputs, 1e-30)), outputs[:, 1:], labels]
    if isinstance(model.encoding, OneHot) and model.network.n_out > 1:
        answers.append(model.predict_proba(x))
        answers += [np.array(model.classes)[labels]] if model.classes else []
    return answers


def is_equal(answer: np.ndarray, found: np.ndarray) -> bool:
    if answer.size != found.size:
        return False
    found = found.reshape(answer.shape)
    if "U" in (answer.dtype.kind, found.dtype.kind) or found.dtype.kind == "O":
        return bool((answer.astype(str) == found.astype(str)).all())
    return bool(np.allclose(answer, found, rtol=1e-3, atol=1e-3))


@settings(max_examples=100)
@given(st.data())
def test_what_is_read_of_a_changed_graph_is_what_the_runtime_computes(data):
    model = onnx.ModelProto.FromString(SOURCES[data.draw(st.sampled_from(sorted(SOURCES)))])
    for _ in range(data.draw(st.integers(1, 2))):
        change(data, model)
    for end in model.graph.output:
        end.type.Clear()
    try:
        read = from_onnx(model)
    except FileError:
        return
    if (ran := run(model, data.draw(st.integers(0, 9)))) is None:
        return
    x, found = ran
    orders = [x, x.transpose(0, 2, 3, 1)] if x.ndim == 4 else [x]
    try:
        answers = [answer for one in orders for answer in list_answers(read, one)]
    except DivergedError:
        return
    assert any(is_equal(answer, found) for answer in answers)


def test_most_graphs_that_are_not_changed_are_read_and_run():
    """Check that the test above would compare something."""
    compared = 0
    for content in SOURCES.values():
        model = onnx.ModelProto.FromString(content)
        try:
            read, ran = from_onnx(model), run(model, 0)
        except FileError:
            continue
        assert ran is not None
        x, found = ran
        orders = [x, x.transpose(0, 2, 3, 1)] if x.ndim == 4 else [x]
        assert any(is_equal(answer, found) for one in orders for answer in list_answers(read, one))
        compared += 1
    assert compared > 0.9 * len(SOURCES)
