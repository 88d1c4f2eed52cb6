"""ONNX files that are damaged, too new, too large or of another kind: an error of ours, and nothing is allocated."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, external_data_helper, helper
from tests.exchange.onnx_graphs import DENSE, KERNEL, RELU, W3, W4, Graph, S, V, node
from tests.fields import has

import deltarule as dr
from deltarule.errors import FileError, InvalidArgument
from deltarule.exchange import from_onnx

FILES = Path(__file__).parent / "onnx_files"
CONTENTS = {path.stem: path.read_bytes() for path in sorted(FILES.glob("*.onnx"))}
DENSE_Y = node("Gemm", "x w", "y", transB=1)


def refuse(graph: Graph | onnx.ModelProto, match: str, **fields) -> FileError:
    """Check that a graph is refused with these words and fields."""
    with pytest.raises(FileError, match=match, check=has(**fields)) as raised:
        from_onnx(graph.build() if isinstance(graph, Graph) else graph)
    return raised.value


def test_unknown_operators_are_named_with_the_nearest_ones():
    graph = Graph([node("Gelu", "x", "a"), node("AveragePooling", "a", "b"), node("Sigmod", "b", "y", domain="own")])
    error = refuse(graph, r"AveragePooling, Gelu, own\.Sigmod")
    assert {"AveragePool", "Sigmoid", "Elu"} <= set(error.remedy.replace(",", "").split())
    assert "known are" in refuse(Graph([node("Qqqq", "x", "y")]), "Qqqq").remedy


REFUSED = {
    "images by columns, channels and rows": (
        Graph([node("Transpose", "x", "a", perm=[0, 2, 3, 1]), node("Conv", "a k", "y")], {"k": KERNEL}, (3, 3, 3)),
        "got axes in another order",
    ),
    "padding": (Graph([node("Conv", "x k", "y", pads=[1, 1, 1, 1])], {"k": KERNEL}, (3, 4, 4)), "no padding"),
    "same padding": (Graph([node("Conv", "x k", "y", auto_pad="SAME_UPPER")], {"k": KERNEL}, (3, 4, 4)), "no padding"),
    "dilations": (Graph([node("Conv", "x k", "y", dilations=[2, 2])], {"k": KERNEL}, (3, 4, 4)), "dilations"),
    "groups": (Graph([node("Conv", "x k", "y", group=3)], {"k": KERNEL[:, :1]}, (3, 4, 4)), "group 1"),
    "one dimension": (Graph([node("Conv", "x k", "y")], {"k": KERNEL[..., 0]}, (3, 4)), "weights"),
    "channels that do not fit": (Graph([node("Conv", "x k", "y")], {"k": KERNEL}, (2, 4, 4)), "weights for 2 channels"),
    "a pool that leaves a row out": (
        Graph([node("MaxPool", "x", "y", kernel_shape=[2, 2], strides=[2, 2])], {}, (1, 5, 4)),
        "use 4 or 6",
    ),
    "another norm": (Graph([node("LpPool", "x", "y", kernel_shape=[2, 2], p=1)], {}, (1, 4, 4)), "p 2"),
    "rounding up": (Graph([node("MaxPool", "x", "y", kernel_shape=[2, 2], ceil_mode=1)], {}, (1, 4, 4)), "ceil_mode"),
    "weights that do not fit": (Graph([node("Gemm", "x w", "y")], {"w": W4}), "weights that fit"),
    "an activation without layers after softmax": (
        Graph([DENSE, node("Softmax", "a", "b", axis=1), node("Gemm", "b u", "y", transB=1)], {"w": W3, "u": W4}),
        "no layer after softmax",
    ),
    "two branches": (
        Graph([DENSE, RELU, node("Tanh", "a", "c"), node("Add", "b c", "y")], {"w": W3}),
        "no branches",
    ),
    "the axis of the mini-batch": (Graph([node("Transpose", "x", "y", perm=[1, 0])]), "the first in its place"),
    "a shape of another size": (
        Graph([node("Reshape", "x s", "y")], {"s": np.array([-1, 5])}),
        "3 numbers in each example",
    ),
    "a division by 0": (Graph([DENSE, node("Div", "a z", "y")], {"w": W3, "z": 0 * V}), "other than 0"),
    "another formula": (Graph([DENSE, node("Neg", "a", "b"), node("Abs", "b", "y")], {"w": W3}), "formula"),
    "an average": (
        Graph([node("AveragePool", "x", "y", kernel_shape=[2, 2])], {}, (1, 4, 4)),
        "formula of a sigmoid or of L2 pooling",
    ),
    "text as weights": (Graph([DENSE_Y], {"w": np.array([["a"]], object)}), "constant numbers"),
    "complex weights": (Graph([DENSE_Y], {"w": W3.astype(np.complex64)}), "numbers of 8 to 64 bits"),
    "no layer": (Graph([node("Identity", "x", "y")]), "outputs of layers"),
    "a free side": (Graph([DENSE_Y], {"w": W3}, ("m",)), "whose sides are known"),
    "an attribute of another type": (Graph([node("Gemm", "x w", "y", transB=0.5)], {"w": W3}), "transB"),
    "a conversion to whole numbers": (Graph([DENSE, node("Cast", "a", "y", to=7)], {"w": W3}), "not rounded"),
    "a bias for each example": (
        Graph([node("Gemm", "x w b", "y", transB=1)], {"w": W3, "b": V[:, None]}),
        "a bias of 4",
    ),
    "dropout in training": (
        Graph([DENSE, node("Dropout", "a p t", "y")], {"w": W3, "p": np.float32(0.5), "t": np.array(True)}),
        "not in training",
    ),
    "normalization in training": (
        Graph([DENSE, node("BatchNormalization", "a v v v v", "y", training_mode=1)], {"w": W3, "v": V}),
        "not in training",
    ),
    "the last of equal classes": (
        Graph([DENSE, node("ArgMax", "a", "y", axis=1, select_last_index=1)], {"w": W3}),
        "axis 1",
    ),
    "a sum over examples": (
        Graph([DENSE, node("ReduceSum", "a i", "y")], {"w": W3, "i": np.array([0])}),
        "a sum over axis 1",
    ),
    "a quotient of other outputs": (
        Graph(
            [DENSE, node("Tanh", "a", "b"), node("ReduceSum", "b i", "c"), node("Div", "a c", "y")],
            {"w": W3, "i": np.array([1])},
        ),
        "divided by their sum",
    ),
    "two columns that are no probabilities": (
        Graph(
            [node("Gemm", "x w", "a", transB=1), node("Sub", "one a", "b"), node("Concat", "b a", "y", axis=1)],
            {"w": W3[:1], "one": np.float32(1)},
        ),
        "columns of a table",
    ),
    "a formula in another order": (
        Graph(
            [DENSE, node("Neg", "a", "b"), node("Exp", "b", "c"), node("Add", "c one", "d"), node("Div", "d one", "y")],
            {"w": W3, "one": np.float32(1)},
        ),
        "another order",
    ),
    "outputs of two layers": (
        Graph([DENSE, node("Relu", "a", "y")], {"w": W3}, outputs=("a", "y")),
        "outputs of several layers",
    ),
    "an output and the same twice as large": (
        Graph([DENSE, node("Mul", "a s", "y")], {"w": W3, "s": S}, outputs=("a", "y")),
        "outputs of several layers",
    ),
    "values that are rounded": (
        Graph([node("Gemm", "x w", "a", transB=1), node("Squeeze", "a i", "b"), node("Cast", "b", "y", to=7)],
              {"w": W3[:1], "i": np.array([1])}),
        "as they are",
    ),
    "a quotient of logarithms": (
        Graph(
            [DENSE, node("LogSoftmax", "a", "b", axis=1), node("ReduceSum", "b i", "c"), node("Div", "b c", "y")],
            {"w": W3, "i": np.array([1])},
        ),
        "the outputs of a network",
    ),
    "a sum as an output": (
        Graph([DENSE, node("Relu", "a", "b"), node("ReduceSum", "b i", "y")], {"w": W3, "i": np.array([1])}),
        "the outputs of layers",
    ),
    "an input without a tensor": (Graph([node("Gemm", "x w nothing", "y", transB=1)], {"w": W3}), "cycle"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_graphs_that_are_no_chain_of_layers_name_the_node(name):
    graph, match = REFUSED[name]
    error = refuse(graph, match)
    assert error.position


MAPPING = {"domain": "ai.onnx.ml", "default_string": "?"}


@pytest.mark.parametrize(
    ("nodes", "match"),
    [
        ([node("Identity", "x", "a"), node("OneHotEncoder", "a", "b", domain="ai.onnx.ml", cats_int64s=[1])], "words"),
        ([node("LabelEncoder", "x", "b", keys_strings=["elm"], values_strings=["oak"], **MAPPING)], "as they are"),
        (
            [node("LabelEncoder", "x", "b", keys_strings=[""], values_strings=["?"], **MAPPING)],
            "as they are",
        ),
        ([node("Identity", "x", "b")], "encoding of words"),
    ],
)
def test_words_that_become_others_are_refused(nodes, match):
    last = [node("Reshape", "b s", "c"), node("Gemm", "c w", "y", transB=1)]
    model = Graph([*nodes, *last], {"s": np.array([-1, 2]), "w": W3[:, :2]}, (1,)).build()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    refuse(model, match)


def test_a_cost_and_an_encoding_that_do_not_fit_the_graph_are_refused():
    end = Graph([DENSE, node("Softmax", "a", "y", axis=1)], {"w": W3}).build()
    smooth = dr.LabelSmoothing(dr.LogLikelihood(), 0.1)
    assert from_onnx(end, smooth).encoding == dr.encodings.OneHot(4)
    for cost in (dr.CrossEntropy(), dr.Quadratic(), dr.Quadratic(dr.Linear())):
        with pytest.raises(InvalidArgument, check=has(argument="cost", value=cost)):
            from_onnx(end, cost)
    tanh = Graph([DENSE, node("Tanh", "a", "y")], {"w": W3}).build()
    assert from_onnx(tanh, dr.Quadratic(dr.Tanh())).network.cost == dr.Quadratic(dr.Tanh())
    with pytest.raises(InvalidArgument, check=has(argument="cost")):
        from_onnx(tanh, dr.LogLikelihood())
    for encoding in (dr.encodings.OneHot(3), 4):
        with pytest.raises(InvalidArgument, check=has(argument="encoding", value=encoding)):
            from_onnx(end, encoding=encoding)


def test_logits_beside_probabilities_are_the_same_network():
    graph = Graph([DENSE, node("Softmax", "a", "y", axis=1)], {"w": W3}, outputs=("a", "y"))
    assert from_onnx(graph.build()).network.cost == dr.LogLikelihood()


def test_a_cycle_is_refused():
    refuse(Graph([node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b", "y")]), "cycle")
    refuse(Graph([node("Relu", "y", "y")]), "cycle")


def test_a_tensor_that_is_computed_twice_is_refused():
    refuse(Graph([DENSE, node("Relu", "a", "a"), node("Relu", "a", "y")], {"w": W3}), "once", position="tensor 'a'")


def test_versions_that_are_not_known_are_named():
    model = Graph([DENSE_Y], {"w": W3}).build()
    model.ir_version = 99
    assert "newer onnx" in refuse(model, "IR version", argument="ir_version", value=99).remedy
    model.ir_version = 8
    model.opset_import[0].version = 999
    refuse(model, "opset version", argument="opset_import", value=999)
    model.opset_import[0].version = 6
    refuse(model, "opset version", argument="opset_import", value=6)
    del model.opset_import[:]
    refuse(model, "opset version", argument="opset_import", value=None)


def enlarge(model: onnx.ModelProto, *dims: int) -> onnx.ModelProto:
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend(dims)
    return model


def test_sizes_that_the_file_does_not_have_allocate_nothing():
    """The largest would need 8 EiB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for dims in ((4, 2**60), (2**31, 2**31), (2**62, 2**62), (-1, 3), (0, 2**62), (4, 4)):
        refuse(enlarge(Graph([DENSE_Y], {"w": W3}).build(), *dims), "expected", position="tensor 'w'")
    # the input of the graph is large, the weights are not
    refuse(Graph([node("Flatten", "x", "b"), node("Gemm", "b w", "y")], {"w": W3}, (2**40, 2**40)), "numbers")
    refuse(Graph([node("Conv", "x k", "y")], {"k": KERNEL}, (3, 3000, 3000)), "numbers")
    many = np.zeros((2000, 1, 1, 1), np.float32)
    refuse(Graph([node("Conv", "x k", "y")], {"k": many}, (1, 3000, 3000)), "examples of 1 to 10,000,000 numbers")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 300_000  # kilobytes


