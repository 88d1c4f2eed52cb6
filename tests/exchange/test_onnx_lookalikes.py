"""Graphs that look like a chain of deltarule's layers, but compute something else: refused, never read as the chain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, external_data_helper, helper
from tests.exchange.onnx_graphs import DENSE, KERNEL, W3, W4, Graph, S, V, draw, node
from tests.exchange.test_onnx_changes import is_equal, list_answers, run
from tests.fields import has

from deltarule.errors import FileError
from deltarule.exchange import from_onnx

ONE = np.ones((1, 1, 1), np.float32)
LABEL = [DENSE, node("ArgMax", "a", "l", axis=1, keepdims=0)]
NAMES = np.array(["ash", "elm", "fir", "oak"], object)
SUM = [
    *(DENSE, node("Relu", "a", "r"), node("ReduceSum", "r i", "t", keepdims=1), node("Greater", "t z", "g")),
    *(node("Where", "g t o", "d"), node("Div", "r d", "s"), node("Where", "g s u", "y")),
]
SUMS = {"w": W3, "i": np.array([1]), "z": np.float32(0), "o": np.float32(1)}
L2 = [
    *(node("Pow", "t two", "p"), node("AveragePool", "p", "q", kernel_shape=[2, 2], strides=[2, 2])),
    *(node("Mul", "q four", "r"), node("Pow", "r half", "u"), node("Flatten", "u", "y")),
]
L2_NUMBERS = {"two": np.float32(2), "four": np.float32(4), "half": np.float32(0.5)}

LOOKALIKES = {
    "a constant with one axis more": (
        Graph([DENSE, node("Add", "a one", "b"), node("Softmax", "b", "y", axis=1)], {"w": W3, "one": ONE}),
        "fits examples",
    ),
    "a one with an axis more in a sigmoid": (
        Graph(
            [
                *(DENSE, node("Neg", "a", "b"), node("Exp", "b", "c"), node("Add", "c one", "d")),
                *(node("Reciprocal", "d", "e"), node("Softmax", "e", "y", axis=1)),
            ],
            {"w": W3, "one": ONE},
        ),
        "formula",
    ),
    "a shape without the number of examples": (
        Graph(
            [DENSE, node("Reshape", "a s", "b"), node("Softmax", "b", "y", axis=1)],
            {"w": W3, "s": np.array([4, -1])},
        ),
        "begins with the number of examples",
    ),
    "names of names": (
        Graph(
            [*LABEL, node("Gather", "p l", "q"), node("Gather", "names q", "y")],
            {"w": W3, "p": np.array([3, 2, 1, 0]), "names": NAMES},
        ),
        "other names",
    ),
    "a name too few": (Graph([*LABEL, node("Gather", "names l", "y")], {"w": W3, "names": NAMES[:3]}), "4 names"),
    "names in a row": (
        Graph([*LABEL, node("Gather", "names l", "y", axis=1)], {"w": W3, "names": NAMES[None]}),
        "a list of 4",
    ),
    "other names of labels than of probabilities": (
        Graph(
            [
                *(*LABEL, node("Softmax", "a", "p", axis=1), node("Gather", "names l", "b")),
                node("ZipMap", "p", "y", domain="ai.onnx.ml", classlabels_strings=["oak", "fir", "elm", "ash"]),
            ],
            {"w": W3, "names": NAMES},
            outputs=("b", "y"),
        ),
        "the same names",
    ),
    "probabilities above one half": (
        Graph([DENSE, node("Softmax", "a", "b", axis=1), node("Greater", "b s", "y")], {"w": W3, "s": S}),
        "those of softmax",
    ),
    "shares that are not equal where all outputs are 0": (
        Graph(SUM, SUMS | {"u": np.array([[1, 0, 0, 0]], np.float32)}),
        "equal shares",
    ),
    "a sum of 0 that stays": (Graph(SUM, SUMS | {"u": np.full((1, 4), 0.25), "o": np.float32(0)}), "equal shares"),
    "the share of a single output": (
        Graph(
            [DENSE, node("Sigmoid", "a", "b"), node("ReduceSum", "b i", "c"), node("Div", "b c", "y")],
            {"w": W3[:1], "i": np.array([1])},
        ),
        "two classes or more",
    ),
    "a constant that becomes a truth value": (
        Graph(
            [node("Cast", "k", "c", to=9), node("Cast", "c", "d", to=1), DENSE, node("Mul", "a d", "y")],
            {"w": W3, "k": np.array(5)},
        ),
        "type of numbers",
    ),
    "a constant that overflows": (
        Graph(
            [node("Cast", "k", "c", to=3), node("Cast", "c", "d", to=1), DENSE, node("Mul", "a d", "y")],
            {"w": W3, "k": np.array(300)},
        ),
        "does not change",
    ),
    "a large constant that becomes larger": (
        Graph([node("Cast", "w", "v", to=1), node("Gemm", "x v", "y")], {"w": np.ones((3, 99), np.int8)}),
        "at most twice the size",
    ),
    "kernels of another size": (
        Graph([node("Conv", "x k", "y", kernel_shape=[3, 3])], {"k": KERNEL}, (3, 3, 3)),
        "weights of a kernel",
    ),
    "L2 pooling of columns and channels": (
        Graph(
            [node("Conv", "x k", "a"), node("Transpose", "a", "t", perm=[0, 2, 3, 1]), *L2],
            {"k": draw(4, 3, 1, 1), **L2_NUMBERS},
            (3, 4, 4),
        ),
        "channels",
    ),
    "the sign of another sum": (
        Graph(
            [
                *(node("Relu", "x", "xr"), node("Pow", "xr two", "rp")),
                *(node("AveragePool", "rp", "rq", kernel_shape=[2, 2], strides=[2, 2]), node("Sign", "rq", "sign")),
                *(node("Pow", "x two", "p"), node("AveragePool", "p", "q", kernel_shape=[2, 2], strides=[2, 2])),
                *(node("Mul", "sign q", "m"), node("Mul", "m four", "r"), node("Pow", "r half", "u")),
                node("Flatten", "u", "y"),
            ],
            L2_NUMBERS,
            (1, 4, 4),
        ),
        "another product",
    ),
    "the same columns twice": (
        Graph([node("Concat", "x x", "c", axis=1), node("Gemm", "c w", "y")], {"w": draw(6, 2)}),
        "each column once",
    ),
    "weights that are not finite": (Graph([node("Gemm", "x w", "y", transB=1)], {"w": W3 * np.nan}), "finite"),
    "images that end in the order of the file": (
        Graph([node("Conv", "x k", "a"), node("Flatten", "a", "y")], {"k": KERNEL}, (3, 3, 3)),
        "a dense layer after the last images",
    ),
    "the places of the largest numbers": (
        Graph(
            [helper.make_node("MaxPool", ["x"], ["a", "b"], kernel_shape=[2, 2]), node("Flatten", "b", "y")],
            {},
            (1, 3, 3),
        ),
        "the first output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKALIKES)
def test_graphs_that_compute_something_else_are_refused(name):
    graph, match = LOOKALIKES[name]
    with pytest.raises(FileError, match=match) as raised:
        from_onnx(graph.build())
    assert raised.value.position
    assert raised.value.remedy


@pytest.mark.parametrize("operator", ["Div", "Sub", "Relu"])
def test_whole_numbers_are_converted_before_they_are_computed_with(operator):
    """A runtime divides whole numbers without remainder, and differences of bytes are never negative."""
    constants = {"w": W3} if operator == "Relu" else {"w": W3, "k": np.uint8(7)}
    first = node(operator, "x" if operator == "Relu" else "x k", "b")
    late = Graph([first, node("Cast", "b", "c", to=1), node("Gemm", "c w", "y", transB=1)], constants).build()
    late.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    with pytest.raises(FileError, match="whole numbers", check=has(position="node 0 (" + operator + ")")):
        from_onnx(late)


def test_pixels_that_are_whole_numbers_are_read():
    nodes = [node("Flatten", "x", "a"), node("Cast", "a", "b", to=1), node("Div", "b k", "c")]
    graph = Graph([*nodes, node("Gemm", "c w", "y")], {"k": np.float32(255), "w": draw(6, 2)}, (2, 3)).build()
    graph.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    model = from_onnx(graph)
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    np.testing.assert_allclose(
        model.outputs(pixels),
        pixels.reshape(2, 6) / 255 @ onnx.numpy_helper.to_array(graph.graph.initializer[1]),
        rtol=1e-5,
    )


def test_a_fixed_number_of_examples_may_be_the_first_of_a_shape():
    graph = Graph([DENSE, node("Reshape", "a s", "y")], {"w": W3, "s": np.array([3, 4])}).build()
    graph.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3
    x, found = run(graph, 0)
    assert any(is_equal(answer, found) for answer in list_answers(from_onnx(graph), x))
    graph.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2
    with pytest.raises(FileError, match="-1, 0 or 2"):
        from_onnx(graph)


def test_the_label_of_a_single_output_is_always_0():
    graph = Graph([DENSE, node("ArgMax", "a", "y", axis=1, keepdims=0)], {"w": W3[:1]}).build()
    graph.graph.output[0].type.Clear()
    x, found = run(graph, 0)
    np.testing.assert_array_equal(from_onnx(graph).predict(x), found)


def test_weights_in_bfloat16_are_read():
    graph = Graph([node("Cast", "w", "v", to=1), node("Gemm", "x v", "y", transB=1)], {"w": W3}).build()
    rounded = [W3.reshape(-1)[i].view(np.uint32) >> 16 for i in range(W3.size)]
    tensor = graph.graph.initializer[0]
    tensor.raw_data, tensor.data_type = np.array(rounded, np.uint16).tobytes(), TensorProto.BFLOAT16
    wanted = (W3.view(np.uint32) >> 16 << 16).view(np.float32)
    np.testing.assert_array_equal(from_onnx(graph).params[0]["w"], wanted)


def test_a_scale_between_activations_has_the_type_of_the_weights():
    nodes = [DENSE, node("Relu", "a", "b"), node("Mul", "b v", "c"), node("Tanh", "c", "d"), node("Gemm", "d u", "y")]
    model = from_onnx(Graph(nodes, {"w": W3, "v": V, "u": W4.T}).build())
    assert {values.dtype.name for layer in model.params for values in layer.values()} == {"float32"}


def test_several_arrays_have_columns_of_different_names():
    graph = Graph([node("Concat", "x z", "c", axis=1), node("Gemm", "c w", "y")], {"w": draw(5, 2)}).build()
    graph.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 2]))
    columns = from_onnx(graph).preprocessing.inputs.columns
    assert [column.name for column in columns] == ["x 0", "x 1", "x 2", "z 0", "z 1"]


def test_columns_in_another_order_are_refused():
    nodes = [node("Transpose", "x", "t", perm=[0, 2, 1]), node("Flatten", "t", "f"), node("Concat", "f z", "c", axis=1)]
    graph = Graph([*nodes, node("Gemm", "c w", "y")], {"w": draw(5, 2)}, (2, 2)).build()
    graph.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 1]))
    with pytest.raises(FileError, match="order of the inputs"):
        from_onnx(graph)


ML = {"domain": "ai.onnx.ml"}
KNOWN = node("OneHotEncoder", "x", "b", cats_strings=["elm", "oak"], **ML)


@pytest.mark.parametrize(
    ("nodes", "side", "match"),
    [
        ([KNOWN], 3, "one column of text"),
        ([node("OneHotEncoder", "x", "b", cats_strings=["elm", "elm"], **ML)], 1, "each once"),
        (
            [
                node("LabelEncoder", "x", "a", keys_strings=["elm"], values_strings=["elm"], default_string="?", **ML),
                node("OneHotEncoder", "a", "b", cats_strings=["elm", "oak"], **ML),
            ],
            1,
            "the words that the encoding",
        ),
    ],
    ids=["several columns", "a word twice", "a word that is unknown"],
)
def test_columns_of_text_that_are_encoded_otherwise_are_refused(nodes, side, match):
    last = [node("Reshape", "b s", "c"), node("Gemm", "c w", "y", transB=1)]
    model = Graph([*nodes, *last], {"s": np.array([-1, 2]), "w": W3[:, :2]}, (side,)).build()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    with pytest.raises(FileError, match=match):
        from_onnx(model)


@pytest.mark.parametrize("shape", [[-1, 4], [2, -1]])
def test_words_in_another_shape_are_refused(shape):
    last = [node("Reshape", "b s", "c"), node("Gemm", "c w", "y", transB=1)]
    model = Graph([KNOWN, *last], {"s": np.array(shape), "w": W3[:, :2]}, (1,)).build()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    with pytest.raises(FileError, match="encoding of words"):
        from_onnx(model)


def test_a_file_beside_the_model_may_not_be_larger_than_memory(tmp_path: Path):
    """The file has holes in place of zeros, so that it takes no space on the disk."""
    model = Graph([node("Gemm", "x w", "y", transB=1)], {"w": W3}, (2**20,)).build()
    tensor = model.graph.initializer[0]
    external_data_helper.set_external_data(tensor, "w.bin", offset=0, length=2**42)
    tensor.ClearField("raw_data")
    tensor.dims[:] = [2**20, 2**20]
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    with open(tmp_path / "w.bin", "wb") as file:
        file.truncate(2**42)
    with pytest.raises(FileError, match="files beside the model", check=has(position="tensor 'w'")):
        from_onnx(tmp_path / "model.onnx")


def test_missing_numbers_in_more_columns_than_a_table_has_are_refused():
    nodes = [node("IsNaN", "x", "m"), node("Where", "m z x", "a"), node("Flatten", "a", "b"), node("Relu", "b", "y")]
    with pytest.raises(FileError, match="columns"):
        from_onnx(Graph(nodes, {"z": np.float32(0)}, (9_000_000,)).build())
