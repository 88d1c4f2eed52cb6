"""Exported layers of sequences in ONNX Runtime: whole sequences and shorter ones, within 1e-5 of the NumPy engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from tests.exchange.models import MODELS, SEQUENCE_MODELS, build_model, draw_pixels
from tests.exchange.onnx_running import check_classes, run
from tests.fields import has

import deltarule as dr
from deltarule.core.sequences import SequenceLayer
from deltarule.data.encodings import MultiLabel
from deltarule.data.step_labels import StepLabels
from deltarule.errors import InvalidArgument
from deltarule.exchange import save_onnx, save_pytorch, to_onnx
from deltarule.exchange.onnx_layers import LAYERS
from deltarule.exchange.onnx_memory import EXPORTS

TAKES_LENGTHS = {
    name: model
    for name, model in SEQUENCE_MODELS.items()
    if any(isinstance(layer, SequenceLayer) for layer in model.network.layers)
}


def run_with_lengths(model: dr.Model, x: np.ndarray, lengths: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the outputs of an exported model by name, for sequences of these lengths."""
    exported = to_onnx(model, lengths=True)
    onnx.checker.check_model(exported, full_check=True)
    session = ort.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    feed = {"x": x.astype(np.float32), "lengths": lengths}
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, feed), strict=True))


def draw_lengths(model: dr.Model, n: int) -> np.ndarray:
    steps = model.network.input_shape[0]
    return np.concatenate([[1, steps], np.random.default_rng(0).integers(1, steps + 1, n - 2)])


@pytest.mark.parametrize("name", SEQUENCE_MODELS)
def test_whole_sequences(name):
    model = SEQUENCE_MODELS[name]
    x = draw_pixels(model)
    check_classes(model, x, run(model, x))
    assert np.ptp(run(model, x)["probabilities"], axis=0).max() > 1e-3


@pytest.mark.parametrize("name", TAKES_LENGTHS)
def test_sequences_of_unequal_lengths(name):
    model = TAKES_LENGTHS[name]
    x, lengths = draw_pixels(model), draw_lengths(model, 20)
    found = run_with_lengths(model, x, lengths)
    check_classes(model, dr.Dataset(x, np.zeros(20, int), lengths=lengths, classes=model.classes), found)
    assert abs(found["probabilities"] - model.predict_proba(x)).max() > 1e-4  # the lengths count


def test_an_ensemble_with_lengths():
    model = SEQUENCE_MODELS["several"]
    other = replace(model, params=[{k: 0.9 * v for k, v in layer.items()} for layer in model.params])
    ensemble = dr.Ensemble([model, other])
    x, lengths = draw_pixels(model), draw_lengths(model, 20)
    found = run_with_lengths(ensemble, x, lengths)
    check_classes(ensemble, dr.Dataset(x, np.zeros(20, int), lengths=lengths, classes=model.classes), found)


def test_an_answer_at_each_step():
    network = dr.Network([dr.GRU(4), dr.EachStep(dr.Dense(2)), dr.Flatten()], dr.CrossEntropy(), (3, 2))
    model = build_model(network, encoding=MultiLabel(6), classes=())
    x = draw_pixels(model)
    np.testing.assert_allclose(run(model, x)["outputs"], model.outputs(x), atol=1e-5)


@pytest.mark.parametrize("cost", [dr.LogLikelihood(), dr.CrossEntropy(), dr.Quadratic(dr.Tanh())], ids=str)
def test_a_class_at_each_step(cost):
    network = dr.Network([dr.LSTM(4), dr.EachStep(dr.Dense(2)), dr.Flatten()], dr.SumOverSteps(cost, 2), (3, 2))
    model = build_model(network, encoding=StepLabels(2, steps=3), classes=())
    x = draw_pixels(model)
    found = run(model, x)
    np.testing.assert_allclose(found["outputs"], model.outputs(x), atol=1e-5)
    assert found["labels"].tolist() == model.predict(x).tolist()
    assert found["labels"].shape == (20, 3)


def test_every_layer_of_sequences_has_an_operator():
    assert set(EXPORTS) <= set(LAYERS)
    exported = {type(layer) for model in SEQUENCE_MODELS.values() for layer in model.network.layers}
    assert set(EXPORTS) <= exported


def test_the_operators_are_onnxs_own():
    kinds = [node.op_type for node in to_onnx(SEQUENCE_MODELS["several"]).graph.node]
    assert [kind for kind in kinds if kind in ("RNN", "LSTM", "GRU")] == ["GRU", "LSTM"]
    gru = next(node for node in to_onnx(SEQUENCE_MODELS["several"]).graph.node if node.op_type == "GRU")
    assert {a.name: a.i for a in gru.attribute} == {"hidden_size": 4, "linear_before_reset": 1}


def test_an_activation_that_rnn_lacks_is_refused():
    network = dr.Network([dr.Recurrent(2, dr.ShiftedSigmoid()), dr.LastStep(), dr.Dense(2)], dr.LogLikelihood(), (3, 2))
    with pytest.raises(InvalidArgument, match="Tanh", check=has(argument="model", position="layer 0")):
        to_onnx(build_model(network))


def test_lengths_need_a_layer_that_takes_them(tmp_path):
    with pytest.raises(InvalidArgument, check=has(argument="lengths", value=True)):
        to_onnx(MODELS["Dense(n_out=3, initializer=Default()) on (3,)"], lengths=True)
    with pytest.raises(InvalidArgument, check=has(argument="lengths", value=2)):
        save_onnx(SEQUENCE_MODELS["several"], tmp_path / "model.onnx", lengths=2)


def test_scripts_refuse_memory_by_name(tmp_path):
    with pytest.raises(InvalidArgument, match="got GRU", check=has(argument="model", position="layer 0")):
        save_pytorch(SEQUENCE_MODELS["several"], tmp_path / "model.py")