def test_numbers_that_are_used_again_and_again_allocate_little():
    square = np.eye(300, dtype=np.float32)
    steps = [node("MatMul", f"{'x' if i == 0 else f'a{i}'} w", f"a{i + 1}") for i in range(3000)]
    graph = Graph([*steps, node("Relu", "a3000", "y")], {"w": square}, (300,))
    refuse(graph, "again and again")
    # a large image in the file is a shape alone, but each of these would have an array of its size
    convolution = {"k": np.ones((1, 1, 1, 1), np.float32)}
    rows = [node("Conv", "x k", "a"), *(node("Transpose", "a", f"b{i}", perm=[0, 3, 2, 1]) for i in range(500))]
    rows += [node("Flatten", f"b{i}", f"c{i}") for i in range(500)]
    refuse(Graph([*rows, node("Relu", "c0", "y")], convolution, (1, 1000, 1000)), "again and again")
    scales = [node("Relu", "d", "s0")]
    for i in range(500):
        scales += [node("Mul", f"s{i} h", f"m{i}"), node("Relu", f"m{i}", f"s{i + 1}")]
    flat = [node("Conv", "x k", "a"), node("Flatten", "a", "d"), *scales, node("Relu", "s500", "y")]
    refuse(Graph(flat, {**convolution, "h": S}, (1, 1000, 1000)), "again and again")
    outer = {**convolution, "v": np.ones((1, 1, 1000), np.float32), "u": np.ones((1, 1000, 1), np.float32)}
    products = [node("Conv", "x k", "a"), node("Mul", "a v", "b"), node("Mul", "b u", "y")]
    refuse(Graph(products, outer, (1, 1000, 1000)), "of each feature")
    refuse(Graph([node("Identity", "x", f"a{i}") for i in range(6000)], {"w": W3}), "at most 5,000 nodes")


