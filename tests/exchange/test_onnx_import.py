"""ONNX files of PyTorch, Keras and skl2onnx as models, beside the outputs of these libraries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from tests.exchange.models import (
    ENCODINGS,
    MODELS,
    NUMBERS,
    WORDS,
    build_encoded,
    build_model,
    build_networks,
    build_recipe,
    build_table,
    draw_pixels,
    give_zeros,
)
from tests.exchange.onnx_graphs import GRAPHS, W3, Graph, draw, node
from tests.exchange.onnx_running import run
from tests.exchange.test_onnx_changes import run as run_graph
from tests.exchange.test_onnx_export import draw_rows

import deltarule as dr
from deltarule.errors import FileError
from deltarule.exchange import from_onnx, save_onnx, to_onnx
from deltarule.recipes.builtin import RECIPES

FILES = Path(__file__).parent / "onnx_files"
NAMES = sorted(path.stem for path in FILES.glob("*.onnx"))

ELSEWHERE = ("rows-lstm", "boltzmann")
"""The recipes whose layers come back from no file: LSTM is only written, and machines have no operators."""

SUMMARIES = {
    "keras-dense": "4-5-3, Tanh, LogLikelihood",
    "keras-images": "8×9×2-3c3×2-2c2×2-4-1, ReLU, MaxPool, ELU, Sigmoid, Quadratic",
    "sklearn-scaled-three": "4-5-4-3, Tanh, LogLikelihood",
    "sklearn-scaled-two": "4-5-2, ReLU, LogLikelihood",
    "sklearn-scaled-value": "4-5-1, ReLU, Quadratic",
    "sklearn-several": "4-5-3, Sigmoid, CrossEntropy",
    "sklearn-three": "4-5-4-3, Tanh, LogLikelihood",
    "sklearn-two": "4-5-2, ReLU, LogLikelihood",
    "sklearn-value": "4-5-1, ReLU, Quadratic",
    "torch-dense": "4-5-6-3, Tanh, ELU, LogLikelihood",
    "torch-dense-script": "4-5-6-3, BatchNorm, Tanh, ELU, LogLikelihood",
    "torch-images": "10×13×2-3c3×3-4c3×2-5-2, ReLU, MaxPool, LeakyReLU, L2Pool, ELU, CrossEntropy",
    "torch-images-script": "10×13×2-3c3×3-4c3×2-5-2, ReLU, MaxPool, LeakyReLU, L2Pool, BatchNorm, ELU, CrossEntropy",
}


def read_case(name: str) -> tuple[dr.Model, np.ndarray, np.ndarray]:
    """Read a file, its input with channels last, and the outputs of the library that wrote it."""
    with np.load(FILES / f"{name}.npz", allow_pickle=False) as arrays:
        x, y = arrays["x"], arrays["y"]
    return from_onnx(FILES / f"{name}.onnx"), x.transpose(0, 2, 3, 1) if name.startswith("torch-images") else x, y


@pytest.mark.parametrize("name", NAMES)
def test_files_of_other_libraries_give_their_outputs(name):
    model, x, y = read_case(name)
    found = model.predict(x).reshape(y.shape) if "value" in name or name == "keras-images" else model.outputs(x)
    np.testing.assert_allclose(found, y, rtol=1e-5, atol=1e-6)
    assert SUMMARIES[name] in repr(model)
    assert np.ptp(y, axis=0).max() > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_their_networks_pass_the_check_of_gradients(name):
    model, x, _ = read_case(name)
    inputs = model.preprocessing.transform(x).reshape(len(x), *model.network.input_shape)
    params = [{k: np.asarray(v, np.float64) for k, v in layer.items()} for layer in model.params]
    y = np.eye(model.network.n_out)[np.arange(len(x)) % model.network.n_out]
    assert dr.gradcheck(model.network, params, inputs, y).relative < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_their_networks_train_on(name):
    model, x, y = read_case(name)
    targets = y[:, 0] + 1 if y.shape[1] == 1 else y.argmax(axis=1)
    if isinstance(model.encoding, dr.encodings.MultiLabel):
        targets = (y > 0.5).astype(int)
    raw = dr.Dataset(x.reshape(len(x), *model.example_shape), targets, "own", encoding=model.encoding)
    before = model.cost(raw)
    trained = dr.fit(model, raw, epochs=5, eta=0.01, batch_size=len(x))
    assert trained.cost(raw) < before


def test_labels_and_their_names_come_from_the_file():
    model, x, y = read_case("sklearn-three")
    assert model.classes == ("ant", "bee", "fly")
    assert model.predict(x).tolist() == y.argmax(axis=1).tolist()
    assert read_case("sklearn-two")[0].classes == ("0", "7")
    assert read_case("sklearn-several")[0].encoding == dr.encodings.MultiLabel(3)


def test_scales_of_inputs_become_the_preprocessing():
    assert read_case("keras-images")[0].preprocessing.inputs == dr.preprocessing.Scaling(255.0, 0.0)
    scaled = read_case("sklearn-scaled-three")[0].preprocessing
    assert [column.name for column in scaled.inputs.columns] == ["x 0", "x 1", "x 2", "x 3"]
    assert all(2 < column.mean < 4 and 1 < column.deviation < 3 for column in scaled.inputs.columns)


def test_a_file_of_pytorch_has_the_same_weights_whatever_their_order_in_memory():
    """The first layer was exported from a transposed view; its weights are those that PyTorch multiplies by."""
    model, *_ = read_case("torch-dense-script")
    stored = {
        one.name: numpy_helper.to_array(one) for one in onnx.load(FILES / "torch-dense-script.onnx").graph.initializer
    }
    np.testing.assert_array_equal(model.params[0]["w"], stored["0.weight"])
    assert model.params[0]["w"].flags.c_contiguous


@pytest.mark.parametrize("name", [*(name for name in RECIPES if name not in ELSEWHERE), *MODELS])
def test_own_files_come_back(name):
    model = build_recipe(name) if name in RECIPES else MODELS[name]
    if name == "normalization of three dimensions":
        with pytest.raises(FileError, match="BatchNormalization"):
            from_onnx(to_onnx(model))
        return
    found = from_onnx(to_onnx(model))
    x = draw_pixels(model, 20)
    np.testing.assert_allclose(found.outputs(x), model.outputs(x), atol=1e-5, rtol=1e-5)
    assert found.classes == model.classes
    assert found.predict(x).tolist() == model.predict(x).tolist()
    nothing = (dr.Linear, dr.Flatten)
    kinds, wanted = (
        [type(layer) for layer in one.network.layers if not isinstance(layer, nothing)] for one in (found, model)
    )
    assert kinds == wanted


@settings(max_examples=40)
@given(build_networks(), st.integers(0, 9))
def test_networks_of_any_layers_come_back(network, seed):
    model = build_model(network, seed)
    try:
        found = from_onnx(to_onnx(model))
    except FileError:
        assert not any(isinstance(layer, (dr.Dense, dr.Conv)) for layer in network.layers)
        return
    x = draw_pixels(model, 5)
    np.testing.assert_allclose(found.outputs(x), model.outputs(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings_come_back(name):
    model = build_encoded(name)
    x = draw_pixels(model, 50)
    if name == "bits":
        with pytest.raises(FileError, match="Mul"):
            from_onnx(to_onnx(model))
        return
    found = from_onnx(to_onnx(model))
    np.testing.assert_allclose(found.predict(x), model.predict(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("inputs", [NUMBERS, WORDS, give_zeros(WORDS)], ids=["numbers", "words", "unknown words"])
def test_columns_of_tables_come_back(inputs):
    model = build_table(inputs)
    found = from_onnx(to_onnx(model))
    x = draw_rows(model)
    np.testing.assert_allclose(found.outputs(x), model.outputs(x), atol=1e-6)
    assert found.preprocessing.inputs.unknown == inputs.unknown
    for one, two in zip(found.preprocessing.inputs.columns, inputs.columns, strict=True):
        assert (one.name, one.fill, getattr(one, "words", ())) == (two.name, two.fill, getattr(two, "words", ()))
        assert getattr(one, "mean", 0) == pytest.approx(getattr(two, "mean", 0), rel=1e-12)
        assert getattr(one, "deviation", 1) == pytest.approx(getattr(two, "deviation", 1), rel=1e-12)


def test_a_file_that_was_saved_is_read_by_its_path(tmp_path):
    model = MODELS["grey pictures"]
    save_onnx(model, tmp_path / "mine.onnx")
    found = from_onnx(str(tmp_path / "mine.onnx"))
    assert found.example_shape == (4, 5)
    assert found.preprocessing.inputs.scale == 255.0


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_give_what_onnx_runtime_gives(name):
    graph = GRAPHS[name]
    proto = graph.build()
    x = np.random.default_rng(6).normal(size=(5, *graph.shape)).astype(np.float32)
    (wanted,) = ort.InferenceSession(proto.SerializeToString()).run(None, {"x": x})
    model = from_onnx(proto)
    raw = x.transpose(0, 2, 3, 1) if name in ("scales of channels", "an activation of raw images") else x
    found = model.outputs(raw) if "sigmoid that" in name else model.encoding.decode(model.outputs(raw))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_logits_get_the_cost_that_the_caller_names():
    proto = Graph([node("Gemm", "x w", "y", transB=1)], {"w": W3}).build()
    assert from_onnx(proto).network.cost == dr.Quadratic(dr.Linear())
    model = from_onnx(proto, cost=dr.LogLikelihood())
    assert (model.network.cost, model.encoding) == (dr.LogLikelihood(), dr.encodings.OneHot(4))
    model = from_onnx(proto, cost=dr.CrossEntropy(), encoding=dr.encodings.OneHot(4))
    assert (model.network.cost, model.encoding) == (dr.CrossEntropy(), dr.encodings.OneHot(4))
    with pytest.raises(dr.errors.InvalidArgument):
        from_onnx(proto, cost="softmax")


def test_what_is_read_can_be_written_again():
    model, x, _ = read_case("torch-images")
    found = run(model, x)
    np.testing.assert_allclose(found["outputs"], model.outputs(x), atol=1e-6)


def test_images_that_are_flattened_first_keep_their_shape_in_the_file():
    graph = Graph([node("Flatten", "x", "a"), node("Gemm", "a w", "y")], {"w": draw(12, 2)}, (3, 2, 2)).build()
    model = from_onnx(graph)
    x, found = run_graph(graph, 0)
    assert model.example_shape == (3, 2, 2)
    np.testing.assert_allclose(model.outputs(x), found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("axis", "shape"), [(1, (2, 4)), (3, (4, 1, 2))])
def test_images_without_channels_have_one_channel_or_are_columns_of_them(axis, shape):
    kernel = draw(3, *((1, 2, 2) if axis == 1 else (2, 3, 1)))
    nodes = [node("Unsqueeze", "x i", "a"), node("Conv", "a k", "b"), node("Flatten", "b", "c")]
    constants = {"i": np.array([axis]), "k": kernel, "w": draw(9 if axis == 1 else 6, 2)}
    graph = Graph([*nodes, node("Gemm", "c w", "y")], constants, (2, 4)).build()
    model = from_onnx(graph)
    x, found = run_graph(graph, 0)
    images = x if axis == 1 else x.transpose(0, 2, 1)[:, :, None]
    assert model.example_shape == shape
    np.testing.assert_allclose(model.outputs(images), found, rtol=1e-4, atol=1e-5)
