"""The confidence of models: calibrated, stored, and what it makes of examples unlike those of the training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import deltarule as dr
from deltarule.core.costs import LogLikelihood
from deltarule.data import OneHot, load
from deltarule.digit_strings import load_digit_reader
from deltarule.errors import FileError, InvalidArgument
from deltarule.models import Confidence, Ensemble, Model, calibrate, judge
from deltarule.models import load as load_model
from deltarule.models.confidence import fit_confidence
from deltarule.preprocessing import Preprocessing

TRAIN, VALIDATION, TEST = load("digits")


@pytest.fixture(scope="module", params=["sigmoid", "softmax", "ensemble"])
def model(request):
    network = dr.Network.dense([64, 30, 10], LogLikelihood() if request.param == "softmax" else dr.CrossEntropy())
    if request.param == "ensemble":
        return calibrate(dr.fit_ensemble(network, TRAIN, members=2, epochs=8, seed=1), VALIDATION)
    return calibrate(dr.fit(network, TRAIN, epochs=8, seed=1), VALIDATION)


def measure_surprise(shares, labels):
    return float(-np.log(shares[np.arange(len(labels)), labels]).mean())


def test_the_temperature_makes_the_validation_data_most_probable(model):
    shares = model.predict_proba(VALIDATION)
    own = measure_surprise(model.confidence.calibrate(shares), VALIDATION.y)
    for factor in (0.5, 0.9, 1.1, 2.0):
        other = replace(model.confidence, temperature=model.confidence.temperature * factor)
        assert own <= measure_surprise(other.calibrate(shares), VALIDATION.y) + 1e-9


def test_nearly_all_validation_examples_are_answered(model):
    kinds = [one.kind for one in judge(model, VALIDATION)]
    assert 0.98 <= kinds.count("answer") / len(kinds) < 1


def test_the_label_is_the_prediction(model):
    if isinstance(model, Ensemble):
        model = replace(model, voting="soft")  # shares are a mean, too
    assert [one.label for one in judge(model, TEST)] == [model.classes[i] for i in model.predict(TEST)]


def test_noise_is_answered_less_often_than_digits(model):
    noise = np.random.default_rng(1).integers(0, 17, (200, 8, 8))
    answered = [sum(one.kind == "answer" for one in judge(model, x)) / len(x) for x in (noise, TEST.x)]
    assert answered[0] < answered[1] - 0.2


def test_an_unsure_judgement_names_the_likely_classes():
    network = dr.Network.dense([2, 3], LogLikelihood())
    params = [{"w": np.array([[9.0, 9.0], [9.0, 0.0], [0.0, 0.0]]), "b": np.array([-9.0, 0.0, 0.0])}]
    plain = Model(network, params, Preprocessing(OneHot(3), classes=("four", "nine", "none of them")))
    judgement = judge(replace(plain, confidence=Confidence(least_share=0.6)), np.array([[1.0, 1.0]]))[0]
    assert judgement.kind == "unsure"
    assert set(judgement.candidates) == {"four", "nine"}
    assert judge(plain, np.array([[1.0, 1.0]]))[0].kind == "answer"  # nothing is known about its confidence


def test_the_confidence_is_stored_with_the_model(model, tmp_path):
    model.save(tmp_path / "mine.safetensors")
    assert load_model(tmp_path / "mine.safetensors").confidence == model.confidence
    bare = replace(model, confidence=None)
    bare.save(tmp_path / "bare.safetensors")
    assert load_model(tmp_path / "bare.safetensors").confidence is None


@pytest.mark.parametrize("damage", [{"temperature": -1}, {"temperature": "hot"}, {"colour": 1}, [1], "sure"])
def test_a_damaged_confidence_is_an_error(damage, tmp_path):
    from deltarule.models import files
    from deltarule.models.model import pack_model

    tensors, description = pack_model(dr.fit(dr.Network.dense([64, 10]), TRAIN.take(slice(20)), epochs=1))
    files.write(tmp_path / "mine.safetensors", tensors, {**description, "confidence": damage})
    with pytest.raises((FileError, InvalidArgument), match=r"confidence|temperature"):
        load_model(tmp_path / "mine.safetensors")


def test_energies_do_not_depend_on_the_other_examples(model):
    np.testing.assert_allclose(model.energies(TEST.x[:20])[3:4], model.energies(TEST.x[3:4]), rtol=1e-5)


def test_one_forward_pass_gives_probabilities_and_energies(model, monkeypatch):
    expected = model.predict_proba(TEST.x[:5]), model.energies(TEST.x[:5])
    passes, forward = [], dr.Model._weighted_inputs
    monkeypatch.setattr(dr.Model, "_weighted_inputs", lambda *given: passes.append(1) or forward(*given))
    for found, right in zip(model.predict_with_energies(TEST.x[:5]), expected, strict=True):
        np.testing.assert_array_equal(found, right)
    assert len(passes) == len(model.models)


@given(arrays(float, (6, 3), elements=st.floats(0.001, 1)), st.floats(0.1, 10))
def test_calibration_keeps_the_order_and_the_sum(shares, temperature):
    shares = shares / shares.sum(axis=1, keepdims=True)
    calibrated = Confidence(temperature).calibrate(shares)
    np.testing.assert_allclose(calibrated.sum(axis=1), 1)
    gaps = np.diff(np.take_along_axis(calibrated, np.argsort(shares, axis=1), axis=1), axis=1)
    assert (gaps >= -1e-12).all()


def test_a_model_that_is_always_right_and_unsure_gets_surer():
    shares = np.tile([[0.6, 0.4]], (50, 1))
    assert fit_confidence(shares, np.zeros(50), np.zeros(50, int)).temperature < 0.1


def test_few_examples_do_not_tell_how_sure_a_model_may_be(model):
    bare = replace(model, confidence=None)
    assert calibrate(bare, VALIDATION.take(slice(49))) is bare
    assert calibrate(bare, VALIDATION.take(slice(50))).confidence is not None


def test_models_without_classes_are_left_as_they_are():
    real = dr.fit(dr.Network.dense([1, 1], dr.Quadratic()), dr.data.Dataset(np.eye(4)[:, :1], np.eye(4)[:, 0],
                  encoding=dr.data.Real()), epochs=1)  # fmt: skip
    assert calibrate(real, dr.data.Dataset(np.eye(4)[:, :1], np.eye(4)[:, 0], encoding=dr.data.Real())) is real


def test_the_digit_reader_answers_the_test_digits(mnist):
    test = mnist[2].take(slice(2000))
    if test.x.shape[1:] != (28, 28):
        pytest.skip("the small digits, in place of MNIST, have another size")
    found = judge(load_digit_reader(), test)
    right = sum(one.kind == "answer" and one.label == str(y) for one, y in zip(found, test.y, strict=True))
    assert sum(one.kind == "answer" for one in found) >= 0.98 * len(test)
    assert right >= 0.97 * len(test)


def test_classes_without_a_name_are_named_by_their_number():
    data = dr.Dataset(np.eye(3), np.arange(3), classes=("a", "b"), encoding=dr.encodings.OneHot(3))
    model = dr.fit(dr.Network.dense([3, 3], "log-likelihood"), data, epochs=1)
    assert list(judge(model, np.eye(3))[0].shares) == ["a", "b", "2"]