def write_external(folder: Path, location: str = "w.bin", **changes: str) -> Path:
    """Write a model whose weights are in a file beside it."""
    model = Graph([DENSE_Y], {"w": W3}).build()
    tensor = model.graph.initializer[0]
    external_data_helper.set_external_data(tensor, location, offset=0, length=W3.nbytes)
    tensor.ClearField("raw_data")
    for entry in tensor.external_data:
        entry.value = changes.get(entry.key, entry.value)
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return folder / "model.onnx"


def test_data_beside_the_file_are_read(tmp_path):
    path = write_external(tmp_path)
    (tmp_path / "w.bin").write_bytes(W3.tobytes())
    np.testing.assert_array_equal(from_onnx(path).params[0]["w"], W3)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "w.bin").write_bytes(W3.tobytes())
    np.testing.assert_array_equal(from_onnx(write_external(tmp_path, "deep/w.bin")).params[0]["w"], W3)


def test_data_outside_the_folder_are_never_read(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    secret = tmp_path / "secret.bin"
    secret.write_bytes(W3.tobytes())
    (folder / "link.bin").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    (folder / "circle").symlink_to("circle")
    os.mkfifo(folder / "pipe.bin")
    (folder / "w.bin").write_bytes(W3.tobytes())
    locations = [
        "../secret.bin",
        str(secret),
        "link.bin",
        "away/secret.bin",
        "sub/../../secret.bin",
        "circle",
        "pipe.bin",
    ]
    for location in [*locations, "", ".", "no such file", "a\0b", "away/models/../secret.bin", "x" * 5000]:
        path = write_external(folder, location)
        with pytest.raises(FileError, match="same folder", check=has(path="model.onnx", position="tensor 'w'")):
            from_onnx(path)
    with pytest.raises(FileError, match="same folder"):
        from_onnx(onnx.load(write_external(folder), load_external_data=False))


def test_data_beside_the_file_of_another_size_are_refused(tmp_path):
    (tmp_path / "w.bin").write_bytes(W3.tobytes()[:-1])
    for changes in (
        {},
        {"offset": "-8"},
        {"length": "8"},
        {"length": str(2**62)},
        {"offset": str(2**62)},
        {"offset": "a"},
    ):
        with pytest.raises(FileError, match="bytes", check=has(path="model.onnx", position="tensor 'w'")):
            from_onnx(write_external(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 100, b"PK\x03\x04zip", CONTENTS["torch-dense"][:500]])
def test_files_of_another_kind_and_parts_of_files_are_refused(tmp_path, content):
    (tmp_path / "wrong.onnx").write_bytes(content)
    with pytest.raises(FileError, match="ONNX file", check=has(path="wrong.onnx")):
        from_onnx(tmp_path / "wrong.onnx")


def test_missing_files_folders_and_other_objects_are_refused(tmp_path):
    for path, got in ((tmp_path / "missing.onnx", "no file"), (tmp_path, "a folder")):
        with pytest.raises(FileError, match=got):
            from_onnx(path)
    with pytest.raises(InvalidArgument, check=has(argument="path", value=3)):
        from_onnx(3)


def read_or_refuse(folder: Path, content: bytes) -> None:
    """Read a file, which may be refused by an error of ours."""
    (folder / "model.onnx").write_bytes(content)
    with contextlib.suppress(FileError):
        from_onnx(folder / "model.onnx")


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(CONTENTS)),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 5000),
)
@example("sklearn-two", [(0, 0)], 5000)
def test_changed_bytes_raise_only_our_errors(tmp_path, name, changes, end):
    content = bytearray(CONTENTS[name][: max(end, 1)])
    for at, value in changes:
        content[at % len(content)] = value
    read_or_refuse(tmp_path, bytes(content))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_fields_raise_only_our_errors(tmp_path, data):
    """Change the graph as a message, so that it stays one that can be parsed."""
    model = onnx.ModelProto.FromString(CONTENTS[data.draw(st.sampled_from(sorted(CONTENTS)))])
    nodes = model.graph.node
    for _ in range(data.draw(st.integers(1, 3))):
        one = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        other = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        change = data.draw(
            st.sampled_from(["operator", "inputs", "attributes", "swap", "drop", "dims", "type", "side"])
        )
        tensor = model.graph.initializer[data.draw(st.integers(0, len(model.graph.initializer) - 1))]
        if change == "operator":
            one.op_type, one.domain = other.op_type, other.domain
        elif change == "inputs" and one.input:
            one.input[0] = data.draw(st.sampled_from([*other.input, *other.output, tensor.name, "", "x"]))
        elif change == "attributes":
            del one.attribute[:]
            one.attribute.extend(other.attribute)
        elif change == "swap":
            del one.input[:]
            one.input.extend([*reversed(other.input)])
        elif change == "drop":
            nodes.remove(one)
        elif change == "dims" and tensor.dims:
            tensor.dims[0] = data.draw(st.integers(-1, 9))
        elif change == "type":
            tensor.data_type = data.draw(st.integers(0, 25))
        elif change == "side":
            model.graph.input[0].type.tensor_type.shape.dim[-1].dim_value = data.draw(st.integers(-1, 2**40))
        if not nodes:
            break
    read_or_refuse(tmp_path, model.SerializeToString())


def test_the_types_of_tensors_have_the_numbers_that_the_reader_uses():
    from deltarule.exchange.onnx_interpreter import FLOAT64, TEXT

    assert (FLOAT64, TEXT) == (TensorProto.DOUBLE, TensorProto.STRING)
    assert helper.tensor_dtype_to_np_dtype(TensorProto.DOUBLE) == np.float64
