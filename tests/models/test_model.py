"""What a model answers, on one example and on many, and how its answers are counted."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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

from .cases import pictures, tiny, trained


def by_hand(cost=CrossEntropy(), encoding=OneHot(3), **more) -> Model:  # noqa: B008 (frozen)
    """Three neurons that each look at one of three inputs: zᴸ = x − 1."""
    return Model(Network([Dense(3)], cost, (3,)), [{"w": np.eye(3), "b": np.full(3, -1.0)}], encoding, **more)


DATA = Dataset(
    np.array([[5.0, 0, 0], [0, 5, 0], [0, 5, 4], [0, 0, 5], [5, 4, 0], [1, 1, 1]]), np.array([0, 1, 2, 2, 1, 0]), "six"
)


def test_outputs_are_those_of_the_formula():
    x = np.array([[0.5, 2.0, -3.0]])
    sigma = [1 / (1 + exp(-(v - 1))) for v in x[0]]
    np.testing.assert_allclose(by_hand().outputs(x), [sigma], rtol=1e-12)
    powers = [exp(v) for v in x[0]]
    np.testing.assert_allclose(
        by_hand(LogLikelihood()).outputs(x), [[power / sum(powers) for power in powers]], rtol=1e-12
    )
    np.testing.assert_allclose(by_hand(scale=2.0).outputs(2 * x), [sigma], rtol=1e-12)


def test_the_largest_output_names_the_class_the_first_of_equals():
    assert by_hand().predict(DATA.x).tolist() == [0, 1, 1, 2, 0, 0]
    assert by_hand().predict(DATA).tolist() == [0, 1, 1, 2, 0, 0]


def test_accuracy_cost_and_confusion_by_hand():
    model = by_hand(Quadratic(Linear()))
    assert model.accuracy(DATA) == 4 / 6
    cost = (
        sum((v - 1 - (j == label)) ** 2 for x, label in zip(DATA.x, DATA.y, strict=True) for j, v in enumerate(x)) / 12
    )
    assert model.cost(DATA) == pytest.approx(cost, rel=1e-12)
    assert model.confusion(DATA).tolist() == [[2, 0, 0], [1, 1, 0], [0, 1, 1]]


def test_accuracy_and_confusion_of_a_trained_model_by_counting():
    model, data = trained(callbacks=[]), pictures(50, 3)
    answers = [int(np.argmax(model.outputs(image)[0])) for image in data.x]
    right = sum(answer == label for answer, label in zip(answers, data.y, strict=True))
    assert model.accuracy(data) == right / 50
    confusion = model.confusion(data)
    assert confusion.sum() == 50
    assert confusion.trace() == right
    assert all(confusion[i, j] == sum((data.y == i) & (np.array(answers) == j)) for i in range(3) for j in range(3))


def test_a_data_set_is_read_by_its_own_scale():
    model = by_hand(scale=255.0)
    assert model.predict(replace(DATA, x=10 * DATA.x, scale=10.0)).tolist() == [0, 1, 1, 2, 0, 0]
    assert model.accuracy(replace(DATA, x=10 * DATA.x, scale=10.0)) == 4 / 6


@pytest.mark.parametrize("cost", [CrossEntropy(), LogLikelihood(), Quadratic(Linear()), Quadratic(Tanh())], ids=str)
@given(x=st.lists(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3), max_size=5))
@settings(max_examples=30, deadline=None)
def test_probabilities_sum_to_one(cost, x):
    shares = by_hand(cost).predict_proba(np.array(x).reshape(-1, 3))
    assert shares.shape == (len(x), 3)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), np.ones(len(x)), rtol=1e-12)


def test_probabilities_where_every_output_is_zero_are_equal():
    assert by_hand(Quadratic(Linear())).predict_proba(np.zeros((1, 3))).tolist() == [[1 / 3] * 3]


def test_softmax_is_its_own_probability():
    model = by_hand(LogLikelihood())
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
def test_one_example_or_many(shape, n):
    network = Network([Flatten(), Dense(3)], CrossEntropy(), (5, 3))
    model = Model(network, network.init(1), OneHot(3))
    x = np.random.default_rng(0).normal(size=shape)
    outputs = model.outputs(x)
    assert outputs.shape == (n, 3)
    assert model.predict(x).shape == (n,)
    w, b = model.params[1]["w"], model.params[1]["b"]
    np.testing.assert_allclose(outputs, 1 / (1 + np.exp(-(x.reshape(n, 15) @ w.T + b))), rtol=1e-10)


@pytest.mark.parametrize("shape", [(), (3,), (14,), (16,), (30,), (4, 5), (5, 4), (2, 5, 4), (2, 2, 15), (0,)])
def test_what_does_not_fit_is_refused(shape):
    network = Network([Flatten(), Dense(3)], CrossEntropy(), (5, 3))
    with pytest.raises(ShapeError, match=r"x: expected an array of shape \(n, 5, 3\), got \("):
        Model(network, network.init(1), OneHot(3)).predict(np.zeros(shape))


def test_data_that_does_not_fit_is_refused():
    model = by_hand()
    with pytest.raises(ShapeError, match=r"x of six: expected examples of 3 numbers.* got 2 numbers"):
        model.accuracy(replace(DATA, x=DATA.x[:, :2]))
    with pytest.raises(ShapeError, match="encoded by 4 outputs"):
        model.cost(replace(DATA, encoding=OneHot(4)))
    with pytest.raises(DataError, match=r"label 1: .* got 3"):
        model.cost(replace(DATA, y=DATA.y + np.array([0, 2, 0, 0, 0, 0])))


def test_nothing_can_be_measured_on_nothing():
    for measure in (by_hand().accuracy, by_hand().cost):
        with pytest.raises(InvalidArgument, match="dataset: expected examples to evaluate on, got no examples in six"):
            measure(DATA.take(slice(0)))
    assert by_hand().predict(DATA.take(slice(0))).shape == (0,)
    assert by_hand().confusion(DATA.take(slice(0))).tolist() == [[0] * 3] * 3


def test_confusion_has_room_for_every_label_that_is_named():
    bits = by_hand(encoding=Bits(3), classes=tuple("abcd"))
    data = replace(DATA, x=np.array([[5.0, 5, 5], [0, 5, 0]]), y=np.array([1, 2]), encoding=Bits(3))
    confusion = bits.confusion(data)
    assert confusion.shape == (8, 8)
    assert (confusion[1, 7], confusion[2, 2], confusion.sum()) == (1, 1, 2)
    one = Model(
        Network([Dense(1)], CrossEntropy(), (3,)), [{"w": np.ones((1, 3)), "b": np.full(1, -5.5)}], OneVsRest(2)
    )
    assert one.confusion(replace(DATA, encoding=OneVsRest(2))).tolist() == [[3, 1], [1, 1]]


def test_real_numbers_are_not_classes():
    model = Model(Network([Dense(1)], Quadratic(Linear()), (3,)), [{"w": np.ones((1, 3)), "b": np.zeros(1)}], Real())
    data = replace(DATA, encoding=Real())
    assert model.predict(DATA.x).tolist() == [5, 5, 9, 5, 9, 3]
    with pytest.raises(InvalidArgument, match="dataset: expected labels that are classes, got real numbers in six"):
        model.confusion(data)


def test_weights_may_be_whole_numbers():
    nand = Model(Network.dense([2, 1]), [{"w": np.array([[-20, -20]]), "b": np.array([30])}], OneHot(1), scale=2.0)
    assert nand.outputs(np.array([[0, 0], [0, 2], [2, 2]])).round().tolist() == [[1], [1], [0]]


def test_whole_numbers_are_saved_as_real_ones(tmp_path):
    nand = Model(Network.dense([2, 1]), [{"w": np.array([[-20, -20]]), "b": np.array([30])}], OneHot(1))
    nand.save(tmp_path / "nand")
    assert load(tmp_path / "nand").parameters_sha256 == nand.parameters_sha256
    assert {leaf.dtype for leaf in nand.params[0].values()} == {np.dtype(np.float64)}


INPUTS = {
    "a text": ("five", "x: expected an array of numbers, or a Dataset, got <U4"),
    "lists of other lengths": ([[1, 2], [3]], "x: expected an array of numbers, or a Dataset, got object"),
    "nothing": (None, "x: expected an array of numbers, or a Dataset, got object"),
}


@pytest.mark.parametrize(("x", "said"), INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("asked", ["predict", "outputs", "predict_proba"])
def test_inputs_that_are_no_numbers(asked, x, said):
    with pytest.raises(InvalidArgument, match=said):
        getattr(by_hand(), asked)(x)


@pytest.mark.parametrize("given", [DATA.x, [DATA.x, DATA.y], None], ids=["an array", "a list", "nothing"])
@pytest.mark.parametrize("asked", ["accuracy", "cost", "evaluate", "confusion"])
def test_what_is_no_data_set(asked, given):
    for model in (by_hand(), Ensemble([by_hand(), by_hand()])):
        with pytest.raises(InvalidArgument, match=type(given).__name__) as raised:
            getattr(model, asked)(given)
        assert raised.value.argument == "dataset"


@pytest.mark.parametrize("cost", [CrossEntropy(), LogLikelihood()], ids=str)
@pytest.mark.parametrize("asked", ["accuracy", "cost", "evaluate"])
def test_targets_that_the_cost_cannot_have(cost, asked):
    model = Model(Network([Dense(1)], cost, (3,)), [{"w": np.ones((1, 3)), "b": np.zeros(1)}], Real())
    with pytest.raises(InvalidArgument, match="targets") as raised:
        getattr(model, asked)(replace(DATA, encoding=Real()))
    assert raised.value.argument == "dataset"


def test_the_fingerprint_tells_one_bit():
    model = tiny()
    same = Model(model.network, [dict(reversed(model.params[0].items()))], OneHot(2))
    assert same.parameters_sha256 == model.parameters_sha256
    seen = {model.parameters_sha256}
    for name, leaf in model.params[0].items():
        for at in range(leaf.nbytes):
            flipped = bytearray(leaf.tobytes())
            flipped[at] ^= 1 << at % 8
            other = np.frombuffer(bytes(flipped), leaf.dtype).reshape(leaf.shape)
            seen.add(Model(model.network, [{**model.params[0], name: other}], OneHot(2)).parameters_sha256)
    assert len(seen) == 1 + 8 * 4


def test_the_fingerprint_tells_shapes_and_types_apart():
    zeros = [
        [{"w": np.zeros((2, 3), np.float32)}],
        [{"w": np.zeros((3, 2), np.float32)}],
        [{"w": np.zeros(3, np.float64)}],
        [{"b": np.zeros((2, 3), np.float32)}],
        [{}, {"w": np.zeros((2, 3), np.float32)}],
    ]
    assert len({fingerprint(flatten("params", params)) for params in zeros}) == len(zeros)


def test_the_best_is_a_model_of_its_own():
    model = trained(epochs=4)
    assert 1 <= len(model.best.history) <= 4
    accuracies = model.history["validation_accuracy"]
    assert len(model.best.history) == accuracies.index(max(accuracies)) + 1
    assert model.best.accuracy(pictures(20, 1)) == max(accuracies)
    assert model.best.history.records == model.history.records[: len(model.best.history)]
    assert model.best.best is None


def test_the_cost_is_that_of_the_definition():
    model = by_hand()
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
def test_parameters_that_are_none_are_refused_when_the_model_is_made(params):
    network = Network.dense([4, 3, 2])
    with pytest.raises(InvalidArgument) as error:
        Model(network, params, OneHot(2))
    assert error.value.argument.startswith("params")
