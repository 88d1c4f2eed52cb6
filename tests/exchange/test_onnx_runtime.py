"""The differences of ONNX Runtime that docs/onnx.md lists, and that exported files give what deltarule gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from onnx import helper, numpy_helper
from tests.exchange.models import build_model
from tests.exchange.onnx_graphs import node
from tests.exchange.onnx_running import run

import deltarule as dr
from deltarule.core.activations import sigmoid


def compute(x: np.ndarray, *nodes: Any, outputs: tuple[str, ...] = ("y",), **constants: np.ndarray) -> list[np.ndarray]:
    """Run nodes from x to y in ONNX Runtime."""
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    given = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    ends = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, [None] * x.ndim)], ends, given)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return ort.InferenceSession(model.SerializeToString()).run(None, {"x": x})


def test_the_operator_sigmoid_is_an_approximation():
    z = np.linspace(-30, 30, 60001).astype(np.float32)
    (found,) = compute(z, node("Sigmoid", "x", "y"))
    assert found.max() > 1
    assert (found[z <= -18] == 0).all()
    exact = 1 / (1 + np.exp(-z.astype(np.float64)))
    assert 1e-7 < np.abs(found - exact).max() < 2e-7
    assert found[np.searchsorted(z, -17)] > 2 * exact[np.searchsorted(z, -17)]


def test_outputs_of_exported_networks_are_exact():
    z = np.linspace(-80, 30, 50)[:, None].astype(np.float32)
    network = dr.Network([dr.Dense(1)], dr.CrossEntropy(), (1,))
    model = build_model(network, encoding=dr.encodings.OneVsRest(1), classes=(), inputs=dr.preprocessing.Scaling())
    identity = dr.Model(network, [{"w": np.ones((1, 1)), "b": np.zeros(1)}], model.preprocessing)
    found = run(identity, z)["outputs"]
    np.testing.assert_allclose(found, sigmoid(z.astype(np.float64)), rtol=5e-7)
    assert found.max() <= 1


def test_small_outputs_keep_their_shares():
    """Both outputs are 0 with the operator Sigmoid, so that their shares would be equal."""
    network = dr.Network([dr.Dense(2)], dr.CrossEntropy(), (1,))
    model = build_model(network, inputs=dr.preprocessing.Scaling())
    params = [{"w": np.zeros((2, 1)), "b": np.array([-22.0, -20.0])}]
    small = dr.Model(network, params, model.preprocessing)
    found = run(small, np.zeros((1, 1)))
    np.testing.assert_allclose(found["probabilities"], small.predict_proba(np.zeros((1, 1))), rtol=1e-6)
    assert found["probabilities"][0, 1] > 0.85
    assert found["labels"].tolist() == ["class 1"]


def test_the_operator_elu_loses_numbers_near_0():
    z = np.array([-1e-8, -1e-6], np.float32)
    (found,) = compute(z, node("Elu", "x", "y"))
    assert found[0] == 0
    assert abs(found[1] / np.expm1(z[1]) - 1) > 0.01


IMAGE = np.ones((1, 1, 4, 4))
POOL = {"kernel_shape": [2, 2], "strides": [2, 2]}
MISSING = {
    "Conv": (node("Conv", "x w", "y"), {"w": np.ones((1, 1, 2, 2))}),
    "LpPool": (node("LpPool", "x", "y", **POOL), {}),
    "Elu": (node("Elu", "x", "y"), {}),
}


@pytest.mark.parametrize("name", MISSING)
def test_float64_is_missing_for(name):
    one, constants = MISSING[name]
    with pytest.raises(Exception, match=f"Could not find an implementation for {name}"):
        compute(IMAGE, one, **constants)
    compute(IMAGE.astype(np.float32), one, **{key: array.astype(np.float32) for key, array in constants.items()})


@pytest.mark.parametrize("operator", ["MaxPool", "BatchNormalization", "Gemm", "Sigmoid", "Tanh", "Relu", "Softmax"])
def test_float64_works_for(operator):
    inputs = {"BatchNormalization": "x a a a a", "Gemm": "x b"}.get(operator, "x")
    x = np.ones((2, 4)) if operator == "Gemm" else IMAGE
    constants = {"a": np.ones(1), "b": np.ones((4, 3))}
    given = {name: array for name, array in constants.items() if name in inputs.split()}
    (found,) = compute(x, node(operator, inputs, "y", **(POOL if operator == "MaxPool" else {})), **given)
    assert found.dtype == np.float64


def test_the_operator_lp_pool_drops_signs():
    x = np.array([[[[-3, 1], [0, 0]]]], np.float32)
    found = [compute(x, node("LpPool", "x", "y", kernel_shape=[2, 2], p=p))[0].item() for p in (1, 3)]
    assert found == pytest.approx([4.0, 28 ** (1 / 3)])


def test_the_largest_of_numbers_with_nan_depends_on_the_indices():
    x = np.array([[[[np.nan, 1, 2, np.nan], [3, 0, 1, 5]]]], np.float32)
    (alone,) = compute(x, node("MaxPool", "x", "y", **POOL))
    both = helper.make_node("MaxPool", ["x"], ["y", "i"], **POOL)
    (beside, _) = compute(x, both, outputs=("y", "i"))
    assert alone.ravel().tolist() == [3.0, 5.0]
    assert np.isnan(beside.ravel()).tolist() == [True, False]
    assert np.isnan(dr.MaxPool(2).forward({}, x.transpose(0, 2, 3, 1))[0]).all()
