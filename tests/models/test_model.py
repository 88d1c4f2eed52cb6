"""Predictions of a model for one example and for many, and its evaluation."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fields import has

from deltarule.core.activations import Linear, Tanh
from deltarule.core.costs import CrossEntropy, LogLikelihood, Quadratic
from deltarule.core.layers import Dense, Flatten
from deltarule.core.network import Network
from deltarule.data.dataset import Dataset
from deltarule.data.encodings import Bits, OneHot, OneVsRest, Real
from deltarule.errors import DataError, InvalidArgument, ShapeError
from deltarule.models.ensemble import Ensemble
from deltarule.models.files import fingerprint, flatten
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing, Scaling

from .cases import make_images, make_tiny_model, train_model


def make_model(cost=CrossEntropy(), encoding=OneHot(3), **more) -> Model:  # noqa: B008 (frozen)
    """Make a model of three neurons with one input each: zᴸ = x − 1."""
    return Model(
        Network([Dense(3)], cost, (3,)), [{"w": np.eye(3), "b": np.full(3, -1.0)}], Preprocessing(encoding, **more)
    )


DATA = Dataset(
    np.array([[5.0, 0, 0], [0, 5, 0], [0, 5, 4], [0, 0, 5], [5, 4, 0], [1, 1, 1]]), np.array([0, 1, 2, 2, 1, 0]), "six"
)


def test_outputs_agree_with_the_formula():
    x = np.array([[0.5, 2.0, -3.0]])
    sigma = [1 / (1 + exp(-(v - 1))) for v in x[0]]
    np.testing.assert_allclose(make_model().outputs(x), [sigma], rtol=1e-12)
    powers = [exp(v) for v in x[0]]
    np.testing.assert_allclose(
        make_model(LogLikelihood()).outputs(x), [[power / sum(powers) for power in powers]], rtol=1e-12
    )
    np.testing.assert_allclose(make_model(inputs=Scaling(2.0)).outputs(2 * x), [sigma], rtol=1e-12)


def test_predict_gives_the_class_of_the_largest_output_the_first_of_a_tie():
    assert make_model().predict(DATA.x).tolist() == [0, 1, 1, 2, 0, 0]
    assert make_model().predict(DATA).tolist() == [0, 1, 1, 2, 0, 0]


def test_accuracy_cost_and_confusion_agree_with_a_calculation_by_hand():
    model = make_model(Quadratic(Linear()))
    assert model.accuracy(DATA) == 4 / 6
    cost = (
        sum((v - 1 - (j == label)) ** 2 for x, label in zip(DATA.x, DATA.y, strict=True) for j, v in enumerate(x)) / 12
    )
    assert model.cost(DATA) == pytest.approx(cost, rel=1e-12)
    assert model.confusion(DATA).tolist() == [[2, 0, 0], [1, 1, 0], [0, 1, 1]]


def test_accuracy_and_confusion_agree_with_counting():
    model, data = train_model(callbacks=[]), make_images(50, 3)
    answers = [int(np.argmax(model.outputs(image)[0])) for image in data.x]
    right = sum(answer == label for answer, label in zip(answers, data.y, strict=True))
    assert model.accuracy(data) == right / 50
    confusion = model.confusion(data)
    assert confusion.sum() == 50
    assert confusion.trace() == right
    assert all(confusion[i, j] == sum((data.y == i) & (np.array(answers) == j)) for i in range(3) for j in range(3))


def test_every_input_is_divided_by_the_scale_of_the_training_set():
    model, data = make_model(inputs=Scaling(10.0)), replace(DATA, x=10 * DATA.x)
    for scale in (None, 10.0):
        assert model.predict(replace(data, scale=scale)).tolist() == [0, 1, 1, 2, 0, 0]
        assert model.accuracy(replace(data, scale=scale)) == 4 / 6
    with pytest.raises(DataError, check=has(argument="scale", owner="six", value=1.0)):
        model.accuracy(replace(DATA, scale=1.0))


@pytest.mark.parametrize("cost", [CrossEntropy(), LogLikelihood(), Quadratic(Linear()), Quadratic(Tanh())], ids=str)
@given(x=st.lists(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3), max_size=5))
@settings(max_examples=30)
def test_probabilities_sum_to_one(cost, x):
    shares = make_model(cost).predict_proba(np.array(x).reshape(-1, 3))
    assert shares.shape == (len(x), 3)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), np.ones(len(x)), rtol=1e-12)


def test_probabilities_are_equal_if_every_output_is_zero():
    assert make_model(Quadratic(Linear())).predict_proba(np.zeros((1, 3))).tolist() == [[1 / 3] * 3]


def test_softmax_outputs_are_the_probabilities():
    model = make_model(LogLikelihood())
    np.testing.assert_allclose(model.predict_proba(DATA.x), model.outputs(DATA.x), rtol=1e-15)


@pytest.mark.parametrize(
    ("shape", "n"),
    [
        ((5, 3), 1),
        ((15,), 1),
        ((1, 5, 3), 1),
        ((1, 15), 1),
        ((4, 5, 3), 4),
        ((4, 15), 4),
        ((0, 5, 3), 0),
        ((2, 5, 3, 1), 2),
    ],
)
def test_outputs_takes_one_example_or_many(shape, n):
    network = Network([Flatten(), Dense(3)], CrossEntropy(), (5, 3))
    model = Model(network, network.init(1), Preprocessing(OneHot(3)))
    x = np.random.default_rng(0).normal(size=shape)
    outputs = model.outputs(x)
    assert outputs.shape == (n, 3)
    assert model.predict(x).shape == (n,)
    w, b = model.params[1]["w"], model.params[1]["b"]
    np.testing.assert_allclose(outputs, 1 / (1 + np.exp(-(x.reshape(n, 15) @ w.T + b))), rtol=1e-10)


@pytest.mark.parametrize("shape", [(), (3,), (14,), (16,), (30,), (4, 5), (5, 4), (2, 5, 4), (2, 2, 15), (0,)])
def test_an_array_that_does_not_fit_the_network_is_refused(shape):
    network = Network([Flatten(), Dense(3)], CrossEntropy(), (5, 3))
    with pytest.raises(ShapeError, check=has(argument="x", expected="an array of shape (n, 5, 3)")):
        Model(network, network.init(1), Preprocessing(OneHot(3))).predict(np.zeros(shape))


def test_a_data_set_that_does_not_fit_the_network_is_refused():
    model = make_model()
    with pytest.raises(ShapeError, match=r"3 numbers.* got 2 numbers", check=has(argument="x", owner="six")):
        model.accuracy(replace(DATA, x=DATA.x[:, :2]))
    with pytest.raises(DataError, check=has(position="label at position 1", value=3)):
        model.cost(replace(DATA, y=DATA.y + np.array([0, 2, 0, 0, 0, 0])))


def test_evaluating_an_empty_data_set_is_refused():
    for evaluate in (make_model().accuracy, make_model().cost):
        with pytest.raises(InvalidArgument, match="six", check=has(argument="dataset")):
            evaluate(DATA.take(slice(0)))
    assert make_model().predict(DATA.take(slice(0))).shape == (0,)
    assert make_model().confusion(DATA.take(slice(0))).tolist() == [[0] * 3] * 3


def test_confusion_has_a_column_for_every_predicted_label():
    bits = make_model(encoding=Bits(3), classes=tuple("abcd"))
    data = replace(DATA, x=np.array([[5.0, 5, 5], [0, 5, 0]]), y=np.array([1, 2]), encoding=Bits(3))
    confusion = bits.confusion(data)
    assert confusion.shape == (8, 8)
    assert (confusion[1, 7], confusion[2, 2], confusion.sum()) == (1, 1, 2)
    one = Model(
        Network([Dense(1)], CrossEntropy(), (3,)),
        [{"w": np.ones((1, 3)), "b": np.full(1, -5.5)}],
        Preprocessing(OneVsRest(2)),
    )
    assert one.confusion(replace(DATA, encoding=OneVsRest(2))).tolist() == [[3, 1], [1, 1]]


def test_confusion_of_real_numbers_is_refused():
    model = Model(
        Network([Dense(1)], Quadratic(Linear()), (3,)),
        [{"w": np.ones((1, 3)), "b": np.zeros(1)}],
        Preprocessing(Real()),
    )
    data = replace(DATA, encoding=Real())
    assert model.predict(DATA.x).tolist() == [5, 5, 9, 5, 9, 3]
    with pytest.raises(InvalidArgument, check=has(argument="dataset", expected="labels that are classes")):
        model.confusion(data)


def test_weights_may_be_whole_numbers():
    nand = Model(
        Network.dense([2, 1]),
        [{"w": np.array([[-20, -20]]), "b": np.array([30])}],
        Preprocessing(OneHot(1), Scaling(2.0)),
    )
    assert nand.outputs(np.array([[0, 0], [0, 2], [2, 2]])).round().tolist() == [[1], [1], [0]]


def test_parameters_that_are_whole_numbers_become_float64(tmp_path):
    nand = Model(Network.dense([2, 1]), [{"w": np.array([[-20, -20]]), "b": np.array([30])}], Preprocessing(OneHot(1)))
    nand.save(tmp_path / "nand")
    assert load(tmp_path / "nand").parameters_sha256 == nand.parameters_sha256
    assert {leaf.dtype for leaf in nand.params[0].values()} == {np.dtype(np.float64)}


INPUTS = {
    "a text": "five",
    "lists of other lengths": [[1, 2], [3]],
    "nothing": None,
}


@pytest.mark.parametrize("x", INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("method", ["predict", "outputs", "predict_proba"])
def test_inputs_that_are_no_numbers_are_refused(method, x):
    with pytest.raises(InvalidArgument, check=has(argument="x", value=x)):
        getattr(make_model(), method)(x)


@pytest.mark.parametrize("dataset", [DATA.x, [DATA.x, DATA.y], None], ids=["an array", "a list", "nothing"])
@pytest.mark.parametrize("method", ["accuracy", "cost", "evaluate", "confusion"])
def test_anything_but_a_data_set_is_refused(method, dataset):
    for model in (make_model(), Ensemble([make_model(), make_model()])):
        with pytest.raises(InvalidArgument, match=type(dataset).__name__, check=has(argument="dataset")):
            getattr(model, method)(dataset)


@pytest.mark.parametrize("cost", [CrossEntropy(), LogLikelihood()], ids=str)
@pytest.mark.parametrize("method", ["accuracy", "cost", "evaluate"])
def test_targets_that_the_cost_does_not_allow_are_refused(cost, method):
    model = Model(Network([Dense(1)], cost, (3,)), [{"w": np.ones((1, 3)), "b": np.zeros(1)}], Preprocessing(Real()))
    with pytest.raises(InvalidArgument, match="targets", check=has(argument="dataset")):
        getattr(model, method)(replace(DATA, encoding=Real()))


def test_the_sha256_depends_on_every_bit():
    model = make_tiny_model()
    same = Model(model.network, [dict(reversed(model.params[0].items()))], Preprocessing(OneHot(2)))
    assert same.parameters_sha256 == model.parameters_sha256
    hashes = {model.parameters_sha256}
    for name, leaf in model.params[0].items():
        for at in range(leaf.nbytes):
            flipped = bytearray(leaf.tobytes())
            flipped[at] ^= 1 << at % 8
            other = np.frombuffer(bytes(flipped), leaf.dtype).reshape(leaf.shape)
            hashes.add(
                Model(model.network, [{**model.params[0], name: other}], Preprocessing(OneHot(2))).parameters_sha256
            )
    assert len(hashes) == 1 + 8 * 4


def test_the_sha256_depends_on_shapes_and_types():
    zeros = [
        [{"w": np.zeros((2, 3), np.float32)}],
        [{"w": np.zeros((3, 2), np.float32)}],
        [{"w": np.zeros(3, np.float64)}],
        [{"b": np.zeros((2, 3), np.float32)}],
        [{}, {"w": np.zeros((2, 3), np.float32)}],
    ]
    assert len({fingerprint(flatten("params", params)) for params in zeros}) == len(zeros)


def test_the_best_model_has_its_own_history():
    model = train_model(epochs=4)
    assert 1 <= len(model.best.history) <= 4
    accuracies = model.history["validation_accuracy"]
    assert len(model.best.history) == accuracies.index(max(accuracies)) + 1
    assert model.best.accuracy(make_images(20, 1)) == max(accuracies)
    assert model.best.history.records == model.history.records[: len(model.best.history)]
    assert model.best.best is None


def test_the_cost_agrees_with_the_definition():
    model = make_model()
    x, y = DATA.x - 1, np.eye(3)[DATA.y]
    a = 1 / (1 + np.exp(-x))
    expected = -sum(
        target * log(out) + (1 - target) * log(1 - out)
        for row, ys in zip(a, y, strict=True)
        for out, target in zip(row, ys, strict=True)
    )
    assert model.cost(DATA) == pytest.approx(expected / 6, rel=1e-6)


@pytest.mark.parametrize(
    "params", [None, [], [{}], {"w": 1}, [{"w": "text"}, {}, {"w": 1}], [{"w": [[1], [1, 2]]}, {}, {}]], ids=str
)
def test_invalid_parameters_are_refused(params):
    network = Network.dense([4, 3, 2])
    with pytest.raises(InvalidArgument) as error:
        Model(network, params, Preprocessing(OneHot(2)))
    assert error.value.argument.startswith("params")
